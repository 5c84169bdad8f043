/** Text as large as the screen allows: measured, in steps, so that nothing is cut and nothing scrolls. */

/** So many keep a question readable from the last row; the others are for one longer than any in the banks. */
const READABLE = 10;
const STEPS = 13;
/** With fewer explanations the question need not be smaller than this. */
const LEAN_FROM = 3;

/** The largest step at which the content of `main` fits; the sizes of each stand in bigscreen.css. */
export function fit(main) {
  for (const [step, lean] of order()) {
    main.dataset.fit = step;
    main.classList.toggle("is-lean", lean);
    if (main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth) return;
  }
}

function* order() {
  for (let step = 0; step < READABLE; step += 1) yield [step, false];
  for (let step = LEAN_FROM; step < STEPS; step += 1) yield [step, true];
}
