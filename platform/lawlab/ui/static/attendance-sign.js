/** The sign-in screen, for the projector and for the trainer who stands beside it. */
import { showNotices } from "./attendance-activity.js";
import { CodePanel } from "./attendance-code.js";
import { resumeSignatures } from "./attendance-kept.js";
import { Meeting } from "./attendance-meeting.js";
import { activityPage, span, there, update } from "./attendance-parts.js";
import { PeopleList } from "./attendance-people.js";
import { WalkInForm } from "./attendance-walk-ins.js";
import { serverNow } from "./api.js";
import { deskPlaceholder, toast } from "./desk.js";
import { button, clock, h, linkButton, show, sign } from "./dom.js";

const NAMES_SHOWN = 18;
const UNITS_SHOWN = 12;
const CLOCK_MS = 1000;
/** As often as the code changes where there is one. */
const TURN_MS = 15000;

export class SignScreen {
  constructor(root, id) {
    this.root = root;
    this.meeting = new Meeting(id);
    // The first code turns it to the first page.
    this.page = -1;
    this.meeting.watch(() => this.render());
    document.addEventListener("keydown", (event) => {
      // An Escape of the input method belongs to the words that are being typed.
      if (event.key === "Escape" && !event.isComposing && this.projected && !document.querySelector("dialog[open]")) this.project(false);
    });
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.projected && this.project(false));
  }

  get projected() {
    return Boolean(this.screen?.classList.contains("is-projected"));
  }

  render() {
    const { meeting } = this;
    if (!meeting.board) {
      show(this.root, deskPlaceholder(meeting.resource, "签到页"));
      return;
    }
    if (!this.screen) this.frame();
    const { activity, counts, units, people, cards } = meeting.board;
    document.title = `签到 ${activity.title}`;
    update(this.title, [activity], () => [h("h1", null, activity.title), h("p", null, [span(activity), activity.place].filter(Boolean).join(" · "))]);
    showNotices(this.news, meeting);
    update(this.counts, [counts, units, this.page], () => bigCounts(counts, units, this.page));
    const missing = people.filter((one) => one.expected && !meeting.statusOf(one)).map(({ name }) => name);
    update(this.missing, [missing, this.page], () => missingNames(missing, this.page));
    if (this.cards) update(this.cards, [cards, activity.state, this.dealing], () => this.cardBox(cards));
    for (const view of Object.values(this.views)) view.render?.();
  }

  frame() {
    const { meeting } = this;
    const { online } = meeting.board.activity;
    this.title = h("div", { class: "sign-title" });
    this.news = h("div", null);
    this.counts = h("div", { class: "sign-counts" });
    this.missing = h("div", { class: "sign-missing" });
    this.time = h("p", { class: "sign-clock" });
    this.code = h("div", { class: "sign-main" });
    this.views = {};
    const tabs = [["code", online ? "答题卡" : "二维码和数字码"], ["list", "名单点名"], ["walk", "现场登记"], ["round", "传手机签名"]];
    this.panels = { code: h("div", { class: "sign-hall" }, this.code, h("div", { class: "sign-who" }, this.counts, this.missing)), list: panel(), walk: panel(), round: panel() };
    this.tabs = tabs.map(([name, word]) => button(word, () => this.open(name), "button-quiet", { "data-tab": name, "aria-pressed": "false" }));
    this.beam = button("投影", () => this.project(true), "sign-beam");
    this.unbeam = button("退出投影", () => this.project(false), "button-quiet sign-unbeam");
    this.screen = h("section", { class: "sign-screen", "aria-label": "签到页" },
      h("header", { class: "sign-head" }, this.title, this.time, h("div", { class: "buttons sign-tools" }, this.beam, linkButton("回活动", activityPage(meeting.id), "button-quiet"))),
      h("nav", { class: "sign-tabs", "aria-label": "签到的几种办法" }, this.tabs), this.news, h("div", { class: "sign-body" }, Object.values(this.panels)), this.unbeam);
    show(this.root, this.screen);
    if (online) {
      this.cards = h("div", { class: "sign-cards" });
      this.code.append(this.cards);
      this.page = 0;
      setInterval(() => this.turnPage(), TURN_MS);
    } else this.views.code = Object.assign(new CodePanel(this.code, meeting.path), { onfresh: () => this.turnPage() });
    this.open("code");
    resumeSignatures(this.meeting);
    const tell = () => show(this.time, clock(new Date(serverNow()).toISOString()));
    tell();
    setInterval(tell, CLOCK_MS);
    this.stayAwake();
  }

  /** Show the next names of who is missing: with each new code, or as often without one. */
  turnPage() {
    this.page += 1;
    this.render();
  }

  open(name) {
    this.tab = name;
    this.screen.dataset.tab = name;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
    if (name === "list" && !this.views.list) this.views.list = new PeopleList(this.panels.list, this.meeting);
    if (name === "walk" && !this.views.walk) this.views.walk = new WalkInForm(this.panels.walk, this.meeting);
    if (name === "round" && !this.views.round) this.views.round = this.round();
    this.views[name]?.render?.();
  }

  round() {
    show(this.panels.round, h("p", null, "手机没电、不会扫码的人多，就把一部手机从前排传到后排：选一个单位，一个人签完，自动换下一个。"),
      h("p", { class: "quiet small" }, "用手指在屏幕上签名，平台记下签名和时间，签到表里看得到。"),
      h("div", { class: "buttons" }, linkButton("开始传手机签名", activityPage(this.meeting.id, "signature"))));
    return {};
  }

  cardBox({ shown, next }) {
    const { activity } = this.meeting.board;
    return [h("h2", null, "线上活动"), h("p", null, "大家打开平台的“活动”，点这一场，进入会场。活动中随机出现答题卡，答了一半以上的算在场。"),
      h("p", { class: "sign-cards-count" }, h("b", null, String(shown)), " 张答题卡已经出过"), next && h("p", { class: "notice", role: "status" }, sign("wait"), " 大家手机上正有一张答题卡。"),
      h("div", { class: "buttons" }, button("现在出一张答题卡", () => this.showCard(), "", { disabled: this.dealing || next || activity.state !== "open" }))];
  }

  async showCard() {
    if (this.dealing) return;
    this.dealing = true;
    const done = await this.meeting.say("card", {});
    this.dealing = false;
    this.render();
    if (done) toast("答题卡已经发到大家的手机上。");
  }

  /** For the hall: nothing but what everybody needs to see. */
  project(on) {
    if (on) this.open("code");
    this.screen.classList.toggle("is-projected", on);
    if (on) document.documentElement.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
    (on ? this.unbeam : this.beam).focus();
  }

  /** A screen that sleeps shows no code; not every browser lets a page ask for that. */
  stayAwake() {
    const ask = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
    document.addEventListener("visibilitychange", ask);
    ask();
  }
}

const panel = () => h("div", { class: "sign-panel" });

/** One of the pages that a list takes; they come in turn. */
function paged(list, most, turn) {
  const page = Math.max(0, turn);
  const pages = Math.max(1, Math.ceil(list.length / most));
  const at = page % pages;
  const each = Math.ceil(list.length / pages);
  return { pages, at, part: list.slice(at * each, (at + 1) * each) };
}

/** Units where somebody is missing stand first, those with the most first of all. */
function bigCounts(counts, units, page) {
  const missing = (unit) => unit.expected - there(unit);
  const { part } = paged([...units].sort((a, b) => missing(b) - missing(a)), UNITS_SHOWN, page);
  return [h("p", { class: "sign-big" }, h("b", null, String(there(counts))), h("span", null, `/${counts.expected}`), h("small", null, "已到／应到")),
    h("ul", { class: "sign-units" }, part.map((unit) => h("li", { class: there(unit) === unit.expected && "is-full" }, h("span", null, unit.unit), h("b", null, `${there(unit)}/${unit.expected}`))))];
}

function missingNames(missing, page) {
  if (!missing.length) return h("p", { class: "sign-all" }, sign("right"), " 应到的人都有登记了");
  const { pages, at, part } = paged(missing, NAMES_SHOWN, page);
  return [h("h2", null, `还没有签到 ${missing.length} 人`, pages > 1 && h("small", null, ` 第 ${at + 1}/${pages} 组`)),
    h("ul", null, part.map((name) => h("li", null, name)))];
}
