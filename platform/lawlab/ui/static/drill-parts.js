/** What the views of practice share: addresses, tiles, days, the way back. */
import { h, sign } from "./dom.js";

export const PAGE = "/services/learn/drill";

/** The link back to today's view. */
export const backLink = (text = "每日一练", href = PAGE) => h("a", { class: "back-link", href }, `‹ ${text}`);

/** "11月26日" of a day "2026-11-26". */
export const dayName = (iso) => iso.replace(/^\d+-0?(\d+)-0?(\d+)$/, "$1月$2日");

/** A big touch target that leads on. */
export const tile = (title, text, href) => h("a", { class: "drill-tile", href }, h("b", null, title), h("span", { class: "quiet small" }, text));

const WEEK = "日一二三四五六";

/** Days as a row: done, practised, rest, nothing; each in words too. */
export function dayStrip(days, today) {
  return h("ol", { class: "drill-days" }, days.map(({ day, answered, done, holiday }) => {
    const [look, word] = done ? ["is-done", "练完了"] : answered ? ["is-begun", `${answered} 题`] : holiday ? ["is-rest", "休"] : ["", "没练"];
    // Days without practice are no reproach: seen as a dash, read as words.
    const name = day === today ? "今天" : `周${WEEK[new Date(`${day}T12:00:00Z`).getUTCDay()]}`;
    return h("li", { class: `drill-day ${look}`, "aria-label": `${dayName(day)}：${holiday && !answered ? holiday : word}` },
      h("span", { class: "small", "aria-hidden": "true" }, name), h("b", { "aria-hidden": "true" }, done ? sign("right") : look ? word : "–"));
  }));
}

/** How much of a day's goal is done, as dots; the words beside them say the same. */
export const dots = (given, goal) => h("span", { class: "drill-dots", "aria-hidden": "true" },
  Array.from({ length: goal }, (_, n) => h("span", { class: n < given && "is-done" })));

/** True for what is well remembered. */
export const isStrong = (mastery) => mastery !== null && mastery >= 0.85;

/** A mastery in words; the bar beside it says the same. */
export function strength(mastery) {
  if (mastery === null) return "没练过";
  if (mastery === 0) return "还不会";
  return isStrong(mastery) ? "记得牢" : mastery >= 0.6 ? "还记得" : "快忘了";
}

/** 0.834 → "83%"; a little is never nothing. */
export const percent = (value) => (value > 0 && value < 0.005 ? "不到 1%" : `${Math.round(value * 100)}%`);
