/** What the trainers' pages of attendance share: their stylesheet, words, addresses, small pieces. */
import { h, show } from "./dom.js";

export * from "./attendance-words.js";
export { newKey } from "./outbox.js";

for (const name of ["attendance", "attendance-sign"]) {
  document.head.append(h("link", { rel: "stylesheet", href: new URL(`./${name}.css`, import.meta.url).href }));
}

export const PAGE = "/services/learn/attendance";

/** The page of one activity. */
export const activityPage = (id, view = "activity") => `${PAGE}/${view}/${id}`;

/** How the server writes it that somebody belongs to no unit. */
const NO_UNIT = "（没有单位）";

/** What stands beside a name: the unit; without one the sign-in name, where others have the same name. */
export function beside({ login, name, unit }, all) {
  if (unit && unit !== NO_UNIT) return unit;
  return all.some((other) => other.login !== login && other.name === name) ? login : "";
}

/** "明白人004（河口村）": somebody among `all`. */
export function named(person, all) {
  const more = beside(person, all);
  return person.name + (more && `（${more}）`);
}

/** How many are there: 出勤 and 迟到. */
export const there = ({ present, late }) => present + late;

/** Draw a part again only when what it shows is other than before: nothing moves under a finger. */
export function update(part, facts, draw) {
  const drawn = JSON.stringify(facts);
  if (part.drawn === drawn) return;
  part.drawn = drawn;
  show(part, draw());
}

/** The picture of a signature or of a proof, kept at an activity. */
export const attachment = (activity, id) => `/services/api/desk/activities/${activity}/attachment/${id}`;
