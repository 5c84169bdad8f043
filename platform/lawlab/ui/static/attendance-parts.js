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
