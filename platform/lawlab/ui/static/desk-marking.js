/** 评分: the written questions of a quiz, and how far each is marked. One is marked in desk-marking-answer.js. */
import { AnswerMarking } from "./desk-marking-answer.js";
import { deskPlaceholder } from "./desk.js";
import { h, linkButton, meter, number, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const SLOW_MS = 15000;

document.head.append(h("link", { rel: "stylesheet", href: new URL("./desk-marking.css", import.meta.url).href }));

export class Marking {
  constructor(root, assignment, item) {
    this.root = root;
    this.path = `/desk/quizzes/${encodeURIComponent(assignment)}/marking`;
    this.page = `/services/learn/desk/quiz/${encodeURIComponent(assignment)}`;
    if (item) new AnswerMarking(root, `${this.path}/${encodeURIComponent(item)}`, `${this.page}/mark`);
    else this.overview();
  }

  overview() {
    this.resource = Resource.of(this.path);
    this.resource.watch(() => this.render());
    const look = () => document.visibilityState === "visible" && this.resource.load();
    setInterval(look, SLOW_MS);
    document.addEventListener("visibilitychange", look);
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "要评的题"));
      return;
    }
    const drawn = JSON.stringify(data);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    document.title = `评分 ${data.title}`;
    show(this.root, h("a", { class: "back-link", href: this.page }, `‹ ${data.title}`),
      h("div", { class: "desk-head" }, h("h1", null, "评分")), this.body(data));
  }

  body({ questions, handed_in: handedIn, mock }) {
    if (mock) return nothing("模拟测验不进成绩册，不用评分。");
    if (!handedIn) return nothing("还没有人交卷。", "有人交卷以后，要教员评的题会列在这里。");
    if (!questions.length) return nothing("这个测验没有要教员评的题。", "只有案例分析题和简答题要教员评，其余的平台判。");
    const waiting = questions.reduce((sum, one) => sum + one.waiting, 0);
    return [
      waiting ? h("p", { class: "quiet" }, "一道题一道题地评：看不到是谁答的，每份的次序是打乱的。几位教员可以同时评，不会评到同一份。")
        : h("div", { class: "notice notice-good" }, h("p", null, sign("right"), " 都评完了。看过成绩，就可以公布。"),
          h("div", { class: "buttons" }, linkButton("去看成绩", this.page, "button-quiet"))),
      h("section", { class: "card" }, h("ul", { class: "rows" }, questions.map((one) => h("li", null, this.row(one))))),
    ];
  }

  row({ item, points, type_name: type, stem, waiting, marked, blank }) {
    const side = waiting ? h("span", { class: "row-side is-wait" }, `还有 ${waiting} 份没有评`)
      : h("span", { class: "row-side is-right" }, sign("right"), marked ? "都评完了" : "不用评");
    return h("a", { class: "row marking-row", href: `${this.page}/mark/${encodeURIComponent(item)}` },
      h("span", { class: "row-main" },
        h("span", { class: "item-head" }, h("span", { class: "tag" }, type), h("span", { class: "quiet small" }, `${number(points)} 分`)),
        h("span", { class: "row-name marking-stem-line" }, stem), meter(marked, marked + waiting),
        h("span", { class: "quiet small" }, [`已评 ${marked} 份`, blank > 0 && `${blank} 份没有作答，记 0 分`].filter(Boolean).join("，"))),
      side, sign("next"));
  }
}

function nothing(text, more) {
  return h("section", { class: "card empty" }, h("p", null, text), more && h("p", { class: "quiet" }, more));
}
