/** 法律地图: what is remembered, by course, chapter and article; in words, numbers and bars. */
import { h, linkButton, meter, show } from "./dom.js";
import { backLink, isStrong, PAGE, percent, strength } from "./drill-parts.js";
import { placeholder, Resource } from "./resource.js";

export function open(root) {
  document.title = "法律地图";
  const resource = Resource.of("/drill/map");
  resource.watch(() => show(root, backLink(), h("h1", null, "法律地图"),
    resource.data ? map(resource.data) : h("section", { class: "card" }, placeholder(resource, "法律地图"))));
}

function map({ mastery, points, courses, weak, strong }) {
  if (!courses.length) return h("section", { class: "card empty" }, h("p", null, "题库里还没有题，等教员发布以后再来。"));
  return [
    h("section", { class: "card" }, h("p", { class: "drill-figure" }, percent(mastery)), h("p", null, "您今天大约还记得全部法条里的这么多。"), meter(mastery * 100, 100),
      h("p", { class: "quiet small" }, `没练过的算不会。记得越多，大练兵的积分越高：现在 ${points} 分。`)),
    // A small town's weakest five may be well known, and its strongest five hardly.
    articles("最该练的法条", weak.filter((one) => !isStrong(one.mastery))),
    articles("记得最牢的法条", strong.filter((one) => isStrong(one.mastery))),
    courses.map(course),
  ];
}

function articles(title, lines) {
  return lines.length > 0 && h("section", { class: "card" }, h("h2", null, title), h("ul", { class: "drill-list" }, lines.map((one) => h("li", null,
    h("a", { href: one.url }, `《${one.law}》${one.title}`), h("span", { class: "quiet small" }, `${strength(one.mastery)}（${percent(one.mastery)}）`),
    practise(one.ref)))));
}

const practise = (article) => linkButton("练", `${PAGE}/practise?${new URLSearchParams({ mode: "practice", article })}`, "button-quiet drill-small");

function course({ title, mastery, seen, items, chapters }) {
  return h("details", { class: "card" }, h("summary", null, h("b", null, title), " ", h("span", { class: "quiet small" }, `${percent(mastery)}，练过 ${seen}/${items} 题`), meter(mastery * 100, 100)),
    chapters.map((one) => h("section", null, h("h3", null, one.chapter || "其他", " ", h("span", { class: "quiet small" }, percent(one.mastery))),
      h("ul", { class: "drill-map" }, one.articles.map((article) => h("li", null, h("a", { class: `drill-article ${look(article.mastery)}`, href: `${PAGE}/practise?${new URLSearchParams({ mode: "practice", article: article.ref })}` },
        h("b", null, article.title), h("span", { class: "small" }, article.mastery === null ? "没练过" : `${strength(article.mastery)} ${percent(article.mastery)}`))))))));
}

const look = (mastery) => (mastery === null ? "" : isStrong(mastery) ? "is-strong" : mastery >= 0.6 ? "is-fair" : "is-weak");
