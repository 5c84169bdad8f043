/** <lawlab-desk>: 教员工作台. What waits for a person and all courses; or what the address names. */
import { post } from "./api.js";
import { CourseDesk } from "./desk-course.js";
import { LessonDesk } from "./desk-lesson.js";
import { Marking } from "./desk-marking.js";
import { QuizDesk } from "./desk-quiz.js";
import { QuizList, quizPage } from "./desk-quizzes.js";
import { Unconfirmed } from "./desk-unconfirmed.js";
import { ask, deskNav, deskPlaceholder, fault, field } from "./desk.js";
import { button, h, here, linkButton, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const DESK = "/services/learn/desk";

class Desk extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    this.body = h("div", null);
    const [view, course, lesson, item] = here().rest;
    const quizzes = view === "quizzes" || view === "quiz";
    show(this, h("div", { class: "desk-page" }, deskNav(quizzes ? "desk/quizzes" : "desk"), this.body));
    if (view === "unconfirmed") new Unconfirmed(this.body);
    else if (view === "quizzes") new QuizList(this.body);
    else if (view === "quiz" && lesson === "mark") new Marking(this.body, course, item);
    else if (view === "quiz" && course) new QuizDesk(this.body, course);
    else if (view === "course" && lesson) new LessonDesk(this.body, course, lesson);
    else if (view === "course" && course) new CourseDesk(this.body, course);
    else this.overview();
  }

  overview() {
    this.resource = Resource.of("/desk/overview");
    this.resource.watch(() => this.render());
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.body, deskPlaceholder(this.resource, "工作台"));
      return;
    }
    const rows = waiting(data);
    show(this.body,
      h("div", { class: "desk-head" }, h("h1", null, "教员工作台"),
        h("div", { class: "buttons" }, linkButton("打开 JupyterLab", "/hub/home", "button-quiet"))),
      h("h2", { class: "section-title" }, "等着您的事"),
      h("section", { class: "card" }, rows.length ? h("ul", { class: "rows" }, rows.map((row) => h("li", null, row)))
        : h("p", null, sign("right"), " 现在没有等着您的事。")),
      h("div", { class: "desk-head" }, h("h2", { class: "section-title" }, "课程"),
        h("div", { class: "buttons" }, button("新建课程", newCourse, "button-quiet"))),
      h("section", { class: "card" }, data.courses.length ? h("ul", { class: "rows" }, data.courses.map((course) => h("li", null, courseRow(course))))
        : h("p", { class: "quiet" }, "还没有课程。点“新建课程”写第一门。")));
  }
}

function waiting({ courses, item_drafts: drafts, stale_items: stale, unconfirmed, old_courses: old, awaited, quizzes, activities }) {
  const touched = courses.filter(({ changed, new: fresh }) => changed || fresh);
  return [
    ...activities.map(({ id, title, leaves, walk_ins: notes }) => row(`/services/learn/attendance/activity/${id}`,
      `活动“${title}”有${[leaves && ` ${leaves} 份请假等着批`, notes && ` ${notes} 条现场登记要对上人`].filter(Boolean).join("，")}`, "在活动页里处理")),
    ...quizzes.flatMap(waitingQuiz),
    ...touched.map((course) => row(`${DESK}/course/${course.slug}`, `课程“${course.title}”有没发布的草稿`, said(course))),
    drafts > 0 && row("/services/learn/bank", `${drafts} 道题有没发布的草稿`, "在题库里检查、发布"),
    stale > 0 && row("/services/learn/bank", `${stale} 道题因为条文变了停用`, "对照新的条文，核对或者改写"),
    unconfirmed > 0 && row(`${DESK}/unconfirmed`, `${unconfirmed} 处“待核”还没有人核对`, "核对以后，学员看到的是“已核对”"),
    ...old.map(({ slug, title, checked }) => row(`${DESK}/course/${slug}`, `课程“${title}”该重新核对了`, `上次对照法律核对是 ${checked}，已经过了一年`)),
    awaited.length > 0 && row("/services/learn/laws", `待导入：${awaited.map((law) => `《${law}》`).join("、")}`, "课程和题库引用了它，导入官方文本后才能看条文"),
  ].filter(Boolean);
}

function waitingQuiz({ assignment, title, marks, failed, ready }) {
  const page = quizPage(assignment);
  return [
    marks > 0 && row(`${page}/mark`, `测验“${title}”有 ${marks} 份答卷等着评分`, "案例题和简答题由教员评分"),
    failed > 0 && row(page, `测验“${title}”有 ${failed} 份答卷判分出错`, "看看是什么原因，再判一次"),
    ready && row(page, `测验“${title}”判完了，可以公布`, "公布以后学员看到得分、正确答案和评语"),
  ];
}

function row(href, name, note, side) {
  return h("a", { class: "row", href }, h("span", { class: "row-main" }, h("span", { class: "row-name" }, name),
    note && h("span", { class: "quiet small" }, note)), h("span", { class: "row-side" }, side), sign("next"));
}

function said({ changed, new: fresh }) {
  return [changed && `${changed} 课有修改`, fresh && `${fresh} 课是新的`].filter(Boolean).join("，");
}

function courseRow(course) {
  const note = !course.published ? "还没有发布过" : [`${course.lessons} 课`, course.withdrawn && `${course.withdrawn} 课已撤下`, `${course.checked} 核对`].filter(Boolean).join("，");
  const side = said(course) ? h("span", { class: "tag tag-wait" }, said(course)) : course.draft ? h("span", { class: "quiet small" }, "有草稿，没有改动") : null;
  return row(`${DESK}/course/${course.slug}`, course.title, note, side);
}

async function newCourse() {
  const title = h("input", { maxlength: 40, autocomplete: "off" });
  const law = h("input", { maxlength: 80, autocomplete: "off", placeholder: "如 道路交通安全法" });
  const slug = h("input", { maxlength: 40, autocomplete: "off", placeholder: "如 road-safety", spellcheck: "false" });
  const done = await ask("新建课程", "平台会在“备课”文件夹里放好课程说明和第一课的样子，您在 JupyterLab 里接着写。", {
    action: "新建", fields: [field("课程名称", title), field("讲哪部法律", law, "平台里有的法律，写全称或简称。"),
      field("文件夹名", slug, "小写字母、数字和连字符，以后不能改。")],
    act: async () => {
      if (!title.value.trim() || !law.value.trim() || !slug.value.trim()) throw fault("三项都要填写。");
      await post("/desk/courses", { title: title.value.trim(), law: law.value.trim(), slug: slug.value.trim() });
    },
  });
  if (done) location.assign(`${DESK}/course/${encodeURIComponent(slug.value.trim())}`);
}

customElements.define("lawlab-desk", Desk);
