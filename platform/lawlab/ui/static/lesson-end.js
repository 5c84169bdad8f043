/** <lawlab-lesson-end>: what is done, what is missing, and where to go next. */
import { button, h, linkButton, ring, show, sign } from "./dom.js";
import { jumpTo, thisLesson } from "./lesson.js";
import { outbox, pending } from "./outbox.js";
import { placeholder } from "./resource.js";

class LessonEnd extends HTMLElement {
  connectedCallback() {
    if (this.lesson) return;
    this.lesson = thisLesson();
    outbox.addEventListener("change", () => this.render());
    this.lesson.resource.watch(() => this.render());
  }

  render() {
    const { data } = this.lesson.resource;
    if (!data) {
      show(this, h("section", { class: "card" }, placeholder(this.lesson.resource, "学习进度")));
      return;
    }
    show(this, h("section", { class: "card", "aria-label": "本课小结" },
      h("div", { class: "lesson-end" }, ring(data.answered, data.total), data.complete ? this.done(data) : this.open(data))));
  }

  done({ next, cards, course_url: course }) {
    const right = cards.filter((card) => card.answered?.right).length;
    const judged = cards.filter((card) => card.answered && card.answered.right !== null).length;
    return h("div", null,
      h("h2", null, sign("right"), " 本课学完了"),
      judged > 0 && h("p", { class: "quiet" }, `${judged} 题里答对 ${right} 题。`),
      h("div", { class: "buttons" },
        next ? linkButton(`下一课：${next.title}`, next.url) : h("p", null, "这是本课程的最后一课。"),
        course && linkButton("回到课程", course, next ? "button-quiet" : ""),
        linkButton("回首页", "/services/learn/home", "button-quiet")));
  }

  open(data) {
    const waiting = pending(this.lesson.place).size;
    return h("div", null,
      h("h2", null, `还有 ${data.total - data.answered} 题没有做`),
      waiting > 0 && h("p", null, `有 ${waiting} 题的答案还在手机上，送到后就算完成。`),
      h("p", { class: "quiet" }, "点题号，回到那一题："),
      h("div", { class: "buttons" },
        this.lesson.missing().map(([n, element]) => button(`第 ${n} 题`, () => jumpTo(element), "button-quiet")),
        data.course_url ? linkButton("回到课程", data.course_url, "button-quiet") : linkButton("回首页", "/services/learn/home", "button-quiet")));
  }
}

customElements.define("lawlab-lesson-end", LessonEnd);
