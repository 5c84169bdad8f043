/** 现场登记: people who came without an account; a trainer says who each was, or drops a mistake. */
import { get } from "./api.js";
import { named, newKey, STATUS_NAMES, update } from "./attendance-parts.js";
import { ask, attempt, fault, field, newId, toast } from "./desk.js";
import { button, clock, h, show } from "./dom.js";

const MOST_FOUND = 6;

export class WalkInBox {
  constructor(root, meeting) {
    Object.assign(this, { root, meeting });
    /** Notes with something on its way. */
    this.busy = new Set();
  }

  render() {
    const { walk_ins: all } = this.meeting.board;
    update(this.root, [all, [...this.busy]], () => this.draw(all));
  }

  draw(all) {
    const waiting = all.filter(({ person }) => !person);
    const done = all.filter(({ person }) => person);
    return [waiting.length > 0 && h("section", { class: "card waiting-box" }, h("h2", null, `现场登记还没对上人（${waiting.length} 条）`), h("ul", { class: "rows" }, waiting.map((one) => this.row(one)))),
      done.length > 0 && h("details", { class: "rare" }, h("summary", null, `对上人的现场登记（${done.length} 条）`), h("section", { class: "card" }, h("ul", { class: "rows" }, done.map((one) => this.row(one)))))];
  }

  row(one) {
    const disabled = this.busy.has(one.id);
    const head = h("p", null, h("b", null, one.full_name), ` 手机尾号 ${one.phone_tail} `, h("span", { class: "quiet small" }, `${clock(one.at)} ${STATUS_NAMES[one.status]}，${one.by ? "教员登记" : "本人登记"}`));
    if (one.person) {
      return h("li", { class: "walk-row" }, head, h("p", { class: "quiet small" }, `就是 ${one.person.name}（${one.person.login}）`),
        h("div", { class: "buttons" }, button("撤销", () => this.undo(one), "button-quiet button-small", { disabled, "aria-label": `撤销 ${one.full_name} 的处理` })));
    }
    return h("li", { class: "walk-row" }, head, one.candidates.length > 0 ? h("p", { class: "quiet small" }, "这是谁？点一下：") : h("p", { class: "quiet small" }, "名册里没有同名的人。"),
      h("div", { class: "buttons" }, one.candidates.map((person) => button(`就是 ${named(person, one.candidates)}`, () => this.merge(one, person), "button-small", { disabled })),
        button("找别的人", () => this.find(one), "button-quiet button-small", { disabled }), button("作废", () => this.drop(one), "button-quiet button-small", { disabled, "aria-label": `${one.full_name} 的登记作废` })));
  }

  async merge(one, person) {
    const settled = (now) => now?.person?.login === person.login;
    if (await this.settle(one, "merge", { person: person.login }, settled)) toast(`${one.full_name} 归到了 ${person.name} 名下。`, () => this.undo(one));
  }

  async drop(one) {
    if (await this.settle(one, "drop", {}, (now) => !now)) toast(`${one.full_name} 的登记作废了。`, () => this.undo(one));
  }

  undo(one) {
    return this.settle(one, "undo", {}, (now) => now && !now.person);
  }

  /** Say it once; when the reply to an earlier try was lost, what is `settled` by now counts as done. */
  async settle(one, action, body, settled) {
    if (this.busy.has(one.id)) return false;
    this.busy.add(one.id);
    let trouble = null;
    const done = await this.meeting.say(`walk-in/${one.id}/${action}`, body, { refused: (why) => {
      trouble = why;
    } });
    if (trouble) await this.meeting.load();
    this.busy.delete(one.id);
    this.render();
    const already = trouble?.code === "settled" && settled(this.meeting.board.walk_ins.find(({ id }) => id === one.id));
    if (trouble && !already) toast(trouble.message);
    return Boolean(done) || already;
  }

  /** Somebody whose name was written otherwise: anybody of the town. */
  async find(one) {
    const form = await attempt(() => get("/desk/activities/form"));
    if (!form) return;
    let chosen = null;
    const found = h("div", { class: "found-people" });
    const words = h("input", { type: "search", maxlength: 40, autocomplete: "off", placeholder: "写姓名或登录名", oninput: () => draw() });
    const draw = () => {
      const text = words.value.trim();
      const hits = text ? form.people.filter(({ name, login }) => name.includes(text) || login.includes(text)).slice(0, MOST_FOUND) : [];
      show(found, hits.map((person) => button(named(person, form.people), () => {
        chosen = person;
        draw();
      }, "button-quiet button-small", { "aria-pressed": String(chosen?.login === person.login) })), text && !hits.length && h("p", { class: "hint" }, "名册里没有这样的人。请管理员把他加进名册，或者核对姓名。"));
    };
    const done = await ask(`“${one.full_name}”是谁？`, "", { action: "就是他", fields: [field("找人", words), found], act: () => {
      if (!chosen) throw fault("请先点一个人。");
    } });
    if (done) this.merge(one, chosen);
  }
}

/** Write down somebody who has no account, on the trainer's own screen. */
export class WalkInForm {
  constructor(root, meeting) {
    this.meeting = meeting;
    this.name = h("input", { maxlength: 40, autocomplete: "off", id: newId("walk") });
    this.tail = h("input", { maxlength: 4, inputmode: "numeric", autocomplete: "off", id: newId("walk") });
    this.wrong = h("p", { class: "wrong-text", role: "alert" });
    this.list = h("div", null);
    this.box = new WalkInBox(this.list, meeting);
    show(root, h("p", { class: "quiet small" }, "没有账号、不在名册上的人，写姓名和手机号最后四位。过后再归到他名下。"),
      h("form", { class: "walk-form", novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        this.send();
      } }, field("姓名", this.name), field("手机号最后四位", this.tail), this.wrong, h("div", { class: "buttons" }, h("button", { type: "submit", class: "button" }, "登记"))), this.list);
  }

  render() {
    this.box.render();
  }

  async send() {
    const [name, tail] = [this.name.value.trim(), this.tail.value.trim()];
    const faults = [name.length < 2 && "请写姓名，2 个字以上。", !/^\d{4}$/.test(tail) && "手机号最后四位应是 4 个数字。"].filter(Boolean);
    show(this.wrong, faults.join(""));
    if (faults.length) return;
    // The next one may be typed while this one is on its way.
    this.name.value = this.tail.value = "";
    this.name.focus();
    const refused = ({ message }) => this.refuse(name, tail, message);
    if (await this.meeting.say("walk-in", { full_name: name, phone_tail: tail, key: newKey() }, { refused })) toast(`${name} 登记好了。`);
  }

  /** What was refused comes back, unless somebody else is being typed. */
  refuse(name, tail, message) {
    const free = !this.name.value && !this.tail.value;
    if (free) [this.name.value, this.tail.value] = [name, tail];
    show(this.wrong, free ? message : `${name}（手机尾号 ${tail}）没有登记上：${message}`);
  }
}
