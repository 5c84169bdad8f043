/** Where somebody was on a long page, so that it is shown there again. */
import { keep, recall } from "./memory.js";

// The text comes later than the browser would scroll.
history.scrollRestoration = "manual";

const KEY = "lawlab.reading";
const MOST = 20;

/**
 * What `keepHere` kept for this entry of the browser's history: there again after Back, a reload, or
 * when a phone had thrown the page away; not when the page is opened by a link.
 */
export const placeHere = () => history.state?.place || null;

/** Keep a place for this entry of the history. */
export const keepHere = (place) => history.replaceState({ ...history.state, place }, "");

/** How far somebody has read in a law, on this device, or null. */
export const readingOf = (law) => recall(KEY)?.[law] || null;

/** Keep how far; laws not opened for long are forgotten. */
export function keepReading(law, place) {
  const { [law]: _, ...others } = recall(KEY) || {};
  keep(KEY, Object.fromEntries([[law, place], ...Object.entries(others)].slice(0, MOST)));
}

/** Call `act` when the page has come to rest after scrolling. */
export function onRest(act, wait = 250) {
  let timer = 0;
  window.addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  }, { passive: true });
}
