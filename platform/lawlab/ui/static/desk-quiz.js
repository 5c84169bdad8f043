/** One quiz on the desk: how far it is, what to do with it, and its three tabs. */
import { post } from "./api.js";
import { QuizPeople } from "./desk-quiz-people.js";
import { QuizReport } from "./desk-quiz-report.js";
import { QuizStatistics } from "./desk-quiz-statistics.js";
import { quizPage, stateTag } from "./desk-quizzes.js";
import { ask, attempt, deskPlaceholder, toast } from "./desk.js";
import { button, h, linkButton, moment, number, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const TABS = [["people", "名单", QuizPeople], ["report", "成绩汇总", QuizReport], ["statistics", "试题分析", QuizStatistics]];
/** Milliseconds between two looks while people are answering, or the grader is at work. */
const LOOK_MS = 5000;

export class QuizDesk {
  constructor(root, assignment) {
    this.root = root;
    this.path = `/desk/quizzes/${encodeURIComponent(assignment)}`;
    this.page = quizPage(assignment);
    const asked = new URLSearchParams(location.search).get("tab");
    this.tab = TABS.some(([name]) => name === asked) ? asked : "people";
    this.resource = Resource.of(this.path);
    this.resource.watch(() => this.render());
    setInterval(() => this.moves() && this.resource.load(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.moves() && this.resource.load());
  }

  /** True when something may have changed and somebody is looking. */
  moves() {
    const { data } = this.resource;
    if (!data || document.visibilityState !== "visible") return false;
    const { sitting, ungraded, failed } = data.counts;
    return data.opening || (this.tab === "people" && (data.state === "open" || sitting > 0 || ungraded > failed));
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "测验"));
      return;
    }
    document.title = data.title;
    if (!this.head) this.frame();
    this.drawHead(data);
    this.drawNotices(data);
    this.views.people?.render(data, data.people);
    if (this.state && this.state !== data.state) this.open(this.tab, true);
    this.state = data.state;
  }

  frame() {
    this.title = h("h1", null);
    // Made once: what is left out is hidden, so that a button which has the focus keeps it.
    this.buttons = {
      open: button("开放", () => this.openQuiz()),
      mark: linkButton("去评分", `${this.page}/mark`),
      release: button("公布成绩", () => this.release()),
      sheet: h("a", { class: "button button-quiet", href: `/services/api${this.path}/report.xlsx`, download: "" }, "下载表格"),
    };
    this.facts = h("p", { class: "quiet small quiz-facts" });
    this.numbers = h("ul", { class: "quiz-numbers" });
    this.head = h("div", null, h("div", { class: "desk-head" }, this.title, h("div", { class: "buttons" }, Object.values(this.buttons))), this.facts, this.numbers);
    this.notices = h("div", null);
    this.views = {};
    this.panels = Object.fromEntries(TABS.map(([name]) => [name, h("div", { id: `quiz-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}`, hidden: true })]));
    this.tabs = TABS.map(([name, text], n) => h("button", { type: "button", class: "tab", id: `tab-${name}`, role: "tab", "aria-controls": `quiz-${name}`,
      onclick: () => this.open(name), onkeydown: (event) => this.step(event, n) }, text));
    show(this.root, h("a", { class: "back-link", href: "/services/learn/desk/quizzes" }, "‹ 全部测验"), this.head, this.notices,
      h("div", { class: "tabs quiz-tabs", role: "tablist", "aria-label": "这个测验" }, this.tabs), Object.values(this.panels));
    this.open(this.tab);
  }

  step(event, n) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs[(n + step + TABS.length) % TABS.length];
    next.focus();
    next.click();
  }

  open(name, again = false) {
    this.tab = name;
    TABS.forEach(([one, , View], n) => {
      const chosen = one === name;
      this.tabs[n].setAttribute("aria-selected", String(chosen));
      this.tabs[n].tabIndex = chosen ? 0 : -1;
      this.panels[one].hidden = !chosen;
      if (chosen && !this.views[one]) this.views[one] = new View(this.panels[one], this);
    });
    history.replaceState(null, "", name === "people" ? location.pathname : `${location.pathname}?tab=${name}`);
    const { data } = this.resource;
    if (name === "people") this.views.people.render(data, data.people);
    else this.views[name].begin(data, again);
  }

  drawHead(data) {
    const { counts, state } = data;
    const { open, mark, release, sheet } = this.buttons;
    const ready = !counts.sitting && !counts.ungraded && !counts.missing_marks && counts.handed_in > 0;
    open.hidden = state !== "built";
    open.disabled = data.opening;
    mark.hidden = !counts.missing_marks;
    release.hidden = state !== "open";
    release.classList.toggle("button-quiet", !ready);
    sheet.hidden = this.numbers.hidden = state === "built";
    update(this.title, data.title, (title) => title);
    update(this.facts, [state, data.opening, facts(data)], ([, , words]) => [stateTag(data), " ", words.join(" · ")]);
    update(this.numbers, numbers(data), (figures) => figures.map(([word, count]) => h("li", null, h("b", null, String(count)), h("span", null, word))));
  }

  drawNotices({ opening, open_error: wrong, people }) {
    const failed = people.filter(({ error }) => error).map(({ name, error }) => [name, error]);
    update(this.notices, [opening, wrong, failed], () => [
      opening && h("p", { class: "notice", role: "status" }, sign("wait"), " 正在开放，一般要几秒钟。开放以后学员在首页能看到它。"),
      wrong && h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), ` 没有开放成：${wrong}`),
        h("div", { class: "buttons" }, button("再试一次", () => this.openQuiz(), "button-quiet"))),
      failed.length > 0 && h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), ` ${failed.length} 份答卷判分出错，别的不受影响。答案都还在。`),
        h("ul", { class: "quiz-failed" }, failed.map(([name, error]) => h("li", null, `${name}：${error}`))),
        h("div", { class: "buttons" }, button("再判一次", () => this.grade(false), "button-quiet")))]);
  }

  async openQuiz() {
    if (await ask("开放测验", "学员马上能在首页看到它。开放以后就不能再改卷子。", { action: "开放", act: () => post(`${this.path}/open`, {}) })) this.resource.load();
  }

  async grade(again) {
    const reply = await attempt(() => post(`${this.path}/grade`, { again }));
    if (reply) toast(reply.asked ? "已经交给平台判分，一般几秒钟就好。" : "还没有人交卷。");
    this.resource.load();
  }

  /** Grade everything again, after a question. */
  async gradeAgain() {
    const text = "所有交了的卷，平台再判一遍。您评过的分都保留，只有回答变了的才请您再评。";
    if (await ask("全部重新判一遍", text, { action: "重新判", quiet: true })) this.grade(true);
  }

  async release() {
    let reasons = [];
    const text = "学员马上看到得分、正确答案、解析、法条和评语，积分进入排行榜。公布以后，没有参加的人不能再参加；公布了不能收回。";
    const done = await ask("公布成绩", text, { action: "公布", act: async () => {
      try {
        await post(`${this.path}/release`, { force: false });
      } catch (trouble) {
        if (trouble.code !== "not_ready") throw trouble;
        ({ reasons } = trouble.facts);
      }
    } });
    if (done && (!reasons.length || await this.force(reasons))) toast("成绩已公布。");
    this.resource.load();
  }

  force(reasons) {
    const list = h("ul", { class: "quiz-reasons" }, reasons.map((reason) => h("li", null, sign("wait"), ` ${reason}。`)));
    return ask("现在还不该公布", "最好等判完、评完再公布。一定要现在公布：正在答题的人会马上被收卷，没有判完、评完的，以后有了分数学员才看到。", {
      action: "仍然现在公布", fields: [list], act: () => post(`${this.path}/release`, { force: true }),
    });
  }
}

/** Draw a part again only when what it shows is other than before: nothing is read out twice. */
function update(part, facts, draw) {
  const drawn = JSON.stringify(facts);
  if (part.drawn === drawn) return;
  part.drawn = drawn;
  show(part, draw(facts));
}

function facts(data) {
  const { rules } = data;
  return [data.assignment, `${data.questions} 题，${number(data.points)} 分`, `${data.minutes} 分钟`, `${number(data.pass_mark)} 分及格`,
    rules.attempts !== 1 && `最多答 ${rules.attempts} 次`, rules.mock && "模拟测验，不进成绩", rules.makeup_of && `“${rules.makeup_of}”的补考`,
    rules.opens_at && `${moment(rules.opens_at)} 起`, rules.closes_at && `${moment(rules.closes_at)} 截止`,
    data.opened_at && `${moment(data.opened_at)} 开放`, data.released_at && `${moment(data.released_at)} 公布`].filter(Boolean);
}

function numbers({ counts, state }) {
  return [["应考", counts.expected], state === "open" && ["正在答", counts.sitting], ["交卷", counts.handed_in],
    counts.ungraded > 0 && ["还没有判完", counts.ungraded], ["等着评分", counts.missing_marks], state === "open" && ["没有开始", counts.new]].filter(Boolean);
}
