/** 练习日历: a month of days, and the months before. */
import { button, h, show, sign } from "./dom.js";
import { backLink, dayName } from "./drill-parts.js";
import { placeholder, Resource } from "./resource.js";

export function open(root) {
  document.title = "练习日历";
  const state = Resource.of("/drill");
  const place = h("div", null);
  show(root, backLink(), h("h1", null, "练习日历"), place);
  state.watch(() => {
    if (state.data) month(place, state.data, state.data.day.slice(0, 7));
    else show(place, h("section", { class: "card" }, placeholder(state, "练习日历")));
  });
}

function month(place, state, name) {
  const resource = Resource.of(`/drill/calendar?month=${name}`);
  const draw = () => {
    if (place.month !== name) return;
    show(place, h("section", { class: "card" },
      h("div", { class: "drill-month" }, button("‹ 上月", () => month(place, state, shift(name, -1)), "button-quiet", { "aria-label": "上个月" }),
        h("h2", null, title(name)), button("下月 ›", () => month(place, state, shift(name, 1)), "button-quiet", { "aria-label": "下个月", disabled: name >= state.day.slice(0, 7) })),
      resource.data ? days(resource.data.days, state.day) : placeholder(resource, "日历"),
      h("p", { class: "quiet small" }, `${state.longest ? `连续 ${state.streak} 天，最长 ${state.longest} 天。` : ""}放假不算断。`)));
  };
  place.month = name;
  resource.watch(draw);
}

function days(list, today) {
  const first = (new Date(`${list[0].day}T12:00:00Z`).getUTCDay() + 6) % 7;
  const done = list.filter((one) => one.done).length;
  return [h("p", null, done ? `这个月练完 ${done} 天。` : "这个月还没有练完的一天。"),
    h("ol", { class: "drill-calendar" }, [..."一二三四五六日"].map((day) => h("li", { class: "small quiet", "aria-hidden": "true" }, day)),
      Array.from({ length: first }, () => h("li", { "aria-hidden": "true" })), list.map((one) => h("li", { class: `drill-day ${one.done ? "is-done" : one.answered ? "is-begun" : one.holiday ? "is-rest" : ""} ${one.day === today ? "is-today" : ""}`,
        "aria-label": `${dayName(one.day)}：${one.answered ? `练了 ${one.answered} 题，答对 ${one.right} 题${one.done ? "，练完了" : ""}` : one.holiday || "没练"}` },
      h("span", { "aria-hidden": "true" }, Number(one.day.slice(8))), h("span", { class: "small", "aria-hidden": "true" }, one.done ? sign("right") : one.answered ? `${one.answered}题` : one.holiday ? "休" : ""))))];
}

const title = (name) => name.replace(/^(\d+)-0?(\d+)$/, "$1年$2月");

function shift(name, by) {
  const [year, number] = name.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 15)).toISOString().slice(0, 7);
}
