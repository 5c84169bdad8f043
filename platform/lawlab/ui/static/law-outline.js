/** The outline of a law: books, chapters and sections as folds, with links to what can be read. */
import { h } from "./dom.js";

/** All that can be read, in order. */
export const flat = (outline) => outline.flatMap((part) => (part.parts ? flat(part.parts) : [part]));

/** Which articles a chapter holds, small. */
export function range({ numbers }) {
  if (!numbers.length || numbers[0] === "0") return null;
  const [first, last] = [numbers[0], numbers[numbers.length - 1]];
  return h("span", { class: "law-range" }, first === last ? `第${first}条` : `第${first}至${last}条`);
}

/** The outline as a tree of links; `currentIn` says where one is. */
export const tree = (outline) => h("div", { class: "law-tree" }, outline.map(part));

function part(one) {
  if (!one.parts) return h("a", { class: "law-leaf", href: `#c${one.chapter}`, "data-chapter": one.chapter }, h("span", null, one.title), range(one));
  return h("details", null, h("summary", null, one.title), h("div", { class: "law-branch" }, one.parts.map(part)));
}

/** Mark the chapter that is open and unfold the way to it. */
export function currentIn(node, chapter) {
  node.querySelector("[aria-current]")?.removeAttribute("aria-current");
  const leaf = node.querySelector(`[data-chapter="${chapter}"]`);
  leaf.setAttribute("aria-current", "true");
  for (let fold = leaf.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  // Only inside the tree: the page itself must not move.
  if (node.scrollHeight > node.clientHeight) node.scrollTop = leaf.offsetTop - node.clientHeight / 2;
}
