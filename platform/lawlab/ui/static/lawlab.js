/**
 * Entry: every page loads this one file, and it asks at once for all modules that the page's own
 * elements need. Imports of imports would reach a phone one slow round after another.
 */
const EVERYWHERE = ["bar", "dom", "api", "memory", "outbox", "resource"];
const QUESTIONS = ["choices", "marked", "article", "copy", "speech"];
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
  // The console and the projector come whole; the list and the editor when they are opened.
  "lawlab-host": ["host", "desk", "host-console", "host-parts", "host-commands", "host-actions", "host-stage", "host-people", "host-turns", "stage-parts", "contest-socket", "contest-time", "contest-parts", ...QUESTIONS],
  "lawlab-bigscreen": ["bigscreen", "bigscreen-before", "bigscreen-question", "bigscreen-board", "bigscreen-fit", "contest-socket", "contest-time", "stage-parts", "choices"],
  "lawlab-search": ["search", "library"],
  "lawlab-mine": ["mine", "library"],
  // What is marked comes when there is a result to show.
  "lawlab-quiz": ["quiz", "sitting", "handed-in", "countdown", "choices"],
  "lawlab-question": ["question", "lesson", ...QUESTIONS],
  "lawlab-reader": ["reader", "lesson", "speech"],
  "lawlab-article": ["article", "copy", "speech"],
  "lawlab-bank": ["desk-bank", "desk", "desk-bank-list", "desk-item", "desk-item-draft", "desk-item-form", "desk-item-parts", "desk-item-law", "desk-item-notices", "desk-item-dialogs", ...QUESTIONS],
  "lawlab-desk": ["desk-home", "desk", "desk-course", "desk-course-about", "desk-lesson", "desk-lesson-dialogs", "desk-lesson-parts", "desk-marking", "desk-marking-answer", "desk-marking-keys", "desk-marking-list", "desk-marking-parts", "desk-unconfirmed", "desk-item-dialogs", "desk-quizzes", "desk-quiz", "desk-quiz-people", "desk-quiz-tab", "desk-quiz-report", "desk-quiz-statistics", "desk-regrade", ...QUESTIONS],
  "lawlab-laws": ["desk-laws", "desk", "desk-laws-import", "desk-laws-diff"],
  "lawlab-attendance": ["attendance-home", "desk", "attendance-parts", "attendance-words", "attendance-list", "attendance-form", "attendance-form-values", "attendance-form-law", "attendance-form-parts", "attendance-meeting", "attendance-activity", "attendance-events", "attendance-people", "attendance-leave", "attendance-walk-ins", "attendance-sign", "attendance-code", "attendance-signature", "attendance-pad", "attendance-kept", "attendance-records", "attendance-files", "desk-report", "live"],
  "lawlab-training": ["training", "desk", "training-parts", "training-plan", "training-reports", "training-made", "drill-parts", "choices", "marked", "article", "copy", "speech"],
  "lawlab-lesson-end": ["lesson-end", "lesson"],
  "lawlab-unconfirmed": ["confirmed", "lesson"],
  // A draft may get any element while it is open.
  "lawlab-preview": ["preview", "desk", "lesson", "question", "reader", "lesson-end", "confirmed", ...QUESTIONS],
};

const here = Object.keys(ELEMENTS).filter((tag) => document.querySelector(tag));
for (const name of new Set([...EVERYWHERE, ...here.flatMap((tag) => ELEMENTS[tag])])) import(`./${name}.js`);
