/** <lawlab-calendar>: the year's activities; one of them, or its room, by the address. */
import { onReturn } from "./api.js";
import { leaf, myTag, sayAge, styled } from "./calendar-parts.js";
import { CALENDAR, pageOf, placeOf, wasThere, wayIn } from "./calendar-ways.js";
import { dateOf, when } from "./attendance-words.js";
import { button, h, here, linkButton, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { placeholder, Resource } from "./resource.js";

const KEPT = "lawlab.calendar";
const MOST_UNITS = 3;

class Calendar extends HTMLElement {
  async connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    const [id, view] = here().rest;
    if (/^\d+$/.test(id || "")) {
      this.showOne(Number(id), view === "room" ? "room" : "activity");
      return;
    }
    const year = new URLSearchParams(location.search).get("year");
    this.resource = Resource.of(`/activities${/^\d{4}$/.test(year || "") ? `?year=${year}` : ""}`);
    this.age = h("div", { role: "status" });
    this.list = h("div");
    await styled;
    this.resource.watch(() => this.render());
    onReturn(() => this.resource.data && this.resource.load());
  }

  /** One activity or its room; each has a module of its own, so that the list stays light. */
  async showOne(id, view) {
    show(this, h("p", { class: "quiet", role: "status" }, "正在打开活动…"));
    const loading = view === "room" ? import("./calendar-room.js") : import("./calendar-activity.js");
    const [module] = await Promise.all([loading.catch(() => null), styled]);
    if (module) {
      module.open(this, id);
      return;
    }
    onReturn(() => location.reload());
    show(this, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 网络不稳，活动还没有打开。"),
      h("div", { class: "buttons" }, button("再试一次", () => location.reload(), "button-quiet"))));
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this, placeholder(this.resource, "活动"));
      return;
    }
    if (!this.list.isConnected) show(this, this.age, this.list);
    sayAge(this.age, this.resource);
    // A try that fails leaves the list, and who reads it, where they are.
    if (data !== this.drawn) this.draw(data);
  }

  draw(data) {
    this.drawn = data;
    const mine = recall(KEPT) === "mine";
    const shown = data.activities.filter((card) => !mine || card.expected || card.my);
    const now = Date.parse(data.server_time);
    const past = shown.filter((card) => card.state === "over" || Date.parse(card.ends_at) <= now).reverse();
    const coming = shown.filter((card) => !past.includes(card));
    const pick = (word, value) => button(word, () => {
      keep(KEPT, value);
      this.draw(data);
      this.querySelector(".pick [aria-pressed=true]").focus();
    }, "button-quiet", { "aria-pressed": String(mine === (value === "mine")) });
    show(this.list, h("h1", null, `${data.year} 年的活动`),
      data.years.length > 1 && h("nav", { class: "years", "aria-label": "年份" }, data.years.map((year) => h("a",
        { class: "button button-quiet", href: `${CALENDAR}?year=${year}`, "aria-current": year === data.year && "page" }, `${year} 年`))),
      record(data.activities),
      h("div", { class: "pick", role: "group", "aria-label": "看哪些" }, pick("全部", null), pick("只看我的", "mine")),
      shown.length === 0 && h("section", { class: "card empty" }, h("p", null, mine ? "这一年没有要您参加的活动。" : "这一年还没有活动。"),
        h("p", { class: "quiet" }, "教员安排以后，会写在这里。"), linkButton("回首页", "/services/learn/home", "button-quiet")),
      byMonth(coming).map(([month, cards]) => [h("h2", { class: "section-title" }, month), cards.map((card) => event(card))]),
      past.length > 0 && [h("h2", { class: "section-title" }, "已经过去的"), past.map((card) => event(card))]);
  }
}

/** How often this person was there, of the activities that are over. */
function record(activities) {
  const counted = activities.filter((card) => card.expected && card.state === "over");
  if (!counted.length) return null;
  return h("p", { class: "record" }, "我到了 ", h("b", null, counted.filter(wasThere).length), " 场，应到 ", h("b", null, counted.length), " 场。");
}

function byMonth(cards) {
  const months = new Map();
  for (const card of cards) {
    const name = `${Number(dateOf(card.starts_at).split("-")[1])} 月`;
    months.set(name, [...(months.get(name) || []), card]);
  }
  return [...months];
}

function event(card) {
  const way = wayIn(card);
  const { units, state } = card;
  const who = units.length > MOST_UNITS ? `${units.slice(0, MOST_UNITS).join("、")}等 ${units.length} 个单位` : units.join("、");
  const cancelled = state === "cancelled";
  return h("article", { class: `card event is-${state}` }, leaf(card.starts_at), h("div", { class: "event-main" },
    h("h3", null, h("a", { class: "event-link", href: pageOf(card) }, card.title)),
    h("p", { class: "event-when" }, when(card)), h("p", null, placeOf(card)), who && h("p", { class: "quiet small" }, who),
    h("p", { class: "event-tags" }, cancelled && h("span", { class: "tag tag-wrong" }, "已取消"), state === "open" && h("span", { class: "tag tag-wait" }, "正在签到"), myTag(card)),
    cancelled && card.cancel_reason && h("p", { class: "small" }, `取消的原因：${card.cancel_reason}`),
    way && linkButton(way[0], way[1], card.expected ? "button-wide" : "button-wide button-quiet")));
}

customElements.define("lawlab-calendar", Calendar);
