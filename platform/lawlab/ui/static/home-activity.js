/** The next activity for somebody, on the home page. */
import { when } from "./attendance-words.js";
import { CALENDAR, pageOf, placeOf, wasThere, wayIn } from "./calendar-ways.js";
import { h, linkButton } from "./dom.js";

/** A card of it with where to go now, and the way to all activities. */
export function nextActivity(card) {
  const all = h("p", { class: "next-all" }, h("a", { href: CALENDAR }, "全部活动"));
  const title = h("h2", { class: "section-title" }, "活动");
  if (!card) return [title, h("section", { class: "card" }, h("p", { class: "quiet" }, "现在没有要您参加的活动。"), all)];
  const way = wayIn(card);
  return [title, h("section", { class: `card ${way ? "due" : ""}` },
    h("p", { class: "next-when" }, when(card)), h("h3", null, card.title), h("p", null, placeOf(card)),
    card.state === "open" && wasThere(card) && h("p", null, "您已经签到。"),
    way ? linkButton(way[0], way[1], "button-wide") : linkButton("看活动", pageOf(card), "button-quiet"), all)];
}
