/** What earned somebody's points. */
import { h, number, show } from "./dom.js";
import { placeholder, Resource } from "./resource.js";

const NAMES = { learn: "大学习", drill: "大练兵", compete: "大比武" };

/**
 * Fill a row's place with the sums by phase, and with every source where the server tells it. Called
 * again for the same place, it asks again.
 */
export function earned(place, { id, phases, mine }, span) {
  if (typeof id === "string") {
    // A masked row: nobody is asked for whom it stands; what it has to tell came with it.
    show(place, summed(Object.entries(phases).map(([phase, points]) => ({ name: NAMES[phase], points }))));
    return;
  }
  const resource = Resource.of(`/board/points?person=${id}&span=${span}`);
  if (resource.data || resource.trouble) resource.load();
  if (place.firstChild) return;
  resource.watch(() => {
    const { data } = resource;
    show(place, data ? told(data, mine) : placeholder(resource, "积分"));
  });
}

const summed = (phases) => h("p", { class: "board-sums" }, phases.map(({ name, points }) => h("span", null, `${name} `, h("b", null, number(points)))));

function told({ phases, sources }, mine) {
  const sums = summed(phases);
  if (!sources) return sums;
  if (!sources.length) return [sums, h("p", { class: "quiet" }, `${mine ? "您" : "这一位"}在这段时间还没有得分。`)];
  return [sums, h("ul", { class: "board-sources" }, sources.map(({ title, phase, points, day }) => h("li", null,
    h("span", null, title, h("span", { class: "quiet small" }, ` ${NAMES[phase]} · ${dayOf(day)}`)), h("b", null, number(points)))))];
}

const dayOf = (day) => day.replace(/^\d+-0?(\d+)-0?(\d+)$/, "$1月$2日");
