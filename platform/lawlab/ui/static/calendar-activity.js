/** One activity as a learner sees it: when and where, what is studied, how he stands, leave. */
import { onReturn } from "./api.js";
import { Leave } from "./calendar-leave.js";
import { myTag, sayAge } from "./calendar-parts.js";
import { CALENDAR, pageOf, placeOf, wayIn } from "./calendar-ways.js";
import { PHASES, stateTag, WAYS, when } from "./attendance-words.js";
import { clock, h, linkButton, moment, number, show, sign } from "./dom.js";
import { placeholder, Resource } from "./resource.js";

/** Show activity `id` in `root`. */
export function open(root, id) {
  const resource = Resource.of(`/activities/${id}`);
  const leave = new Leave(id, (data) => isNewer(data, resource.data) && resource.set(data));
  const age = h("div", { role: "status" });
  const facts = h("div");
  const more = h("div");
  let drawn = null;
  resource.watch(() => {
    const { data } = resource;
    if (!data) {
      show(root, placeholder(resource, "活动"));
      return;
    }
    if (!facts.isConnected) show(root, h("p", { class: "back" }, h("a", { href: CALENDAR }, "全部活动")), age, facts, leave.node, more);
    sayAge(age, resource);
    if (data === drawn) return;
    drawn = data;
    show(facts, head(data));
    leave.render(data);
    show(more, study(data), mine(data.record));
  });
  onReturn(() => resource.data && resource.load());
}

/** A reply that was long on its way may be older than what has been loaded since. */
const isNewer = (data, shown) => !shown || Date.parse(data.server_time) >= Date.parse(shown.server_time);

function head(data) {
  const way = wayIn(data);
  return [
    h("h1", null, data.title),
    h("p", { class: "event-tags" }, h("span", { class: "tag" }, Object.fromEntries(PHASES)[data.phase]), stateTag(data), myTag(data)),
    data.state === "cancelled" && h("p", { class: "notice notice-bad" }, sign("wrong"), ` 这场活动取消了。${data.cancel_reason ? `原因：${data.cancel_reason}` : ""}`),
    h("section", { class: "card" },
      h("p", { class: "activity-when" }, when(data)), h("p", { class: "activity-where" }, placeOf(data)),
      data.my && h("p", null, `您的签到：${clock(data.my.at)}，${WAYS[data.my.way]}`),
      way ? linkButton(way[0], way[1], "button-wide") : soon(data)),
  ];
}

/** When signing in begins, for whoever is expected. */
function soon(data) {
  if (data.state !== "planned" || !data.expected) return null;
  return data.online
    ? [h("p", { class: "quiet" }, `线上会场 ${moment(data.opens_at)} 开放。`), linkButton("到线上会场等候", pageOf(data, true), "button-quiet button-wide")]
    : h("p", { class: "quiet" }, `签到 ${moment(data.opens_at)} 开始，请带上手机。`);
}

const many = (names) => names.join("、");
const until = ({ present_until: present, late_until: late }) => `${clock(present)} 以前算出勤，${clock(late)} 以前算迟到`;

function study(data) {
  const facts = [["组织", data.organizer || "镇里"], ["参加", many(data.units)], ["教员", many(data.trainers)], ["签到", until(data)], ["说明", data.note]];
  return h("section", { class: "card" },
    data.topics.length > 0 && [h("h2", null, "学什么"), h("ul", { class: "rows" }, data.topics.map((one) => h("li", null, link(one))))],
    data.materials.length > 0 && [h("h2", null, "材料"), h("ul", { class: "rows" }, data.materials.map((one) => h("li", null, link(one))))],
    h("dl", { class: "activity-facts" }, facts.filter(([, text]) => text).map(([name, text]) => [h("dt", null, name), h("dd", null, text)])));
}

// In the same tab: the built-in browser of a chat app has no other.
const link = ({ title, url }) => h(url ? "a" : "div", { class: "row", href: url }, h("span", { class: "row-main row-name" }, title), url && sign("next"));

function mine({ expected, there, points, most }) {
  if (!expected) return null;
  return h("section", { class: "card" }, h("h2", null, "我这一年"), h("p", { class: "record" }, "到了 ", h("b", null, there), " 场，应到 ", h("b", null, expected), " 场。"),
    h("p", { class: "quiet" }, `考勤得 ${number(points)} 分，满分 ${number(most)} 分。`));
}
