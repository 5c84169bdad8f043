/**
 * The console of a contest. What it shows is the newest view of the server and nothing else: another
 * host's page, opened at any moment, is as good as this one.
 */
import { get, me, page } from "./api.js";
import { ContestSocket } from "./contest-socket.js";
import { stamp } from "./contest-parts.js";
import { TurnClock } from "./contest-time.js";
import { button, h, show, sign } from "./dom.js";
import { Actions } from "./host-actions.js";
import { HOST, linkWords } from "./host-parts.js";
import { People } from "./host-people.js";
import { stage, stageFacts } from "./host-stage.js";
import { logFacts, logTab, turnsFacts, turnsTab } from "./host-turns.js";
import { Commands } from "./host-commands.js";
import { signInNotice } from "./resource.js";
import { place, roundName, stayAwake, update } from "./stage-parts.js";

const PHASES = { draft: "还没有开放", lobby: "正在入场", started: "已经开始", revealed: "答案公布了", board: "正在看排名", finished: "比赛结束", cancelled: "已经取消" };
const TABS = [["people", "人员"], ["turns", "题目"], ["log", "记录"]];
const NAMES = 60;
/** Who is here is asked for again at most so often. */
const LOOK_MS = 2500;
const SOON_MS = 200;
/** Phones that ask instead of holding a line come without a word. */
const COMERS_MS = 5000;

export function open(root, id) {
  new Console(root, Number(id));
}

class Console {
  constructor(root, id) {
    Object.assign(this, { root, id, view: null, link: "", tab: "people" });
    show(root, h("p", { class: "quiet", role: "status" }, "正在打开比武…"));
    this.commands = new Commands(id, { view: () => this.view, take: (view) => this.socket.take(view), changed: () => this.view && this.actions.render() });
    page.addEventListener("person-changed", () => location.reload());
    setInterval(() => this.lookSoon(), COMERS_MS);
    stayAwake();
    this.begin();
  }

  async begin() {
    await me().catch((trouble) => {
      if (!trouble.kind) throw trouble;
    });
    this.socket = new ContestSocket(this.id, "host", {
      onState: (view) => this.take(view), onCount: (count) => this.count(count), onLink: (link) => this.tell(link),
      onRefused: ({ code, message }) => this.refused(code, message),
    });
  }

  refused(code, message) {
    show(this.root, h("section", { class: "card empty" }, h("h1", null, code === "hosts_only" ? "这一页给主持人用" : "没有打开"), h("p", null, message),
      h("p", null, h("a", { href: code === "hosts_only" ? "/services/learn/home" : HOST }, code === "hosts_only" ? "回首页" : "看全部比武"))));
  }

  frame() {
    const part = (name) => h("div", { class: name });
    this.head = part("host-head");
    this.state = h("p", { class: "host-link", role: "status" });
    this.stage = h("section", { class: "card host-stage", "aria-label": "现在的画面" });
    this.here = part("host-here");
    this.time = part("host-time");
    this.figures = part("host-figures");
    this.spread = h("p", { class: "quiet small host-spread" });
    this.last = h("p", { class: "small host-last", "aria-live": "polite" });
    this.news = h("div", { class: "host-news", role: "alert" });
    this.actions = new Actions(this);
    this.tabs = TABS.map(([name, word]) => button(word, () => this.turn(name), "button-quiet", { "data-tab": name }));
    this.panels = { people: part("host-panel"), turns: part("host-panel"), log: part("host-panel") };
    this.people = new People(this.panels.people, this);
    this.clock = new TurnClock(() => {});
    show(this.root, h("div", { class: "host-console" }, h("header", { class: "host-top" }, this.head, this.state), h("div", { class: "host-body" },
      h("div", { class: "host-left" }, this.stage, this.here,
        h("section", { class: "card host-lists" }, h("nav", { class: "host-tabs", "aria-label": "人员、题目、记录" }, this.tabs), Object.values(this.panels))),
      h("div", { class: "host-right" }, h("section", { class: "card host-now" }, this.time, this.figures, this.spread), this.news, this.actions.node, this.last))));
    this.turn(this.tab);
    this.tell(this.link);
  }

  take(view) {
    this.view = view;
    if (!this.head) this.frame();
    this.render();
  }

  /** People come and answer without an event: the figures are told, the names are asked for. */
  count({ turn, answered, present }) {
    if (!this.view) return;
    const same = turn === (this.view.question?.turn || 0);
    this.view = { ...this.view, present, answered: same ? answered : this.view.answered };
    this.renderFigures();
    this.lookSoon();
  }

  /** Where the names are looked at. */
  get names() {
    return this.view && document.visibilityState === "visible" && (this.tab === "people" || this.view.phase === "lobby");
  }

  lookSoon() {
    if (this.looking || !this.names) return;
    const since = performance.now() - (this.lookedAt || 0);
    this.looking = setTimeout(async () => {
      Object.assign(this, { looking: 0, lookedAt: performance.now() });
      try {
        this.socket.take(await get(`/contests/${this.id}/host`));
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
      }
    }, Math.max(SOON_MS, LOOK_MS - since));
  }

  tell(link) {
    this.link = link;
    if (!this.state) return;
    this.state.classList.toggle("is-lost", link !== "live");
    show(this.state, link === "signed_out" ? signInNotice("登录已过期，比赛照常进行。请重新登录后接着主持。") : linkWords(link));
  }

  /** Do something now, and say what kept it from being done. */
  async go(command, data) {
    show(this.news);
    try {
      await this.commands.send(command, data || {});
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      show(this.news, trouble.kind === "signed_out" ? signInNotice("登录已过期，没有做成。请重新登录后接着主持。") : h("p", { class: "notice notice-bad" }, sign("wrong"), " ", trouble.message));
    }
  }

  turn(name) {
    this.tab = name;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
    for (const [key, panel] of Object.entries(this.panels)) panel.hidden = key !== name;
    this.renderTab();
  }

  render() {
    const { view } = this;
    document.title = `主持 ${view.title}`;
    const { title, rehearsal, format_name: format, progress, phase, id } = view;
    update(this.head, [title, rehearsal, format, progress, phase], () => [
      h("div", { class: "host-title" }, h("a", { class: "back-link", href: HOST }, "‹ 全部比武"), h("h1", null, title),
        h("p", { class: "item-head" }, h("span", { class: "tag" }, format), progress && phase !== "finished" && h("span", null, `${roundName(progress)} · ${place(progress)}`))),
      h("a", { class: "button button-quiet", href: `/services/learn/bigscreen/${id}`, target: "_blank", rel: "noopener" }, "打开大屏幕"),
      rehearsal && h("p", { class: "notice host-rehearsal" }, sign("wait"), " 这是彩排：不留成绩，不进排行榜。")]);
    const { drawn } = this.stage;
    update(this.stage, stageFacts(view), () => stage(view));
    // While it is read aloud nobody should have to look for the article.
    if (phase === "revealed" && drawn !== this.stage.drawn) this.stage.querySelector("lawlab-article")?.toggle();
    if (view.format === "window" && phase !== "draft") this.window();
    this.renderTime();
    this.renderFigures();
    const [last] = view.log;
    update(this.last, last, () => last && `刚才：${last.text}（${[stamp(last.at), last.by].filter(Boolean).join("，")}）`);
    this.actions.render();
  }

  /** Where everybody begins when he likes there is more to see than who is here. */
  async window() {
    if (this.windowed) return;
    this.windowed = true;
    try {
      const { panel } = await import("./host-window.js");
      this.stage.after(panel(this.view));
    } catch {
      this.windowed = false;  // the next view tries again
    }
  }

  renderTime() {
    const { view, view: { phase, format } } = this;
    if (phase === "question") {
      this.clock.set(view);
      update(this.time, "clock", () => this.clock.node);
      return;
    }
    this.clock.stop();
    update(this.time, phase, () => h("p", { class: "host-phase" }, format === "window" && phase === "lobby" ? "各自答题" : PHASES[phase]));
  }

  renderFigures() {
    const { present, expected, answered, question, spread, phase, format, people } = this.view;
    const figure = (value, word) => h("div", null, h("b", null, String(value)), h("span", { class: "quiet small" }, word));
    update(this.figures, [present, expected, answered, Boolean(question)], () => [format !== "window" && figure(question ? answered : "—", "已答"), figure(present, "在线"), figure(expected, "应到")]);
    update(this.spread, phase === "revealed" && spread, () => phase === "revealed" && spread && `最快和最慢的手机相差 ${((spread.slowest_ms - (spread.fastest_ms || 0)) / 1000).toFixed(1)} 秒（${spread.people} 部）`);
    const here = phase === "lobby" ? people.filter((one) => one.present).map(({ name }) => name) : [];
    update(this.here, here, () => here.length > 0 && h("section", { class: "card" }, h("h2", null, `已入场 ${here.length} 人`),
      h("p", { class: "host-names" }, here.slice(0, NAMES).map((name) => [h("span", null, name), " "]), here.length > NAMES && `等 ${here.length} 人`)));
    this.renderTab();
  }

  renderTab() {
    const { view, panels } = this;
    if (!view) return;
    if (this.tab === "people") this.people.render();
    if (this.tab === "turns") update(panels.turns, turnsFacts(view), () => turnsTab(view, this));
    if (this.tab === "log") update(panels.log, logFacts(view), () => logTab(view));
  }
}
