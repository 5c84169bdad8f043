/** What earned somebody's points. */
import { h, number, show } from "./dom.js";
import { placeholder, Resource } from "./resource.js";

const NAMES = { learn: "大学习", drill: "大练兵", compete: "大比武" };

/** Fill a place with the sums by phase, and with every source where the server tells it. */
export function earned(place, person, span, mine) {
  const resource = Resource.of(`/board/points?person=${person}&span=${span}`);
  const known = place.dataset.span === span;
  place.dataset.span = span;
  if (known) {
    resource.load();
    return;
  }
  resource.watch(() => {
    const { data } = resource;
    show(place, data ? told(data, mine) : placeholder(resource, "积分"));
  });
}

function told({ phases, sources }, mine) {
  const sums = h("p", { class: "board-sums" }, phases.map(({ name, points }) => h("span", null, `${name} `, h("b", null, number(points)))));
  if (!sources) return sums;
  if (!sources.length) return [sums, h("p", { class: "quiet" }, `${mine ? "您" : "这一位"}在这段时间还没有得分。`)];
  return [sums, h("ul", { class: "board-sources" }, sources.map(({ title, phase, points, day }) => h("li", null,
    h("span", null, title, h("span", { class: "quiet small" }, ` ${NAMES[phase]} · ${dayOf(day)}`)), h("b", null, number(points)))))];
}

const dayOf = (day) => day.replace(/^\d+-0?(\d+)-0?(\d+)$/, "$1月$2日");
