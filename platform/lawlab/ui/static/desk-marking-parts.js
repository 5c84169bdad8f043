/** The parts of the marking page: the question beside the answer, and the rubric to press. */
import "./article.js";
import { button, h, moment, number, show, sign } from "./dom.js";

/** Whether question and answer stand side by side. */
export const isWide = () => matchMedia("(min-width: 1000px)").matches;

/** The question with its model answer and law; on a phone all but the question is folded. */
export function questionPane(question, points) {
  return h("aside", { class: "marking-question card" },
    h("div", { class: "item-head" }, h("span", { class: "tag" }, question.type_name), h("span", { class: "quiet small" }, `${number(points)} 分`)),
    h("p", { class: "stem" }, question.stem),
    h("details", { class: "marking-key", open: isWide() }, h("summary", null, "参考答案和法条"),
      h("p", { class: "marking-model" }, question.answer),
      question.explanation && h("p", { class: "why" }, h("b", null, "解析："), question.explanation),
      question.unconfirmed && h("p", { class: "unconfirmed" }, h("span", { class: "mark" }, "待核"), question.unconfirmed),
      question.articles.map((reference) => {
        const [law, article] = reference.split("#");
        return h("lawlab-article", { law, number: article });
      })));
}

/** How an answer stands, in a word or two. */
export function markWords({ state, mark, elsewhere }) {
  if (state === "blank") return h("span", { class: "tag" }, "没有作答");
  const other = elsewhere !== null && h("span", { class: "tag tag-wait" }, `在 formgrader 里${mark ? "改过" : "评的"}：${number(elsewhere)} 分`);
  if (!mark) return other || null;
  return [h("span", { class: "tag tag-right" }, `已评 ${number(mark.points)} 分`), other, h("span", { class: "quiet small" }, `${mark.by} ${moment(mark.at)}`)];
}

/** The rubric as rows to press: each gives nothing, all, or a number of halves. */
export class Points {
  constructor(rubric, most, earned, changed) {
    Object.assign(this, { rubric, most, changed, given: Boolean(earned), earned: earned ? [...earned] : rubric.map(() => 0) });
    this.rows = rubric.map((point, n) => this.row(point, n));
    this.sum = h("p", { class: "marking-sum", role: "status" });
    this.node = h("div", null, h("div", { class: "item-head" }, h("h2", null, "评分要点"),
      h("div", { class: "buttons marking-quick" }, button("全给", () => this.all(), "button-quiet button-small"), button("清零", () => this.clear(), "button-quiet button-small"))),
    h("ol", { class: "points" }, this.rows.map(({ node }) => node)), this.sum);
    this.draw();
  }

  row({ text, points }, n) {
    const state = h("span", { class: "point-state" });
    const press = h("button", { type: "button", class: "point-press", onclick: () => this.toggle(n) },
      h("kbd", null, String(n + 1)), h("span", { class: "point-text" }, text), state);
    const halve = button("一半", () => this.half(n), "button-quiet button-small", { "aria-label": `要点 ${n + 1} 给一半` });
    const exact = h("input", { type: "number", min: 0, max: points, step: 0.5, inputmode: "decimal", "aria-label": `要点 ${n + 1} 的得分`,
      onchange: () => this.put(n, Math.min(points, Math.max(0, Math.round(Number(exact.value) * 2) / 2))) });
    return { press, state, exact, halve, node: h("li", { class: "point" }, press, h("span", { class: "point-exact" }, halve, exact, h("span", { class: "quiet" }, `/ ${number(points)} 分`))) };
  }

  toggle(n) {
    if (this.rubric[n]) this.put(n, this.earned[n] > 0 ? 0 : this.rubric[n].points);
  }

  half(n) {
    if (this.rubric[n]) this.put(n, Math.floor(this.rubric[n].points) / 2);
  }

  all() {
    this.rubric.forEach(({ points }, n) => this.put(n, points));
  }

  clear() {
    this.rubric.forEach((_, n) => this.put(n, 0));
  }

  put(n, points) {
    this.earned[n] = points;
    this.given = this.changed = true;
    this.draw();
  }

  /** As `domain.manual_marking.total`: in proportion where the paper scales the rubric. */
  get total() {
    const full = this.rubric.reduce((sum, { points }) => sum + points, 0);
    const got = this.earned.reduce((sum, points) => sum + points, 0);
    if (got >= full) return this.most;
    return full === this.most ? got : Math.floor((this.most * got * 2) / full + 0.5) / 2;
  }

  draw() {
    this.rows.forEach(({ press, state, exact, node }, n) => {
      const [earned, full] = [this.earned[n], this.rubric[n].points];
      press.setAttribute("aria-pressed", earned >= full ? "true" : earned > 0 ? "mixed" : "false");
      node.classList.toggle("is-given", earned > 0);
      show(state, earned >= full ? [sign("right"), "给"] : earned > 0 ? "部分" : "");
      exact.value = this.given ? earned : "";
    });
    const full = this.rubric.reduce((sum, { points }) => sum + points, 0);
    const scaled = full !== this.most && `，要点共 ${number(full)} 分，按比例折算`;
    show(this.sum, this.given ? [h("b", null, `${number(this.total)}`), ` / ${number(this.most)} 分`, scaled && h("span", { class: "quiet small" }, scaled)] : h("span", { class: "quiet" }, "还没有给分"));
  }
}
