/** 成绩汇总: expected, came, passed, by unit and by cohort. */
import { QuizTab } from "./desk-quiz-tab.js";
import { h, show } from "./dom.js";

export class QuizReport extends QuizTab {
  constructor(root, desk) {
    super(root, `${desk.path}/report`, "成绩汇总");
  }

  begin(data) {
    if (data.state === "built") show(this.root, h("section", { class: "card empty" }, h("p", null, "还没有开放，没有成绩。")));
    else super.begin();
  }

  content(data) {
    const { total } = data;
    if (!total.taken) return h("section", { class: "card empty" }, h("p", null, `应考 ${total.expected} 人，还没有人交卷。`));
    return [h("p", { class: "quiet small" }, `应考的是 ${data.day} 开放那天名册上的学员。及格率和平均分只算判完、评完的人。`),
      table("各单位", data, [...data.units, total]), table("各人群", data, data.cohorts)];
  }
}

function table(title, { columns }, lines) {
  const names = Object.entries(columns);
  return [h("h2", { class: "section-title" }, title), h("div", { class: "quiz-scroll", role: "region", "aria-label": title, tabindex: "0" },
    h("table", { class: "quiz-report" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, title.replace("各", "")), names.map(([, word]) => h("th", { scope: "col" }, word)))),
      h("tbody", null, lines.map((line) => h("tr", { class: line.label === "合计" && "is-total" }, h("th", { scope: "row" }, line.label), names.map(([name]) => h("td", null, figure(name, line[name]))))))))];
}

function figure(name, value) {
  if (value === null) return "—";
  if (name === "pass_rate" || name === "participation") return `${(100 * value).toFixed(1)}%`;
  return name === "mean" ? value.toFixed(1) : String(value);
}
