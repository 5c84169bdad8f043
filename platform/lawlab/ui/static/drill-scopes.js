/** 专项练习: a course in order or mixed, a chapter, a type, what was wrong, what is kept. */
import { h, linkButton, meter, show } from "./dom.js";
import { backLink, PAGE, tile } from "./drill-parts.js";
import { placeholder, Resource } from "./resource.js";

const link = (facts) => `${PAGE}/practise?${new URLSearchParams({ mode: "practice", ...facts })}`;

export function open(root) {
  document.title = "专项练习";
  const resource = Resource.of("/drill/scopes");
  resource.watch(() => show(root, backLink(), h("h1", null, "专项练习"),
    resource.data ? scopes(resource.data) : h("section", { class: "card" }, placeholder(resource, "专项练习"))));
}

function scopes({ courses, types, resume }) {
  if (!courses.length) return h("section", { class: "card empty" }, h("p", null, "题库里还没有题，等教员发布以后再来。"));
  return [
    resume.map(({ title, query, answered, items }) => h("section", { class: "card" }, h("h2", null, `接着练：${title}`),
      h("p", { class: "quiet" }, `按顺序练到第 ${answered} 题，一共 ${items} 题。`), linkButton("接着练", `${PAGE}/practise?mode=practice&${query}`, "button-wide"))),
    h("nav", { class: "drill-tiles", "aria-label": "练什么" },
      tile("只练错题", "错题本里的题", link({ from: "wrong" })), tile("只练收藏", "自己收藏的题", link({ from: "favourite" })),
      tile("没练过的题", "先看看新的", link({ from: "unseen" })),
      types.map(({ type, name, items }) => tile(name, `${items} 题`, link({ type })))),
    h("h2", null, "按课程"),
    courses.map(course),
  ];
}

function course({ slug, title, items, answered, right_last: right, chapters }) {
  return h("section", { class: "card", "aria-label": title }, h("h3", null, title),
    h("p", { class: "quiet small" }, `${items} 题，练过 ${answered} 题，最近一次答对 ${right} 题`), meter(answered, items),
    h("div", { class: "buttons drill-course" }, linkButton("按顺序练", link({ course: slug, order: "sequence" })), linkButton("混着练", link({ course: slug }), "button-quiet")),
    chapters.length > 1 && h("details", null, h("summary", null, "按章节练"), h("ul", { class: "drill-list" }, chapters.map((one) => h("li", null,
      h("a", { href: link({ course: slug, chapter: one.chapter }) }, one.chapter || "其他"), h("span", { class: "quiet small" }, `${one.answered}/${one.items} 题`))))));
}
