/** <lawlab-reader>: the toolbar of a lesson, to have it read aloud and to see how far one is. */
import { h, button, meter, show, sign } from "./dom.js";
import { jumpTo, thisLesson } from "./lesson.js";
import { readAloud } from "./speech.js";

const READABLE = "h1, h2, h3, p, li, blockquote, th, td";
const FOLDED = "details:not([open]) > :not(summary)";
const OURS = "lawlab-bar, lawlab-reader, lawlab-question, lawlab-article, lawlab-lesson-end";

class Reader extends HTMLElement {
  connectedCallback() {
    if (this.lesson) return;
    this.lesson = thisLesson();
    this.course = h("p", { class: "reader-course" });
    this.progress = h("button", { type: "button", class: "reader-progress", onclick: () => this.jump() });
    show(this, this.course, h("div", { class: "reader" },
      button([sign("speak"), "朗读本课"], () => readAloud(prose()), "button-quiet"), this.progress));
    this.lesson.resource.watch(() => this.render());
  }

  render() {
    const { data } = this.lesson.resource;
    this.progress.hidden = !data || data.total === 0;
    if (!data) return;
    show(this.course, data.course_url && [h("a", { href: data.course_url }, data.course_title), data.number && ` · 第 ${data.number} 课`]);
    const words = data.complete ? "本课练习已全部做完" : `练习 ${data.answered}/${data.total}，点这里去下一题`;
    show(this.progress, meter(data.answered, data.total), h("span", null, words));
  }

  jump() {
    const next = this.lesson.missing()[0];
    if (next) jumpTo(next[1]);
  }
}

/** The lesson's own words in reading order, each once: of nested blocks the inner ones. */
function prose() {
  const root = document.querySelector("main") || document.body;
  return [...root.querySelectorAll(READABLE)].filter((node) => !node.closest(OURS) && !node.closest(FOLDED)
    && node.textContent.trim() && !node.querySelector("p, li") && node.offsetParent);
}

customElements.define("lawlab-reader", Reader);
