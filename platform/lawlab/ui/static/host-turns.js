/** Every question that was shown, and everything that happened. */
import { h, sign } from "./dom.js";
import { judge } from "./host-actions.js";
import { able, action } from "./host-parts.js";
import { stamp } from "./contest-parts.js";

export const turnsFacts = ({ turns, can, upcoming }) => [turns, can.includes("void"), upcoming];

/** The questions, newest first, and the one that comes next. */
export function turnsTab({ turns, can, upcoming }, console) {
  return [
    upcoming && h("p", { class: "host-next" }, h("span", { class: "quiet small" }, `接下来：第 ${upcoming.number} 题 `), upcoming.stem),
    !turns.length && h("p", { class: "quiet" }, "还没有出题。"),
    h("ul", { class: "rows" }, [...turns].reverse().map((one) => row(one, can.includes("void"), console))),
  ];
}

function row(one, open, console) {
  const { number: n, stem, answered, right, revealed, voided, undone } = one;
  const rate = answered ? `，答对 ${right} 人（${Math.round((100 * right) / answered)}%）` : "";
  const change = !undone && action(voided === null ? "作废" : "恢复", () => judge(console, one), "button-quiet button-small");
  if (change) {
    able(change, open);
    change.setAttribute("aria-label", `${change.textContent}第 ${n} 题`);
  }
  return h("li", { class: "host-line" },
    h("div", null, h("p", { class: "item-head" }, h("b", null, `第 ${n} 题`),
      undone ? h("span", { class: "tag tag-wait" }, "撤回了") : voided !== null && h("span", { class: "tag tag-wrong" }, sign("wrong"), " 作废"), h("span", null, stem)),
    h("p", { class: "quiet small" }, `答了 ${answered} 人${revealed ? rate : ""}`, voided && `。作废原因：${voided}`)),
    change);
}

export const logFacts = ({ log }) => log.map(({ seq }) => seq);

/** What happened, newest first. */
export function logTab({ log }) {
  return [!log.length && h("p", { class: "quiet" }, "还没有记录。"),
    h("ol", { class: "rows host-log" }, log.map(({ at, text, by }) => h("li", null, h("span", { class: "quiet" }, stamp(at)), h("span", null, text), h("span", { class: "quiet small" }, by || "平台"))))];
}
