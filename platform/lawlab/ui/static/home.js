/** <lawlab-home>: what is due, the courses, the quizzes, the points. */
import { me, onReturn, serverNow } from "./api.js";
import { clock, h, linkButton, meter, number, show, sign } from "./dom.js";
import { placeholder, Resource } from "./resource.js";

class Home extends HTMLElement {
  connectedCallback() {
    if (this.resource) return;
    this.resource = Resource.of("/home");
    this.resource.watch(() => this.render());
    // Coming back from a lesson by the phone's own button shows the new state.
    onReturn(() => this.resource.data && this.resource.load());
  }

  async render() {
    const { data } = this.resource;
    if (!data) {
      show(this, placeholder(this.resource, "首页"));
      return;
    }
    const person = await me();
    show(this,
      h("h1", { class: "hello" }, `${person.full_name}，您好`),
      due(data.due, data.courses.length + data.quizzes.length > 0),
      data.quizzes.length > 0 && [h("h2", { class: "section-title" }, "测验"),
        h("section", { class: "card" }, h("ul", { class: "rows" }, data.quizzes.map((quiz) => h("li", null, quizRow(quiz)))))],
      h("h2", { class: "section-title" }, "课程"),
      data.courses.length ? data.courses.map(course)
        : h("section", { class: "card empty" }, h("p", null, "还没有课程。教员发布后会出现在这里。")),
      h("section", { class: "card points" },
        h("p", null, "我的积分 ", h("b", null, number(data.points))),
        linkButton("看排行榜", "/services/learn/board", "button-quiet")),
      h("p", { class: "small" }, h("a", { href: "/hub/password" }, "修改密码")));
  }
}

function due([first, ...rest], any) {
  if (!first) {
    return h("section", { class: "card due" }, h("h2", null, any ? "您的学习任务都完成了" : "现在没有学习任务"),
      h("p", { class: "quiet" }, any ? "可以看看下面的课程，温习一遍。" : "有新的课程或测验时，会写在这里。"));
  }
  return h("section", { class: "card due" },
    h("p", { class: "quiet small" }, first.kind === "quiz" ? "现在要做：测验" : "现在要学：课时"),
    h("h2", null, first.title), first.note && h("p", { class: "quiet" }, first.note),
    linkButton(first.kind === "quiz" ? "去测验" : "去学习", first.url, "button-wide"),
    rest.length > 0 && h("p", { class: "quiet small more" }, `之后还有 ${rest.length} 项，做完一项再看下一项。`));
}

function course({ title, law, lessons }) {
  const done = lessons.filter((lesson) => lesson.complete).length;
  return h("section", { class: "card" },
    h("div", { class: "card-head" }, h("h3", null, title),
      h("span", { class: "quiet small" }, `学完 ${done}/${lessons.length} 课`)),
    title.includes(law) ? null : h("p", { class: "quiet small" }, `《${law}》`),
    meter(done, lessons.length),
    h("ul", { class: "rows" }, lessons.map((lesson, n) => h("li", null, lessonRow(lesson, n + 1)))));
}

function lessonRow(lesson, n) {
  const [look, words] = lesson.complete ? ["is-right", [sign("right"), "学完了"]]
    : lesson.answered ? ["is-wait", `练习 ${lesson.answered}/${lesson.cards}`] : ["", "还没有学"];
  return row(lesson.url, `第 ${n} 课 ${lesson.title}`, null, look, words);
}

function row(url, name, note, look, words) {
  return h("a", { class: "row", href: url },
    h("span", { class: "row-main" }, h("span", { class: "row-name" }, name), note && h("span", { class: "quiet small" }, note)),
    h("span", { class: `row-side ${look}` }, words), sign("next"));
}

function quizRow(quiz) {
  const note = `${quiz.questions} 题，${quiz.minutes} 分钟，满分 ${number(quiz.points)} 分`;
  return row(quiz.url, quiz.title, note, ...quizState(quiz));
}

function quizState({ my, state, deadline, score, max_score: full, passed }) {
  if (my === "sitting") return ["is-wait", [sign("wait"), timeLeft(deadline)]];
  if (my === "handed_in") return ["", "已交卷，等待批改"];
  if (my === "released") {
    return [passed ? "is-right" : "", [passed && sign("right"), `${number(score)}/${number(full)} 分，${passed ? "合格" : "未合格"}`]];
  }
  return ["", state === "released" ? "已结束，没有参加" : "还没有做"];
}

function timeLeft(deadline) {
  const minutes = Math.ceil((Date.parse(deadline) - serverNow()) / 60000);
  if (minutes <= 0) return "时间到";
  return minutes < 100 ? `答题中，还剩 ${minutes} 分钟` : `答题中，${clock(deadline)} 截止`;
}

customElements.define("lawlab-home", Home);
