/** A quiz once its marks are out: the points, and each question with what is right and why. */
import { isManual, kindTag } from "./choices.js";
import { h, linkButton, number } from "./dom.js";
import { markedQuestion, reasons, verdict } from "./marked.js";

const HOME = "/services/learn/home";

/** Score, pass or not, and each question with what is right and why. */
export function result({ title, mock, result: { score, max_score: full, passed, needs_manual: manual, late_penalty: late, slots } }, more) {
  return [
    h("section", { class: "card" },
      h("h1", null, title),
      h("p", { class: "score-line" }, h("span", { class: "score" }, number(score)), h("span", { class: "quiet" }, `/ ${number(full)} 分`),
        !manual && h("span", { class: `tag ${passed ? "tag-right" : "tag-wrong"}` }, passed ? "合格" : "未合格")),
      mock && h("p", { class: "quiet" }, "这是模拟考试，不计入成绩和积分。"),
      manual && h("p", { class: "notice" }, "还有题目等待教员批改，得分会再变。"),
      late > 0 && h("p", { class: "notice" }, `迟交，已扣 ${number(late)} 分。`),
      h("p", { class: "quiet" }, summary(slots)), more,
      h("div", { class: "buttons" }, linkButton("回首页", HOME, "button-quiet"), linkButton("看排行榜", "/services/learn/board", "button-quiet"))),
    slots.map((slot, n) => marked(slot, n, mock)),
  ];
}

function summary(slots) {
  const full = slots.filter((slot) => slot.points !== null && slot.points >= slot.max_points).length;
  return `${slots.length} 题里 ${full} 题得满分。下面逐题看对错、解析和法条。`;
}

function marked({ points, max_points: full, comment, question, response, revealed, corrected }, n, mock) {
  const gained = points !== null ? `得 ${number(points)}/${number(full)} 分` : mock ? "不计分，自己对照" : "等待批改";
  const judged = isManual(question) ? null : verdict(question, response, points !== null && points >= full);
  return h("section", { class: "card question", "aria-label": `第 ${n + 1} 题` },
    h("div", { class: "question-head" }, h("h2", { class: "quiz-n" }, `第 ${n + 1} 题`), kindTag(question),
      h("span", { class: `tag ${points === null ? "tag-wait" : ""}` }, gained)),
    markedQuestion(question, response, revealed), judged,
    corrected && h("p", { class: "notice" }, corrected.full ? "这道题有问题，所有人都得满分。" : "这道题的答案更正过，已按更正后的答案重新评分。"),
    comment && h("p", { class: "why" }, h("b", null, "教员评语："), comment),
    reasons(question, response, revealed));
}
