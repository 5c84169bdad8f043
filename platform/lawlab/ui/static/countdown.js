/** A timer that shows what the server said is left, and tells once when it is over. */
import { h, show } from "./dom.js";

const WARN_S = [300, 60];

/** `node` is the timer; `done` is called once at zero; `warn(text)` at five minutes and one. */
export class Countdown {
  constructor(done, warn) {
    this.node = h("span", { class: "timer", role: "timer" });
    this.done = done;
    this.warn = warn;
    this.warned = new Set();
    this.ticking = 0;
  }

  /** Count from these seconds; called again with each newer word of the server. */
  set(seconds) {
    this.end = performance.now() + seconds * 1000;
    // Warnings whose moment was before this page was opened are not given late.
    if (!this.ticking) WARN_S.filter((mark) => seconds < mark).forEach((mark) => this.warned.add(mark));
    clearInterval(this.ticking);
    this.ticking = setInterval(() => this.tick(), 500);
    this.tick();
  }

  stop() {
    clearInterval(this.ticking);
  }

  tick() {
    const left = Math.max(0, Math.ceil((this.end - performance.now()) / 1000));
    const pad = (value) => String(value).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    const text = `${hours ? `${hours}:` : ""}${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}`;
    show(this.node, `还剩 ${text}`);
    this.node.classList.toggle("is-short", left <= 60);
    const mark = WARN_S.find((seconds) => left <= seconds && left > seconds - 30 && !this.warned.has(seconds));
    if (mark) {
      this.warned.add(mark);
      this.warn(`还剩 ${mark / 60} 分钟`);
    }
    if (left > 0) return;
    this.stop();
    this.done();
  }
}
