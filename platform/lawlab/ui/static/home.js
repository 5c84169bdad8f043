/** <lawlab-home>: what is due, today's practice, the next activity, the quizzes, the courses, laws to read, the points. */
import { me, onReturn, serverNow } from "./api.js";
import { isHandedOver } from "./checkin-kept.js";
import { clock, h, linkButton, meter, number, show, sign } from "./dom.js";
import { nextActivity } from "./home-activity.js";
import { openContest } from "./home-contest.js";
import { list, named, row, styled } from "./library.js";
import { placeholder, Resource } from "./resource.js";

class Home extends HTMLElement {
  connectedCallback() {
    if (this.resource) return;
    if (isHandedOver()) {
      // Who signs in after a change of hands in the hall comes here first.
      location.replace("/services/learn/checkin");
      return;
    }
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
    const [person] = await Promise.all([me(), styled]);
    show(this,
      h("h1", { class: "hello" }, `${person.full_name}，您好`),
      data.contests?.map(openContest),
      due(data.due, data.courses.length + data.quizzes.length > 0),
      data.practice && practice(data.practice, data.due.length === 0),
      nextActivity(data.activity),
      (person.roles || []).includes("host") && hosting(),
      data.quizzes.length > 0 && section("测验", list(data.quizzes.map(quizRow))),
      section("课程", data.courses.length ? list(data.courses.map(courseRow))
        : h("section", { class: "card empty" }, h("p", null, "还没有课程。教员发布后会出现在这里。"))),
      section("法规阅读", list([
        ...data.reading.map(({ url, title }) => row(url, named(title))),
        row("/services/learn/law", named("查一部法律", "按名称找，看条文原文"))])),
      h("section", { class: "card points" },
        h("p", null, "我的积分 ", h("b", null, number(data.points))),
        linkButton("看排行榜", "/services/learn/board", "button-quiet")),
      h("p", { class: "small home-own" }, h("a", { href: "/services/learn/mine" }, "我的数据"), h("a", { href: "/hub/password" }, "修改密码")));
  }
}

const section = (title, body) => [h("h2", { class: "section-title" }, title), body];

function due([first, ...rest], any) {
  if (!first) {
    return h("section", { class: "card due" }, h("h2", null, any ? "您的学习任务都完成了" : "现在没有学习任务"),
      h("p", { class: "quiet" }, any ? "可以看看下面的课程，温习一遍。" : "有新的课程或测验时，会写在这里。"));
  }
  const quiz = first.kind === "quiz";
  return h("section", { class: "card due" },
    h("p", { class: "quiet small" }, quiz ? "现在要做：测验" : `现在要学：${first.place}`),
    h("h2", null, first.title), first.note && h("p", { class: "quiet" }, first.note),
    linkButton(quiz ? "去测验" : "去学习", first.url, "button-wide"),
    rest.length > 0 && h("p", { class: "quiet small more" }, later(quiz, rest)));
}

function later(quiz, rest) {
  const quizzes = rest.filter((one) => one.kind === "quiz").length;
  if (quizzes) return `之后还有 ${quizzes} 个测验，做完一项再看下一项。`;
  return quiz ? "做完测验，再接着学下面的课程。" : "想先学别的，在下面的课程里自己挑。";
}

/** The way for whoever runs contests; trainers have one on their desk too. */
function hosting() {
  return h("section", { class: "card" }, h("h2", null, "主持比武"), h("p", { class: "quiet" }, "安排一场比武，彩排，到时候在这里主持。"),
    linkButton("去比武", "/services/learn/host", "button-quiet button-wide"));
}

function practice({ answered, goal, streak, holiday, url }, first) {
  const rest = holiday ? `今天${holiday}，休息一天也不算断。` : `今天 ${goal} 题，大约五分钟。`;
  return h("section", { class: `card ${first ? "due" : ""}` }, h("h2", null, "每日一练"),
    h("p", { class: "quiet" }, answered ? `还有 ${goal - answered} 题就练完了。` : rest,
      streak > 0 && `已连续 ${streak} 天，今天练完就是 ${streak + 1} 天。`),
    linkButton(answered ? "接着练" : "去练习", url, first ? "button-wide" : "button-quiet button-wide"));
}

function courseRow({ url, title, lessons, done, begun, next }) {
  const note = next && `${begun ? "下一课：" : ""}第 ${next.number} 课 ${next.title}`;
  const state = !lessons ? "还没有课时" : begun ? `学完 ${done}/${lessons} 课` : `共 ${lessons} 课`;
  const complete = lessons > 0 && !next;
  return row(url, [
    h("span", { class: "row-line" }, h("span", { class: "row-name" }, title),
      h("span", { class: `row-side ${complete ? "is-right" : ""}` }, complete && sign("right"), state)),
    note && h("span", { class: "quiet small" }, note), begun && meter(done, lessons)]);
}

function quizRow(quiz) {
  const note = `${quiz.questions} 题，${quiz.minutes} 分钟，满分 ${number(quiz.points)} 分`;
  return row(quiz.url, named(quiz.title, note), ...quizState(quiz));
}

const WHY_NOT = { too_early: "还没有开考", too_late: "已截止，没有参加" };

function quizState({ my, state, deadline, score, max_score: full, passed, mock, why_not: why }) {
  if (my === "sitting") return ["is-wait", [sign("wait"), timeLeft(deadline)]];
  if (my === "handed_in") return ["", mock ? (why ? "考过了" : "考过了，可以再练") : "已交卷，等待批改"];
  if (my === "released") {
    return [passed ? "is-right" : "", [passed && sign("right"), `${number(score)}/${number(full)} 分，${passed ? "合格" : "未合格"}`]];
  }
  return ["", state === "released" ? "已结束，没有参加" : WHY_NOT[why] || "还没有做"];
}

function timeLeft(deadline) {
  const minutes = Math.ceil((Date.parse(deadline) - serverNow()) / 60000);
  if (minutes <= 0) return "时间到";
  return minutes < 100 ? `答题中，还剩 ${minutes} 分钟` : `答题中，${clock(deadline)} 截止`;
}

customElements.define("lawlab-home", Home);
