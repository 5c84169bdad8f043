/** All fields of one question, each with the place where its faults are said. */
import { button, h, show } from "./dom.js";
import { area, choice, field, newId, sayWrong, TYPES } from "./desk.js";
import { isManual } from "./choices.js";
import { Articles } from "./desk-item-law.js";
import { Options, Rubric } from "./desk-item-parts.js";

const LEVELS = [["", "请选"], ["1", "1 最容易"], ["2", "2 较容易"], ["3", "3 中等"], ["4", "4 较难"], ["5", "5 最难"]];
const choosing = ({ type }) => type === "single" || type === "multiple";

/** The form over a `Draft`; `onchange(field)` after each change, when the draft has it already. */
export class ItemForm {
  constructor(draft, { bank, tags }, onchange) {
    Object.assign(this, { draft, bank, tags, onchange });
    this.touched = new Set();
    this.answers = {};
    this.faults = [];
    this.law = h("section", { class: "card form-law" });
    this.quote = h("section", { class: "card form-quote" });
    this.main = h("section", { class: "card form-main" });
    this.build();
  }

  get form() {
    return this.draft.form;
  }

  /** Draw all fields anew, for a form that came from elsewhere. */
  build() {
    this.places = {};
    this.articles = new Articles(this.draft, this.bank, (name) => this.changed(name));
    this.evidence = area(this.form.evidence, { rows: 2, maxlength: 1000 }, (value) => this.put("evidence", value));
    show(this.law, this.placed("articles", h("div", { class: "field" }, h("h2", null, "依据条文"), this.articles.node)));
    show(this.quote, this.labelled("evidence", "依据摘句", this.evidence, "从条文里逐字摘一小段，至少 6 个字。在条文里选中，按“用作依据摘句”。"));
    this.body = h("div", null);
    show(this.main, h("h2", null, "题目"), this.type(), this.body, h("h2", null, "归类"), this.sorting(), this.rare());
    this.drawBody();
    this.say(this.faults);
  }

  placed(name, node) {
    this.places[name] = h("div", { class: "wrong", role: "status" });
    node.append(this.places[name]);
    return node;
  }

  labelled(name, label, control, hint) {
    const box = field(label, control, hint);
    this.places[name] = box.wrong;
    return box;
  }

  text(name, label, rows, most, hint) {
    return this.labelled(name, label, area(this.form[name], { rows, maxlength: most }, (value) => this.put(name, value)), hint);
  }

  put(name, value) {
    this.form[name] = value;
    this.changed(name);
  }

  changed(name) {
    this.touched.add(name);
    this.onchange(name);
  }

  type() {
    return this.labelled("type", "题型", choice(TYPES, this.form.type, (type) => this.turnInto(type)));
  }

  /** Another kind of question: what the old kind had is kept while the page is open. */
  turnInto(type) {
    const kind = (of) => ({ single: "choice", multiple: "choice", short: "case" })[of] || of;
    const { form } = this;
    this.answers[kind(form.type)] = form.answer;
    form.answer = kind(form.type) === kind(type) ? form.answer : this.answers[kind(type)] || "";
    form.type = type;
    if (type === "single" && form.answer.length > 1) form.answer = "";
    if (choosing(form) && Object.keys(form.options).length === 0) form.options = { A: "", B: "", C: "", D: "" };
    this.drawBody();
    this.changed("type");
    this.say(this.faults);
  }

  drawBody() {
    const { type } = this.form;
    const stem = this.text("stem", type === "judge" ? "要判断的话" : "题干", 3, 2000);
    const explain = this.text("explanation", "解析", 3, 4000, "为什么这样是对的。用自己的话写，不要抄条文。");
    show(this.body, stem, choosing(this.form) && this.options(), type === "judge" && this.judgement(), type === "fill" && this.blanks(), type === "order" && this.steps(), isManual(this.form) && this.written(), explain);
  }

  options() {
    const hint = this.form.type === "single" ? "在正确的那个选项前打勾，其余的写明为什么错。" : "在每个正确的选项前打勾，其余的写明为什么错。";
    const rows = new Options(this.draft, this.places, (name) => this.changed(name));
    const box = h("div", { class: "field" }, h("span", { class: "label" }, "选项"), h("p", { class: "hint" }, hint), rows.node);
    return this.placed("answer", this.placed("options", box));
  }

  judgement() {
    const name = newId("judge");
    const radios = ["对", "错"].map((word) => h("label", { class: "judge-word" }, h("input", { type: "radio", name, checked: this.form.answer === word, onchange: () => this.put("answer", word) }), word));
    return this.placed("answer", h("div", { class: "field", role: "radiogroup", "aria-label": "正确答案" }, h("span", { class: "label" }, "这句话"), radios));
  }

  blanks() {
    const lines = (this.form.blanks || []).map((one) => one.join("／")).join("\n");
    const box = area(lines, { rows: 3, maxlength: 2400 }, (value) => this.put("blanks", each(value).map((line) => line.split("／").map((text) => text.trim()).filter(Boolean)).slice(0, 12)));
    return this.labelled("blanks", "每空的答案", box, "题干里每个空写四条下划线（____）。这里一行写一个空，几种写法用“／”隔开，第一种给学员看。");
  }

  steps() {
    const box = area(Object.values(this.form.options).filter(Boolean).join("\n"), { rows: 4, maxlength: 2400 }, (value) =>
      this.put("options", Object.fromEntries(each(value).slice(0, 6).map((line, n) => ["ABCDEF"[n], line]))));
    const answer = h("input", { maxlength: 12, autocomplete: "off", oninput: () => this.put("answer", answer.value.toUpperCase().replace(/[^A-F]/g, "")) });
    answer.value = this.form.answer;
    return [this.labelled("options", "各步（打乱的）", box, "一行写一步，从上到下是 A、B、C……，至少三步，最多六步。不要按正确的顺序写。"),
      this.labelled("answer", "正确的顺序", answer, "按先后写字母，如 BDAC。")];
  }

  written() {
    const rubric = new Rubric(this.draft, (name) => this.changed(name));
    const points = h("div", { class: "field" }, h("span", { class: "label" }, "评分要点"), h("p", { class: "hint" }, `教员照它评分，合计${this.form.type === "case" ? "正好 20 分" : "就是这道题的分数"}。`), rubric.node);
    return [this.text("answer", "参考答案", 4, 4000), this.placed("rubric", points)];
  }

  sorting() {
    const level = choice(LEVELS, String(this.form.difficulty || ""), (value) => this.put("difficulty", value ? Number(value) : null));
    const tags = h("input", { maxlength: 200, oninput: () => {
      press();
      this.put("tags", split(tags.value));
    } });
    tags.value = this.form.tags.join("、");
    const press = () => pressed.forEach((one) => one.setAttribute("aria-pressed", String(split(tags.value).includes(one.textContent))));
    const pressed = this.tags.map((tag) => button(tag, () => {
      const now = split(tags.value);
      tags.value = (now.includes(tag) ? now.filter((one) => one !== tag) : [...now, tag]).join("、");
      tags.dispatchEvent(new Event("input"));
    }, "button-quiet button-small"));
    press();
    const box = this.labelled("tags", "标签", tags, "用顿号隔开。点下面常用的标签，可以加上或去掉。");
    if (pressed.length) box.append(h("div", { class: "buttons tag-buttons" }, pressed));
    return [this.labelled("difficulty", "难度", level), box];
  }

  rare() {
    const box = h("details", { class: "rare", open: Boolean(this.form.derived || this.form.unconfirmed) },
      h("summary", null, "数字的来历、待核的内容（一般不填）"),
      this.text("derived", "数字的来历", 2, 1000, "答案里的数字条文里没有时，写明怎么得出来的。"),
      this.text("unconfirmed", "待核的内容", 2, 2000, "条文里没有的说法，写明来源。学员会看到“待核”。"));
    this.rareBox = box;
    return box;
  }

  /** Take words of the law as evidence. */
  useEvidence(text) {
    this.evidence.value = text;
    this.evidence.dispatchEvent(new Event("input"));
  }

  /** Say what is wrong beside each field; of a new question only where somebody has been. */
  say(faults) {
    this.faults = faults;
    const shown = faults.filter(({ field: name }) => this.everything || this.touched.has(name));
    for (const [name, place] of Object.entries(this.places)) {
      sayWrong(place, shown.filter((fault) => this.placeOf(fault) === name).map(({ text }) => text));
    }
    if (shown.some(({ field: name }) => name === "derived" || name === "unconfirmed")) this.rareBox.open = true;
  }

  placeOf({ field: name }) {
    return this.places[name]?.isConnected !== false && this.places[name] ? name : this.places[name.split("/")[0]] ? name.split("/")[0] : "stem";
  }

  /** Bring a fault's field to the eye and to the keyboard. */
  jumpTo(fault) {
    const place = this.places[this.placeOf(fault)];
    const box = place.closest(".option-edit, .field") || place.parentElement;
    box.closest("details")?.setAttribute("open", "");
    box.scrollIntoView({ block: "center" });
    (fault.field.startsWith("why_wrong") ? [...box.querySelectorAll("textarea")].pop() : box.querySelector("textarea, input, select"))?.focus({ preventScroll: true });
  }
}

const each = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const split = (text) => [...new Set(text.split(/[、，,\s]+/).map((tag) => tag.trim().slice(0, 20)).filter(Boolean))].slice(0, 12);
