/** The time of a question as a bar and in seconds, on the server's clock. */
import { serverNow } from "./api.js";
import { h, show } from "./dom.js";

const TICK_MS = 100;
const SHORT_MS = 5000;

/** "12 秒", "1 分 05 秒". */
export const seconds = (ms) => {
  const all = Math.ceil(ms / 1000);
  return all < 60 ? `${all} 秒` : `${Math.floor(all / 60)} 分 ${String(all % 60).padStart(2, "0")} 秒`;
};

/** `node` shows the time; `ticked()` is called when it begins, ends, or stands still; `stop()` ends it. */
export class TurnClock {
  constructor(ticked) {
    this.ticked = ticked;
    this.words = h("b", { class: "timer", role: "timer" });
    this.fill = h("span");
    this.node = h("div", { class: "contest-clock" }, this.words, h("span", { class: "contest-bar", "aria-hidden": "true" }, this.fill));
  }

  /** Newer word of the server about the question on the screen. */
  set({ question, server_time: now }) {
    this.question = question;
    this.opens = Date.parse(question.opens_at);
    this.end = Math.max(Date.parse(now), this.opens) + question.left_ms;
    clearInterval(this.ticking);
    this.ticking = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  /** It does not run: paused, or no team has pressed yet. */
  get still() {
    const { paused, buzzer, team } = this.question;
    return paused || Boolean(buzzer && !team);
  }

  get begun() {
    return this.still || serverNow() >= this.opens;
  }

  /** Milliseconds left. */
  get left() {
    const { left_ms: left, total_ms: total } = this.question;
    return this.still ? left : Math.max(0, Math.min(total, this.end - serverNow()));
  }

  get over() {
    return this.question.over || this.left === 0;
  }

  stop() {
    clearInterval(this.ticking);
  }

  tick() {
    const { begun, over, still, left } = this;
    const { paused, closed, total_ms: total } = this.question;
    const text = closed ? "答题结束" : over ? "时间到" : paused ? `暂停，还剩 ${seconds(left)}`
      : still ? `抢到后有 ${seconds(left)}` : begun ? `还剩 ${seconds(left)}` : "马上开始";
    if (this.words.textContent !== text) show(this.words, text);
    this.fill.style.width = `${over ? 0 : (100 * left) / total}%`;
    this.node.classList.toggle("is-short", !still && begun && left <= SHORT_MS);
    this.node.classList.toggle("is-still", still);
    const state = `${begun}/${over}/${still}`;
    if (state !== this.state) {
      this.state = state;
      this.ticked();
    }
  }
}
