/**
 * 限时答题赛: everybody begins when he likes, once. The server's clock and its word about what is
 * stored count; this page only shows them, and keeps answers until they have arrived.
 */
import { backoff, get, hindrance, login, onReturn, page, post, setClock } from "./api.js";
import { before, closed, done } from "./contest-window-parts.js";
import { WindowAnswers } from "./contest-window-answers.js";
import { Running } from "./contest-window-running.js";
import { button, focusOn, h, show, sign } from "./dom.js";
import { untilDone } from "./hand-in.js";
import { signInNotice } from "./resource.js";

const LOOK_MS = 15000;
const LONGEST_MS = 2 ** 31 - 1;
const UNSENT = "有答案还没有送到，请等网络恢复后再交卷。时间到了会自动交卷。";

document.head.append(h("link", { rel: "stylesheet", href: new URL("./contest-window.css", import.meta.url).href }));

/** Show the contest in `root`; it is known already who is signed in. */
export function open(root, id) {
  new WindowSeat(root, id);
}

class WindowSeat {
  constructor(root, id) {
    Object.assign(this, { root, id, tries: 0, late: 0, running: null });
    this.news = h("div", { role: "status" });
    this.main = h("div", { class: "contest-main" }, h("p", { class: "quiet", role: "status" }, "正在打开比武…"));
    show(root, this.news, this.main);
    this.answers = new WindowAnswers(id, {
      onStored: (reply) => this.stored(reply),
      onRefused: (place, trouble) => this.refused(place, trouble),
      onTrouble: (trouble) => this.running?.troubled(trouble),
    });
    page.addEventListener("person-changed", () => location.reload());
    onReturn(() => this.load());
    setInterval(() => !this.running && document.visibilityState === "visible" && this.load(), LOOK_MS);
    this.load();
  }

  path(step = "") {
    return `/contests/${this.id}/window${step}`;
  }

  async load() {
    clearTimeout(this.timer);
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const view = await get(this.path());
      if (turn !== this.turn) return;
      this.tries = 0;
      show(this.news);
      this.take(view);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn === this.turn) this.troubled(trouble);
    }
  }

  troubled(trouble) {
    if (trouble.kind === "signed_out") show(this.news, signInNotice("登录已过期，请重新登录后继续。答题时间照样在走。"));
    else if (trouble.kind === "refused") show(this.news, h("p", { class: "notice notice-bad" }, sign("wrong"), " ", trouble.message));
    else {
      // While it is answered, the line about saving says it.
      if (!this.running) show(this.news, h("p", { class: "notice" }, sign("wait"), ` ${hindrance(trouble)}，正在重试。`));
      this.timer = setTimeout(() => this.load(), backoff(this.tries, trouble));
      this.tries += 1;
    }
  }

  take(view) {
    this.turn += 1;  // a reply that is still on its way is older
    setClock(view.server_time);
    document.title = view.title;
    this.view = view;
    if (view.state === "running" && view.left_ms > 0 && view.me.may_answer) this.run(view);
    else this.rest(view);
    this.answers.flush();
  }

  run(view) {
    this.key = "";
    if (this.running) {
      this.running.sync(view);
      return;
    }
    this.running = new Running(view, this.answers, { handIn: (on) => this.handIn(on), end: () => this.end() });
    show(this.main, this.running.node);
    focusOn(this.main.querySelector("h2"));
  }

  rest(view) {
    const news = this.stop();
    if (view.state === "not_open") {
      const wait = Date.parse(view.opens_at) - Date.parse(view.server_time);
      clearTimeout(this.opening);
      if (wait > 0 && wait < LONGEST_MS) this.opening = setTimeout(() => this.load(), wait + 200);
    }
    if (view.state === "done" || view.state === "closed") this.answers.forgetDrafts();
    const waiting = this.answers.waiting().length;
    // What is the same is not made again: an open article stays open.
    const { server_time: _, ...facts } = view;
    const key = JSON.stringify([facts, waiting, this.late]);
    if (key === this.key) return;
    this.key = key;
    show(this.main, view.state === "closed" ? closed(view, this.late)
      : view.state === "done" || view.state === "running" ? done(view, waiting, this.late) : before(view, this.beginning()));
    if (news) focusOn(this.main.querySelector("h1"));
  }

  /** True when there was something to stop. */
  stop() {
    const { running } = this;
    running?.close();
    this.running = null;
    return Boolean(running);
  }

  beginning() {
    const news = h("div", { role: "status" });
    const start = button("开始答题", async () => {
      start.disabled = true;
      show(news, h("p", { class: "quiet" }, "正在开始…"));
      try {
        this.take(await post(this.path("/begin"), { person: login() }));
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
        start.disabled = false;
        // A reply that got lost may have begun it: then the page shows the questions.
        show(news, trouble.kind === "signed_out" ? signInNotice("登录已过期，请重新登录后再开始。")
          : h("p", { class: "notice" }, sign("wait"), " ", trouble.kind === "refused" ? trouble.message : `${hindrance(trouble)}，没有开始成，请再点一次。`));
        this.load();
      }
    }, "button-wide");
    return h("div", { class: "window-begin" }, start, news);
  }

  /** What hinders handing in; "" when it is done. `on` as in untilDone, told a sentence. */
  async handIn({ going, tell }) {
    await this.answers.flush();
    if (this.answers.waiting().length) return UNSENT;
    try {
      const act = () => post(this.path("/finish"), { person: login() });
      this.take(await untilDone(act, { going, tell: (trouble) => tell(`${hindrance(trouble)}，还没有交上，正在重试。`) }));
      return "";
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      return trouble.kind === "signed_out" ? "登录已过期，请重新登录后再交卷。" : trouble.message;
    }
  }

  /** The time is over: the server has handed in, whether it can be asked now or not. */
  end() {
    this.rest({ ...this.view, state: "done", answered: this.running.given.size - this.answers.waiting().length });
    this.load();
  }

  stored(reply) {
    if (!this.running) {
      this.load();
      return;
    }
    this.running.stored(reply);
    // The last one: the server has handed in.
    if (reply.answered >= this.view.count) this.load();
  }

  refused(place, trouble) {
    this.late += trouble.code === "late" || trouble.code === "closed" || trouble.code === "handed_in";
    if (this.running) this.running.refused(place, trouble);
    if (trouble.code !== "bad_response") this.load();
  }
}
