/** A question to answer: rows to choose from, blanks, an order, a text field. */
import { button, h, show } from "./dom.js";

const GAP = /_{4,}/;
const CLOSING = /^[，。、；：？！）》”％]/;
const URGES = { case: "写下您的回答", short: "写下您的回答", fill: "填空", order: "用上移、下移排好顺序" };
const LETTERS = "ABCDEFGH";
let made = 0;

/** True when a person marks it. */
export const isManual = ({ type }) => type === "case" || type === "short";

/** What to do first when confirming without an answer. */
export const urge = ({ type }) => `请先${URGES[type] || "选一个答案"}，再点确定。`;

/**
 * The choices of a question as [value, letter, text]; empty when there is nothing to choose. On a
 * paper of one's own the options stand in another order: the letter shown is that of the place.
 */
export function rows({ type, options }) {
  if (type === "judge") return [["对", "", "对"], ["错", "", "错"]];
  return Object.entries(options || {}).map(([value, text], n) => [value, LETTERS[n], text]);
}

/** How an option is written: its letter, where it has one, and its text. */
export const optionOf = (letter, text) =>
  [letter && h("span", { class: "option-letter" }, letter), h("span", { class: "option-text" }, text)];

/** What was chosen, in the letters shown. */
export const shownChoice = (question, chosen) => rows(question)
  .filter(([value]) => chosen.includes(value)).map(([value, letter]) => letter || value).join("、");

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
export const woven = (stem, blank) => stem.split(GAP).flatMap((part, n) => (n ? [blank(n), part] : [part]));

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
  const form = fieldset(question);
  const options = rows(question).map(([value, letter, text]) => {
    const input = h("input", { type, value, name: `choice-${made}`, checked: chosen.has(value) });
    return h("label", { class: "option" }, input, optionOf(letter, text));
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

const fieldset = ({ stem }, ...children) => h("fieldset", null, h("legend", { class: "stem" }, stem), ...children);

function textForm(question, response, onchange) {
  const id = `answer-${made}`;
  const area = h("textarea", {
    id, class: "answer-text", maxlength: 4000, placeholder: "请用自己的话写，一条一条写清楚",
    oninput: () => onchange({ text: area.value }),
  });
  area.value = response?.text || "";
  return fieldset(question, h("label", { for: id, class: "only-read" }, "您的回答"), area);
}

function fillForm(question, response, onchange) {
  const inputs = Array.from({ length: question.blanks }, (_, n) => {
    const input = h("input", { class: "blank", maxlength: 200, autocomplete: "off", "aria-label": `第 ${n + 1} 空`,
      oninput: () => onchange({ filled: inputs.map(({ value }) => value) }) });
    input.value = response?.filled?.[n] || "";
    return input;
  });
  return h("fieldset", null, h("legend", { class: "only-read" }, spoken(question)),
    h("p", { class: "stem" }, woven(question.stem, (n) => inputs[n - 1]).reduce(withPunctuation, [])));
}

/** A line must not begin with what closes a blank: its first mark stays beside it. */
function withPunctuation(parts, part) {
  const before = parts.at(-1);
  if (!before?.nodeType || !CLOSING.test(part)) return [...parts, part];
  return [...parts.slice(0, -1), h("span", { class: "nowrap" }, before, part[0]), part.slice(1)];
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
  return fieldset(question, h("p", { class: "quiet small" }, "用上移、下移按先后排好"), list, news);
}

/** An option of a question that puts things in order, as its letter and text. */
export const step = (letter, { options }) => optionOf(letter, options[letter]);
