/** Who comes to a contest: kinds of people, units, teams on the stage; awards; when a window is open. */
import { People, Units } from "./attendance-form-parts.js";
import { button, h, show } from "./dom.js";
import { field, toast } from "./desk.js";
import { teamsByUnit } from "./host-edit-values.js";

const ASIDE = { mine: true };

/** 谁参加: nothing chosen means everybody. */
export function whoComes({ form, options: { data } }, changed) {
  const ticks = data.cohorts.map(({ cohort, name }) => {
    const input = h("input", { type: "checkbox", checked: form.cohorts.includes(cohort), onchange: () => {
      form.cohorts = data.cohorts.map(({ cohort: one }) => one).filter((one) => (one === cohort ? input.checked : form.cohorts.includes(one)));
      changed();
    } });
    return h("label", { class: "tick" }, input, name);
  });
  const units = new Units(form, { units: data.units.map((unit) => ({ ...unit, ...ASIDE })), me: { whole_town: true } }, changed);
  return [h("p", { class: "hint" }, "都不选，就是全镇的人都参加。"),
    h("fieldset", { class: "plain-set field" }, h("legend", null, "哪类人"), h("div", { class: "tick-row" }, ticks)),
    h("details", { class: "host-units", open: form.units.length > 0 }, h("summary", null, "只请一部分单位"), units.node)];
}

/** The teams on the stage, each with its members. */
export class Teams {
  constructor(form, data, changed) {
    Object.assign(this, { form, data, changed, places: {} });
    this.list = h("div", null);
    this.many = h("input", { type: "number", min: 1, max: 20, inputmode: "numeric" });
    this.many.value = 3;
    this.node = h("div", null, this.list, h("div", { class: "buttons" }, button("＋ 加一队", () => this.add(), "button-quiet")),
      h("div", { class: "form-row host-suggest" }, field("每队几人", this.many), button("按单位分队", () => this.suggest(), "button-quiet")),
      h("p", { class: "hint" }, "按单位分队：选了单位的按选的，没有选的按全镇；每队先放这个单位的前几位，再自己换人。"));
    this.draw();
  }

  add() {
    this.form.teams.push({ name: "", members: [] });
    this.draw();
    this.changed();
    this.list.lastChild.querySelector("input").focus();
  }

  suggest() {
    const before = this.form.teams;
    const many = Math.max(1, Math.min(20, Math.round(Number(this.many.value)) || 3));
    this.put(teamsByUnit(this.data.people, this.data.units, this.form.units, many));
    if (before.length) toast("已经按单位重新分队。", () => this.put(before));
  }

  put(teams) {
    this.form.teams = teams;
    this.draw();
    this.changed();
  }

  draw() {
    this.places = {};
    show(this.list, this.form.teams.map((team, n) => {
      const name = h("input", { maxlength: 30, autocomplete: "off", placeholder: "如 红队", oninput: () => {
        team.name = name.value;
        this.changed();
      } });
      name.value = team.name;
      const box = field(`第 ${n + 1} 队的队名`, name);
      this.places[`teams/${n}`] = box.wrong;
      return h("div", { class: "host-team" }, box, new People(team, "members", "队员", "写姓名、登录名或单位来找。", this.data.people, this.changed).node,
        button("去掉这一队", () => this.put(this.form.teams.filter((one) => one !== team)), "button-quiet button-small"));
    }));
  }
}

/** 奖项: how many of the first get which award. */
export function awards(form, changed) {
  const list = h("div", { class: "form-list" });
  const draw = () => show(list, form.awards.map((award, n) => {
    const input = (name, props) => {
      const node = h("input", { autocomplete: "off", ...props, oninput: () => {
        award[name] = node.value;
        changed();
      } });
      node.value = award[name];
      return node;
    };
    return h("div", { class: "form-item host-award" }, input("name", { maxlength: 20, "aria-label": `第 ${n + 1} 种奖的名称` }),
      h("label", { class: "award-count" }, input("count", { type: "number", min: 1, inputmode: "numeric" }), "名"),
      button("去掉", () => put(form.awards.filter((one) => one !== award)), "button-quiet button-plain", { "aria-label": `去掉${award.name}` }));
  }));
  const put = (value) => {
    form.awards = value;
    draw();
    changed();
  };
  draw();
  return h("div", { class: "field" }, h("p", { class: "hint" }, "按名次从上往下发，人数写每种奖几名。没有奖就都去掉。"), list,
    h("div", { class: "buttons" }, button("＋ 加一种奖", () => put([...form.awards, { name: "", count: 1 }]), "button-quiet button-small")));
}

/** When a window contest may be taken, and how long each has. */
export function windowFields(values, changed) {
  const input = (name, label, props) => {
    const node = h("input", { ...props, oninput: () => {
      values[name] = node.value;
      changed();
    } });
    node.value = values[name];
    return field(label, node);
  };
  return h("div", null, h("div", { class: "form-row" }, input("opensDay", "从哪天", { type: "date" }), input("opensTime", "几点", { type: "time" })),
    h("div", { class: "form-row" }, input("closesDay", "到哪天", { type: "date" }), input("closesTime", "几点", { type: "time" })),
    h("div", { class: "form-row" }, input("minutes", "每人多少分钟", { type: "number", min: 1, max: 180, inputmode: "numeric" }),
      input("count", "每人抽几题", { type: "number", min: 1, max: 100, inputmode: "numeric" })));
}
