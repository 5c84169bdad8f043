/** The parts of an activity's form that hold several things: units, people, topics, materials. */
import { named } from "./attendance-parts.js";
import { lastDay } from "./attendance-form-values.js";
import { choice, field, newId } from "./desk.js";
import { button, h, show } from "./dom.js";

const MOST_FOUND = 8;
const TOPIC_KINDS = [["course", "课程"], ["article", "法条"], ["text", "其他"]];
const EVERY = [["", "不重复"], ["week", "每周"], ["two_weeks", "每两周"], ["month", "每月"]];
const RULES = [["opens_minutes", "开始前多少分钟可以签到"], ["present_minutes", "开始后多少分钟内算出勤"], ["late_minutes", "开始后多少分钟内算迟到"]];
const GROUPS = [["department", "镇级单位"], ["village", "村（社区）"]];

/** 应参加的单位; a trainer who serves some of them can choose those. */
export class Units {
  constructor(form, { units, me }, changed) {
    Object.assign(this, { form, units, changed });
    this.sum = h("p", { class: "hint", role: "status" });
    this.boxes = units.map((unit) => this.box(unit, me));
    const groups = GROUPS.map(([kind, word]) => [word, this.boxes.filter(({ unit }) => unit.kind === kind)]).filter(([, boxes]) => boxes.length);
    this.node = h("fieldset", { class: "plain-set field" }, h("legend", null, "应参加的单位"),
      !me.whole_town && h("p", { class: "hint" }, "您可以选您负责的单位。"),
      groups.map(([word, boxes]) => h("div", { class: "unit-group" }, h("div", { class: "unit-head" }, h("b", null, word),
        button("全选", () => this.all(boxes), "button-quiet button-small", { "aria-label": `全选${word}` })), h("div", { class: "unit-boxes" }, boxes.map(({ label }) => label)))), this.sum);
    this.count();
  }

  box(unit, me) {
    const chosen = this.form.units.includes(unit.id);
    // One that is chosen already may be taken away, or stay.
    const input = h("input", { type: "checkbox", checked: chosen, disabled: !unit.mine && !me.whole_town && !chosen, onchange: () => this.take() });
    return { unit, input, label: h("label", { class: "tick" }, input, h("span", null, unit.name, " ", h("span", { class: "quiet small" }, `${unit.members} 人`))) };
  }

  all(boxes) {
    const free = boxes.filter(({ input }) => !input.disabled);
    const on = free.some(({ input }) => !input.checked);
    for (const { input } of free) input.checked = on;
    this.take();
  }

  take() {
    this.form.units = this.boxes.filter(({ input }) => input.checked).map(({ unit }) => unit.id);
    this.count();
    this.changed();
  }

  count() {
    const chosen = this.boxes.filter(({ input }) => input.checked).map(({ unit }) => unit);
    show(this.sum, chosen.length > 0 && `选了 ${chosen.length} 个单位，共 ${chosen.reduce((sum, { members }) => sum + members, 0)} 人。`);
  }
}

/** People as chips, found by name, sign-in name or unit. */
export class People {
  constructor(form, name, label, hint, people, changed) {
    Object.assign(this, { form, name, people, changed });
    this.chips = h("ul", { class: "chips" });
    this.found = h("div", { class: "found-people" });
    const id = newId("find");
    this.words = h("input", { id, type: "search", maxlength: 40, autocomplete: "off", placeholder: "写姓名来找", oninput: () => this.find(), onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.found.querySelector("button")?.click();
    } });
    this.node = h("div", { class: "field" }, h("label", { for: id }, label), this.chips, this.words, h("p", { class: "hint" }, hint), this.found);
    this.draw();
  }

  find() {
    const words = this.words.value.trim();
    const hits = words ? this.people.filter(({ login, name, unit }) => !this.form[this.name].includes(login) && [login, name, unit || ""].some((text) => text.includes(words))) : [];
    show(this.found, hits.slice(0, MOST_FOUND).map((one) => button(named(one, this.people), () => {
      this.put([...this.form[this.name], one.login]);
      this.words.value = "";
      show(this.found);
      this.words.focus();
    }, "button-quiet button-small")),
    words && (hits.length > MOST_FOUND ? h("p", { class: "hint" }, `还有 ${hits.length - MOST_FOUND} 人，请写得细一些。`) : !hits.length && h("p", { class: "hint" }, "没有找到这样的人。")));
  }

  put(logins) {
    this.form[this.name] = logins;
    this.draw();
    this.changed();
  }

  draw() {
    const chosen = this.form[this.name];
    const names = new Map(this.people.map(({ login, name }) => [login, name]));
    this.chips.hidden = !chosen.length;
    show(this.chips, chosen.map((login) => h("li", { class: "chip" }, h("span", { class: "chip-name" }, names.get(login) || login),
      h("button", { type: "button", class: "chip-drop", "aria-label": `去掉${names.get(login) || login}`, onclick: () => this.put(chosen.filter((one) => one !== login)) }, "×"))));
  }
}

/** Rows that can be added and taken away; `row(one)` gives a row's controls. */
class Listing {
  constructor(form, name, label, hint, changed) {
    Object.assign(this, { form, name, changed });
    this.rows = h("div", { class: "form-list" });
    this.tools = h("div", { class: "buttons" });
    this.node = h("div", { class: "field" }, h("span", { class: "label" }, label), h("p", { class: "hint" }, hint), this.rows, this.tools);
  }

  add(one) {
    this.form[this.name].push(one);
    this.draw();
    this.changed();
    [...this.rows.lastChild.querySelectorAll("input, select")][0]?.focus();
  }

  draw() {
    const list = this.form[this.name];
    show(this.rows, list.map((one, n) => h("div", { class: "form-item" }, this.row(one, n), button("去掉", () => {
      this.form[this.name] = list.filter((other) => other !== one);
      this.draw();
      this.changed();
    }, "button-quiet button-plain", { "aria-label": `去掉第 ${n + 1} 项` }))));
  }

  text(one, name, props) {
    const input = h("input", { autocomplete: "off", ...props, oninput: () => {
      one[name] = input.value;
      this.changed();
    } });
    input.value = one[name];
    return input;
  }
}

/** 学习内容: courses of the platform, articles, or words. */
export class Topics extends Listing {
  constructor(form, courses, changed) {
    super(form, "topics", "学习内容", "课程和法条，学员点一下就能读。", changed);
    this.courses = courses;
    show(this.tools, TOPIC_KINDS.filter(([kind]) => kind !== "course" || courses.length).map(([kind, word]) =>
      button(`＋ ${word}`, () => this.add({ kind, ref: kind === "course" ? courses[0].slug : "" }), "button-quiet button-small")));
    this.draw();
  }

  row(one, n) {
    const label = { "aria-label": `第 ${n + 1} 项学习内容` };
    if (one.kind === "article") return this.text(one, "ref", { maxlength: 80, placeholder: "如 民法典第1043条", ...label });
    if (one.kind === "text") return this.text(one, "ref", { maxlength: 80, placeholder: "如 本镇的案例讨论", ...label });
    const known = this.courses.some(({ slug }) => slug === one.ref);
    const select = choice([...(known ? [] : [[one.ref, `${one.ref}（没有了）`]]), ...this.courses.map(({ slug, title }) => [slug, title])], one.ref, (slug) => {
      one.ref = slug;
      this.changed();
    });
    select.setAttribute("aria-label", label["aria-label"]);
    return select;
  }
}

/** 材料: a title, and where it is to be read if that is on the net. */
export class Materials extends Listing {
  constructor(form, changed) {
    super(form, "materials", "材料", "有网址的，学员点一下就能打开；发纸的，不写网址。", changed);
    show(this.tools, button("＋ 材料", () => this.add({ title: "", url: "" }), "button-quiet button-small"));
    this.draw();
  }

  row(one, n) {
    return h("div", { class: "form-pair" }, this.text(one, "title", { maxlength: 80, placeholder: "名称", "aria-label": `第 ${n + 1} 份材料的名称` }),
      this.text(one, "url", { maxlength: 300, inputmode: "url", placeholder: "网址（可以不写）", "aria-label": `第 ${n + 1} 份材料的网址` }));
  }
}

/** 签到规则: minutes before and after the beginning. */
export function ruleFields(rules, changed) {
  const fields = RULES.map(([name, label]) => {
    const node = h("input", { type: "number", min: 0, max: 240, inputmode: "numeric", oninput: () => {
      rules[name] = node.value;
      changed();
    } });
    node.value = rules[name];
    return field(label, node);
  });
  return h("div", null, h("div", { class: "form-row" }, fields), h("p", { class: "quiet small" }, "再晚的，不能自己签到，由教员登记。没有人登记的，结束时记缺勤。"));
}

/** 重复: how often, how many, and when the last one is; `draw` after the day has changed. */
export class Repeat {
  constructor(form, changed) {
    this.form = form;
    const put = (name, value) => {
      form[name] = value;
      changed();
    };
    const times = h("input", { type: "number", min: 2, max: 24, inputmode: "numeric", oninput: () => put("times", times.value) });
    times.value = form.times;
    this.often = field("一共几场", times);
    this.hint = h("p", { class: "quiet small" });
    this.node = h("div", null, h("div", { class: "form-row" }, field("重复", choice(EVERY, form.every, (value) => put("every", value))), this.often), this.hint);
    this.draw();
  }

  draw() {
    this.often.hidden = !this.form.every;
    show(this.hint, this.form.every && lastDay(this.form));
  }
}
