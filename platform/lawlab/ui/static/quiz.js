/** <lawlab-quiz>: a quiz from its rules to its result; which of them is shown, the server decides. */
import { backoff, hindrance, me, onReturn, post, setClock, Trouble } from "./api.js";
import { button, focusOn, h, here, moment, number, show, sign } from "./dom.js";
import { settled, untilDone } from "./hand-in.js";
import { held, missed, waiting } from "./handed-in.js";
import { outbox } from "./outbox.js";
import { placeholder, Resource, signInNotice } from "./resource.js";
import { attemptOf, Sitting } from "./sitting.js";

const UNSENT = "网络不稳，还有答案留在手机上没有送到。送到后自动交卷，请不要关掉这一页。";
const LATE_MS = 5000;
const ASK_AGAIN_MS = 60000;

class Quiz extends HTMLElement {
  connectedCallback() {
    if (this.resource) return;
    this.assignment = here().rest[0];
    this.path = `/quizzes/${encodeURIComponent(this.assignment)}`;
    this.place = `quiz:${this.assignment}`;
    this.late = 0;
    this.resource = Resource.of(this.path);
    this.resource.watch(() => this.render());
    outbox.addEventListener("change", ({ detail }) => {
      if (detail.entry.place !== this.place) return;
      const closed = detail.trouble?.code === "quiz_closed";
      if (closed) this.late += 1;
      this.sitting?.follow(detail);
      // A reply on its way does not know what was stored meanwhile.
      const unseen = detail.state === "stored" && !this.sitting;
      if ((closed || unseen) && !this.ending) this.resource.load();
    });
    // After a lock the timer and the state are the server's; the answers on the phone stay.
    onReturn(() => this.resource.data && !this.resource.data.result && this.resource.load());
    setInterval(() => this.resource.data && !this.resource.data.result && this.resource.load(), ASK_AGAIN_MS);
  }

  async render() {
    const { data } = this.resource;
    if (!data) {
      show(this, placeholder(this.resource, "测验"));
      return;
    }
    if (this.resource.trouble) return;
    setClock(data.server_time);
    const { login } = await me();
    const { sitting } = data;
    if (sitting && !sitting.handed_in_at && data.slots.length) this.sit(data, login);
    else this.leave(data);
  }

  sit(data, login) {
    if (this.sitting?.attempt === attemptOf(data)) {
      this.sitting.sync(data);
      return;
    }
    this.sitting?.close();
    this.attempt = attemptOf(data);
    if (this.ending) return;
    this.sitting = new Sitting(data, login, this.place, { handIn: (on) => this.handIn(on), end: () => this.end() });
    show(this, this.sitting.node);
  }

  async leave(data) {
    const begun = Boolean(this.sitting);
    this.sitting?.close();
    this.sitting = null;
    const look = JSON.stringify([data.result, data.held, data.sitting?.handed_in_at, data.sitting?.receipt,
      data.state, data.why_not, data.may_start, this.late]);
    if (look === this.look) return;
    // The result's page is for later: who sits a quiz does not wait for it to load.
    const result = data.result && await import("./result.js").catch(() => "lost");
    if (this.sitting) return;
    if (result === "lost") {
      show(this, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 网络不稳，成绩还没有打开。"),
        h("div", { class: "buttons" }, button("再试一次", () => location.reload(), "button-quiet"))));
      return;
    }
    this.look = look;
    show(this, data.held ? held(data) : result ? result.result(data, this.again(data))
      : data.sitting ? waiting(data, this.late, this.again(data))
        : data.state === "released" ? missed(data) : this.rules(data));
    if (begun) {
      window.scrollTo(0, 0);
      focusOn(this.querySelector("h1"));
    }
  }

  /** A further attempt, where there is one. */
  again({ may_start: may, attempts = [], most_attempts: most, counting, mock }) {
    if (!may || !attempts.length) return null;
    this.say = h("div", { class: "save-state", role: "status" });
    const start = button(mock ? "再练一次" : "再考一次", () => this.start(start), "button-wide");
    const left = most - attempts.length;
    return [h("p", null, mock ? `还可以练 ${left} 次。` : `还可以考 ${left} 次，${whichCounts(counting)}。`), start, this.say];
  }

  rules(data) {
    const { title, minutes, questions, points, pass_mark: pass, may_start: may, why_not: why } = data;
    this.say = h("div", { class: "save-state", role: "status" });
    const start = button("开始答题", () => this.start(start), "button-wide", { disabled: may === false });
    return h("section", { class: "card" },
      h("h1", null, title),
      h("ul", null,
        h("li", null, `共 ${questions} 题，满分 ${number(points)} 分，得分达到 ${number(pass)}% 为合格。`),
        h("li", null, `时间 ${minutes} 分钟。点“开始答题”后开始计时，中途不能暂停。`),
        special(data).map((text) => h("li", null, text)),
        h("li", null, "每答一题都会自动保存。手机锁屏、断网、退出页面都不会丢，回来接着答。"),
        h("li", null, "离开这一页的次数教员看得到，接电话也算一次，不会因此扣分。"),
        h("li", null, "答完请点“交卷”。交卷后不能再改；时间到了会自动交卷。"),
        h("li", null, whenShown(data))),
      why && h("p", { class: "notice" }, why), start, this.say);
  }

  async start(pressed) {
    pressed.disabled = true;
    show(this.say, "正在打开试卷…");
    try {
      // What was given in the attempt before is heard first: in time or too late.
      await settled(this.place);
      const attempt = (this.resource.data.attempts?.at(-1)?.attempt || 0) + 1;
      const state = await post(`${this.path}/start`, { person: (await me()).login, attempt });
      Object.assign(this, { late: 0, look: "" });
      this.resource.set(state);
      window.scrollTo(0, 0);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      pressed.disabled = false;
      this.say.className = "save-state is-waiting";
      show(this.say, trouble.kind === "signed_out" ? signInNotice("登录已过期，请重新登录后开始。")
        : trouble.kind === "offline" ? `${hindrance(trouble)}，没有打开。请再点一次。` : trouble.message);
    }
  }

  /**
   * Hand in when all has arrived, however long that takes; `on` as in untilDone, told a sentence. Resolves to
   * a sentence or notice when that is not possible.
   */
  async handIn({ going, tell }) {
    const act = async () => {
      // `settled` has waited itself.
      if (!(await settled(this.place))) throw new Trouble("offline", UNSENT, "unsent", 0, { retry_after: 0.5 });
      return post(`${this.path}/hand-in`, { person: (await me()).login, attempt: this.attempt });
    };
    try {
      await untilDone(act, { going, tell: (trouble) => tell(trouble.code === "unsent" ? UNSENT : `${hindrance(trouble)}，还没有交上，正在重试。答案都已保存。`) });
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (trouble.kind === "signed_out") return signInNotice("登录已过期。答案都已保存，请重新登录后交卷。");
      return trouble.message;
    }
    this.forget();
    await this.resource.load();
    return "";
  }

  /** Time is up: send what is left, hand in, and show what the server made of it. */
  async end() {
    if (this.ending) return;
    this.ending = true;
    this.sitting?.close();
    this.sitting = null;
    show(this, h("section", { class: "card", role: "status" }, h("h1", null, sign("wait"), " 时间到"),
      h("p", null, "正在自动交卷，请不要关闭页面…")));
    await settled(this.place, LATE_MS);
    for (let tries = 0; this.ending; tries += 1) {
      try {
        await post(`${this.path}/hand-in`, { person: (await me()).login, attempt: this.attempt });
        this.ending = false;
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
        if (trouble.kind === "refused") this.ending = false;
        await new Promise((wake) => setTimeout(wake, backoff(tries, trouble)));
      }
    }
    this.forget();
    await this.resource.load();
  }

  forget() {
    Sitting.forget(this.place);
  }
}

function whenShown({ mock, show_score: atOnce }) {
  if (mock) return "这是模拟考试：交卷就看到得分、正确答案和解析，不计入成绩。";
  return atOnce ? "交卷就看到得分；正确答案和解析，公布以后在这里看。" : "批改完公布后，在这里看得分、正确答案和解析。";
}

const whichCounts = (counting) => `取${counting === "best" ? "最高" : "最后"}一次的成绩`;

/** What holds for this quiz and not for every one. */
function special({ opens_at: opens, closes_at: closes, late_until: until, late_points: off, most_attempts: most = 1, counting, mode, makeup, mock, server_time: now }) {
  return [
    makeup && "这是补考，给上次没有合格或没有参加的人考。",
    opens && Date.parse(opens) > Date.parse(now) && `${moment(opens)} 开考。`,
    closes && (until ? `${moment(closes)} 截止；之后到 ${moment(until)} 还可以交，扣 ${number(off)} 分。` : `${moment(closes)} 截止，到时自动交卷。`),
    most > 1 && (mock ? `可以练 ${most} 次。` : `可以考 ${most} 次，${whichCounts(counting)}。`),
    mode === "drawn" && "每个人的题目不一样，分值和难度相同。",
    mode === "shuffled" && "每个人题目和选项的顺序不一样。",
  ].filter(Boolean);
}

customElements.define("lawlab-quiz", Quiz);
