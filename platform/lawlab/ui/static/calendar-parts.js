/** What the learners' pages of attendance share: their stylesheets, days, tags, how old they are. */
import { hindrance, serverNow } from "./api.js";
import { clock, h, moment, show, sign } from "./dom.js";
import { dateOf, statusTag } from "./attendance-words.js";
import { signInNotice } from "./resource.js";

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

/** Say in `place` of when the data are that could not be loaded again; nothing while they are current. */
export function sayAge(place, { data, trouble }) {
  const notice = trouble && old(trouble, data.server_time);
  // Said once, however often it is tried again.
  if (place.textContent !== (notice?.textContent || "")) show(place, notice);
}

function old(trouble, at) {
  const { kind, message } = trouble;
  const age = `这是 ${dateOf(at) === dateOf(serverNow()) ? clock(at) : moment(at)} 的内容`;
  if (kind === "signed_out") return signInNotice(`登录已过期，${age}。请重新登录后继续。`);
  return h("p", { class: "notice" }, sign("wait"), kind === "offline" ? ` ${hindrance(trouble)}，${age}，正在重试。` : ` ${age}。${message}`);
}
