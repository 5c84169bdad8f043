/** 题目反馈 for trainers: what learners find wrong, the question with its key, and the answer. */
import { post } from "./api.js";
import { area, ask, choice, deskPlaceholder, field, toast } from "./desk.js";
import { button, h, moment, show } from "./dom.js";
import { markedQuestion, reasons } from "./marked.js";
import { Resource } from "./resource.js";
import { backTo } from "./training-parts.js";

const OUTCOMES = [["fine", "题目没有问题"], ["corrected", "已经改正"], ["withdrawn", "撤下这道题"]];
const NAMES = Object.fromEntries(OUTCOMES);

export class Reports {
  constructor(root, page) {
    document.title = "题目反馈";
    this.root = root;
    this.page = page;
    this.state = new URLSearchParams(location.search).get("state") === "done" ? "done" : "open";
    this.resource = Resource.of(`/desk/training/reports?state=${this.state}`);
    this.resource.watch(() => this.draw());
  }

  draw() {
    const { data } = this.resource;
    const tabs = [["open", "等回复"], ["done", "回复过"]].map(([state, text]) => h("a", { href: `${this.page}/reports?state=${state}`, "aria-current": state === this.state && "page" }, text));
    show(this.root, backTo(this.page), h("div", { class: "desk-head" }, h("h1", null, "题目反馈")), h("nav", { class: "tab-links", "aria-label": "反馈的状态" }, tabs),
      data ? this.list(data.reports) : deskPlaceholder(this.resource, "题目反馈"));
  }

  list(reports) {
    if (!reports.length) return h("section", { class: "card empty" }, h("p", null, this.state === "open" ? "没有等回复的反馈。" : "还没有回复过反馈。"));
    return reports.map((one) => {
      const { question, person, at, text, same, item, version, newest_version: newest, edit_url: edit, made, outcome, answer, answered_by: by, answered_at: told } = one;
      return h("section", { class: "card", "aria-label": `${person.name} 的反馈` },
        h("p", null, h("b", null, person.name), person.unit && h("span", { class: "quiet small" }, ` ${person.unit}`), h("span", { class: "quiet small" }, ` ${moment(at)}`)),
        h("p", null, text ? `说：${text}` : "没有写哪里有问题。"), same > 0 && h("p", { class: "tag tag-wait" }, `还有 ${same} 人反馈这道题`),
        h("details", null, h("summary", null, `看题目和答案（${item} 第 ${version} 版${newest > version ? `，现在是第 ${newest} 版` : ""}${made ? "，法条题" : ""}）`),
          markedQuestion(question, null, question), reasons(question, null, question)),
        outcome ? h("div", { class: "notice notice-good" }, h("p", null, h("b", null, NAMES[outcome]), ` ${by} ${moment(told)}`), h("p", null, answer))
          : h("div", { class: "buttons" }, button("回复", () => this.reply(one)), edit && h("a", { class: "button button-quiet", href: edit }, "改这道题")));
    });
  }

  async reply({ id, same, stem }) {
    let outcome = "fine";
    let answer = "";
    const all = h("input", { type: "checkbox", checked: true });
    const done = await ask("回复反馈", stem.slice(0, 60), {
      action: "发送回复",
      fields: [field("怎么处理", choice(OUTCOMES, outcome, (value) => { outcome = value; }), "撤下以后，课、试卷和练习里都不再出现这道题。"),
        field("写给学员的话", area("", { rows: 3, maxlength: 500 }, (value) => { answer = value; }), "2 到 500 个字。"),
        same > 0 && h("label", { class: "tick" }, all, `同样回复另外 ${same} 人`)],
      act: () => post(`/desk/training/reports/${id}`, { outcome, answer, all: same > 0 && all.checked }),
    });
    if (done) {
      toast("已回复，学员打开每日一练就能看到。");
      this.resource.load();
    }
  }
}
