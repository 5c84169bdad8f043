/**
 * Answers of practice whose mark did not come at once: they are on the phone with their person until
 * that mark has been read, whichever page it was that delivered them.
 */
import { login, me, onReturn, post } from "./api.js";
import { keep, recall } from "./memory.js";
import { outbox, pending } from "./outbox.js";

/** "change" events when a mark came, or was read. */
export const later = new EventTarget();

const slot = () => `lawlab.drill.${login()}.later`;
const all = () => (login() && recall(slot())) || [];
const done = ({ reply, refused }) => Boolean(reply || refused);

/** Those that have their mark (`reply`), or will never have one (`refused` says why). */
export const marked = () => all().filter(done);

/** Those that still wait for it. */
export const unmarked = () => all().filter((one) => !done(one));

/** Keep an answer until its mark has been read: the question as it was asked, `key`, `response`. */
export function remember(one) {
  forget(one.key);
  put([...all(), { ...one, person: login() }]);
}

/** Its mark has been seen. */
export const forget = (key) => put(all().filter((one) => one.key !== key));

/** All marks that have come have been seen. */
export const read = () => put(unmarked());

function put(list) {
  keep(slot(), list.length ? list : null);
  later.dispatchEvent(new Event("change"));
}

function mark(key, reply, trouble) {
  const found = all();
  const one = found.find((entry) => entry.key === key);
  if (!one || done(one)) return;
  Object.assign(one, { reply: reply || null, refused: trouble ? trouble.message : "" });
  put(found);
}

/** Ask for the marks of what another page delivered: the same key gets the same reply. */
export async function catchUp() {
  try {
    await me();
    const waiting = new Set([...pending().values()].map(({ key }) => key));
    for (const one of unmarked().filter(({ key }) => !waiting.has(key))) await ask(one);
  } catch (trouble) {
    // No network yet, or signed out: the next time.
    if (!trouble.kind) throw trouble;
  }
}

async function ask({ key, person, id, version, place, response }) {
  try {
    mark(key, await post("/answers", { key, person, item: id, version, place, response }));
  } catch (trouble) {
    if (trouble.kind !== "refused" || trouble.code === "other_person") throw trouble;
    mark(key, null, trouble);
  }
}

outbox.addEventListener("change", ({ detail: { entry, state, reply, trouble } }) => {
  if (state === "stored" || state === "refused") mark(entry.key, reply, trouble);
});
onReturn(catchUp);
