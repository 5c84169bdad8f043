/** 活动: a year's study activities, those to come first, and what waits at them. */
import { get, post } from "./api.js";
import { activityPage, PAGE, PHASES, span, stateTag, there, update } from "./attendance-parts.js";
import { ask, attempt, choice, deskPlaceholder, field, toast } from "./desk.js";
import { clock, h, linkButton, show, sign } from "./dom.js";
import { Resource, signInNotice } from "./resource.js";

const LOOK_MS = 15000;
const COMING = ["open", "planned"];

export class ActivityList {
  constructor(root) {
    this.root = root;
    const asked = new URLSearchParams(location.search).get("year");
    this.resource = Resource.of(`/desk/activities${/^\d{4}$/.test(asked || "") ? `?year=${asked}` : ""}`);
    this.resource.watch(() => this.render());
    const look = () => document.visibilityState === "visible" && this.resource.load();
    setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
  }

  render() {
    const { data, trouble } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "活动"));
      return;
    }
    if (!this.list) {
      this.news = h("div", null);
      this.list = h("div", null);
      show(this.root, this.news, this.list);
    }
    update(this.news, [trouble?.kind, data.server_time], () => trouble && behind(trouble, data));
    update(this.list, [data.year, data.years, data.activities], () => this.draw(data));
  }

  draw(data) {
    const coming = data.activities.filter(({ state }) => COMING.includes(state));
    const past = data.activities.filter(({ state }) => !COMING.includes(state)).reverse();
    return [
      h("div", { class: "desk-head" }, h("h1", null, `${data.year} 年的活动`), h("div", { class: "buttons" },
        linkButton("全年考勤", `${PAGE}/year/${data.year}`, "button-quiet"), linkButton("年度报告", `${PAGE}/report/${data.year}`, "button-quiet"),
        linkButton("新建活动", `${PAGE}/new`))),
      data.years.length > 1 && this.years(data),
      !data.activities.length && h("section", { class: "card empty" }, h("p", null, `${data.year} 年还没有活动。`),
        h("p", { class: "quiet" }, "点“新建活动”，写时间、地点和应参加的单位。")),
      coming.length > 0 && [h("h2", { class: "section-title" }, "要开的"), rows(coming)],
      past.length > 0 && [h("h2", { class: "section-title" }, "已经过去的"), rows(past)]];
  }

  years({ year, years }) {
    const pick = choice(years.map((one) => [String(one), `${one} 年`]), String(year), (one) => location.assign(`${PAGE}?year=${one}`));
    return h("div", { class: "year-pick" }, field("年份", pick));
  }
}

/** What is shown is of before: said, so that nobody takes it for now. */
function behind(trouble, { server_time: at }) {
  if (trouble.kind === "signed_out") return signInNotice("登录已过期，请重新登录后继续。");
  const why = trouble.kind === "offline" ? `网络不稳，下面是 ${clock(at)} 的情况，正在重试。` : `下面是 ${clock(at)} 的情况。${trouble.message}`;
  return h("p", { class: "notice", role: "status" }, sign("wait"), ` ${why}`);
}

const rows = (activities) => h("section", { class: "card" }, h("ul", { class: "rows" }, activities.map((one) => h("li", null, row(one)))));

function row(activity) {
  const { counts, state } = activity;
  const needs = [activity.leave_waiting && `${activity.leave_waiting} 人请假等待批准`, counts.walk_ins && `${counts.walk_ins} 条现场登记还没对上人`].filter(Boolean);
  const units = activity.units.length > 3 ? `${activity.units.slice(0, 3).join("、")}等 ${activity.units.length} 个单位` : activity.units.join("、");
  const facts = [activity.online ? "线上" : activity.place, units, Object.fromEntries(PHASES)[activity.phase], activity.organizer || "镇里组织"];
  return h("a", { class: "row activity-row", href: activityPage(activity.id) }, h("span", { class: "row-main" },
    h("span", { class: "item-head" }, h("span", { class: "row-name" }, activity.title), stateTag(activity)),
    h("span", { class: "activity-when" }, span(activity)),
    h("span", { class: "quiet small" }, facts.filter(Boolean).join(" · ")),
    activity.cancel_reason && h("span", { class: "quiet small" }, `取消的原因：${activity.cancel_reason}`),
    needs.length > 0 && h("span", { class: "activity-needs small" }, sign("wait"), " ", needs.join("，"))),
  state !== "cancelled" && h("span", { class: "row-side activity-count" }, state === "planned" ? `应到 ${counts.expected} 人` : ["已到 ", h("b", null, `${there(counts)}/${counts.expected}`)]), sign("next"));
}

/** Ask why, and cancel an activity or it and the rest of its series; undo brings back the same ones. */
export async function cancelActivity({ id, title, series }, done) {
  const reason = h("input", { maxlength: 200, autocomplete: "off", placeholder: "如 下大雨，另定时间" });
  const following = h("input", { type: "checkbox" });
  let cancelled = [];
  const asked = await ask(`取消“${title}”`, "应参加的人在活动页里看到它已取消和原因。取消的活动不计入考勤，以后可以恢复。", {
    action: "取消活动", decline: "不取消了",
    fields: [field("原因", reason), series && h("label", { class: "tick" }, following, "以后的也取消（同一系列里这场之后的）")].filter(Boolean),
    act: async () => {
      ({ cancelled } = await post(`/desk/activities/${id}/cancel`, { reason: reason.value.trim(), following: following.checked }));
    },
  });
  if (!asked) return;
  await done();
  toast(cancelled.length > 1 ? `取消了 ${cancelled.length} 场活动。` : "活动已取消。", () => restoreActivities(cancelled, done));
}

/** Take cancellations back. */
export async function restoreActivities(ids, done) {
  const all = await attempt(async () => {
    for (const id of ids) await post(`/desk/activities/${id}/restore`, {});
    return true;
  });
  await done();
  if (all) toast("活动已恢复。");
}

/** Everything that was said of who was there, the newest first. */
export const eventsOf = async (id) => (await get(`/desk/activities/${id}/events`)).events;
