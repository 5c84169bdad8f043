/** <lawlab-course>: one course with its lessons, and the map over the chapters of its law. */
import { onReturn } from "./api.js";
import { h, here, linkButton, longDay, meter, show, sign } from "./dom.js";
import { chips, lessonRow, list, styled } from "./library.js";
import { keepHere, onRest, placeHere } from "./place.js";
import { placeholder, Resource } from "./resource.js";

class Course extends HTMLElement {
  connectedCallback() {
    if (this.resource) return;
    const [slug = ""] = here().rest;
    this.resource = Resource.of(`/courses/${encodeURIComponent(slug)}`);
    this.resource.watch(() => this.render());
    onReturn(() => this.resource.data && this.resource.load());
    const rest = () => this.shown && keepHere(this.place());
    onRest(rest);
    this.addEventListener("toggle", rest, true);
  }

  async render() {
    const { data } = this.resource;
    if (!data) {
      show(this, placeholder(this.resource, "课程"));
      return;
    }
    if (data.reading) {
      location.replace(data.law_url);
      return;
    }
    await styled;
    const before = this.shown ? this.place() : placeHere();
    document.title = data.title;
    show(this, head(data), lessons(data), map(data), others(data), sources(data));
    if (before) this.goTo(before);
    this.shown = true;
  }

  /** Which folds are open and how far the page is scrolled. */
  place() {
    return { open: this.folds().flatMap((fold, n) => (fold.open ? [n] : [])), y: Math.round(scrollY) };
  }

  goTo({ open, y }) {
    this.folds().forEach((fold, n) => {
      fold.open = open.includes(n);
    });
    scrollTo(0, y);
  }

  folds() {
    return [...this.querySelectorAll("details")];
  }
}

function head(data) {
  const { title, audience, checked, lessons: all, done } = data;
  const next = all.find((lesson) => !lesson.complete);
  const notes = all.reduce((sum, lesson) => sum + lesson.unconfirmed, 0);
  return [
    h("h1", null, title),
    h("p", { class: "quiet small" }, audience.length > 0 && `给${audience.join("、")}学。`, checked && `${longDay(checked)}对照现行法律核对过。`),
    all.length > 0 && data.map && h("p", null, h("a", { class: "map-read", href: "#map" }, "看课程地图：哪一课讲哪几条")),
    all.length > 0 && h("section", { class: "card due" },
      h("p", { class: "quiet small" }, `学完 ${done}/${all.length} 课`), meter(done, all.length),
      next ? linkButton(`${done || next.answered ? "接着学" : "开始学"}：第 ${next.number} 课`, next.url, "button-wide")
        : h("p", null, sign("right"), " 这门课学完了，可以温习。")),
    notes > 0 && h("p", { class: "notice" }, `课文里有 ${notes} 处标着`, h("b", null, "待核"), "：法律条文里查不到，教员还没有核对，先作参考。"),
  ];
}

function lessons({ lessons: all }) {
  if (!all.length) return h("section", { class: "card empty" }, h("p", null, "这门课还没有课时，教员发布后会出现在这里。"));
  return [h("h2", { class: "section-title" }, "课时"), list(all.map(lessonRow))];
}

function map(data) {
  const title = h("h2", { class: "section-title", id: "map" }, "课程地图");
  if (!data.map) return [title, h("p", { class: "notice" }, sign("wait"), " ", data.waiting)];
  const { articles, treated, outline } = data.map;
  return [title,
    h("p", null, `《${data.law}》一共 ${articles} 条，课里讲到 ${treated} 条。点开一章，看哪一课讲它、讲了哪几条。`),
    h("section", { class: "card map" }, outline.map((part) => branch(part, data)))];
}

function branch(part, data) {
  const inner = part.parts ? part.parts.map((child) => branch(child, data)) : chapter(part, data);
  return h("details", { class: part.parts ? "map-book" : "map-chapter" },
    h("summary", null, h("span", { class: "map-title" }, part.title), h("span", { class: `map-count ${part.treated ? "" : "quiet"}` },
      part.articles === 0 ? null : part.treated ? `讲到 ${part.treated}/${part.articles} 条` : `${part.articles} 条`)),
    h("div", { class: "map-inner" }, inner));
}

function chapter({ chapter: n, numbers, lessons: taught }, data) {
  const read = h("a", { class: "map-read", href: `${data.law_url}#c${n}` }, "读这一章的条文");
  if (!numbers.length) return h("p", null, "本课程没有专门讲，可以直接读条文。", read);
  const rows = data.lessons.filter((lesson) => taught.includes(lesson.number));
  return [
    h("ul", { class: "rows" }, rows.map((lesson) => h("li", null, lessonRow(lesson)))),
    h("p", { class: "quiet small map-label" }, "讲到的条文，点一条看原文："), chips(data.law_url, numbers), h("p", null, read),
  ];
}

function others({ others: laws }) {
  if (!laws.length) return null;
  return h("details", { class: "card fold" }, h("summary", null, "课里还讲到的别的法律"),
    laws.map(({ law, url, numbers }) => [h("p", { class: "map-label" }, `《${law}》`), chips(url, numbers)]));
}

function sources({ sources: texts, checked }) {
  return h("details", { class: "card fold" }, h("summary", null, "这门课的依据"),
    h("ul", null, texts.map((text) => h("li", null, text))), checked && h("p", { class: "quiet small" }, `核对日期：${longDay(checked)}`));
}

customElements.define("lawlab-course", Course);
