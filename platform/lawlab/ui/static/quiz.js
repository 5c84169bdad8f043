/** <lawlab-quiz>: a quiz from its rules to its result; which of them is shown, the server decides. */
import { backoff, me, onReturn, post, setClock } from "./api.js";
import { button, focusOn, h, here, number, show, sign } from "./dom.js";
import { outbox, settled } from "./outbox.js";
import { placeholder, Resource, signInNotice } from "./resource.js";
import { missed, result, waiting } from "./result.js";
import { Sitting } from "./sitting.js";

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
    if (this.sitting) {
      this.sitting.sync(data);
      return;
    }
    if (this.ending) return;
    this.sitting = new Sitting(data, login, this.place, { handIn: () => this.handIn(), end: () => this.end() });
    show(this, this.sitting.node);
  }

  leave(data) {
    const begun = Boolean(this.sitting);
    this.sitting?.close();
    this.sitting = null;
    const view = data.result ? result(data) : data.sitting ? waiting(data, this.late)
      : data.state === "released" ? missed(data) : this.rules(data);
    const look = JSON.stringify([data.result, data.sitting?.handed_in_at, data.sitting?.receipt, data.state, this.late]);
    if (look === this.look) return;
    this.look = look;
    show(this, view);
    if (begun) {
      window.scrollTo(0, 0);
      focusOn(this.querySelector("h1"));
    }
  }

  rules({ title, minutes, questions, points, pass_mark: pass }) {
    this.say = h("div", { class: "save-state", role: "status" });
    const start = button("开始答题", () => this.start(start), "button-wide");
    return h("section", { class: "card" },
      h("h1", null, title),
      h("ul", null,
        h("li", null, `共 ${questions} 题，满分 ${number(points)} 分，得分达到 ${number(pass)}% 为合格。`),
        h("li", null, `时间 ${minutes} 分钟。点“开始答题”后开始计时，中途不能暂停。`),
        h("li", null, "每答一题都会自动保存。手机锁屏、断网、退出页面都不会丢，回来接着答。"),
        h("li", null, "答完请点“交卷”。交卷后不能再改；时间到了会自动交卷。"),
        h("li", null, "批改完公布后，在这里看得分、正确答案和解析。")),
      start, this.say);
  }

  async start(pressed) {
    pressed.disabled = true;
    show(this.say, "正在打开试卷…");
    try {
      this.resource.set(await post(`${this.path}/start`, { person: (await me()).login }));
      window.scrollTo(0, 0);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      pressed.disabled = false;
      this.say.className = "save-state is-waiting";
      show(this.say, trouble.kind === "signed_out" ? signInNotice("登录已过期，请重新登录后开始。")
        : trouble.kind === "offline" ? "网络不稳，没有打开。请再点一次。" : trouble.message);
    }
  }

  /** Hand in what has arrived; resolves to a sentence or notice when that is not possible now. */
  async handIn() {
    if (!(await settled(this.place))) return "网络不稳，还有答案留在手机上没有送到。请稍等，送到后再交卷。";
    try {
      await post(`${this.path}/hand-in`, { person: (await me()).login });
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (trouble.kind === "signed_out") return signInNotice("登录已过期。答案都已保存，请重新登录后交卷。");
      return trouble.kind === "offline" ? "网络不稳，还没有交上。答案都已保存，请再点一次。" : trouble.message;
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
        await post(`${this.path}/hand-in`, { person: (await me()).login });
        this.ending = false;
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
        if (trouble.kind === "refused") this.ending = false;
        await new Promise((wake) => setTimeout(wake, backoff(tries)));
      }
    }
    this.forget();
    await this.resource.load();
  }

  forget() {
    Sitting.forget(this.place);
  }
}

customElements.define("lawlab-quiz", Quiz);
