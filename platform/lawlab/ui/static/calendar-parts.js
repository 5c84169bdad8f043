/** What the learners' pages of attendance share: their stylesheets, days, tags. */
import { h } from "./dom.js";
import { dateOf, statusTag } from "./attendance-words.js";

const links = ["rows", "calendar"].map((name) => h("link", { rel: "stylesheet", href: new URL(`./${name}.css`, import.meta.url).href }));
/** Resolves when the stylesheets are there, or never will be: what is shown before would jump. */
export const styled = Promise.all(links.map((link) => new Promise((ready) => {
  link.onload = link.onerror = ready;
})));
document.head.append(...links);

/** A day as a leaf of a calendar; hidden from screen readers, the words beside it say it too. */
export function leaf(iso) {
  const [, month, day] = dateOf(iso).split("-").map(Number);
  return h("span", { class: "leaf", "aria-hidden": "true" }, h("span", null, `${month}月`), h("b", null, day));
}

/** How somebody stands at an activity, in a tag; null when there is nothing to say. */
export function myTag({ my, leave, expected, state }) {
  if (my) return statusTag(my.status);
  if (leave?.state === "asked") return h("span", { class: "tag tag-wait" }, "请假等待批准");
  if (leave?.state === "approved") return h("span", { class: "tag" }, "请假已批准");
  if (state === "cancelled" || !expected) return null;
  return state === "over" ? statusTag(null) : h("span", { class: "tag" }, "请您参加");
}
