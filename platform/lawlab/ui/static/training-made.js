/** 法条题: the questions made from the law, and the switch that takes one out of practice. */
import { post } from "./api.js";
import { ask, attempt, choice, deskPlaceholder, field, toast } from "./desk.js";
import { button, h, show } from "./dom.js";
import { percent } from "./drill-parts.js";
import { markedQuestion } from "./marked.js";
import { Resource } from "./resource.js";
import { backTo } from "./training-parts.js";

const STATES = [["on", "在用"], ["off", "停用的"], ["poor", "太难或太容易的"]];

export class MadeQuestions {
  constructor(root, page) {
    document.title = "法条题";
    this.root = root;
    this.page = page;
    this.asked = Object.fromEntries(["state", "course", "article"].map((name) => [name, new URLSearchParams(location.search).get(name) || ""]));
    this.asked.state = this.asked.state || "on";
    this.courses = Resource.of("/desk/training");
    this.resource = Resource.of(`/desk/training/made?${new URLSearchParams(this.asked)}`);
    this.courses.watch(() => this.draw());
    this.resource.watch(() => this.draw());
  }

  go(change) {
    location.assign(`${this.page}/made?${new URLSearchParams({ ...this.asked, ...change })}`);
  }

  draw() {
    const { data } = this.resource;
    const courses = [["", "全部课程"], ...(this.courses.data?.courses || []).map(({ slug, title, made }) => [slug, `${title}（${made}）`])];
    const article = h("input", { type: "search", placeholder: "如 民法典#667", onchange: () => this.go({ article: article.value.trim() }) });
    article.value = this.asked.article;
    show(this.root, backTo(this.page), h("div", { class: "desk-head" }, h("h1", null, "法条题")),
      h("p", { class: "quiet" }, "这些题是从课里讲到的法条自动做的，法条一变就跟着变。觉得不好的，可以停用；答得太差或太容易的，系统自己不再出。"),
      h("div", { class: "form-row" }, field("课程", choice(courses, this.asked.course, (course) => this.go({ course }))), field("法条", article)),
      h("nav", { class: "tab-links", "aria-label": "法条题的状态" }, STATES.map(([state, text]) => h("a", { href: `${this.page}/made?${new URLSearchParams({ ...this.asked, state })}`, "aria-current": state === this.asked.state && "page" },
        data ? `${text} ${{ on: data.counts.items, off: data.counts.off, poor: data.counts.poor }[state]}` : text))),
      data ? this.list(data) : deskPlaceholder(this.resource, "法条题"));
  }

  list({ items, total }) {
    if (!total) return h("section", { class: "card empty" }, h("p", null, "这里没有题。"));
    return [total > items.length && h("p", { class: "quiet" }, `一共 ${total} 道，这里是前 ${items.length} 道。选课程或写法条，可以缩小范围。`), items.map((one) => this.entry(one))];
  }

  entry({ id, question, article, kind, answers, right_share: share, off, poor }) {
    return h("section", { class: "card" }, h("p", { class: "small quiet" }, `${kind} · ${article} · ${answers ? `答了 ${answers} 次，答对 ${percent(share)}` : "还没有人答"}`),
      markedQuestion(question, null, question), poor && h("p", { class: "notice" }, poor), off && h("p", { class: "notice" }, `停用：${off.reason}（${off.by}）`),
      h("div", { class: "buttons" }, off ? button("恢复使用", () => this.turn(id, true, ""), "button-quiet") : button("停用", () => this.stop(id, question.stem), "button-quiet")));
  }

  async stop(id, stem) {
    const reason = h("input", { type: "text", maxlength: 200 });
    const done = await ask("停用这道法条题", stem.slice(0, 60), {
      action: "停用", fields: [field("为什么", reason, "2 到 200 个字。停用以后随时可以恢复。")],
      act: () => post(`/desk/training/made/${id}`, { on: false, reason: reason.value }),
    });
    if (!done) return;
    this.resource.load();
    toast("已停用，练习里不再出现。", () => this.turn(id, true, ""));
  }

  async turn(id, on, reason) {
    if (!(await attempt(() => post(`/desk/training/made/${id}`, { on, reason })))) return;
    toast("已恢复，练习里又会出现。");
    this.resource.load();
  }
}
