/** The six digits from the screen in the hall: one field that sends itself. */
import { h, show, sign } from "./dom.js";

const LENGTH = 6;

/** `submit(code)` is called at the sixth digit. */
export class CodeForm {
  constructor(submit) {
    this.submit = submit;
    this.input = h("input", {
      id: "six-digits", class: "six-digits", inputmode: "numeric", autocomplete: "one-time-code", enterkeyhint: "go",
      // Some keyboards put a blank in the middle; only the digits count.
      maxlength: 12, spellcheck: "false", "aria-describedby": "six-digits-news", oncompositionend: () => this.typed(),
      oninput: (event) => event.isComposing || this.typed(),
    });
    this.news = h("p", { id: "six-digits-news", class: "six-digits-news", role: "status" });
    const form = h("form", { onsubmit: (event) => {
      event.preventDefault();
      if (this.digits.length < LENGTH) this.say(`数字要 ${LENGTH} 位，您输了 ${this.digits.length} 位。`, "wrong");
      else this.send();
    } }, h("label", { for: "six-digits" }, "屏幕上的六位数字"), this.input, this.news);
    this.node = h("section", { class: "card" }, form);
  }

  get digits() {
    return this.input.value.normalize("NFKC").replace(/\D/g, "");
  }

  typed() {
    const { digits } = this;
    if (digits !== this.input.value) this.input.value = digits.slice(0, LENGTH);
    if (digits.length >= LENGTH) this.send();
  }

  send() {
    if (this.input.readOnly) return;
    this.input.readOnly = true;
    this.say("正在签到…");
    this.submit(this.digits.slice(0, LENGTH));
  }

  /** Ready for other digits; `focus` when the person is typing anyway. */
  again(text = "", look = "", focus = false) {
    clearInterval(this.timer);
    this.input.readOnly = false;
    this.input.value = "";
    this.say(text, look);
    if (focus) this.input.focus();
  }

  /** The server does not take these digits. */
  refused({ code, message, facts }) {
    const left = facts.left > 0 ? `还可以试 ${facts.left} 次。` : facts.left === 0 ? "请过一分钟再试。" : "";
    if (code === "too_many") this.pause(facts.retry_after);
    else this.again(message + left, "wrong", true);
  }

  pause(seconds) {
    const end = performance.now() + seconds * 1000;
    this.again();
    this.input.readOnly = true;
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      if (left > 0) this.say(`输错的次数多了，请过 ${left} 秒再试，或者扫屏幕上的二维码。`, "wait");
      else this.again("现在可以再输一次。");
    };
    this.timer = setInterval(tick, 1000);
    tick();
  }

  say(text, look = "") {
    this.news.className = `six-digits-news ${look && `is-${look}`}`;
    show(this.news, look && [sign(look), " "], text);
  }
}
