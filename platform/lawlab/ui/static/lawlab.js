/**
 * Entry: every page loads this one file, and it asks at once for all modules that the page's own
 * elements need. Imports of imports would reach a phone one slow round after another.
 */
const EVERYWHERE = ["bar", "dom", "api", "memory", "outbox", "resource"];
/** What a question needs that is answered and marked. */
export const QUESTIONS = ["choices", "marked", "article", "copy", "speech"];
const ELEMENTS = {
  "lawlab-home": ["home", "home-activity", "home-contest", "checkin-kept", "attendance-words", "calendar-ways", "library"],
  "lawlab-course": ["course", "library", "place"],
  "lawlab-law": ["law", "law-index", "law-outline", "law-text", "library", "place", "copy", "speech"],
  "lawlab-board": ["board", "board-points", "board-rules", "library", "live"],
  // One activity and its room come when the address names one.
  "lawlab-calendar": ["calendar", "calendar-parts", "calendar-ways", "attendance-words"],
  "lawlab-checkin": ["checkin", "checkin-code", "checkin-kept", "checkin-refusal", "calendar-parts", "calendar-ways", "attendance-words"],
  // What a day begins with comes at once; the other views when they are opened.
  "lawlab-drill": ["drill", "drill-today", "drill-parts", "drill-later"],
  // The whole seat comes at once: a question must not wait for a module.
  "lawlab-contest": ["contest", "contest-seat", "contest-answers", "contest-socket", "contest-parts", "contest-lobby", "contest-question", "contest-time", "contest-buzz", "contest-reveal", "contest-board", ...QUESTIONS],
  "lawlab-search": ["search", "library"],
  "lawlab-mine": ["mine", "library"],
  // What is marked comes when there is a result to show.
  "lawlab-quiz": ["quiz", "sitting", "hand-in", "handed-in", "countdown", "choices"],
  "lawlab-question": ["question", "lesson", ...QUESTIONS],
  "lawlab-reader": ["reader", "lesson", "speech"],
  "lawlab-article": ["article", "copy", "speech"],
  "lawlab-lesson-end": ["lesson-end", "lesson"],
  "lawlab-unconfirmed": ["confirmed", "lesson"],
};
// Trainers' pages, whose long lists no phone needs.
const DESK = "lawlab-host, lawlab-bigscreen, lawlab-bank, lawlab-desk, lawlab-laws, lawlab-attendance, lawlab-training, lawlab-preview";

/** Ask for the modules of those elements that the page has. */
export function ask(elements, always = []) {
  const here = Object.keys(elements).filter((tag) => document.querySelector(tag));
  for (const name of new Set([...always, ...here.flatMap((tag) => elements[tag])])) import(`./${name}.js`);
}

ask(ELEMENTS, EVERYWHERE);
if (document.querySelector(DESK)) import("./lawlab-desk.js");
