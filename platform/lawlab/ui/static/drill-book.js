/** 错题本 and 收藏: each question with what was answered and why; practise them from here. */
import { h, linkButton, moment, show } from "./dom.js";
import { star } from "./drill-card.js";
import { backLink, dayName, PAGE } from "./drill-parts.js";
import { markedQuestion, reasons, verdict } from "./marked.js";
import { placeholder, Resource } from "./resource.js";

const TABS = [["wrong", "错题本", `${PAGE}/book`], ["favourite", "收藏", `${PAGE}/book/favourite`]];

export function open(root, [name]) {
  const kind = name === "favourite" ? "favourite" : "wrong";
  const course = new URLSearchParams(location.search).get("course") || "";
  const resource = Resource.of(`/drill/book?kind=${kind}&course=${encodeURIComponent(course)}`);
  document.title = kind === "wrong" ? "错题本" : "收藏";
  resource.watch(() => show(root, backLink(),
    h("nav", { class: "tab-links", "aria-label": "错题本和收藏" }, TABS.map(([one, text, href]) => h("a", { href, "aria-current": one === kind && "page" }, text))),
    resource.data ? list(resource.data, kind, course) : h("section", { class: "card" }, placeholder(resource, document.title))));
}

function list({ items, total, courses }, kind, course) {
  if (!total) {
    return h("section", { class: "card empty" }, h("p", null, kind === "wrong" ? "没有错题。答错的题会自动放进来，在两天里各答对一次就移出去。" : "还没有收藏。答题以后点“☆ 收藏”，题就在这里。"),
      h("div", { class: "buttons" }, linkButton("去练习", `${PAGE}/practise`)));
  }
  const base = kind === "wrong" ? `${PAGE}/book` : `${PAGE}/book/favourite`;
  const practise = `${PAGE}/practise?${new URLSearchParams({ mode: "practice", from: kind, ...(course && { course }) })}`;
  return [
    h("p", { class: "quiet" }, kind === "wrong" ? `${total} 题还没有掌握。在两天里各答对一次，就移出错题本。` : `收藏了 ${total} 题。`),
    linkButton("练这些题", practise, "button-wide"),
    courses.length > 1 && h("p", { class: "drill-filter" }, h("a", { href: base, "aria-current": !course && "page" }, "全部"),
      courses.map(({ slug, title, count }) => h("a", { href: `${base}?course=${encodeURIComponent(slug)}`, "aria-current": slug === course && "page" }, `${title} ${count}`))),
    items.map((one) => entry(one, kind)),
  ];
}

function entry({ item, title, wrongs, last_wrong_at: at, rights_since: rights, needs, favourite, due, answered }, kind) {
  const facts = [title, wrongs > 0 && `错过 ${wrongs} 次`, kind === "wrong" && at && `上次错在 ${moment(at)}`,
    kind === "wrong" && `再答对 ${needs - rights} 天就移出`, due && `${dayName(due)}再考`].filter(Boolean).join(" · ");
  const inside = h("div", null);
  const box = h("details", { class: "card drill-entry", ontoggle: () => {
    if (!box.open || inside.childNodes.length) return;
    show(inside, answered ? [markedQuestion(answered.question, answered.response, answered.revealed), verdict(answered.question, answered.response, answered.right),
      reasons(answered.question, answered.response, answered.revealed)] : h("p", { class: "quiet" }, "这道题正在您做的测验里，交卷以后再看。"),
    star({ id: item.id, favourite }));
  } }, h("summary", null, h("span", { class: "drill-stem" }, item.stem), h("span", { class: "quiet small" }, facts)), inside);
  return box;
}
