/** <lawlab-question item="atf-012">: one check card of a lesson, from choosing to the explanation. */
import { hindrance, me } from "./api.js";
import { answerForm, isAnswered, kindTag, spoken, urge } from "./choices.js";
import { button, clock, focusOn, h, show, sign } from "./dom.js";
import { thisLesson } from "./lesson.js";
import { markedQuestion, reasons, verdict } from "./marked.js";
import { keep, recall } from "./memory.js";
import { outbox, pending } from "./outbox.js";
import { placeholder } from "./resource.js";
import { canSpeak, readAloud } from "./speech.js";

const SINCE = {
  withdrawn: "这道题后来撤下了，这里是您当时做的那一版。",
  updated: "这道题后来改过，这里是您当时做的那一版。",
};

class Question extends HTMLElement {
  connectedCallback() {
    if (this.lesson) return;
    this.item = this.getAttribute("item");
    this.lesson = thisLesson();
    this.shown = "";
    outbox.addEventListener("change", ({ detail }) => {
      if (detail.entry.item === this.item && detail.entry.place === this.lesson.place) this.follow(detail);
    });
    this.lesson.resource.watch(() => this.render());
  }

  get card() {
    return this.lesson.card(this.item);
  }

  async render() {
    const { resource } = this.lesson;
    if (!resource.data) {
      show(this, h("section", { class: "card" }, placeholder(resource, "练习")));
      return;
    }
    // The lesson changes with each answer on the page; this card only with its own.
    const look = this.card ? (this.card.answered ? "answered" : "open") : "missing";
    if (look === this.shown) return;
    this.shown = look;
    if (look === "missing") {
      const resting = resource.data.resting?.includes(this.item);
      show(this, h("section", { class: "card" }, h("p", null, resting
        ? "这道练习暂时撤下了，不用做，不影响学完本课。"
        : this.lesson.preview ? `题库里没有写好的题目 ${this.item}。` : "这道练习已经更换，请刷新页面。")));
      return;
    }
    this.draftKey = `lawlab.draft.${(await me()).login}.${this.lesson.place}.${this.item}`;
    if (look === "answered") this.showAnswered();
    else this.showOpen();
  }

  showOpen() {
    const waiting = pending(this.lesson.place).get(this.item);
    this.response = waiting?.response || recall(this.draftKey) || null;
    this.state = h("div", { class: "save-state", role: "status" });
    const form = answerForm(this.card, this.response, (response) => {
      this.response = response;
      keep(this.draftKey, response);
      this.say("");
    });
    this.confirm = button("确定", () => this.send(form), "button-wide");
    show(this, this.frame(form, this.confirm, this.state));
    if (waiting) {
      this.lock(true);
      this.say("答案还在手机上，正在送出…", "is-waiting");
    }
  }

  frame(...children) {
    const { card } = this;
    const label = `练习 ${this.lesson.position(this.item)}`;
    const head = h("div", { class: "question-head" },
      h("b", null, label), kindTag(card),
      canSpeak() && button([sign("speak"), "读题"],
        () => readAloud([{ node: this.querySelector(".stem"), text: spoken(card) }]), "button-quiet button-plain"));
    return h("section", { class: "card question", "aria-label": label }, head, ...children);
  }

  send() {
    if (!isAnswered(this.response)) {
      this.say(urge(this.card), "is-wrong");
      this.querySelector("fieldset :is(input, textarea, button:enabled)").focus();
      return;
    }
    this.lock(true);
    this.mine = true;
    this.lesson.send({ item: this.item, version: this.card.version, place: this.lesson.place, response: this.response });
  }

  lock(on) {
    this.querySelector("fieldset").disabled = on;
    this.confirm.disabled = on;
  }

  follow({ state, reply, trouble }) {
    if (state === "stored") {
      keep(this.draftKey, null);
      this.lesson.record(this.item, reply);
      return;
    }
    if (!this.state || this.card?.answered) return;
    if (state === "sending") this.say("正在保存…");
    if (state === "waiting") this.say([sign("wait"), ` ${hindrance(trouble)}，答案已留在手机上，正在重试`], "is-waiting");
    if (state === "signed_out") this.say("登录已过期。答案已留在手机上，重新登录后会自动送出。", "is-waiting");
    if (state === "refused") {
      this.lock(false);
      this.say(trouble.message, "is-wrong");
    }
  }

  say(text, look = "") {
    this.state.className = `save-state ${look}`;
    show(this.state, text);
  }

  showAnswered() {
    const { answered } = this.card;
    const head = verdict(this.card, answered.response, answered.right);
    show(this, this.frame(
      markedQuestion(this.card, answered.response, answered.revealed), head,
      reasons(this.card, answered.response, answered.revealed),
      h("p", { class: "save-state" }, `已保存 ${clock(answered.stored_at)}`),
      SINCE[this.card.since] && h("p", { class: "save-state" }, SINCE[this.card.since])));
    // Only after the person's own tap: an opened page must not jump to its cards.
    if (this.mine) focusOn(head);
  }
}

customElements.define("lawlab-question", Question);
