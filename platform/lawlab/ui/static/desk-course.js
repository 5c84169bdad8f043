/** One course on the desk: its lessons with their drafts, what is wrong, and publishing them. */
import { post } from "./api.js";
import { aboutDialog } from "./desk-course-about.js";
import { at, newLesson, publish, withdraw } from "./desk-lesson-dialogs.js";
import { faultList, hasNews, stateTags } from "./desk-lesson-parts.js";
import { deskPlaceholder, toast } from "./desk.js";
import { button, h, linkButton, moment, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const DESK = "/services/learn/desk";
export const LAB = "lawlab-lab";

/** Do something to the course, then show how it stands; a refusal is said in passing. */
export async function act(resource, what, said, undo) {
  try {
    const reply = await what();
    await resource.load();
    toast(typeof said === "function" ? said(reply) : said, undo && (() => undo(reply)));
  } catch (trouble) {
    if (!trouble.kind) throw trouble;
    toast(trouble.message);
  }
}

export class CourseDesk {
  constructor(root, course) {
    this.root = root;
    this.course = course;
    this.left = new Set();
    this.resource = Resource.of(at(course));
    this.resource.watch(() => this.render());
    // The trainer comes back from JupyterLab.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.resource.load());
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "课程"));
      return;
    }
    document.title = data.title;
    const wrong = data.faults.length > 0;
    show(this.root, h("a", { class: "back-link", href: DESK }, "‹ 回总览"),
      h("div", { class: "desk-head" }, h("h1", null, data.title),
        h("div", { class: "buttons" },
          data.published && data.lessons.some(({ draft, state }) => !draft && state !== "out") && button("开始修改这门课", () => this.begin(), data.draft ? "button-quiet" : ""),
          data.draft && h("a", { class: "button button-quiet", href: data.lab, target: LAB }, "在 JupyterLab 里打开"),
          button("新建课时", () => this.add(), "button-quiet"), button("课程说明", () => this.about(), "button-quiet"))),
      h("p", { class: "quiet small" }, [`《${data.law}》`, data.about && `${data.about.checked} 对照法律核对`, !data.published && "还没有发布过"].filter(Boolean).join("，"),
        data.about_changed && h("span", { class: "tag tag-wait" }, "课程说明有修改")),
      data.old && h("p", { class: "notice" }, sign("wait"), " 上次对照法律核对已经过了一年。请逐课重新核对，改好以后在“课程说明”里写上新的核对日期，再发布。"),
      wrong && h("div", { class: "notice notice-bad" }, data.faults.map((text) => h("p", null, sign("wrong"), " ", text))),
      data.notes.length > 0 && h("div", { class: "notice" }, data.notes.map((text) => h("p", null, text))),
      this.lessons(data), this.bar(data, wrong));
  }

  lessons(data) {
    if (!data.lessons.length) return h("section", { class: "card empty" }, h("p", null, "还没有课时。点“新建课时”写第一课。"));
    return h("section", { class: "card" }, h("ul", { class: "rows" }, data.lessons.map((lesson, n) => h("li", { class: "lesson-row" }, this.row(data, lesson, n)))));
  }

  row(data, lesson, n) {
    const news = hasNews(lesson);
    const page = `${DESK}/course/${encodeURIComponent(data.course)}/${encodeURIComponent(lesson.lesson)}`;
    return [
      news && this.box(lesson),
      h("div", { class: "lesson-main" },
        h("p", { class: "lesson-name" }, h("a", { href: page }, `${n + 1}. ${lesson.title}`), " ", stateTags(lesson)),
        h("p", { class: "quiet small" }, [lesson.lesson, lesson.version && `第 ${lesson.version} 版，${moment(lesson.published_at)}，审核：${lesson.reviewer}`,
          lesson.draft && lesson.draft.relation !== "same" && `草稿 ${moment(lesson.draft.changed_at)} 保存`].filter(Boolean).join(" · ")),
        lesson.reason && h("p", { class: "small" }, `撤下的原因：${lesson.reason}`),
        lesson.draft?.older && h("p", { class: "small" }, sign("wait"), " 这份草稿开始写以后，又发布过新的一版。请先看清改动。"),
        lesson.faults.length > 0 && h("details", { class: "lesson-wrong", open: lesson.faults.length < 4 }, h("summary", null, sign("wrong"), ` ${lesson.faults.length} 处要改`), faultList(lesson.faults)),
        h("div", { class: "buttons" },
          linkButton("预览", `/services/learn/preview/${data.course}/${lesson.lesson}`, "button-quiet button-small"),
          lesson.draft && h("a", { class: "button button-quiet button-small", href: `${data.lab}/${lesson.lesson}.ipynb`, target: LAB }, "在 JupyterLab 里改"),
          news && linkButton("看改动", page, "button-quiet button-small"),
          lesson.draft?.relation === "behind" && button("换成最新的一版", () => this.renew(lesson), "button-quiet button-small"),
          lesson.state === "in_use" && button("撤下", () => this.withdraw(lesson), "button-quiet button-small"),
          lesson.state === "withdrawn" && button("恢复", () => this.restore(lesson), "button-quiet button-small")))];
  }

  box(lesson) {
    const { faults, title, lesson: name } = lesson;
    const box = h("input", { type: "checkbox", disabled: faults.length > 0, checked: !faults.length && !this.left.has(name), "aria-label": `发布“${title}”`,
      onchange: () => {
        if (box.checked) this.left.delete(name);
        else this.left.add(name);
        this.render();
      } });
    return box;
  }

  bar(data, wrong) {
    const news = data.lessons.filter(hasNews);
    if (!news.length && !data.about_changed) return data.draft && h("p", { class: "quiet" }, sign("right"), " 草稿和已发布的一样，没有要发布的。");
    const chosen = news.filter(({ faults, lesson }) => !faults.length && !this.left.has(lesson));
    const label = chosen.length ? `发布选中的 ${chosen.length} 课` : data.about_changed ? "发布课程说明" : "发布选中的课";
    const off = wrong || (!chosen.length && !data.about_changed);
    return h("div", { class: "item-actions" },
      h("p", { class: "save-state" }, wrong ? "先改好课程说明里的问题，再发布。" : news.length > chosen.length ? `还有 ${news.length - chosen.length} 课没有选，或者还要改。` : ""),
      h("div", { class: "buttons" }, button(label, () => this.publish(chosen), "", { disabled: off })));
  }

  async publish(chosen) {
    const { data } = this.resource;
    const done = await publish(data, chosen);
    await this.resource.load();
    if (done) toast(["已发布", done.new.length && `新的 ${done.new.length} 课`, done.changed.length && `修改 ${done.changed.length} 课`].filter(Boolean).join("："));
  }

  begin() {
    act(this.resource, () => post(at(this.course, "draft"), {}), ({ written, kept }) =>
      [written.length ? `已放好 ${written.length} 个文件` : "没有新放文件", kept.length && `${kept.length} 个文件本来就在，没有动`].filter(Boolean).join("；"));
  }

  async add() {
    const made = await newLesson(this.resource.data);
    if (!made) return;
    await this.resource.load();
    toast("新课时已放好，点“在 JupyterLab 里改”接着写。");
  }

  async about() {
    if (await aboutDialog(this.resource.data)) await this.resource.load();
  }

  renew({ lesson, version }) {
    act(this.resource, () => post(at(this.course, "lessons", lesson, "draft"), { version }), "草稿已换成最新的一版。");
  }

  async withdraw(lesson) {
    if (!(await withdraw(this.course, lesson))) return;
    await this.resource.load();
    toast(`“${lesson.title}”已撤下。`, () => this.restore(lesson));
  }

  restore({ lesson, title }) {
    act(this.resource, () => post(at(this.course, "lessons", lesson, "restore"), {}), `“${title}”已恢复，学员重新看到。`);
  }
}
