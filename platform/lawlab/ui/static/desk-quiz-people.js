/** 名单: everybody of a quiz and where they are, kept up to date while they are answering. */
import { field } from "./desk.js";
import { button, clock, h, moment, number, show, sign } from "./dom.js";

const STATES = {
  new: ["没有开始", ""], sitting: ["正在答题", "tag-wait", "wait"], grading: ["等着判分", "tag-wait", "wait"], failed: ["判分出错", "tag-wrong", "wrong"],
  marking: ["等着评分", "tag-wait", "wait"], passed: ["及格", "tag-right", "right"], not_passed: ["不及格", "tag-wrong", "wrong"],
};
const NONE = "—";
const COLUMNS = ["姓名", "单位", "状态", "开始", "交卷", "已答", "离开页面", "得分"];

export class QuizPeople {
  constructor(root, desk) {
    this.wanted = "";
    this.filters = h("div", { class: "desk-tabs", role: "group", "aria-label": "按状态看" });
    this.words = h("input", { type: "search", maxlength: 40, placeholder: "姓名、登录名或单位", oninput: () => this.draw() });
    this.body = h("tbody", null);
    this.table = h("table", { class: "quiz-people" }, h("thead", null, h("tr", null, COLUMNS.map((name) => h("th", { scope: "col" }, name)))), this.body);
    this.found = h("p", { class: "quiet small found", role: "status" });
    this.empty = h("section", { class: "card empty" });
    this.note = h("p", { class: "quiet small" }, "“离开页面”是答题时切到别处的次数。来电话、弹出通知也会算一次，只供了解情况：平台不会因为它扣分，也不会收卷。");
    this.again = h("div", { class: "buttons quiz-again" }, button("全部重新判一遍", () => desk.gradeAgain(), "button-quiet button-small"));
    show(root, this.filters, h("div", { class: "quiz-find" }, field("找人", this.words)), this.note, this.found, this.table, this.empty, this.again);
  }

  render(data, people) {
    this.data = data;
    this.people = people;
    this.again.hidden = !data.counts.handed_in;
    this.draw();
  }

  draw() {
    const { data } = this;
    const words = this.words.value.trim();
    const drawn = JSON.stringify([this.people, this.wanted, words]);
    // Nothing is drawn anew under somebody's finger when nothing has changed.
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.drawFilters();
    const shown = this.people.filter((one) => (!this.wanted || one.state === this.wanted) && (!words || [one.name, one.login, one.unit].some((text) => text.includes(words))));
    this.table.hidden = !shown.length;
    this.empty.hidden = shown.length > 0;
    this.note.hidden = !this.people.some(({ left_page: left }) => left);
    show(this.empty, data.state === "built" ? h("p", null, "还没有开放。开放以后，这里能看到谁在答、谁交了。") : h("p", null, "没有符合条件的人。"));
    show(this.found, shown.length && shown.length < this.people.length ? `${shown.length} 人` : "");
    show(this.body, shown.map((one) => row(one, data)));
  }

  drawFilters() {
    const counts = {};
    for (const { state } of this.people) counts[state] = (counts[state] || 0) + 1;
    const kinds = Object.keys(STATES).filter((state) => counts[state] || state === this.wanted);
    const focused = this.filters.contains(document.activeElement) && document.activeElement.dataset.state;
    show(this.filters, [["", "全部", this.people.length], ...kinds.map((state) => [state, STATES[state][0], counts[state] || 0])].map(([state, word, count]) =>
      h("button", { type: "button", class: "desk-tab", "data-state": state, "aria-pressed": String(state === this.wanted), onclick: () => {
        this.wanted = state;
        this.draw();
      } }, word, " ", h("span", { class: "count" }, String(count)))));
    if (focused || focused === "") this.filters.querySelector(`[data-state="${focused}"]`)?.focus();
  }
}

function row(one, data) {
  const cell = (name, ...content) => h("td", { "data-name": name, class: content[0] === NONE && "is-none" }, content);
  return h("tr", null, h("th", { scope: "row" }, h("b", null, one.name), h("span", { class: "quiet small" }, one.login, !one.expected && "，不计入")),
    cell("单位", one.unit || NONE), cell("状态", h("div", { class: "quiz-state" }, state(one), late(one, data))),
    cell("开始", one.started_at ? time(one.started_at, data) : NONE),
    cell("交卷", one.handed_in_at ? [time(one.handed_in_at, data), one.receipt && h("span", { class: "quiet small nowrap" }, `回执 ${one.receipt}`)] : NONE),
    cell("已答", one.started_at ? `${one.answered}/${data.questions}` : NONE),
    cell("离开页面", one.left_page ? h("span", { class: "nowrap" }, `${one.left_page} 次`, h("span", { class: "only-read" }, "离开页面")) : NONE),
    cell("得分", one.score === null ? NONE : [h("b", null, number(one.score)), one.passed === null && h("span", { class: "quiet small nowrap" }, "没有评完")]));
}

function state(one) {
  const [word, look, mark] = STATES[one.state];
  return [h("span", { class: `tag ${look}` }, mark && sign(mark), mark && " ", word), one.attempts > 1 && h("span", { class: "quiet small nowrap" }, `第 ${one.attempts} 次答`)];
}

function late(one, { server_time: now }) {
  return one.state === "sitting" && one.deadline < now && h("span", { class: "quiet small nowrap" }, "时间到，正在收卷");
}

/** The time of today, or with its day when it was another one. */
function time(iso, { server_time: now }) {
  return h("span", { class: "nowrap" }, moment(iso).split(" ")[0] === moment(now).split(" ")[0] ? clock(iso) : moment(iso));
}
