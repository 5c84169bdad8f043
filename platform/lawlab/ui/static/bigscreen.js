/** <lawlab-bigscreen>: a contest for the hall. It shows the newest view of the server, whatever happens to it. */
import { get, page, serverNow } from "./api.js";
import { Comers, cancelled, lobby, started } from "./bigscreen-before.js";
import { board, podium } from "./bigscreen-board.js";
import { fit } from "./bigscreen-fit.js";
import { question, questionFacts } from "./bigscreen-question.js";
import { ContestSocket } from "./contest-socket.js";
import { TurnClock } from "./contest-time.js";
import { button, clock, h, here, show, sign } from "./dom.js";
import { signInNotice } from "./resource.js";
import { place, roundName, stayAwake, update } from "./stage-parts.js";

const LOOK_MS = 500;
const CLOCK_MS = 1000;
const COMERS_MS = 5000;

document.head.append(h("link", { rel: "stylesheet", href: new URL("./bigscreen.css", import.meta.url).href, onload: () => document.querySelector("lawlab-bigscreen")?.fit() }));

class BigScreen extends HTMLElement {
  connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    const [id] = here().rest;
    const part = (name) => h("div", { class: name });
    Object.assign(this, { view: null, comers: new Comers(), head: part("big-head"), time: part("big-time"), main: part("big-main"), foot: part("big-foot"), pause: h("div", { class: "big-pause", hidden: true }, h("p", null, "暂停"), h("p", null, "请稍等，马上继续")) });
    this.hour = h("p", { class: "big-hour" });
    this.words = h("div", { class: "big-title" });
    this.counts = h("p", { class: "big-answered" });
    this.join = h("p", { class: "big-join" });
    this.state = h("div", { class: "big-link", role: "status" });
    this.whole = button("全屏", () => document.documentElement.requestFullscreen?.().catch(() => {}), "button-quiet big-whole");
    show(this.head, this.words, this.hour);
    show(this.foot, this.counts, this.join, this.state);
    show(this, this.head, this.time, this.main, this.foot, this.pause, this.whole);
    if (!/^[1-9]\d*$/.test(id || "")) {
      this.say("没有这一页。请从主持页点“打开大屏幕”。");
      return;
    }
    this.say("正在打开…");
    this.id = id;
    this.timer = new TurnClock(() => {});
    this.socket = new ContestSocket(id, "screen", {
      onState: (view) => this.take(view), onCount: (count) => this.count(count), onLink: (link) => this.tell(link), onRefused: ({ message }) => this.say(message),
    });
    page.addEventListener("person-changed", () => location.reload());
    new ResizeObserver(() => this.fit()).observe(this);
    setInterval(() => this.tick(), CLOCK_MS);
    // Phones that ask instead of holding a line come without a word.
    setInterval(() => this.view?.phase === "lobby" && this.lookSoon(), COMERS_MS);
    stayAwake();
  }

  say(text) {
    show(this.main, h("div", { class: "big-center" }, h("p", { class: "big-large" }, text)));
    this.main.drawn = null;
    this.fit();
  }

  fit() {
    fit(this.main);
  }

  tick() {
    update(this.hour, this.view && clock(new Date(serverNow()).toISOString()), () => clock(new Date(serverNow()).toISOString()));
  }

  take(view) {
    this.view = view;
    this.render();
    this.tick();
  }

  /** People come and answer without an event: the figures are told, the names are asked for. */
  count({ turn, answered, present }) {
    const { view } = this;
    if (!view) return;
    this.view = { ...view, present, answered: turn === (view.question?.turn || 0) ? answered : view.answered };
    this.render();
    if (view.phase === "lobby" && present !== view.here.length) this.lookSoon();
  }

  lookSoon() {
    if (this.looking) return;
    this.looking = setTimeout(async () => {
      this.looking = 0;
      try {
        this.socket.take(await get(`/contests/${this.id}/screen`));
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
      }
    }, LOOK_MS);
  }

  /** What was last shown stays; that it may be old is said small, for the hall need not worry. */
  tell(link) {
    show(this.state, link === "lost" && h("p", null, sign("wait"), " 正在重连"), link === "signed_out" && signInNotice("登录已过期，请在这台电脑上重新登录。"));
  }

  render() {
    const { view, view: { title, rehearsal, phase, progress, present, answered, short, question: asked } } = this;
    document.title = `大屏幕 ${title}`;
    this.dataset.phase = phase;
    const during = ["question", "revealed", "board"].includes(phase) && progress;
    update(this.words, [title, rehearsal, during], () => [h("h1", null, title), rehearsal && h("p", { class: "big-tag" }, "彩排，不计成绩"),
      during && h("p", { class: "big-progress" }, h("b", null, phase === "board" ? "排名" : place(progress)), ` ${roundName(progress)}`)]);
    update(this.counts, [phase, asked?.turn, asked?.team, answered, present], () => asked && phase === "question" && !asked.team && !asked.buzzer && ["已答 ", h("b", null, String(answered)), ` / ${Math.max(present, answered)}`]);
    update(this.join, [phase, short], () => during && ["中途加入：", short]);
    this.renderTime();
    this.pause.hidden = !asked?.paused;
    const [facts, draw] = this.scene();
    const { drawn } = this.main;
    update(this.main, [phase, facts], draw);
    if (drawn !== this.main.drawn) this.fit();
  }

  /** What the middle shows: what its drawing depends on, and how it is drawn. */
  scene() {
    const { view, comers } = this;
    const { phase } = view;
    if (phase === "question" || phase === "revealed") return [questionFacts(view), () => question(view)];
    if (phase === "board") return [view.board, () => board(view)];
    if (phase === "finished") return [view.podium, () => podium(view)];
    if (phase === "started") return [view.rules, () => started(view)];
    if (phase === "cancelled") return [null, cancelled];
    comers.take(view.here);
    return [[comers.names, view.present, view.expected, view.qr, view.short, view.rules], () => lobby(view, comers)];
  }

  renderTime() {
    const { view, timer } = this;
    if (view.phase === "question") {
      timer.set(view);
      update(this.time, "clock", () => timer.node);
      return;
    }
    timer.stop();
    update(this.time, view.phase, () => null);
  }
}

customElements.define("lawlab-bigscreen", BigScreen);
