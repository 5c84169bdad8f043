/**
 * Entry: every page loads this one file, and it asks at once for all modules that the page's own
 * elements need. Imports of imports would reach a phone one slow round after another.
 */
const EVERYWHERE = ["bar", "dom", "api", "memory", "outbox", "resource"];
const QUESTIONS = ["choices", "article", "speech"];
const ELEMENTS = {
  "lawlab-home": ["home"],
  "lawlab-board": ["board", "live"],
  "lawlab-search": ["search"],
  "lawlab-quiz": ["quiz", "sitting", "result", "countdown", ...QUESTIONS],
  "lawlab-question": ["question", "lesson", ...QUESTIONS],
  "lawlab-reader": ["reader", "lesson", "speech"],
  "lawlab-article": ["article", "speech"],
  "lawlab-lesson-end": ["lesson-end", "lesson"],
};

const here = Object.keys(ELEMENTS).filter((tag) => document.querySelector(tag));
for (const name of new Set([...EVERYWHERE, ...here.flatMap((tag) => ELEMENTS[tag])])) import(`./${name}.js`);
