/**
 * One activity as its pages see it: plan and board, kept up to date by word from the server, and
 * what trainers say, sent in order and again until it has arrived.
 */
import { backoff, get, onReturn, post, serverNow, setClock } from "./api.js";
import { toast } from "./desk.js";
import { listen } from "./live.js";
import { newKey } from "./attendance-parts.js";
import { Resource } from "./resource.js";

const SPREAD_MS = 300;
/** The clock changes what a page shows too: signing in begins, an activity is over. */
const LOOK_MS = 30000;

/** Fires "change". `waiting` are people whose mark has not arrived yet: login → status. */
export class Meeting extends EventTarget {
  constructor(id) {
    super();
    this.id = Number(id);
    this.path = `/desk/activities/${this.id}`;
    this.waiting = new Map();
    this.sending = 0;
    this.stuck = this.behind = this.signedOut = false;
    this.queue = Promise.resolve();
    this.resource = Resource.of(this.path);
    this.resource.addEventListener("change", () => {
      setClock(this.board?.server_time);
      this.changed();
    });
    window.addEventListener("beforeunload", (event) => this.sending > 0 && event.preventDefault());
    onReturn(() => this.wake?.());
    setInterval(() => document.visibilityState === "visible" && this.board && this.load(), LOOK_MS);
    listen((revision) => this.hear(revision), () => {
      this.signedOut = true;
      this.changed();
    }, `activity:${this.id}`);
  }

  get plan() {
    return this.resource.data?.plan;
  }

  get board() {
    return this.resource.data?.board;
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  /** Call `render` now and on each change. */
  watch(render) {
    this.addEventListener("change", render);
    render();
  }

  hear(revision) {
    if (!this.board || (revision !== undefined && revision === this.board.revision)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), Math.random() * SPREAD_MS);
  }

  /** The board anew; without a network the one of before stays, marked as such. */
  async load() {
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const board = await get(`${this.path}/board`);
      // While something is on its way, its reply is newer than this.
      if (turn === this.turn && !this.sending) this.take(board);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.behind = trouble.kind === "offline";
      this.signedOut = trouble.kind === "signed_out";
      this.changed();
    }
  }

  take(board) {
    this.behind = this.signedOut = false;
    setClock(board.server_time);
    this.resource.set({ ...this.resource.data, board });
  }

  /** The whole again, after the plan has changed. */
  reload() {
    return this.resource.load();
  }

  /** How somebody stands: what is on its way comes first. */
  statusOf(person) {
    return this.waiting.has(person.login) ? this.waiting.get(person.login) : person.status;
  }

  /**
   * Send after all that was sent before, again while there is no network; the reply is a board.
   * Resolves with it, or null when the server refused, which is said in passing.
   */
  say(action, body, people = [], status = null) {
    this.sending += 1;
    for (const login of people) this.waiting.set(login, status);
    this.changed();
    const mine = this.queue.then(() => this.arrive(`${this.path}/${action}`, body));
    this.queue = mine.catch(() => null).then((board) => {
      this.sending -= 1;
      for (const login of people) if (!this.sending || this.waiting.get(login) === status) this.waiting.delete(login);
      this.turn = (this.turn || 0) + 1;
      if (board) this.take(board);
      else this.changed();
    });
    return mine;
  }

  async arrive(path, body) {
    for (let tries = 0; ; tries += 1) {
      try {
        const board = await post(path, body);
        this.stuck = false;
        return board;
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
        if (trouble.kind === "refused") {
          this.stuck = false;
          toast(trouble.message);
          return null;
        }
        this.stuck = true;
        this.signedOut = trouble.kind === "signed_out";
        this.changed();
        await new Promise((again) => {
          this.wake = again;
          setTimeout(again, backoff(tries));
        });
      }
    }
  }

  mark(people, status, reason = "") {
    const logins = people.map(({ login }) => login);
    return this.say("mark", { people: logins, status, reason, key: newKey() }, logins, status);
  }

  unmark(people, reason = "") {
    const logins = people.map(({ login }) => login);
    return this.say("unmark", { people: logins, reason, key: newKey() }, logins, null);
  }

  /** True when whoever says something now has to say why. */
  get closed() {
    return Boolean(this.board?.activity.closed_at);
  }

  /** True once signing in has begun, by the server's clock. */
  get begun() {
    return serverNow() >= Date.parse(this.board.activity.opens_at);
  }
}
