/** One written question, answer after answer: rubric points by keys or by touch, a comment, the next. */
import { post } from "./api.js";
import { AnswerList } from "./desk-marking-list.js";
import { keyAct } from "./desk-marking-keys.js";
import { isWide, markWords, Points, questionPane } from "./desk-marking-parts.js";
import { area, attempt, toast, trainersOnly } from "./desk.js";
import { button, focusOn, h, linkButton, meter, number, show, sign } from "./dom.js";
import { placeholder } from "./resource.js";

/** Well before an answer would be given to somebody else. */
const KEEP_MS = 240000;

export class AnswerMarking {
  constructor(root, path, back) {
    Object.assign(this, { root, path, back, trail: [], drafts: new Map(), busy: false });
    this.load();
    document.addEventListener("keydown", (event) => this.key(event));
    const keep = () => document.visibilityState === "visible" && this.keepHolding();
    setInterval(keep, KEEP_MS);
    document.addEventListener("visibilitychange", keep);
  }

  async load() {
    show(this.root, h("p", { class: "quiet", role: "status" }, "正在打开回答…"));
    try {
      this.take(await post(`${this.path}/next`, {}));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      show(this.root, trouble.status === 403 ? trainersOnly()
        : placeholder({ trouble, load: () => this.load() }, "回答"));
    }
  }

  /** The next answer that waits; what was given here and not saved is kept. */
  next() {
    return this.ask(() => post(`${this.path}/next`, { after: this.answer?.code ?? null }));
  }

  open(code) {
    return this.ask(() => post(`${this.path}/answers/${code}/look`, {}));
  }

  previous() {
    const at = this.answer ? this.trail.indexOf(this.answer.code) : this.trail.length;
    if (at > 0) return this.open(this.trail[at - 1]);
    toast("这是您打开的第一份。更早评的，点“全部回答”找。");
    return null;
  }

  async ask(act) {
    if (this.busy) return;
    this.busy = true;
    this.remember();
    try {
      const reply = await attempt(act);
      if (reply) this.take(reply);
    } finally {
      this.busy = false;
    }
  }

  remember() {
    if (this.answer && this.points.changed) this.drafts.set(this.answer.code, { earned: this.points.earned, comment: this.comment.value });
  }

  take(reply) {
    this.state = reply;
    this.answer = reply.answer;
    document.title = `评分 ${reply.title}`;
    if (!this.answer) {
      this.finished();
      return;
    }
    if (!this.trail.includes(this.answer.code)) this.trail.push(this.answer.code);
    this.draw();
  }

  draw() {
    const { answer, state } = this;
    const { question, mark } = answer;
    const draft = this.drafts.get(answer.code);
    const fits = mark && mark.rubric.length === question.rubric.length;
    this.points = new Points(question.rubric, answer.points, draft?.earned || (fits ? mark.rubric : null), Boolean(draft));
    this.comment = area(draft?.comment ?? mark?.comment ?? "", { id: "marking-comment", rows: 2, maxlength: 500, placeholder: "公布成绩以后学员看得到，可以不写", onkeydown: (event) => this.commentKey(event) },
      () => { this.points.changed = true; });
    this.news = h("div", { class: "marking-news" }, state.holder && h("p", { class: "notice", role: "status" }, sign("wait"), ` ${state.holder}正在评这一份，您现在只能看。`));
    this.go = button("保存并看下一份", () => this.save(), "", { disabled: Boolean(state.holder) || answer.state === "blank" });
    const heading = h("h2", { class: "marking-number" }, `第 ${answer.number} 份`);
    if (!this.pane || this.shown !== JSON.stringify(question)) {
      this.pane = questionPane(question, answer.points);
      this.shown = JSON.stringify(question);
    }
    show(this.root, this.head(),
      h("div", { class: "marking" }, this.pane,
        h("div", { class: "marking-main" }, this.news,
          h("section", { class: "card" }, h("div", { class: "item-head" }, heading, markWords(answer)),
            h("p", { class: "marking-text" }, answer.text || "（没有作答，平台记 0 分）")),
          h("section", { class: "card marking-points" }, this.points.node,
            h("div", { class: "field" }, h("label", { for: "marking-comment" }, "评语"), this.comment)))),
      h("div", { class: "item-actions marking-actions" },
        h("p", { class: "save-state marking-keys" }, "键盘：1—9 给或不给这个要点，Shift＋数字给一半，A 全给，0 清零，C 写评语，回车保存，← 上一份"),
        h("div", { class: "buttons" }, button("上一份", () => this.previous(), "button-quiet"), button("先跳过", () => this.next(), "button-quiet"), this.go)));
    focusOn(heading);
    // On a phone the question stands above the answer: after the first one it is known.
    if (isWide() || this.trail.length < 2) window.scrollTo({ top: 0 });
    else this.root.querySelector(".marking-main").scrollIntoView();
  }

  head() {
    const { waiting, marked } = this.state;
    const left = waiting ? `还有 ${waiting} 份没有评` : "都评完了";
    return h("div", { class: "marking-head" }, h("a", { class: "back-link", href: this.back }, "‹ 要评的题"),
      h("div", { class: "marking-progress" }, h("span", { role: "status" }, h("b", null, left), h("span", { class: "quiet" }, `，已评 ${marked} 份`)), meter(marked, marked + waiting)),
      button("全部回答", () => new AnswerList(this.path, this.answer?.code, (code) => this.open(code)), "button-quiet button-small"));
  }

  finished() {
    const { held, marked, total } = this.state;
    const text = held ? `剩下的 ${held} 份，别的教员正在评。` : total === 0 ? "这道题还没有人答。" : marked ? "这道题都评完了。" : "这道题没有要评的：都没有作答。";
    const card = h("section", { class: "card empty" }, h("h1", null, sign(held ? "wait" : "right"), ` ${text}`),
      held > 0 && h("p", { class: "quiet" }, "十分钟没有动静的，会重新给别人评。"),
      h("div", { class: "buttons marking-done" }, held > 0 && button("再看看", () => this.next()), linkButton("看别的题", this.back, held ? "button-quiet" : ""),
        this.trail.length > 0 && button("回到上一份", () => this.previous(), "button-quiet")));
    show(this.root, this.head(), card);
    focusOn(card.querySelector("h1"));
  }

  key(event) {
    if (!this.answer || this.busy || document.querySelector("dialog[open]")) return;
    const act = keyAct(event);
    if (!act) return;
    event.preventDefault();
    const [what, n] = act;
    if (what === "save") this.save();
    else if (what === "previous") this.previous();
    else if (what === "comment") this.comment.focus();
    else {
      // A button that was pressed before would take the next Enter for its own.
      if (!event.target.closest(".point")) document.activeElement?.blur();
      this.points[what](n);
    }
  }

  commentKey(event) {
    if (event.key === "Escape") this.comment.blur();
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    this.save();
  }

  /** Store what is given now over the mark that stands there, as this page knows it. */
  async save({ mark: before, revision } = this.answer) {
    if (this.busy || this.go.disabled) return;
    if (!this.points.given) {
      toast("还没有给分。要给 0 分，请点“清零”或按 0。");
      return;
    }
    const { code } = this.answer;
    await this.store(code, { revision, rubric: this.points.earned, comment: this.comment.value.trim() }, (saved) => {
      this.drafts.delete(code);
      this.points.changed = false;
      toast(`已保存，${number(saved.mark.points)} 分`, () => this.undo(code, before, saved.revision));
    });
  }

  /** Store a mark and go on; a refusal is said above the answer, and what was given stays. */
  async store(code, body, done) {
    this.busy = this.go.disabled = true;
    let next = null;
    try {
      const saved = await post(`${this.path}/answers/${code}`, body);
      done(saved);
      next = await attempt(() => post(`${this.path}/next`, { after: code }));
      if (next) this.take(next);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.refused(trouble, code);
    } finally {
      this.busy = false;
      if (!next) this.go.disabled = false;
    }
  }

  refused(trouble, code) {
    if (trouble.kind === "offline") {
      show(this.news, h("p", { class: "notice", role: "alert" }, sign("wait"), " 网络不稳，还没有保存。您给的分还在，请再按一次保存。"));
      return;
    }
    const fresh = trouble.code === "marked_meanwhile" && trouble.facts.answer;
    show(this.news, h("div", { class: "notice notice-bad", role: "alert", tabindex: -1 }, h("p", null, sign("wrong"), ` ${trouble.message}`),
      h("div", { class: "buttons" }, button(fresh ? "就用这个分，看下一份" : "看下一份", () => this.pass(code), "button-quiet"),
        fresh && button("改成我给的分", () => this.save(fresh), "button-quiet"))));
    focusOn(this.news.firstChild);
  }

  pass(code) {
    this.points.changed = false;
    this.drafts.delete(code);
    this.next();
  }

  /** The earlier mark again; where there was none, back to the answer to give another. */
  async undo(code, before, revision) {
    if (!before) {
      await this.open(code);
      if (this.answer?.code === code) toast("回到了这一份。改好以后再保存一次。");
      return;
    }
    const body = { revision, rubric: before.rubric, comment: before.comment };
    if (await attempt(() => post(`${this.path}/answers/${code}`, body))) {
      await this.open(code);
      toast(`已恢复成 ${number(before.points)} 分。`);
    }
  }

  /** Ask for the answer again, so that it is not given to another while somebody thinks. */
  async keepHolding() {
    const { answer } = this;
    if (!answer || this.busy) return;
    try {
      const now = await post(`${this.path}/answers/${answer.code}/look`, {});
      if (this.answer !== answer || now.answer.revision === answer.revision) return;
      const { by, points } = now.answer.mark;
      show(this.news, h("p", { class: "notice", role: "status" }, sign("wait"), ` ${by}刚评了这一份，${number(points)} 分。`));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
    }
  }
}
