/** The rounds of a contest in its editor: settings, questions, their order. */
import { login, post } from "./api.js";
import { attempt, choice, field, toast } from "./desk.js";
import { button, h, show } from "./dom.js";
import { drawBox } from "./host-edit-draw.js";
import { pickQuestions, questionLine } from "./host-edit-questions.js";
import { FIRST, newRound, roundTitle } from "./host-edit-values.js";
import { newKey } from "./outbox.js";

const WHAT = {
  all: "每个人都答，答对得分。", elimination: "答错或没答就退出后面的淘汰赛；没有人答对，谁也不淘汰。", until_wrong: "一直答到第一次答错为止，快慢一样。",
  turn: "各队轮流答，每题算一个队的。", buzzer: "先抢到的队答，抢早了这道题不能再抢。", risk: "每题由一个队选 10、20 或 30 分，答错要扣。",
};

export class Rounds {
  constructor(editor, changed) {
    Object.assign(this, { editor, form: editor.form, changed, places: {}, options: editor.options.data });
    this.list = h("div", null);
    this.more = button("＋ 加一轮", () => this.add(), "button-quiet button-wide");
    this.node = h("div", { class: "host-rounds" }, h("h2", { class: "section-title" }, "赛程"), this.list, this.more);
    this.draw();
  }

  get taken() {
    return this.form.rounds.flatMap(({ items }) => items);
  }

  add() {
    const { rounds } = this.form;
    const last = rounds[rounds.length - 1];
    rounds.push(newRound(rounds.length, last && { ...FIRST, seconds: last.seconds, points: last.points }));
    this.redraw();
    const card = this.list.lastChild;
    card.scrollIntoView({ block: "nearest" });
    card.querySelector(".draw-box .button").focus({ preventScroll: true });
  }

  /** Draw all again after something changed; the control that did it keeps the focus. */
  redraw(focus) {
    this.draw();
    this.changed();
    if (!focus) return;
    const [place] = [focus, focus.slice(0, focus.lastIndexOf(" "))].map((act) => this.list.querySelector(`[data-act^="${act}"]:not(:disabled)`)).filter(Boolean);
    // After a draw its button is far below what was drawn: the eye stays.
    place?.focus({ preventScroll: focus.startsWith("draw") });
  }

  draw() {
    this.places = {};
    const window = this.form.format === "window";
    this.more.hidden = window && this.form.rounds.length > 0;
    show(this.list, this.form.rounds.map((round, n) => this.card(round, n, window)));
  }

  place(name) {
    this.places[name] = h("div", { class: "wrong", role: "status" });
    return this.places[name];
  }

  card(round, n, window) {
    const { rounds } = this.form;
    const move = (step) => {
      rounds.splice(n + step, 0, ...rounds.splice(n, 1));
      // A name that only counts goes with the place.
      rounds.forEach((one, place) => { if (/^第[一二三四五六七八九十]+轮$/.test(one.title)) one.title = roundTitle(place); });
      this.redraw(`round ${n + step} ${step}`);
    };
    const tool = (word, act, props) => button(word, act, "button-quiet button-small", { ...props, "aria-label": `${word}：${round.title || roundTitle(n)}` });
    return h("section", { class: "card host-round", "aria-label": roundTitle(n) },
      h("div", { class: "host-round-head" }, h("h3", null, `${roundTitle(n)}（${round.items.length} 题）`), h("div", { class: "buttons" },
        tool("上移", () => move(-1), { disabled: n === 0, "data-act": `round ${n} -1` }), tool("下移", () => move(1), { disabled: n === rounds.length - 1, "data-act": `round ${n} 1` }),
        tool("去掉", () => this.drop(n)))),
      this.settings(round, n, window),
      h("ol", { class: "host-questions" }, round.items.map((item, place) => this.line(round, n, place, this.editor.questions.get(item)))),
      this.place(`rounds/${n}/items`),
      drawBox(round, { n, options: this.options, taken: () => this.taken, put: (questions, all) => this.put(round, n, questions, all),
        pick: () => pickQuestions(this.options, this.taken).then((chosen) => chosen.length && this.put(round, n, chosen)) }));
  }

  settings(round, n, window) {
    const input = (name, label, props) => {
      const node = h("input", { autocomplete: "off", ...props, oninput: () => {
        round[name] = node.value;
        this.changed();
      } });
      node.value = round[name];
      const box = field(label, node);
      this.places[`rounds/${n}/${name}`] = box.wrong;
      return box;
    };
    const what = h("p", { class: "hint" }, WHAT[round.kind]);
    const seated = this.form.format === "seated";
    const kinds = this.options.kinds.filter(({ kind, for_teams: teams }) => seated || !teams || kind === round.kind);
    const points = input("points", "每题分数", { type: "number", min: 1, max: 1000, inputmode: "numeric" });
    const kind = field("怎样答", choice(kinds.map(({ kind: one, name }) => [one, name]), round.kind, (value) => {
      round.kind = value;
      show(what, WHAT[value]);
      points.hidden = value === "risk";
      this.changed();
    }));
    this.places[`rounds/${n}/kind`] = kind.wrong;
    points.hidden = round.kind === "risk";
    kind.append(what);
    const seconds = input("seconds", "每题时间（秒）", { type: "number", min: 5, max: 600, inputmode: "numeric" });
    seconds.hidden = window;
    kind.hidden = window && round.kind === "all";
    return h("div", { class: "form-row host-settings" }, input("title", "这一轮叫什么", { maxlength: 30 }), kind, seconds, points);
  }

  line(round, n, place, question) {
    const name = `${roundTitle(n)}第 ${place + 1} 题`;
    const move = (step) => {
      round.items.splice(place + step, 0, ...round.items.splice(place, 1));
      this.redraw(`item ${n}/${place + step} ${step}`);
    };
    const tool = (word, act, label, props = {}) => button(word, act, "button-quiet button-small", { ...props, "aria-label": `${label}：${name}` });
    return h("li", null, questionLine(question, this.options, [
      tool("换一题", (event) => this.swap(round, place, event.currentTarget), "换一题", { "data-act": `swap ${n}/${place}` }),
      tool("去掉", () => this.take(round, n, place), "去掉", { "data-act": `drop ${n}/${place}` }),
      tool("↑", () => move(-1), "上移", { disabled: place === 0, "data-act": `item ${n}/${place} -1` }),
      tool("↓", () => move(1), "下移", { disabled: place === round.items.length - 1, "data-act": `item ${n}/${place} 1` })]), this.place(`rounds/${n}/items/${place}`));
  }

  put(round, n, questions, all = false) {
    for (const one of questions) this.editor.questions.set(one.item, one);
    const before = round.items;
    round.items = [...(all ? [] : before), ...questions.map(({ item }) => item)];
    this.redraw(`draw ${n}`);
    if (!all) toast(`加了 ${questions.length} 题。`);
    else {
      toast(`换掉了 ${before.length} 题，新抽了 ${questions.length} 题。`, () => {
        round.items = before;
        this.redraw();
      });
    }
  }

  /** Another question of the same kind; what was taken away does not come back at once. */
  async swap(round, place, pressed) {
    pressed.disabled = true;
    const { question, difficulty } = this.editor.questions.get(round.items[place]);
    round.gone = [...(round.gone || []), round.items[place]];
    const draw = (difficulties) => post("/contests/draw", { person: login(), count: 1, seed: newKey(), banks: round.wish.banks, types: [question.type], difficulties,
      without: [...new Set([...this.taken, ...round.gone])] });
    const found = await attempt(async () => {
      const alike = await draw([difficulty]);
      return alike.questions.length ? alike : draw([]);
    });
    pressed.disabled = false;
    if (!found) return;
    const [other] = found.questions;
    if (!other || found.note) toast(found.note);
    if (!other) return;
    this.editor.questions.set(other.item, other);
    round.items[place] = other.item;
    this.redraw(pressed.dataset.act);
  }

  take(round, n, place) {
    const [item] = round.items.splice(place, 1);
    this.redraw(round.items.length ? `drop ${n}/${Math.min(place, round.items.length - 1)}` : `draw ${n}`);
    toast("去掉了一题。", () => {
      round.items.splice(place, 0, item);
      this.redraw();
    });
  }

  drop(n) {
    const [round] = this.form.rounds.splice(n, 1);
    this.redraw();
    this.more.focus({ preventScroll: true });
    toast(`去掉了“${round.title}”。`, () => {
      this.form.rounds.splice(n, 0, round);
      this.redraw();
    });
  }
}
