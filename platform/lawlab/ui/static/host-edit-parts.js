/** What the pages of making a contest share: their stylesheet, frame, addresses and words. */
import { me } from "./api.js";
import { deskNav } from "./desk.js";
import { h, show, sign } from "./dom.js";
import { signInNotice, placeholder } from "./resource.js";

document.head.append(h("link", { rel: "stylesheet", href: new URL("./host-edit.css", import.meta.url).href }));

export const HOST = "/services/learn/host";
/** The console of one contest; with "edit" its editor. */
export const hostPage = (id, view = "") => `${HOST}/${id}${view && `/${view}`}`;

const LOOKS = { open: "tag-wait", finished: "tag-right" };

/** The tags of a contest: how far it is, and whether it is a rehearsal. */
export const contestTags = ({ state, state_name: word, rehearsal }) =>
  [rehearsal && h("span", { class: "tag tag-wait" }, "彩排"), h("span", { class: `tag ${LOOKS[state] || ""}` }, word)];

/** The frame of a page; returns its body. The way between the trainers' pages is for trainers. */
export function frame(root) {
  const body = h("div", null);
  const nav = h("div", null);
  show(root, h("div", { class: "desk-page host-page" }, nav, body));
  me().then(({ roles = [] }) => {
    if (roles.includes("trainer") || roles.includes("admin")) show(nav, deskNav("host"));
    else show(nav, h("a", { class: "back-link", href: "/services/learn/home" }, "‹ 首页"));
  }).catch((trouble) => {
    if (!trouble.kind) throw trouble;
  });
  return body;
}

/** What stands in place of a resource without data: loading, no network, or: not for you. */
export function hostPlaceholder(resource, what) {
  if (resource.trouble?.status !== 403) return placeholder(resource, what);
  return h("section", { class: "card empty" }, h("h1", null, "这一页给主持人用"),
    h("p", null, "您的账号没有主持人的角色。如果您要主持比武，请找管理员加上。"),
    h("p", null, h("a", { class: "button", href: "/services/learn/home" }, "回首页")));
}

/** Why something was not done, as a notice. */
export function notDone(trouble, offline) {
  if (trouble.kind === "signed_out") return signInNotice("登录已过期。写的内容都在这台电脑上，请重新登录后再保存。");
  return h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), " ", trouble.kind === "offline" ? offline : trouble.message));
}

/** "3 轮 30 题，大约 23 分钟". */
export const extent = ({ rounds, questions, minutes, format }) =>
  [format !== "window" && `${rounds} 轮`, `${questions} 题`].filter(Boolean).join(" ") + (format === "window" ? `，每人 ${minutes} 分钟` : `，大约 ${minutes} 分钟`);
