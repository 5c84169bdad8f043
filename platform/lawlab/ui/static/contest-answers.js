/**
 * The line of a seat, with its answers: each stays on the phone until the server has acknowledged it,
 * and is sent again until then. Another person's answers on the same phone are neither sent nor shown.
 */
import { login, post } from "./api.js";
import { ContestSocket } from "./contest-socket.js";
import { keep, keys, recall } from "./memory.js";

const PREFIX = "lawlab.contest.";
const ACK_MS = 2500;
const PRESS_MS = 1000;
const UNHEARD = "网络断了，没有按到，请再按一次。";

/**
 * Made when it is known whose seat this is. Beyond what a ContestSocket tells: onAck(ack),
 * onBuzz({turn, state}), onRefused also with `turn`.
 */
export class SeatSocket extends ContestSocket {
  constructor(id, on) {
    super(id, "seat", on);
    this.sentAt = new Map();
  }

  /** What is on the phone for a turn: {response, sent, refused}; null for nothing. */
  kept(turn) {
    return recall(this.key(turn));
  }

  /** Keep a choice that is not given yet, so that a refresh does not lose it. */
  draft(turn, response) {
    keep(this.key(turn), { response, sent: false });
  }

  /** Give an answer: it is kept, and sent until it is acknowledged or refused. */
  give(turn, response) {
    keep(this.key(turn), { response, sent: true });
    this.send(turn);
  }

  /** Press the buzzer; what came of it is told by onBuzz or onRefused. */
  buzz(turn) {
    clearTimeout(this.pressing);
    if (!this.held) {
      this.press(turn);
      return;
    }
    this.say({ type: "buzz", turn, person: login() });
    this.pressing = setTimeout(() => this.press(turn), PRESS_MS);
  }

  async press(turn) {
    try {
      this.hear(await post(`/contests/${this.id}/buzz`, { person: login(), turn }));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.on.onRefused({ turn, code: trouble.code, message: trouble.kind === "refused" ? trouble.message : UNHEARD });
    }
  }

  key(turn) {
    return `${PREFIX}${this.id}.${login()}.${turn}`;
  }

  /** Turns whose answer is on its way. */
  waiting() {
    return keys(this.key("")).filter((key) => recall(key)?.sent).map((key) => Number(key.split(".").pop()));
  }

  send(turn) {
    this.sentAt.set(turn, performance.now());
    if (this.held) this.say({ type: "answer", turn, response: this.kept(turn).response, person: login() });
    else this.post(turn);
  }

  async post(turn) {
    this.sentAt.set(turn, Infinity);
    try {
      this.acknowledged(await post(`/contests/${this.id}/answers`, { person: login(), turn, response: this.kept(turn).response }));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      // Only a clear no is final; else a beat tries again.
      const final = trouble.kind === "refused" && trouble.status !== 429 && trouble.code !== "other_person";
      if (final) this.refused({ turn, code: trouble.code, message: trouble.message });
      if (trouble.kind === "signed_out") this.tell("signed_out");
    } finally {
      this.sentAt.set(turn, performance.now());
    }
  }

  acknowledged(ack) {
    keep(this.key(ack.turn), null);
    this.on.onAck(ack);
  }

  refused({ turn, code, message }) {
    const kept = this.kept(turn);
    // The choice stays while its question does: the host may give more time.
    const open = turn === this.view?.question?.turn;
    if (kept?.sent) keep(this.key(turn), open ? { response: kept.response, sent: false, refused: message } : null);
    this.on.onRefused({ turn, code, message });
  }

  hear(word) {
    super.hear(word);
    if (word.type === "ack") this.acknowledged(word);
    if (word.type === "buzz" || word.type === "refused") clearTimeout(this.pressing);
    if (word.type === "buzz") this.on.onBuzz(word);
    // What could not be stored now stays on its way: a beat tries again.
    if (word.type === "refused" && word.again) this.sentAt.set(word.turn, performance.now());
    else if (word.type === "refused" && word.turn) this.refused(word);
  }

  hold() {
    super.hold();
    // Behind a new socket there may be somebody else by now: a request names the person, and is refused.
    // One that left over the old network may hang for long; the same answer twice is one answer.
    for (const turn of this.waiting()) this.post(turn);
  }

  beat(now) {
    super.beat(now);
    if (this.link === "signed_out") return;
    for (const turn of this.waiting()) if (now - (this.sentAt.get(turn) ?? 0) > ACK_MS) this.post(turn);
  }

  /** What no longer has a question is forgotten; what was answered on another device needs no sending. */
  show(view) {
    for (const key of keys(this.key(""))) {
      const here = key === this.key(view.question?.turn);
      if (here ? view.me.answered : !recall(key)?.sent) keep(key, null);
    }
    super.show(view);
  }
}
