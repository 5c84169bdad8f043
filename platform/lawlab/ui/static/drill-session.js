/**
 * A row of questions to practise. The next ones are loaded ahead, without their keys, and kept on
 * the phone: practice goes on where the network does not. Answers go through the outbox.
 */
import { backoff, get, login, me, onReturn } from "./api.js";
import { keep, recall } from "./memory.js";
import { outbox, pending, put } from "./outbox.js";

const AHEAD = 10;
const LOW = 4;
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
    this.later = [];
    this.state = "loading";
    this.trouble = null;
    this.today = null;
    this.tries = 0;
    this.given = 0;
    this.right = 0;
    this.doneBefore = null;
    outbox.addEventListener("change", ({ detail }) => this.follow(detail));
    onReturn(() => this.trouble && this.fill());
    this.begin();
  }

  async begin() {
    try {
      await me();
      this.slot = `lawlab.drill.${login()}.${this.query}`;
      this.later = recall(`${this.slot}.later`) || [];
      await this.fill();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.fail(trouble);
      this.timer = setTimeout(() => this.begin(), backoff(this.tries));
    }
  }

  get current() {
    return this.items[0] || null;
  }

  /** Load more, when few are left; what is kept on the phone stands in when there is no network. */
  async fill() {
    clearTimeout(this.timer);
    if (this.filling || this.items.length > LOW) return;
    this.filling = true;
    const held = [...this.items, ...this.later].map(({ id }) => id);
    const sent = outboxItems(this.slot, this.items, this.later);
    const without = [...new Set([...held, ...sent])].join(",");
    try {
      const reply = await get(`/drill/next?${this.query}${this.anew}&count=${AHEAD}&without=${encodeURIComponent(without)}`.replace("?&", "?"));
      this.anew = "";
      // Whoever comes back after the day was done is not told again that it is.
      this.doneBefore = this.doneBefore ?? reply.done;
      const known = new Set(held);
      this.items.push(...reply.items.filter(({ id }) => !known.has(id)));
      Object.assign(this, { trouble: null, tries: 0, state: this.items.length ? reply.state : reply.state === "go" ? "done" : reply.state });
      keep(`${this.slot}.items`, { day: dayHere(), items: this.items });
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      const kept = recall(`${this.slot}.items`);
      if (!this.items.length && !this.given && kept?.day === dayHere()) {
        const gone = new Set(sent);
        this.items = kept.items.filter(({ id }) => !gone.has(id));
      }
      this.fail(trouble);
      if (trouble.kind === "offline") this.timer = setTimeout(() => this.fill(), backoff(this.tries));
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
    this.asked = { item, response, reply: null, state: "sending", refused: null };
    this.given += 1;
    put({ item: item.id, version: item.version, place: item.place, response });
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.asked?.item === item && this.asked.state === "sending" && this.wait(), PATIENCE);
  }

  follow({ entry, state, reply, trouble }) {
    if (state === "stored" && reply.drill) this.today = reply.drill.today;
    const mine = this.asked?.item.id === entry.item && this.asked.item.place === entry.place && !this.asked.reply;
    if (mine && state === "stored") {
      this.right += reply.right ? 1 : 0;
      Object.assign(this.asked, { reply, state });
    } else if (mine && state === "refused") Object.assign(this.asked, { state, refused: trouble });
    else if (mine && (state === "waiting" || state === "signed_out") && this.asked.state === "sending") {
      this.wait();
      return;
    } else if (state === "stored" || state === "refused") this.arrived(entry, reply, trouble);
    else return;
    this.tell();
  }

  wait() {
    this.asked.state = "waiting";
    this.tell();
  }

  /** An answer that was given without a network has its mark now, or will never have one. */
  arrived(entry, reply, trouble) {
    const late = this.later.find(({ id, place, reply: had }) => id === entry.item && place === entry.place && !had);
    if (!late) return;
    this.right += reply?.right ? 1 : 0;
    Object.assign(late, { reply: reply || null, refused: trouble ? trouble.message : "" });
    keep(`${this.slot}.later`, this.later);
  }

  /** On to the next one; what has no mark yet stays in `later`. */
  next() {
    const { item, response, reply } = this.asked;
    if (!reply && this.asked.state !== "refused") this.later.push({ ...item, response, reply: null });
    this.asked = null;
    this.items.shift();
    keep(`${this.slot}.items`, { day: dayHere(), items: this.items });
    keep(`${this.slot}.later`, this.later);
    this.fill();
    this.tell();
  }

  /** The marks of late answers have been read. */
  readLater() {
    this.later = this.later.filter(({ reply, refused }) => !reply && !refused);
    keep(`${this.slot}.later`, this.later.length ? this.later : null);
    this.tell();
  }

  tell() {
    this.dispatchEvent(new Event("change"));
  }
}

function outboxItems(slot, items, later) {
  const places = new Set(["drill:daily", ...[...items, ...later].map(({ place }) => place)]);
  return [...places].flatMap((place) => [...pending(place).keys()]);
}

// Only to throw away what is old; what counts is the server's day.
const dayHere = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);
