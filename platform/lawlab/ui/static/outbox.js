/**
 * Answers on their way to the server. Each is written to the phone first, carries its person, and
 * leaves the phone when the server has stored it. Another person's answers are neither sent nor
 * shown: they wait until that person signs in again.
 */
import { backoff, login, me, onReturn, post, Trouble } from "./api.js";
import { keep, keys, recall } from "./memory.js";

const PREFIX = "lawlab.answer.";

/** "change" events; `detail` = {entry, state, reply?, trouble?}; state as in `put`. */
export const outbox = new EventTarget();

const others = "BroadcastChannel" in window ? new BroadcastChannel("lawlab.outbox") : null;
const ended = new Set();

let running = false;
let again = false;
let tries = 0;
let timer = 0;
let holding = 0;
let order = 0;

/**
 * Keep an answer and send it: `{item, version, place, response}`, of a quiz with its `attempt`. `hold` ms lets further
 * keystrokes replace it before it leaves. Its state goes sending → stored, or → waiting (no
 * network), signed_out, or refused (the server said no for good). Returns its key.
 */
export function put(answer, hold = 0) {
  withdraw(answer.place, answer.item);
  order += 1;
  const entry = { ...answer, key: newKey(), person: login(), order: Date.now() * 1000 + order };
  keep(PREFIX + entry.key, entry);
  tell(entry, "sending");
  clearTimeout(holding);
  if (hold) holding = setTimeout(flush, hold);
  else flush();
  return entry.key;
}

/** This person's unsent answers at a place, or anywhere: Map of item → entry. */
export const pending = (place) => new Map(entries(place).map((entry) => [entry.item, entry]));

/** Forget an answer that has not left yet. */
export function withdraw(place, item) {
  for (const entry of entries(place)) if (entry.item === item) forget(entry);
}

/** How many of this person's answers are still on the phone. */
export const waitingCount = () => entries().length;

/** Send what waits, one after another, oldest first. Harmless at any time. */
export async function flush() {
  clearTimeout(timer);
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    await me();
    for (let entry = entries()[0]; entry; entry = entries()[0]) await deliver(entry);
    tries = 0;
  } catch (trouble) {
    fallBack(trouble);
  } finally {
    running = false;
  }
  if (again) {
    again = false;
    flush();
  }
}

async function deliver(entry) {
  const { key, person, item, version, place, response, attempt } = entry;
  try {
    const reply = await post("/answers", { key, person, item, version, place, response, attempt });
    forget(entry);
    tries = 0;
    tell(entry, "stored", { reply });
  } catch (trouble) {
    if (!isFinal(trouble)) throw trouble;
    forget(entry);
    tell(entry, "refused", { trouble });
  }
}

// Only a clear no lets go of an answer; everything else keeps it and tries again.
function isFinal(trouble) {
  if (trouble.kind !== "refused" || trouble.code === "other_person") return false;
  return [400, 409, 422].includes(trouble.status) || (trouble.status === 404 && trouble.code !== "");
}

function fallBack(trouble) {
  if (!(trouble instanceof Trouble)) throw trouble;
  again = false;
  const state = trouble.kind === "signed_out" ? "signed_out" : "waiting";
  for (const entry of entries()) tell(entry, state, { trouble });
  if (!entries().length) return;
  timer = setTimeout(flush, backoff(tries, trouble));
  tries += 1;
}

function entries(place) {
  return keys(PREFIX).map(recall)
    .filter((entry) => entry && entry.person === login() && (!place || entry.place === place))
    .sort((one, other) => one.order - other.order);
}

const forget = ({ key }) => keep(PREFIX + key, null);

function tell(entry, state, more = {}) {
  show(entry, state, more);
  if (state !== "stored" && state !== "refused") return;
  const { kind, message, code, status, facts } = more.trouble || {};
  others?.postMessage({ entry, state, reply: more.reply, trouble: more.trouble && [kind, message, code, status, facts] });
}

function show(entry, state, more) {
  if (ended.has(entry.key)) return; // two tabs may send it at once
  if (state === "stored" || state === "refused") ended.add(entry.key);
  outbox.dispatchEvent(new CustomEvent("change", { detail: { entry, state, ...more } }));
}

// Tabs share what waits: the one that sent it tells the one that shows it.
if (others) {
  others.onmessage = ({ data: { entry, state, reply, trouble } }) => {
    if (entry.person === login()) show(entry, state, { reply, trouble: trouble && new Trouble(...trouble) });
  };
}

/** A key of a request, so that a repeat changes nothing. */
export function newKey() {
  // crypto.randomUUID needs https, which a town's own network may not have.
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
}

document.addEventListener("visibilitychange", () => {
  // The phone is being locked: what was just typed does not wait for further keystrokes.
  if (document.visibilityState === "hidden") flush();
});
onReturn(() => {
  tries = 0;
  flush();
});
