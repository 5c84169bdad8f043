/** A quiz after handing in: the receipt, and once released the marks with their reasons. */
import { isManual, markedQuestion, kindTag, reasons, verdict } from "./choices.js";
import { h, linkButton, moment, number, sign } from "./dom.js";

const HOME = "/services/learn/home";

/** Handed in, not yet released. `late` answers did not arrive in time. */
export function waiting({ title, sitting }, late) {
  const handed = sitting.handed_in_at;
  const byItself = handed && Date.parse(handed) >= Date.parse(sitting.deadline) - 1000;
  return h("section", { class: "card" },
    h("h1", null, sign(handed ? "right" : "wait"), !handed ? " 时间到，正在交卷" : byItself ? " 时间到，已自动交卷" : " 已经交卷"),
    h("p", null, title, handed && `，${moment(handed)} 交卷。`),
    sitting.receipt && [h("p", { class: "quiet small" }, "交卷回执（可以抄下来或截图）："), h("p", { class: "receipt" }, sitting.receipt)],
    late > 0 && h("p", { class: "notice" }, `有 ${late} 个答案在时间到之后才送到，没有计入。`),
    h("p", null, "等待批改。成绩公布后，在首页和这里都能看到得分、正确答案和解析。"),
    h("div", { class: "buttons" }, linkButton("回首页", HOME)));
}

/** Released, and this person took no part. */
export function missed({ title }) {
  return h("section", { class: "card empty" }, h("h1", null, title),
    h("p", null, "这次测验已经结束，您没有参加。"), h("p", null, linkButton("回首页", HOME)));
}

/** Score, pass or not, and each question with what is right and why. */
export function result({ title, result: { score, max_score: full, passed, needs_manual: manual, slots } }) {
  return [
    h("section", { class: "card" },
      h("h1", null, title),
      h("p", { class: "score-line" }, h("span", { class: "score" }, number(score)), h("span", { class: "quiet" }, `/ ${number(full)} 分`),
        !manual && h("span", { class: `tag ${passed ? "tag-right" : "tag-wrong"}` }, passed ? "合格" : "未合格")),
      manual && h("p", { class: "notice" }, "还有题目等待教员批改，得分会再变。"),
      h("p", { class: "quiet" }, summary(slots)),
      h("div", { class: "buttons" }, linkButton("回首页", HOME, "button-quiet"), linkButton("看排行榜", "/services/learn/board", "button-quiet"))),
    slots.map(marked),
  ];
}

function summary(slots) {
  const full = slots.filter((slot) => slot.points !== null && slot.points >= slot.max_points).length;
  return `${slots.length} 题里 ${full} 题得满分。下面逐题看对错、解析和法条。`;
}

function marked({ points, max_points: full, comment, question, response, revealed }, n) {
  const gained = points === null ? "等待批改" : `得 ${number(points)}/${number(full)} 分`;
  const judged = isManual(question) ? null : verdict(question, response, points !== null && points >= full);
  return h("section", { class: "card question", "aria-label": `第 ${n + 1} 题` },
    h("div", { class: "question-head" }, h("h2", { class: "quiz-n" }, `第 ${n + 1} 题`), kindTag(question),
      h("span", { class: `tag ${points === null ? "tag-wait" : ""}` }, gained)),
    markedQuestion(question, response, revealed), judged,
    comment && h("p", { class: "why" }, h("b", null, "教员评语："), comment),
    reasons(question, response, revealed));
}
