/** A question as people meet it: rows to choose from or a text field, and the same after marking. */
import "./article.js";
import { articleName, h, number, sign, standing } from "./dom.js";

let made = 0;

/** The choices of a question as [value, letter, text]; empty for a case question. */
export function rows({ type, options }) {
  if (type === "judge") return [["对", "", "对"], ["错", "", "错"]];
  return Object.entries(options || {}).map(([letter, text]) => [letter, letter, text]);
}

/** True when a response says something. */
export const isAnswered = (response) =>
  Boolean(response && (response.chosen ? response.chosen.length : response.text?.trim()));

/** What kind of question, in a word. */
export function kindTag(question) {
  return h("span", { class: "tag" }, question.type_name);
}

/** What is read aloud of a question. */
export const spoken = (question) => [question.stem,
  ...rows(question).map(([, letter, text]) => (letter ? `选项${letter}，${text}` : text))].join("。");

/**
 * A fieldset to answer in, filled with `response`; `onchange(response)` after each change.
 * Its name for screen readers is the stem.
 */
export function answerForm(question, response, onchange) {
  made += 1;
  if (question.type === "case") return textForm(question, response, onchange);
  const chosen = new Set(response?.chosen);
  const type = question.type === "multiple" ? "checkbox" : "radio";
  const form = h("fieldset", null, h("legend", { class: "stem" }, question.stem));
  const options = rows(question).map(([value, letter, text]) => {
    const input = h("input", { type, value, name: `choice-${made}`, checked: chosen.has(value) });
    return h("label", { class: "option" }, input,
      letter && h("span", { class: "option-letter" }, letter), h("span", { class: "option-text" }, text));
  });
  const inputs = options.map((option) => option.querySelector("input"));
  const mark = () => inputs.forEach((input, n) => options[n].classList.toggle("is-chosen", input.checked));
  form.addEventListener("change", () => {
    mark();
    onchange({ chosen: inputs.filter((input) => input.checked).map((input) => input.value) });
  });
  mark();
  if (type === "checkbox") form.append(h("p", { class: "quiet small" }, "可以选多项"));
  form.append(h("div", { class: "options" }, options));
  return form;
}

function textForm(question, response, onchange) {
  const id = `answer-${made}`;
  const area = h("textarea", {
    id, class: "answer-text", maxlength: 4000, placeholder: "请用自己的话写，一条一条写清楚",
    oninput: () => onchange({ text: area.value }),
  });
  area.value = response?.text || "";
  return h("fieldset", null, h("legend", { class: "stem" }, question.stem),
    h("label", { for: id, class: "only-read" }, "您的回答"), area);
}

/** The question with what was answered and, once `revealed`, what is right and why. */
export function markedQuestion(question, response, revealed) {
  const given = question.type === "case"
    ? h("p", { class: "answer-given" }, isAnswered(response) ? response.text : "（没有作答）")
    : h("ul", { class: "options" }, rows(question).map((row) => markedRow(row, question, response, revealed)));
  return [h("p", { class: "stem" }, question.stem), given];
}

function markedRow([value, letter, text], question, response, revealed) {
  const mine = Boolean(response?.chosen?.includes(value));
  const right = Boolean(revealed) && (question.type === "judge" ? revealed.answer === value : revealed.answer.includes(value));
  const look = !revealed ? (mine ? "is-chosen" : "is-plain") : right ? "is-right" : mine ? "is-wrong" : "is-plain";
  const marks = [mine && "您选的", right && "正确答案"].filter(Boolean);
  return h("li", { class: `option ${look}` },
    letter && h("span", { class: "option-letter" }, letter), h("span", { class: "option-text" }, text),
    marks.length > 0 && h("span", { class: "option-marks" },
      marks.map((mark) => h("span", null, revealed && [sign(right ? "right" : "wrong"), " "], mark))));
}

/** Right or wrong in a word with its sign; `right` is null when there is no such thing. */
export function verdict(question, response, right) {
  if (right === null || right === undefined) return h("p", { class: "verdict" }, sign("right"), "已经记下您的回答");
  const words = right ? "答对了" : !isAnswered(response) ? "没有作答"
    : question.type === "multiple" ? "没有全对" : "答错了";
  return h("p", { class: `verdict ${right ? "verdict-right" : "verdict-wrong"}` }, sign(right ? "right" : "wrong"), words);
}

/** Why: the explanation, what was wrong with the chosen ones, model answer, articles, 待核. */
export function reasons(question, response, revealed) {
  const why = revealed.why_wrong || {};
  const wrong = (response?.chosen || []).filter((value) => why[value]);
  const manual = question.type === "case";
  return h("div", { class: "reasons" },
    manual && h("p", { class: "why" }, h("b", null, "参考答案："), revealed.answer),
    manual && revealed.rubric?.length > 0 && [h("p", null, h("b", null, "要点，对照看看写到了没有：")),
      h("ol", { class: "rubric" }, revealed.rubric.map((point) => h("li", null, `${point.text}（${number(point.points)} 分）`)))],
    wrong.map((value) => h("p", { class: "why" },
      h("b", null, question.type === "judge" ? `为什么不是“${value}”：` : `为什么 ${value} 不对：`), why[value])),
    revealed.explanation && h("p", { class: "why" }, h("b", null, "解析："), revealed.explanation),
    revealed.unconfirmed && h("p", { class: `unconfirmed ${revealed.confirmed ? "is-confirmed" : ""}` },
      h("span", { class: "mark" }, standing(revealed.confirmed)), revealed.unconfirmed),
    (revealed.articles || []).map(articleOf));
}

function articleOf(reference) {
  const [law, article] = reference.split("#");
  return h("lawlab-article", { law, number: article }, `看法条：《${law}》${articleName(article)}`);
}
