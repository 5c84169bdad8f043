/** 抢答: one huge button. It can be pressed too early, and then it is lost. */
import { button, h, show } from "./dom.js";

const DECIDED_MS = 3000;

/** `press()` is called when somebody presses. */
export class Buzzer {
  constructor(press) {
    this.pressed = false;
    this.early = false;
    this.words = h("p", { class: "contest-buzz-words", role: "status" });
    this.button = button("抢答", () => {
      this.pressed = true;
      this.refusal = "";
      press();
      // What was undone meanwhile is decided by nobody.
      setTimeout(() => {
        this.pressed = false;
        this.draw();
      }, DECIDED_MS);
      this.draw();
    }, "contest-buzz");
    this.node = h("div", { class: "contest-buzzer", hidden: true }, this.words, this.button);
  }

  update({ question: { buzzer, team }, me }) {
    this.node.hidden = !buzzer || Boolean(team) || !me.may_answer;
    if (!buzzer) return;
    if (buzzer.mine_locked && !buzzer.armed) this.early = true;
    if (buzzer.armed && !this.buzzer?.armed) this.refusal = "";
    this.buzzer = buzzer;
    this.draw();
  }

  /** The server has taken a press. */
  told({ state }) {
    this.early = this.early || state === "false_start";
    this.draw();
  }

  refused(message) {
    this.pressed = false;
    this.refusal = message;
    this.draw();
  }

  draw() {
    const { armed, mine_locked: locked } = this.buzzer;
    const lost = locked || (this.early && !armed);
    this.button.disabled = lost || this.pressed;
    this.button.classList.toggle("is-armed", armed && !lost);
    const text = lost ? (this.early ? "抢早了，这道题您的队不能再抢。" : "这道题您的队不能再抢了。")
      : this.refusal || (this.pressed ? "已经按下，正在看谁先到…" : armed ? "现在可以抢！" : "听到“开始抢答”再按");
    if (text !== this.words.textContent) show(this.words, text);
  }
}
