/** While somebody answers his paper: one question at a time, the overview, what is saved, handing in. */
import { hindrance, signInAddress } from "./api.js";
import { answerForm, isAnswered, kindTag, urge } from "./choices.js";
import { stamp } from "./contest-parts.js";
import { Countdown } from "./countdown.js";
import { button, focusOn, h, number, show, sign } from "./dom.js";

const FINAL = "这题已经答了，不能再改。";

/** `node` is the page. `acts`: handIn(on) resolves to what hinders it or "", end() is called at zero. */
export class Running {
  constructor(view, answers, acts) {
    Object.assign(this, { view, answers, acts, given: new Map(), shows: "question" });
    this.state = h("p", { class: "save-state", role: "status" }, "每答一题都会自动保存");
    this.timer = new Countdown(acts.end, (text) => this.say(text, "is-waiting"));
    this.main = h("div", { class: "quiz-main" });
    this.overview = h("aside", { class: "quiz-overview card", "aria-label": "答题卡" });
    this.actions = h("nav", { class: "quiz-actions", "aria-label": "题目" });
    this.node = h("div", { class: "quiz window-quiz" },
      h("div", { class: "quiz-head" }, h("h1", null, view.title), this.timer.node, this.state),
      h("div", { class: "quiz-body" }, this.main, this.overview), this.actions);
    this.take(view);
    this.at = Math.max(0, view.questions.findIndex(({ place }) => !this.given.has(place)));
    this.showQuestion();
  }

  close() {
    this.timer.stop();
  }

  take({ questions, left_ms: left }) {
    this.timer.set(left / 1000);
    for (const { place, answered } of questions) {
      const kept = this.answers.kept(place);
      if (answered) {
        this.given.set(place, answered);
        this.answers.forget(place);
      } else if (kept?.sent) this.given.set(place, { response: kept.response, at: null });
    }
  }

  /** Newer word of the server: the time is its; what was answered on another device is final here too. */
  sync(view) {
    const before = this.given.get(this.question.place);
    this.take(view);
    const now = this.given.get(this.question.place);
    if (Boolean(before) !== Boolean(now) && this.shows === "question") this.showQuestion();
    else this.showAround();
  }

  get question() {
    return this.view.questions[this.at];
  }

  get left() {
    return this.view.questions.map((question, n) => [question, n]).filter(([{ place }]) => !this.given.has(place));
  }

  go(at) {
    this.at = at;
    this.showQuestion();
    if (window.scrollY > this.node.offsetTop) window.scrollTo(0, this.node.offsetTop);
    focusOn(this.main.querySelector("h2"));
  }

  showQuestion() {
    const { question } = this;
    const { place } = question;
    const given = this.given.get(place);
    this.shows = "question";
    this.node.classList.remove("shows-overview");
    this.response = given?.response || this.answers.kept(place)?.response || null;
    this.fields = answerForm(question, this.response, (response) => {
      this.response = response;
      this.answers.draft(place, response);
      show(this.problem);
    });
    this.fields.disabled = Boolean(given);
    this.problem = h("p", { class: "save-state is-wrong", role: "status" });
    show(this.main, h("section", { class: "card question" },
      h("div", { class: "question-head" }, h("h2", { class: "quiz-n" }, `第 ${this.at + 1} 题`), kindTag(question),
        h("span", { class: "quiet small" }, `${number(this.view.points)} 分`)),
      this.fields, this.problem,
      given ? h("p", { class: "window-final" }, sign("right"), " ", FINAL) : button("确定，答完就不能改", () => this.give(), "button-wide")));
    this.showAround();
  }

  give() {
    const { place } = this.question;
    if (!isAnswered(this.response)) {
      show(this.problem, urge(this.question));
      return;
    }
    this.given.set(place, { response: this.response, at: null });
    this.say("正在保存…");
    this.answers.give(place, this.response);
    this.showQuestion();
    // The button that was pressed is gone; what comes next is under the thumb.
    this.actions.lastChild.focus({ preventScroll: true });
  }

  showAround() {
    const { questions } = this.view;
    const last = questions.length - 1;
    const done = questions.length - this.left.length;
    if (this.shows === "question") {
      const held = this.actions.contains(document.activeElement) && document.activeElement.textContent;
      show(this.actions,
        button("上一题", () => this.go(this.at - 1), "button-quiet", { disabled: this.at === 0 }),
        button([h("span", null, "答题卡"), " ", h("span", null, `${done}/${last + 1}`)], () => this.openOverview(), "button-quiet to-overview"),
        this.at === last ? button("去交卷", () => this.confirm()) : button("下一题", () => this.go(this.at + 1)));
      if (held) [...this.actions.children].find((node) => node.textContent === held)?.focus({ preventScroll: true });
    }
    show(this.overview, h("h2", { class: "quiz-n" }, "答题卡"),
      h("p", { class: "quiet small" }, `已答 ${done} 题，未答 ${last + 1 - done} 题`),
      h("ol", { class: "cells" }, questions.map((question, n) => h("li", null, this.cell(question, n)))),
      button("交卷", () => this.confirm(), "button-wide"));
  }

  cell({ place }, n) {
    const given = this.given.get(place);
    const word = !given ? "未答" : given.at ? "已答" : "待送";
    return h("button", {
      type: "button", class: `cell ${given ? "is-done" : ""} ${word === "待送" ? "is-marked" : ""}`,
      "aria-label": `第 ${n + 1} 题，${word}`, "aria-current": n === this.at && "true", onclick: () => this.go(n),
    }, n + 1, h("small", null, word));
  }

  openOverview() {
    this.shows = "overview";
    this.node.classList.add("shows-overview");
    focusOn(this.overview.querySelector("h2"));
    show(this.actions, button("回到题目", () => this.go(this.at), "button-quiet"));
  }

  stored({ place, response, at }) {
    const changed = JSON.stringify(this.given.get(place)?.response) !== JSON.stringify(response);
    this.given.set(place, { response, at });
    if (!this.answers.waiting().length) {
      this.say(`已保存 ${stamp(at)}`, "is-right");
      if (this.news) show(this.news);
    }
    // Another device was first: what counts is shown.
    if (changed && this.question.place === place && this.shows === "question") this.showQuestion();
    else this.showAround();
  }

  refused(place, { message }) {
    this.given.delete(place);
    this.say(message, "is-wrong");
    if (this.question.place === place && this.shows === "question") this.showQuestion();
    else this.showAround();
  }

  troubled(trouble) {
    if (trouble.kind === "signed_out") this.say(["登录已过期，答案已留在手机上。", h("a", { href: signInAddress() }, "重新登录")], "is-waiting");
    else this.say([sign("wait"), ` ${hindrance(trouble)}，答案已留在手机上，正在重试`], "is-waiting");
    this.showAround();
  }

  say(text, look = "") {
    this.state.className = `save-state ${look}`;
    show(this.state, text);
  }

  confirm() {
    this.shows = "confirm";
    const { left } = this;
    const news = this.news = h("div", { role: "status" });
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
      show(news, problem && h("p", { class: "notice" }, sign("wait"), " ", problem));
    }, "button-wide");
    this.node.classList.remove("shows-overview");
    const title = h("h2", null, "现在交卷吗？");
    show(this.main, h("section", { class: "card" }, title,
      left.length ? [h("p", null, `还有 ${left.length} 题没有作答，点题号可以回去：`),
        h("ol", { class: "cells" }, left.map(([question, n]) => h("li", null, this.cell(question, n))))]
        : h("p", null, "全部题目都已作答。"),
      h("p", null, "交卷以后不能再答，也不能再参加这场比武。"), hand, news));
    show(this.actions, button("再看看", () => this.go(this.at), "button-quiet"));
    focusOn(title);
  }
}
