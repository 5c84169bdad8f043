/** A question as people meet it: rows to choose from or a text field, and the same after marking. */
import "./article.js";
import { articleName, button, h, number, show, sign, standing } from "./dom.js";

const GAP = /_{4,}/;
const URGES = { case: "写下您的回答", short: "写下您的回答", fill: "填空", order: "用上移、下移排好顺序" };
let made = 0;

/** True when a person marks it. */
export const isManual = ({ type }) => type === "case" || type === "short";

/** What to do first when confirming without an answer. */
export const urge = ({ type }) => `请先${URGES[type] || "选一个答案"}，再点确定。`;

/** The choices of a question as [value, letter, text]; empty when there is nothing to choose. */
export function rows({ type, options }) {
  if (type === "judge") return [["对", "", "对"], ["错", "", "错"]];
  return Object.entries(options || {}).map(([letter, text]) => [letter, letter, text]);
}

/** True when a response says something. */
export const isAnswered = (response) =>
  Boolean(response && (response.chosen ? response.chosen.length
    : response.filled ? response.filled.some((text) => text.trim()) : response.text?.trim()));

/** What kind of question, in a word. */
export function kindTag(question) {
  return h("span", { class: "tag" }, question.type_name);
}

/** What is read aloud of a question. */
export const spoken = (question) => [woven(question.stem, (n) => `（第 ${n} 空）`).join(""),
  ...rows(question).map(([, letter, text]) => (letter ? `选项${letter}，${text}` : text))].join("。");

/** The parts of a stem, with `blank(n)` in place of its nth blank. */
const woven = (stem, blank) => stem.split(GAP).flatMap((part, n) => (n ? [blank(n), part] : [part]));

/**
 * A fieldset to answer in, filled with `response`; `onchange(response)` after each change.
 * Its name for screen readers is the stem.
 */
export function answerForm(question, response, onchange) {
  made += 1;
  if (isManual(question)) return textForm(question, response, onchange);
  if (question.type === "fill") return fillForm(question, response, onchange);
  if (question.type === "order") return orderForm(question, response, onchange);
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

function fillForm(question, response, onchange) {
  const inputs = Array.from({ length: question.blanks }, (_, n) => {
    const input = h("input", { class: "blank", maxlength: 200, autocomplete: "off", "aria-label": `第 ${n + 1} 空`,
      oninput: () => onchange({ filled: inputs.map(({ value }) => value) }) });
    input.value = response?.filled?.[n] || "";
    return input;
  });
  return h("fieldset", null, h("legend", { class: "only-read" }, spoken(question)),
    h("p", { class: "stem" }, woven(question.stem, (n) => inputs[n - 1])));
}

function orderForm(question, response, onchange) {
  const order = [...(response?.chosen || Object.keys(question.options))];
  const list = h("ol", { class: "options" });
  const news = h("p", { class: "only-read", role: "status" });
  const move = (from, by) => {
    order.splice(from + by, 0, ...order.splice(from, 1));
    draw();
    const [up, down] = list.children[from + by].querySelectorAll("button");
    ((by < 0 && !up.disabled) || down.disabled ? up : down).focus();
    show(news, `现在是第 ${from + by + 1} 步`);
    onchange({ chosen: [...order] });
  };
  const draw = () => show(list, order.map((letter, n) => h("li", { class: "option" }, ...step(letter, question),
    h("span", null, [["上移", -1], ["下移", 1]].map(([word, by]) => [button(word, () => move(n, by), "button-quiet",
      { disabled: !order[n + by], "aria-label": `${letter} ${word}` }), " "])))));
  draw();
  return h("fieldset", null, h("legend", { class: "stem" }, question.stem),
    h("p", { class: "quiet small" }, "用上移、下移按先后排好"), list, news);
}

const step = (letter, { options }) => [h("span", { class: "option-letter" }, letter), h("span", { class: "option-text" }, options[letter])];

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
    letter && h("span", { class: "option-letter" }, letter), h("span", { class: "option-text" }, text),
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
