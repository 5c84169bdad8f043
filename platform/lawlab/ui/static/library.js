/** What home, search, boards, courses and laws share: their stylesheets, rows, links to articles. */
import { h, sign } from "./dom.js";

const links = ["rows", "library"].map((name) => h("link", { rel: "stylesheet", href: new URL(`./${name}.css`, import.meta.url).href }));
/** Resolves when the stylesheets are there, or never will be: what is shown before would jump. */
export const styled = Promise.all(links.map((link) => new Promise((ready) => {
  link.onload = link.onerror = ready;
})));
document.head.append(...links);

/** A row that leads somewhere, or without `url` nowhere; `look` colours what stands at its side. */
export function row(url, main, look, side) {
  return h(url ? "a" : "div", { class: "row", href: url },
    h("span", { class: "row-main" }, main), side && h("span", { class: `row-side ${look}` }, side), url && sign("next"));
}

/** The name of a row, and what stands small below it. */
export const named = (name, note) => [h("span", { class: "row-name" }, name), note && h("span", { class: "quiet small" }, note)];

/** Rows in a card. */
export const list = (rows) => h("section", { class: "card" }, h("ul", { class: "rows" }, rows.map((one) => h("li", null, one))));

/** The row of a lesson with how it stands; one that is not begun says nothing. */
export function lessonRow({ url, number, title, complete, answered, cards }) {
  const main = named(`第 ${number} 课 ${title}`);
  if (complete) return row(url, main, "is-right", [sign("right"), "学完了"]);
  return row(url, main, "is-wait", answered > 0 && `练习 ${answered}/${cards}`);
}

/** "31" → 第31条, "287之2" → 第287条之2: short, for many in a row. */
export function shortArticle(number) {
  const [main, extra] = number.split("之");
  return `第${main}条${extra ? `之${extra}` : ""}`;
}

/** Small links into a law. */
export function chips(lawUrl, numbers) {
  return h("ul", { class: "chips" }, numbers.map((number) =>
    h("li", null, h("a", { class: "chip", href: `${lawUrl}#${number}` }, shortArticle(number)))));
}
