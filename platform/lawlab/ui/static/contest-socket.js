/**
 * The line to a running contest: a WebSocket while one holds, asking every two seconds while none
 * does. Used by the seat (contest-answers.js adds what it sends), the host and the projector.
 */
import { get, onReturn, page, renew, serverNow, setClock } from "./api.js";

const SIGNED_OUT = 4401;
const REFUSED = [4403, 4404];
const BEAT_MS = 1000;
const FIRST_TRY_MS = 300;
const LAST_TRY_MS = 4000;
const OPENING_MS = 5000;
/** After so long without a socket, ask; the first time on a page sooner, for it shows nothing yet. */
const WITHOUT_MS = 4000;
const WITHOUT_FIRST_MS = 1500;
const ASK_MS = 2000;
const SILENT_MS = 10000;
const PONG_MS = 4000;
const CLOCK_STEP_MS = 5000;

const ahead = (iso) => Date.parse(iso) - serverNow();

/**
 * `as` is "seat", "host" or "screen". Of `on` may be missing what a page does not need:
 * onState(view), never an older one than before; onCount(count); onRefused({code, message}) when
 * there is nothing more to expect; onLink(link), a change to "live", "polling", "lost" or "signed_out".
 */
export class ContestSocket {
  constructor(id, as, on) {
    Object.assign(this, { id, as, on, view: null, link: "", socket: null, held: false, tries: 0 });
    this.lostAt = performance.now();
    this.beating = setInterval(() => this.beat(performance.now()), BEAT_MS);
    onReturn(() => this.comeBack());
    window.addEventListener("offline", () => this.drop());
    page.addEventListener("person-changed", () => this.close());
    this.connect();
  }

  close() {
    this.closed = true;
    clearInterval(this.beating);
    this.forgo();
  }

  /** Take a view that came another way, such as the reply to a command; an older one changes nothing. */
  take(view) {
    const known = this.view;
    if (this.closed || (known && (view.seq - known.seq || Date.parse(view.server_time) - Date.parse(known.server_time)) < 0)) return;
    // Of two words about the time the one that travelled faster is right, unless the clock was set.
    if (!known || ahead(view.server_time) > 0 || ahead(view.server_time) < -CLOCK_STEP_MS) setClock(view.server_time);
    this.view = view;
    this.show(view);
  }

  show(view) {
    this.on.onState?.(view);
  }

  /** Say something to the server; without a socket nothing happens. */
  say(word) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(word));
  }

  connect() {
    clearTimeout(this.retry);
    // Without a network there is nothing to try: its return is told.
    if (this.closed || this.socket || navigator.onLine === false) return;
    const socket = new WebSocket(`${location.origin.replace("http", "ws")}/services/api/contests/${encodeURIComponent(this.id)}/socket?as=${this.as}`);
    Object.assign(this, { socket, openedAt: performance.now(), pingedAt: 0 });
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.hear(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.lost(code);
    };
  }

  hear(word) {
    this.pingedAt = 0;
    this.heardAt = performance.now();
    if (word.type === "count") this.on.onCount?.(word);
    if (word.type !== "state") return;
    const turn = word.question?.turn;
    if (turn && turn !== this.got && this.as === "seat") this.say({ type: "got", turn });
    this.got = turn;
    if (!this.held) this.hold();
    this.take(word);
  }

  /** A socket counts from its first word: some networks open one and let nothing through. */
  hold() {
    this.held = true;
    this.tries = 0;
    this.tell("live");
  }

  /** Let go of the socket; one that is half dead would take minutes to close. */
  forgo() {
    const { socket } = this;
    if (this.held) this.lostAt = performance.now();
    Object.assign(this, { socket: null, held: false });
    clearTimeout(this.retry);
    socket?.close();
  }

  drop() {
    if (this.closed) return;
    this.forgo();
    if (navigator.onLine === false) this.tell("lost");
    this.again();
  }

  again() {
    // Spread, so that a hall does not come back in step.
    const wait = Math.min(LAST_TRY_MS, FIRST_TRY_MS * 2 ** this.tries) * (0.7 + 0.6 * Math.random());
    this.retry = setTimeout(() => this.connect(), wait);
    this.tries += 1;
  }

  async lost(code) {
    this.forgo();
    try {
      if (code === SIGNED_OUT) await renew();
    } catch (trouble) {
      if (trouble.kind === "signed_out") {
        this.tell("signed_out");
        return;
      }
    }
    if (this.closed) return;
    this.again();
    // Asking says in words what a closed socket cannot.
    if (REFUSED.includes(code)) this.ask();
  }

  /** Back online, or the phone unlocked: a socket that slept is not trusted. */
  comeBack() {
    if (this.closed || (this.held && performance.now() - this.heardAt < BEAT_MS)) return;
    this.forgo();
    if (this.link === "signed_out") this.tell("lost");
    Object.assign(this, { tries: 0, asking: false });
    this.connect();
  }

  beat(now) {
    if (this.link === "signed_out") return;
    if (this.held) this.check(now);
    else {
      if (this.socket && now - this.openedAt > OPENING_MS) this.drop();
      const without = now - this.lostAt;
      if (without > WITHOUT_FIRST_MS && this.link !== "polling") this.tell("lost");
      const due = now - (this.askedAt || 0) > ASK_MS - BEAT_MS / 2;
      const wait = this.view && this.link !== "polling" ? WITHOUT_MS : WITHOUT_FIRST_MS;
      if (due && without > wait) this.ask();
    }
  }

  check(now) {
    if (this.pingedAt && now - this.pingedAt > PONG_MS) this.drop();
    else if (!this.pingedAt && now - this.heardAt > SILENT_MS) {
      this.pingedAt = now;
      this.say({ type: "ping" });
    }
  }

  async ask() {
    if (this.asking || this.closed || document.visibilityState === "hidden") return;
    Object.assign(this, { asking: true, askedAt: performance.now() });
    try {
      const view = await get(`/contests/${encodeURIComponent(this.id)}/${this.as}?seen=${this.view?.seq ?? ""}`);
      if (!this.held) this.tell("polling");
      this.take(view);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (trouble.kind === "refused") {
        this.close();
        this.on.onRefused?.({ code: trouble.code, message: trouble.message });
      } else if (!this.held) this.tell(trouble.kind === "offline" ? "lost" : "signed_out");
    } finally {
      this.asking = false;
    }
  }

  tell(link) {
    if (link === this.link || this.closed) return;
    this.link = link;
    this.on.onLink?.(link);
  }
}
