/** The parts of a question's form that are lists: options with their reasons, and scoring points. */
import { button, h, number, show } from "./dom.js";
import { area, newId } from "./desk.js";

const LETTERS = "ABCDEF";
export const CASE_POINTS = 20;

/** Options to choose from: ticked when right, each wrong one with its reason beside it. */
export class Options {
  constructor(draft, places, changed) {
    Object.assign(this, { draft, places, changed });
    this.node = h("div", { class: "option-rows" });
    this.draw();
  }

  get form() {
    return this.draft.form;
  }

  draw() {
    const { form } = this;
    const letters = Object.keys(form.options);
    const name = newId("right");
    show(this.node, letters.map((letter, place) => this.row(letter, place, name)),
      h("div", { class: "buttons" }, letters.length < LETTERS.length
        && button("加一个选项", () => this.edit([...this.rows(), { text: "", why: "", right: false }], letters.length), "button-quiet")));
  }

  row(letter, place, name) {
    const { form } = this;
    const single = form.type === "single";
    const right = h("input", { type: single ? "radio" : "checkbox", name, checked: form.answer.includes(letter), "aria-label": `选项 ${letter} 是正确的`, onchange: () => this.tick(letter, right.checked) });
    const text = area(form.options[letter], { rows: 1, maxlength: 400, "aria-label": `选项 ${letter}` }, (value) => {
      form.options[letter] = value;
      this.changed(`options/${letter}`);
    });
    const why = area(form.why_wrong[letter] || "", { rows: 1, maxlength: 1000, "aria-label": `选项 ${letter} 为什么错` }, (value) => {
      form.why_wrong[letter] = value;
      this.changed(`why_wrong/${letter}`);
    });
    const wrong = (this.places[`options/${letter}`] = h("div", { class: "wrong" }));
    const wrongWhy = (this.places[`why_wrong/${letter}`] = h("div", { class: "wrong" }));
    return h("div", { class: `option-edit ${form.answer.includes(letter) ? "is-right" : ""}` },
      h("label", { class: "option-tick" }, right, h("b", null, letter), h("span", { class: "tick-word" }, form.answer.includes(letter) ? "正确" : "")),
      h("div", { class: "option-texts" }, text, wrong, !form.answer.includes(letter) && h("div", { class: "why-edit" }, h("span", { class: "quiet small", "aria-hidden": "true" }, "为什么错"), h("div", null, why, wrongWhy))),
      h("div", { class: "option-tools" },
        place > 0 && button("上移", () => this.move(place), "button-quiet button-small", { "aria-label": `选项 ${letter} 上移` }),
        Object.keys(form.options).length > 2 && button("删去", () => this.edit(this.rows().filter((_, n) => n !== place)), "button-quiet button-small", { "aria-label": `删去选项 ${letter}` })));
  }

  tick(letter, on) {
    const others = this.form.type === "single" ? "" : this.form.answer.replace(letter, "");
    this.form.answer = [...others + (on ? letter : "")].sort().join("");
    this.draw();
    this.node.querySelectorAll(".option-tick input")[LETTERS.indexOf(letter)].focus();
    this.changed("answer");
  }

  rows() {
    const { options, why_wrong: why, answer } = this.form;
    return Object.keys(options).map((letter) => ({ text: options[letter], why: why[letter] || "", right: answer.includes(letter) }));
  }

  move(place) {
    const rows = this.rows();
    rows.splice(place - 1, 2, rows[place], rows[place - 1]);
    this.edit(rows, place - 1);
  }

  /** Take the options anew: letters follow their order, reasons and ticks go with them. */
  edit(rows, focus = null) {
    const lettered = rows.map((row, n) => [LETTERS[n], row]);
    this.form.options = Object.fromEntries(lettered.map(([letter, row]) => [letter, row.text]));
    this.form.why_wrong = Object.fromEntries(lettered.filter(([, row]) => row.why).map(([letter, row]) => [letter, row.why]));
    this.form.answer = lettered.filter(([, row]) => row.right).map(([letter]) => letter).join("");
    this.draw();
    if (focus !== null) this.node.querySelectorAll(".option-texts > textarea:first-child")[focus].focus();
    this.changed("options");
  }
}

/** Scoring points of a case or short question with their running total. */
export class Rubric {
  constructor(draft, changed) {
    Object.assign(this, { draft, changed });
    this.node = h("div", { class: "rubric-rows" });
    this.draw();
  }

  draw() {
    const points = this.draft.form.rubric;
    this.total = h("p", { class: "rubric-total", role: "status" });
    show(this.node, points.map((point, place) => this.row(point, place)), this.total,
      h("div", { class: "buttons" }, points.length < 12 && button("加一个要点", () => {
        points.push({ text: "", points: null });
        this.draw();
        this.node.querySelectorAll("textarea")[points.length - 1].focus();
        this.changed("rubric");
      }, "button-quiet")));
    this.sum();
  }

  row(point, place) {
    const text = area(point.text, { rows: 1, maxlength: 400, "aria-label": `要点 ${place + 1}`, placeholder: "答到什么给分" }, (value) => {
      point.text = value;
      this.changed("rubric");
    });
    const worth = h("input", { type: "number", min: 0, max: this.draft.form.type === "case" ? CASE_POINTS : 100, step: 0.5, inputmode: "decimal", "aria-label": `要点 ${place + 1} 的分数`, oninput: () => {
      point.points = worth.value === "" ? null : Math.min(100, Math.max(0, Number(worth.value)));
      this.sum();
      this.changed("rubric");
    } });
    worth.value = point.points ?? "";
    return h("div", { class: "rubric-edit" }, text, worth, h("span", null, "分"),
      button("删去", () => {
        this.draft.form.rubric.splice(place, 1);
        this.draw();
        this.changed("rubric");
      }, "button-quiet button-small", { "aria-label": `删去要点 ${place + 1}` }));
  }

  sum() {
    const total = this.draft.form.rubric.reduce((sum, point) => sum + (point.points || 0), 0);
    if (this.draft.form.type !== "case") return show(this.total, `合计 ${number(total)} 分`);
    const left = CASE_POINTS - total;
    this.total.classList.toggle("is-full", left === 0);
    show(this.total, `合计 ${number(total)} / ${CASE_POINTS} 分`, left > 0 ? `，还差 ${number(left)} 分` : left < 0 ? `，多了 ${number(-left)} 分` : "，正好");
  }
}
