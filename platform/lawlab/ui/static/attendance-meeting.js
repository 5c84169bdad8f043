/**
 * One activity as its pages see it: plan and board, kept up to date by word from the server, and
 * what trainers say, sent in order and again until it has arrived.
 */
import { backoff, get, onReturn, page, post, serverNow, setClock } from "./api.js";
import { keepUnsent, takeUnsent } from "./attendance-kept.js";
import { toast } from "./desk.js";
import { listen } from "./live.js";
import { newKey } from "./attendance-parts.js";
import { Resource } from "./resource.js";

const SPREAD_MS = 300;
/** The clock changes what a page shows too: signing in begins, an activity is over. */
const LOOK_MS = 30000;

/**
 * Fires "change". `waiting` are people whose mark has not arrived yet: login → status; `unsigned` are
 * signatures that stay here because the server does not take them now: key → {login, message}.
 */
export class Meeting extends EventTarget {
  constructor(id) {
    super();
    this.id = Number(id);
    this.path = `/desk/activities/${this.id}`;
    this.plan = this.board = null;
    this.waiting = new Map();
    this.unsigned = new Map();
    this.sending = this.turn = 0;
    this.stuck = this.behind = this.signedOut = this.stopped = false;
    this.queue = Promise.resolve();
    this.resource = Resource.of(this.path);
    this.resource.addEventListener("change", () => this.begin());
    window.addEventListener("beforeunload", (event) => this.sending > 0 && !this.stopped && event.preventDefault());
    page.addEventListener("person-changed", () => this.stop());
    onReturn(() => this.wake?.());
    setInterval(() => document.visibilityState === "visible" && this.board && this.load(), LOOK_MS);
    listen((revision) => this.hear(revision), () => {
      this.signedOut = true;
      this.changed();
    }, `activity:${this.id}`);
  }

  /** The first load; later boards come by `look` and by replies. */
  begin() {
    const { data } = this.resource;
    if (!data || this.board) {
      this.changed();
      return;
    }
    this.plan = data.plan;
    this.take(data.board);
    takeUnsent(this);
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
  load() {
    return this.look(`${this.path}/board`, (board) => ({ board }));
  }

  /** The whole again, after the plan has changed. */
  reload() {
    return this.look(this.path, (whole) => whole);
  }

  async look(path, parts) {
    this.turn += 1;
    const { turn } = this;
    try {
      const { plan = this.plan, board } = parts(await get(path));
      this.plan = plan;
      // While something is on its way, its reply is newer than this: an old board never comes back.
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
    this.board = board;
    this.changed();
  }

  /** Somebody else has signed in on this browser: nothing more is sent, it would be in his name. */
  stop() {
    if (this.stopped) return;
    this.stopped = true;
    keepUnsent(this);
    this.changed();
  }

  /** How somebody stands: what is on its way comes first. */
  statusOf(person) {
    return this.waiting.has(person.login) ? this.waiting.get(person.login) : person.status;
  }

  /**
   * Send after all that was sent before, again while there is no network; the reply is a board.
   * Resolves with it, or null when the server refused, which is said in passing or by `refused`.
   */
  say(action, body, { people = [], status = null, refused = ({ message }) => toast(message) } = {}) {
    return this.enqueue(() => this.arrive(`${this.path}/${action}`, body, refused), people, status);
  }

  /** Send after all that was sent before, once; fails as `post` does. */
  tell(action, body) {
    return this.enqueue(() => post(`${this.path}/${action}`, body));
  }

  /** Resolves when nothing is on its way any more. */
  async arrived() {
    while (this.sending > 0) await this.queue.catch(() => null);
  }

  enqueue(send, people = [], status = null) {
    this.sending += 1;
    for (const login of people) this.waiting.set(login, status);
    this.changed();
    const done = (board) => {
      this.sending -= 1;
      for (const login of people) if (!this.sending || this.waiting.get(login) === status) this.waiting.delete(login);
      this.turn += 1;
      if (board) this.take(board);
      else this.changed();
      return board;
    };
    this.queue = this.queue.catch(() => null).then(send).then(done, (trouble) => {
      done(null);
      throw trouble;
    });
    return this.queue;
  }

  async arrive(path, body, refused) {
    for (let tries = 0; !this.stopped; tries += 1) {
      try {
        const board = await post(path, body);
        this.stuck = false;
        return board;
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
        if (trouble.code === "other_person") this.stop();
        else if (trouble.kind === "refused") refused(trouble);
        if (trouble.kind === "refused") {
          this.stuck = false;
          return null;
        }
        this.stuck = true;
        this.signedOut = trouble.kind === "signed_out";
        this.changed();
        await new Promise((again) => {
          this.wake = again;
          setTimeout(again, backoff(tries, trouble));
        });
      }
    }
    return null;
  }

  mark(people, status, reason = "") {
    const logins = people.map(({ login }) => login);
    return this.say("mark", { people: logins, status, reason, key: newKey() }, { people: logins, status });
  }

  unmark(people, reason = "") {
    const logins = people.map(({ login }) => login);
    return this.say("unmark", { people: logins, reason, key: newKey() }, { people: logins });
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
