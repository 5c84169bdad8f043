/**
 * A row of questions to practise. The next ones are loaded ahead, without their keys, and kept on
 * the phone: practice goes on where the network does not. Answers go through the outbox.
 */
import { backoff, get, login, me, onReturn } from "./api.js";
import { catchUp, forget, remember, unmarked } from "./drill-later.js";
import { keep, keys, recall } from "./memory.js";
import { outbox, pending, put } from "./outbox.js";

const AHEAD = 10;
const LOW = 4;
/** Ids that one request may name as not wanted. */
const NAMED = 60;
const KEPT = "lawlab.drill.";
/** So long an answer may take until the page goes on without its mark, in ms. */
const PATIENCE = 4000;

/** "change" events when there is something new to show. */
export class Session extends EventTarget {
  /** `query`: as `/drill/next` wants it; "" is the daily practice. */
  constructor(query) {
    super();
    this.query = query.replace("&anew=true", "");
    this.anew = this.query === query ? "" : "&anew=true";
    this.items = [];
    this.keys = new Set();
    this.state = "loading";
    this.trouble = null;
    this.today = null;
    this.tries = 0;
    this.given = 0;
    this.right = 0;
    this.doneBefore = null;
    outbox.addEventListener("change", ({ detail }) => this.follow(detail));
    onReturn(() => this.trouble && this.retry());
    this.begin();
  }

  async begin() {
    clearTimeout(this.timer);
    try {
      await me();
      this.slot = `${KEPT}${login()}.${this.query}.items`;
      tidy();
      catchUp();
      await this.fill();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.fail(trouble);
      this.timer = setTimeout(() => this.begin(), backoff(this.tries, trouble));
    }
  }

  get current() {
    return this.items[0] || null;
  }

  /** Try again what brought nothing. */
  retry() {
    return this.slot ? this.fill() : this.begin();
  }

  /** Load more, when few are left; what is kept on the phone stands in when there is no network. */
  async fill() {
    clearTimeout(this.timer);
    if (this.filling || this.items.length > LOW) return;
    this.filling = true;
    const held = this.items.map(({ id }) => id);
    // What is answered and not yet marked is not asked again, wherever it was answered.
    const sent = new Set([...pending().keys(), ...unmarked().map(({ id }) => id)]);
    const without = [...new Set([...held, ...sent])].slice(0, NAMED).join(",");
    try {
      const reply = await get(`/drill/next?${this.query}${this.anew}&count=${AHEAD}&without=${encodeURIComponent(without)}`.replace("?&", "?"));
      this.anew = "";
      // Whoever comes back after the day was done is not told again that it is.
      this.doneBefore = this.doneBefore ?? reply.done;
      const known = new Set([...held, ...sent]);
      this.items.push(...reply.items.filter(({ id }) => !known.has(id)));
      Object.assign(this, { trouble: null, tries: 0, state: this.items.length ? reply.state : reply.state === "go" ? "done" : reply.state });
      this.keepItems();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      const kept = recall(this.slot);
      if (!this.items.length && !this.given && kept?.day === dayHere()) {
        this.items = kept.items.filter(({ id }) => !sent.has(id));
      }
      this.fail(trouble);
      if (trouble.kind === "offline") this.timer = setTimeout(() => this.fill(), backoff(this.tries, trouble));
    } finally {
      this.filling = false;
    }
    this.tell();
  }

  fail(trouble) {
    this.trouble = trouble;
    this.tries += 1;
    if (this.items.length) this.state = "go";
    this.tell();
  }

  /** Answer the question at hand. It is marked when the reply is there, or later. */
  answer(response) {
    const item = this.current;
    const key = put({ item: item.id, version: item.version, place: item.place, response });
    this.keys.add(key);
    this.asked = { key, item, response, reply: null, state: "sending", refused: null };
    this.given += 1;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.asked?.item === item && this.asked.state === "sending" && this.wait(), PATIENCE);
  }

  follow({ entry, state, reply, trouble }) {
    if (state === "stored" && reply.drill) this.today = reply.drill.today;
    if (state === "stored" && this.keys.has(entry.key) && reply.right) this.right += 1;
    const mine = this.asked?.key === entry.key && !this.asked.reply;
    if (mine && (state === "waiting" || state === "signed_out")) {
      if (this.asked.state === "sending") this.wait();
      return;
    }
    if (state !== "stored" && state !== "refused") return;
    if (mine) {
      Object.assign(this.asked, state === "stored" ? { reply, state } : { state, refused: trouble });
      forget(entry.key);
    }
    this.tell();
  }

  /** Its mark will be told later, even if this page is closed now. */
  wait() {
    const { key, item, response } = this.asked;
    this.asked.state = "waiting";
    remember({ ...item, key, response });
    this.tell();
  }

  /** On to the next one. */
  next() {
    this.asked = null;
    this.items.shift();
    this.keepItems();
    this.fill();
    this.tell();
  }

  keepItems() {
    keep(this.slot, { day: dayHere(), items: this.items });
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** What was kept on earlier days would only fill the phone. */
function tidy() {
  for (const slot of keys(KEPT)) {
    if (slot.endsWith(".items") && recall(slot)?.day !== dayHere()) keep(slot, null);
  }
}

// Only to throw away what is old; what counts is the server's day.
const dayHere = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
