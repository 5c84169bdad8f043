/** Words and small pieces of attendance that learners' and trainers' pages share; no stylesheet. */
import { serverNow } from "./api.js";
import { clock, h, moment, sign } from "./dom.js";

export const PHASES = [["learn", "大学习"], ["drill", "大练兵"], ["compete", "大比武"]];
export const STATUSES = [["present", "出勤"], ["late", "迟到"], ["excused", "请假"], ["absent", "缺勤"]];
export const STATUS_NAMES = Object.fromEntries(STATUSES);
export const WAYS = {
  qr: "扫码", code: "数字码", list: "教员点名", walk_in: "现场登记", signature: "签名",
  online: "线上答卡", file: "名单导入", leave: "请假", close: "自动登记",
};
const STATES = { planned: ["未开始", ""], open: ["签到中", "tag-wait"], over: ["已结束", "tag-right"], cancelled: ["已取消", "tag-wrong"] };
const LOOKS = { present: ["tag-right", "right"], late: ["tag-wait", "wait"], excused: ["", null], absent: ["tag-wrong", "wrong"] };

/** The tag that says how far an activity is. */
export function stateTag({ state }) {
  const [word, look] = STATES[state];
  return h("span", { class: `tag ${look}` }, word);
}

/** The tag of somebody's status; nobody has said anything yet: 未签到. */
export function statusTag(status) {
  if (!status) return h("span", { class: "tag tag-none" }, "未签到");
  const [look, mark] = LOOKS[status];
  return h("span", { class: `tag ${look}` }, mark && [sign(mark), " "], STATUS_NAMES[status]);
}

/** "3月8日 14:30—16:00"; the second day only when it is another one. */
export function span({ starts_at: from, ends_at: to }) {
  const sameDay = moment(from).split(" ")[0] === moment(to).split(" ")[0];
  return `${moment(from)}—${sameDay ? clock(to) : moment(to)}`;
}

const ZONE = "Asia/Shanghai";
const day = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });
const weekday = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, weekday: "short" });

/** "2026-03-08": the day in the town. */
export const dateOf = (iso) => day.format(new Date(iso));

/** "今天 14:30—16:00", "明天 …", "3月8日 周日 …": when an activity is, seen from now. */
export function when(activity) {
  const { starts_at: from, ends_at: to } = activity;
  const near = [["今天", 0], ["明天", 86400000]].find(([, later]) => dateOf(from) === dateOf(serverNow() + later));
  const name = near ? near[0] : `${moment(from).split(" ")[0]} ${weekday.format(new Date(from))}`;
  return `${name} ${clock(from)}—${dateOf(from) === dateOf(to) ? clock(to) : moment(to)}`;
}
