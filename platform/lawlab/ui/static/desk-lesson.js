/** One lesson on the desk: what its draft changes, what is wrong with it, and every version there was. */
import { post } from "./api.js";
import { act, LAB } from "./desk-course.js";
import { at, publish, withdraw } from "./desk-lesson-dialogs.js";
import { changeView, faultList, hasNews, stateTags } from "./desk-lesson-parts.js";
import { ask, deskPlaceholder, toast } from "./desk.js";
import { button, h, linkButton, moment, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const RELATIONS = {
  same: "草稿和已发布的一样。",
  behind: "草稿是较早的一版，没有另外改动。可以换成最新的一版再改。",
  new: "这是新的一课，还没有发布过。",
};
const year = (iso) => new Date(iso).toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric" });

export class LessonDesk {
  constructor(root, course, lesson) {
    Object.assign(this, { root, course, lesson });
    this.preview = `/services/learn/preview/${course}/${lesson}`;
    this.resource = Resource.of(at(course, "lessons", lesson));
    this.whole = Resource.of(at(course));
    this.resource.watch(() => this.render());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.resource.load());
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "课时"));
      return;
    }
    document.title = data.title;
    const { draft } = data;
    show(this.root, h("a", { class: "back-link", href: `/services/learn/desk/course/${this.course}` }, `‹ 回“${data.course_title}”`),
      h("div", { class: "desk-head" }, h("h1", null, data.title), h("p", { class: "item-facts" }, stateTags(data),
        data.version > 0 && h("span", { class: "quiet small" }, `第 ${data.version} 版，审核：${data.reviewer}`)),
      h("div", { class: "buttons" }, linkButton("预览", this.preview, "button-quiet"),
        draft ? h("a", { class: "button button-quiet", href: data.lab, target: LAB }, "在 JupyterLab 里改")
          : button("开始修改这一课", () => this.from(data.version, "已放好这一课的草稿。"), "button-quiet"))),
      data.state === "withdrawn" && h("div", { class: "notice" },
        h("p", null, sign("wait"), ` ${moment(data.since)} ${data.withdrawn_by} 撤下：${data.reason}`),
        h("div", { class: "buttons" }, button("恢复", () => this.restore(), "button-quiet"))),
      draft && this.draft(data), this.history(data),
      data.state === "in_use" && h("p", null, button("撤下这一课", () => this.withdraw(), "button-quiet")));
  }

  draft(data) {
    const { draft, faults } = data;
    const news = hasNews(data);
    return h("section", { class: "card" }, h("div", { class: "desk-head" }, h("h2", null, draft.relation === "changed" ? `草稿和第 ${data.version} 版的差别` : "草稿"),
      h("div", { class: "buttons" }, draft.relation === "behind" && button("换成最新的一版", () => this.from(data.version, "草稿已换成最新的一版。"), "button-quiet button-small"),
        button("放弃草稿", () => this.discard(data), "button-quiet button-small"))),
    h("p", { class: "quiet small" }, `草稿 ${moment(draft.changed_at)} 保存。${RELATIONS[draft.relation] || ""}`),
    draft.older && h("p", { class: "notice notice-bad" }, sign("wrong"), ` 这份草稿开始写以后，又发布了新的一版，现在是第 ${data.version} 版。下面“删去”的，可能是别人新写的内容。请看清楚，要留的先补进草稿，再发布。`),
    faults.length > 0 ? [h("h3", null, `还有 ${faults.length} 处要改`), faultList(faults)] : news && h("p", { class: "checked-good" }, sign("right"), " 检查过了，没有问题。"),
    ["changed", "new"].includes(draft.relation) && changeView(data.changes),
    news && h("div", { class: "buttons" }, button("发布这一课", () => this.publish(data), "", { disabled: faults.length > 0 })));
  }

  history({ history }) {
    return h("details", { class: "card history", open: true }, h("summary", null, `历史（${history.length}）`),
      history.length ? h("ol", { class: "rows" }, history.map((event) => h("li", { class: "event" },
        h("p", null, h("b", null, event.is_version ? `第 ${event.version} 版 ${event.action}` : event.action), " ",
          h("span", { class: "quiet small" }, [`${year(event.at)}${moment(event.at)}`, event.by, event.reviewer && `审核：${event.reviewer}`].filter(Boolean).join("，"))),
        event.note && h("p", { class: "small" }, event.note),
        event.is_version && h("div", { class: "buttons" }, linkButton("看这一版", `${this.preview}/v${event.version}`, "button-quiet button-small"),
          button("以这一版为底稿", () => this.base(event.version), "button-quiet button-small")))))
        : h("p", { class: "quiet" }, "还没有发布过。"));
  }

  async publish(data) {
    await this.whole.load();
    const about = this.whole.data || {};
    const done = await publish({ ...about, course: this.course, reviewers: data.reviewers }, [data]);
    await this.resource.load();
    if (done) toast("已发布。学员刷新页面就看到。");
  }

  from(version, said) {
    return act(this.resource, () => post(at(this.course, "lessons", this.lesson, "draft"), { version }),
      ({ aside }) => (aside ? `${said}原来的草稿在“旧稿”文件夹里：${aside}` : said));
  }

  base(version) {
    ask(`以第 ${version} 版为底稿`, "草稿换成这一版的内容，您接着改。现在的草稿如果有改动，会存进“旧稿”文件夹，不会丢。发布以前，学员看到的不变。", {
      action: "换成这一版", quiet: true, act: () => this.from(version, `草稿已换成第 ${version} 版。`),
    });
  }

  discard(data) {
    act(this.resource, () => post(at(this.course, "lessons", this.lesson, "discard"), {}),
      data.version ? "草稿已收进“旧稿”文件夹。" : "这一课的草稿已收进“旧稿”文件夹。",
      ({ aside }) => act(this.resource, () => post(at(this.course, "lessons", this.lesson, "bring-back"), { name: aside }), "草稿放回来了。"));
  }

  async withdraw() {
    const { data } = this.resource;
    if (!(await withdraw(this.course, data))) return;
    await this.resource.load();
    toast(`“${data.title}”已撤下。`, () => this.restore());
  }

  restore() {
    act(this.resource, () => post(at(this.course, "lessons", this.lesson, "restore"), {}), "已恢复，学员重新看到。");
  }
}
