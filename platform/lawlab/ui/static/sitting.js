/** A quiz while it is being answered: one question at a time, the overview, saving, handing in. */
import { hindrance, post, signInAddress } from "./api.js";
import { answerForm, isAnswered, isManual, kindTag, shownChoice, spoken } from "./choices.js";
import { Countdown } from "./countdown.js";
import { button, clock, focusOn, h, number, show, sign } from "./dom.js";
import { keep, keys, recall } from "./memory.js";
import { outbox, pending, put, withdraw } from "./outbox.js";

const TYPING_MS = 1200;
const KEPT = "lawlab.sitting.";

/** Which attempt the page is about; the first one where there is only one. */
export const attemptOf = ({ attempts }) => attempts?.at(-1)?.attempt || 1;

/** `node` is the page. `acts`: handIn(on) resolves to what hinders it or "", end() is called at zero. */
export class Sitting {
  constructor(data, login, place, acts) {
    Object.assign(this, { data, login, place, acts });
    this.attempt = attemptOf(data);
    this.key = `${KEPT}${place}.${this.attempt}.${login}`;
    const { at = 0, marked = [], left = 0 } = recall(this.key) || {};
    this.times = Math.max(left, data.attempts?.at(-1)?.left_page || 0);
    this.watch = () => this.leave();
    document.addEventListener("visibilitychange", this.watch);
    this.at = Math.min(at, data.slots.length - 1);
    this.marked = new Set(marked);
    this.given = new Map(data.slots.map((slot) => [slot.question.id, slot.response]));
    for (const [item, entry] of pending(place)) if ((entry.attempt || this.attempt) === this.attempt) this.given.set(item, entry.response);
    this.state = h("p", { class: "save-state", role: "status" }, "每答一题都会自动保存");
    this.timer = new Countdown(acts.end, (text) => this.say(text, "is-waiting"));
    this.main = h("div", { class: "quiz-main" });
    this.overview = h("aside", { class: "quiz-overview card", "aria-label": "答题卡" });
    this.actions = h("nav", { class: "quiz-actions", "aria-label": "题目" });
    this.node = h("div", { class: "quiz" },
      h("div", { class: "quiz-head" }, h("h1", null, data.title), this.timer.node, this.state),
      h("div", { class: "quiz-body" }, this.main, this.overview), this.actions);
    this.sync(data);
    this.showQuestion();
  }

  /** Forget place and marks of a sitting that is over. */
  static forget(place) {
    for (const key of keys(`${KEPT}${place}.`)) keep(key, null);
  }

  close() {
    this.timer.stop();
    document.removeEventListener("visibilitychange", this.watch);
    if (this.speech) this.speech.stop();
  }

  /** The page was left, or shown again: the trainer sees how often; a count that got lost comes then. */
  leave() {
    if (document.visibilityState === "hidden") this.times += 1;
    this.remember();
    const path = `/quizzes/${encodeURIComponent(this.data.assignment)}/left`;
    post(path, { person: this.login, attempt: this.attempt, times: this.times }).catch(() => {});
  }

  /** Newer word of the server: the timer is its, answers given here stay. */
  sync({ sitting, server_time: now }) {
    // seconds_left is whole: the server's own two times say it to the instant.
    this.timer.set((Date.parse(sitting.deadline) - Date.parse(now)) / 1000);
  }

  get slot() {
    return this.data.slots[this.at];
  }

  go(at, focus = true) {
    this.at = at;
    this.remember();
    this.showQuestion();
    this.toTop();
    if (focus) focusOn(this.main.querySelector("h2"));
  }

  /** A long question has been scrolled: the next one begins right under the timer. */
  toTop() {
    if (window.scrollY > this.node.offsetTop) window.scrollTo(0, this.node.offsetTop);
  }

  remember() {
    keep(this.key, { at: this.at, marked: [...this.marked], left: this.times });
  }

  showQuestion() {
    const { question, slot, points } = this.slot;
    this.node.classList.remove("shows-overview");
    const mark = button(this.marked.has(slot) ? "已标记" : "标记", () => this.mark(), "button-quiet",
      { "aria-pressed": String(this.marked.has(slot)), "aria-label": "标记这题，回头再看" });
    const speak = "speechSynthesis" in window
      && button([sign("speak"), "读题"], () => this.read(question), "button-quiet button-plain");
    if (this.speech) this.speech.stop();
    show(this.main, h("section", { class: "card question" },
      h("div", { class: "question-head" }, h("h2", { class: "quiz-n" }, `第 ${this.at + 1} 题`), kindTag(question),
        h("span", { class: "quiet small" }, `${number(points)} 分`),
        h("span", { class: "head-tools" }, speak, mark)),
      answerForm(question, this.given.get(question.id), (response) => this.answer(response))));
    this.showAround();
  }

  /** Read aloud; the voice is loaded when somebody asks for it. */
  async read(question) {
    const node = this.main.querySelector(".stem");
    try {
      this.speech = await import("./speech.js");
    } catch {
      this.say("网络不稳，现在不能朗读。", "is-waiting");
      return;
    }
    // Meanwhile another question may be on the screen.
    if (node.isConnected) this.speech.readAloud([{ node, text: spoken(question) }]);
  }

  showAround() {
    const last = this.data.slots.length - 1;
    const done = this.data.slots.length - this.left().length;
    show(this.actions,
      button("上一题", () => this.go(this.at - 1), "button-quiet", { disabled: this.at === 0 }),
      button([h("span", null, "答题卡"), " ", h("span", null, `${done}/${last + 1}`)], () => this.openOverview(), "button-quiet to-overview"),
      this.at === last ? button("去交卷", () => this.confirm()) : button("下一题", () => this.go(this.at + 1)));
    show(this.overview, h("h2", { class: "quiz-n" }, "答题卡"),
      h("p", { class: "quiet small" }, `已答 ${done} 题，未答 ${last + 1 - done} 题${this.marked.size ? `，标记 ${this.marked.size} 题` : ""}`),
      h("ol", { class: "cells" }, this.data.slots.map((slot, n) => h("li", null, this.cell(slot, n)))),
      button("交卷", () => this.confirm(), "button-wide"));
  }

  cell({ slot, question }, n) {
    const done = isAnswered(this.given.get(question.id));
    const marked = this.marked.has(slot);
    const words = [done ? "已答" : "未答", marked && "标记"].filter(Boolean);
    return h("button", {
      type: "button", class: `cell ${done ? "is-done" : ""} ${marked ? "is-marked" : ""}`,
      "aria-label": `第 ${n + 1} 题，${words.join("，")}`, "aria-current": n === this.at && "true",
      onclick: () => this.go(n),
    }, n + 1, h("small", null, words[words.length - 1]));
  }

  openOverview() {
    this.node.classList.add("shows-overview");
    focusOn(this.overview.querySelector("h2"));
    show(this.actions, button("回到题目", () => this.go(this.at), "button-quiet"));
  }

  mark() {
    const { slot } = this.slot;
    if (!this.marked.delete(slot)) this.marked.add(slot);
    this.remember();
    const pressed = this.main.querySelector("[aria-pressed]");
    pressed.setAttribute("aria-pressed", String(this.marked.has(slot)));
    show(pressed, this.marked.has(slot) ? "已标记" : "标记");
    this.showAround();
  }

  answer(response) {
    const { question } = this.slot;
    const stored = this.slot.response;
    this.given.set(question.id, response);
    this.showAround();
    if (isAnswered(response)) {
      put({ item: question.id, version: question.version, place: this.place, response, attempt: this.attempt },
        isManual(question) || response.filled ? TYPING_MS : 0);
      return;
    }
    // The server keeps answers, it does not take them back: say what still counts.
    withdraw(this.place, question.id);
    if (!isAnswered(stored)) return;
    this.given.set(question.id, stored);
    this.say(stored.chosen ? `至少选一项。现在记的还是 ${shownChoice(question, stored.chosen)}。` : "答案是空的。现在记的还是上次保存的。", "is-waiting");
  }

  /** How one of this quiz's answers fares. */
  follow({ entry, state, reply, trouble }) {
    if (state === "sending") this.say("正在保存…");
    if (state === "stored") {
      const slot = this.data.slots.find(({ question }) => question.id === entry.item);
      if (slot) slot.response = entry.response;
      // Emptied after it had left: it counts, so it is shown as answered.
      if (!isAnswered(this.given.get(entry.item))) this.given.set(entry.item, entry.response);
      if (!pending(this.place).size) this.say(`已保存 ${clock(reply.stored_at)}`);
    }
    if (state === "waiting") this.say([sign("wait"), ` ${hindrance(trouble)}，答案已留在手机上，正在重试`], "is-waiting");
    if (state === "signed_out") this.say(["登录已过期，答案已留在手机上。", h("a", { href: signInAddress() }, "重新登录")], "is-waiting");
    if (state === "refused") this.say(trouble.message, "is-wrong");
  }

  say(text, look = "") {
    this.state.className = `save-state ${look}`;
    show(this.state, text);
  }

  left() {
    return this.data.slots.map((slot, n) => [slot, n]).filter(([{ question }]) => !isAnswered(this.given.get(question.id)));
  }

  confirm() {
    if (this.speech) this.speech.stop();
    const left = this.left();
    const news = h("div", { role: "status" });
    let turn = 0;
    const hand = button("确定交卷", async () => {
      const mine = (turn += 1);
      hand.disabled = true;
      show(news, h("p", { class: "quiet" }, "正在交卷…"));
      const problem = await this.acts.handIn({
        // Whoever does not like to wait presses again.
        going: () => hand.isConnected && mine === turn,
        tell: (text) => {
          hand.disabled = false;
          show(news, h("p", { class: "notice" }, sign("wait"), " ", text));
        },
      });
      if (mine !== turn) return;
      hand.disabled = false;
      show(news, problem.nodeType ? problem : problem && h("p", { class: "notice" }, problem));
    }, "button-wide");
    this.node.classList.remove("shows-overview");
    const title = h("h2", null, "现在交卷吗？");
    show(this.main, h("section", { class: "card" }, title,
      left.length ? [h("p", null, `还有 ${left.length} 题没有作答，点题号可以回去：`),
        h("ol", { class: "cells" }, left.map(([slot, n]) => h("li", null, this.cell(slot, n))))]
        : h("p", null, `${this.data.slots.length} 题都已作答。`),
      h("p", null, "交卷后不能再改。"), hand, news));
    show(this.actions, button("再看看", () => this.go(this.at), "button-quiet"));
    this.toTop();
    focusOn(title);
  }
}
