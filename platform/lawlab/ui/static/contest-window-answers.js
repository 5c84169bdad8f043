/**
 * Answers of a contest that everybody takes when he likes: each stays on the phone until the server
 * has it, and is sent again until then. Another person's answers on the same phone are left alone.
 */
import { backoff, login, onReturn, post } from "./api.js";
import { keep, keys, recall } from "./memory.js";

const PREFIX = "lawlab.window.";

/** `on`: onStored(reply), onRefused(place, trouble), onTrouble(trouble). */
export class WindowAnswers {
  constructor(id, on) {
    Object.assign(this, { id, on, tries: 0 });
    onReturn(() => this.flush());
  }

  key(place) {
    return `${PREFIX}${this.id}.${login()}.${place}`;
  }

  /** What is on the phone for a place: {response, sent}; null for nothing. */
  kept(place) {
    return recall(this.key(place));
  }

  /** Keep a choice that is not given yet, so that a refresh does not lose it. */
  draft(place, response) {
    keep(this.key(place), { response, sent: false });
  }

  /** Give an answer for good. */
  give(place, response) {
    keep(this.key(place), { response, sent: true });
    this.flush();
  }

  forget(place) {
    keep(this.key(place), null);
  }

  /** Places whose answer is on its way. */
  waiting() {
    return keys(this.key("")).filter((key) => recall(key)?.sent).map((key) => Number(key.split(".").pop()));
  }

  /** Choices that were never given are worth nothing once the time is over. */
  forgetDrafts() {
    for (const key of keys(this.key(""))) if (!recall(key)?.sent) keep(key, null);
  }

  /** Send what waits; resolves when all was sent or the network failed. */
  flush() {
    clearTimeout(this.timer);
    this.sending = this.sending || this.send().finally(() => { this.sending = null; });
    return this.sending;
  }

  async send() {
    for (let [place] = this.waiting(); place; [place] = this.waiting()) {
      try {
        const reply = await post(`/contests/${this.id}/window/answers`, { person: login(), place, response: this.kept(place).response });
        this.forget(place);
        this.tries = 0;
        this.on.onStored(reply);
      } catch (trouble) {
        if (!trouble.kind) throw trouble;
        // Only a clear no is final.
        if (trouble.kind !== "refused" || trouble.status === 429 || trouble.code === "other_person") {
          this.on.onTrouble(trouble);
          if (trouble.kind !== "signed_out") this.timer = setTimeout(() => this.flush(), backoff(this.tries, trouble));
          this.tries += 1;
          return;
        }
        this.forget(place);
        this.on.onRefused(place, trouble);
      }
    }
  }
}
