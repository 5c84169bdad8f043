/** What the elements of trainers' pages need; lawlab.js loads this where one of them is. */
import { ask, QUESTIONS } from "./lawlab.js";

ask({
  // The console and the projector come whole; the list and the editor when they are opened.
  "lawlab-host": ["host", "desk", "host-console", "host-parts", "host-commands", "host-actions", "host-stage", "host-people", "host-turns", "stage-parts", "contest-socket", "contest-time", "contest-parts", ...QUESTIONS],
  "lawlab-bigscreen": ["bigscreen", "bigscreen-before", "bigscreen-question", "bigscreen-board", "bigscreen-fit", "contest-socket", "contest-time", "stage-parts", "choices"],
  "lawlab-bank": ["desk-bank", "desk", "desk-bank-list", "desk-item", "desk-item-draft", "desk-item-form", "desk-item-parts", "desk-item-law", "desk-item-notices", "desk-item-dialogs", ...QUESTIONS],
  "lawlab-desk": ["desk-home", "desk", "desk-course", "desk-course-about", "desk-lesson", "desk-lesson-dialogs", "desk-lesson-parts", "desk-marking", "desk-marking-answer", "desk-marking-keys", "desk-marking-list", "desk-marking-parts", "desk-unconfirmed", "desk-item-dialogs", "desk-quizzes", "desk-quiz", "desk-quiz-people", "desk-quiz-tab", "desk-quiz-report", "desk-quiz-statistics", "desk-regrade", ...QUESTIONS],
  "lawlab-laws": ["desk-laws", "desk", "desk-laws-import", "desk-laws-diff"],
  "lawlab-attendance": ["attendance-home", "desk", "attendance-parts", "attendance-words", "attendance-list", "attendance-form", "attendance-form-values", "attendance-form-law", "attendance-form-parts", "attendance-meeting", "attendance-activity", "attendance-events", "attendance-people", "attendance-leave", "attendance-walk-ins", "attendance-sign", "attendance-code", "attendance-signature", "attendance-pad", "attendance-kept", "attendance-records", "attendance-files", "desk-report", "live"],
  "lawlab-training": ["training", "desk", "training-parts", "training-plan", "training-reports", "training-made", "drill-parts", "choices", "marked", "article", "copy", "speech"],
  // A draft may get any element while it is open.
  "lawlab-preview": ["preview", "desk", "lesson", "question", "reader", "lesson-end", "confirmed", ...QUESTIONS],
});
