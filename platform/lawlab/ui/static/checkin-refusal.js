/** Why somebody could not be signed in, and what to do now. */
import { serverNow } from "./api.js";
import { CALENDAR, pageOf, placeOf } from "./calendar-ways.js";
import { span } from "./attendance-words.js";
import { button, clock, h, linkButton, show, sign } from "./dom.js";

const TITLES = {
  too_early: "还没到签到时间", over: "签到已经结束", wrong_activity: "这不是您要参加的活动", old_token: "请再扫一次",
  bad_token: "请再扫一次", other_phone: "请用您自己的手机扫", cancelled: "这场活动取消了", online_activity: "这场活动在线上",
};
const SCAN_AGAIN = ["old_token", "bad_token"];

/** The card of a refusal with its title. `acts`: join() as a guest, ask() for another way. */
export function refusal({ code, message, facts }, acts) {
  const title = TITLES[code] || "没有签到成功";
  const early = code === "too_early";
  const node = h("section", { class: `card checkin-refused ${early ? "is-early" : ""}` }, h("h1", null, sign(early ? "wait" : "wrong"), title),
    code !== "wrong_activity" && h("p", null, message));
  if (early) node.append(untilOpen(facts.opens_at, node));
  if (SCAN_AGAIN.includes(code)) node.append(h("p", null, "二维码 15 秒换一次，请对准屏幕上最新的那个再扫。"));
  if (code === "wrong_activity") node.append(...twoWays(facts, acts));
  if (code === "online_activity") node.append(linkButton("进入线上会场", pageOf(facts.activity, true), "button-wide"));
  if (["over", "cancelled"].includes(code)) {
    node.append(h("div", { class: "buttons" }, button("签到另一场", acts.ask, "button-quiet"), linkButton("看全部活动", CALENDAR, "button-quiet")));
  }
  return { title, node };
}

/** Counts down to the opening; the scan was too early for good, so another one is needed then. */
function untilOpen(opens, card) {
  const left = h("b", { role: "timer" });
  const line = h("p", null, `${clock(opens)} 开始签到，`, left, "。");
  const tick = () => {
    const seconds = Math.ceil((Date.parse(opens) - serverNow()) / 1000);
    if (seconds > 0) show(left, `还有 ${seconds >= 60 ? `${Math.floor(seconds / 60)} 分 ` : ""}${seconds % 60} 秒`);
    else show(card, h("h1", null, "现在可以签到了"), h("p", { role: "status" }, "请再扫一次屏幕上的二维码，或者输入下面的六位数字。"));
  };
  const timer = setInterval(() => (left.isConnected ? tick() : clearInterval(timer)), 1000);
  tick();
  return line;
}

function twoWays({ activity, right }, { join }) {
  const guest = h("div");
  show(guest, button("我就是来参加这一场", () => {
    const yes = button("是，登记为旁听", join, "button-wide");
    show(guest, h("p", null, `给您在“${activity.title}”登记为旁听，不算您应参加的那一场。是这样吗？`), yes);
    yes.focus();
  }, "button-quiet button-wide"));
  return [
    h("p", null, `您扫的是“${activity.title}”的签到码。您现在应参加的是：`), h("h2", null, right.title),
    h("p", { class: "checkin-where" }, placeOf(right), h("br"), span(right)),
    linkButton("看我该去哪里", pageOf(right), "button-wide"), guest,
  ];
}
