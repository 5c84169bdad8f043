/** A question after marking: what was answered, what is right and why. */
import "./article.js";
import { isAnswered, isManual, optionOf, rows, shownChoice, step, woven } from "./choices.js";
import { articleName, h, number, sign, standing } from "./dom.js";

/** The question with what was answered and, once `revealed`, what is right and why. */
export function markedQuestion(question, response, revealed) {
  if (question.type === "fill") return markedBlanks(question, response, revealed);
  if (question.type === "order") return markedOrder(question, response, revealed);
  const given = isManual(question)
    ? h("p", { class: "answer-given" }, isAnswered(response) ? response.text : "（没有作答）")
    : h("ul", { class: "options" }, rows(question).map((row) => markedRow(row, question, response, revealed)));
  return [h("p", { class: "stem" }, question.stem), given];
}

function markedBlanks({ stem }, response, revealed) {
  let count = 0;
  const shown = woven(stem, (n) => `（${(count = n)}）`);
  return [h("p", { class: "stem" }, shown), h("ol", null, Array.from({ length: count }, (_, n) => h("li", null,
    response?.filled?.[n]?.trim() || "（没有填）", revealed && h("b", null, `　正确答案：${revealed.blanks[n]?.[0] || ""}`))))];
}

function markedOrder(question, response, revealed) {
  const shown = (title, letters) => [h("p", { class: "quiet small" }, title),
    h("ol", { class: "options" }, letters.map((letter) => h("li", { class: "option is-plain" }, step(letter, question))))];
  return [h("p", { class: "stem" }, question.stem),
    shown(isAnswered(response) ? "您排的顺序" : "题目里的顺序", response?.chosen || Object.keys(question.options)),
    revealed && shown("正确的顺序", [...revealed.answer])];
}

function markedRow([value, letter, text], question, response, revealed) {
  const mine = Boolean(response?.chosen?.includes(value));
  const right = Boolean(revealed) && (question.type === "judge" ? revealed.answer === value : revealed.answer.includes(value));
  const look = !revealed ? (mine ? "is-chosen" : "is-plain") : right ? "is-right" : mine ? "is-wrong" : "is-plain";
  const marks = [mine && "您选的", right && "正确答案"].filter(Boolean);
  return h("li", { class: `option ${look}` },
    optionOf(letter, text),
    marks.length > 0 && h("span", { class: "option-marks" },
      marks.map((mark) => h("span", null, revealed && [sign(right ? "right" : "wrong"), " "], mark))));
}

/** Right or wrong in a word with its sign; `right` is null when there is no such thing. */
export function verdict(question, response, right) {
  if (right === null || right === undefined) return h("p", { class: "verdict" }, sign("right"), "已经记下您的回答");
  const words = right ? "答对了" : !isAnswered(response) ? "没有作答"
    : question.type === "multiple" || question.type === "fill" ? "没有全对" : "答错了";
  return h("p", { class: `verdict ${right ? "verdict-right" : "verdict-wrong"}` }, sign(right ? "right" : "wrong"), words);
}

/** Why: the explanation, what was wrong with the chosen ones, model answer, articles, 待核. */
export function reasons(question, response, revealed) {
  const why = revealed.why_wrong || {};
  const wrong = (response?.chosen || []).filter((value) => why[value]);
  const manual = isManual(question);
  return h("div", { class: "reasons" },
    manual && h("p", { class: "why" }, h("b", null, "参考答案："), revealed.answer),
    manual && revealed.rubric?.length > 0 && [h("p", null, h("b", null, "要点，对照看看写到了没有：")),
      h("ol", { class: "rubric" }, revealed.rubric.map((point) => h("li", null, `${point.text}（${number(point.points)} 分）`)))],
    wrong.map((value) => h("p", { class: "why" },
      h("b", null, question.type === "judge" ? `为什么不是“${value}”：` : `为什么 ${shownChoice(question, [value])} 不对：`), why[value])),
    revealed.explanation && h("p", { class: "why" }, h("b", null, "解析："), revealed.explanation),
    revealed.unconfirmed && h("p", { class: `unconfirmed ${revealed.confirmed ? "is-confirmed" : ""}` },
      h("span", { class: "mark" }, standing(revealed.confirmed)), revealed.unconfirmed),
    (revealed.articles || []).map(articleOf));
}

function articleOf(reference) {
  const [law, article] = reference.split("#");
  return h("lawlab-article", { law, number: article }, `看法条：《${law}》${articleName(article)}`);
}
