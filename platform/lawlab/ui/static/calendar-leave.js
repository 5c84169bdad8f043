/** Leave: ask with a reason, see what was decided, take it back, hand in the proof later. */
import { backoff, hindrance, me, onReturn, post, serverNow } from "./api.js";
import { Proof } from "./calendar-proof.js";
import { button, focusOn, h, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { newKey } from "./outbox.js";
import { signInNotice } from "./resource.js";

const LEAST = 2;
const MOST = 300;
const STATES = { asked: ["tag-wait", "等待批准"], approved: ["tag-right", "已批准"], refused: ["tag-wrong", "没有批准"], withdrawn: ["", "已撤回"] };

/** `changed(data)` is called with the activity as the server has it after a request. */
export class Leave {
  constructor(id, changed) {
    this.id = id;
    this.path = `/activities/${id}/leave`;
    this.changed = changed;
    this.news = h("div", { role: "status" });
    this.body = h("div");
    this.node = h("div", null, this.body, this.news);
    this.tries = 0;
    onReturn(() => this.draft?.sent && this.send());
  }

  /** What was written on this phone before, and is not sent yet. */
  async begin() {
    this.login = (await me()).login;
    this.slot = `lawlab.leave.${this.login}.${this.id}`;
    this.draft = { ...fresh(), ...recall(this.slot), proof: recall(`${this.slot}.proof`) };
    if (this.draft.sent) this.send();
  }

  async render(data) {
    this.begun = this.begun || this.begin();
    await this.begun;
    const look = JSON.stringify([data.leave, data.may_ask_leave, data.may_give_proof, data.closed_at]);
    if (look === this.look) return;
    this.look = look;
    this.data = data;
    const parts = [data.leave && this.standing(data), data.may_ask_leave && this.ask(data)].filter(Boolean);
    show(this.body, parts.length > 0 && h("section", { class: "card leave" }, h("h2", null, "请假"), parts));
    this.freeze();
  }

  /** What is on its way is not changed any more: it would be gone when the reply comes. */
  freeze() {
    const sent = Boolean(this.draft.sent);
    for (const text of this.body.querySelectorAll("textarea")) text.readOnly = sent;
    for (const choice of this.body.querySelectorAll("input")) choice.disabled = sent;
  }

  standing({ leave, may_give_proof: mayProve, closed_at: closed }) {
    const [look, word] = STATES[leave.state];
    const open = leave.state === "asked" || (leave.state === "approved" && !closed);
    return [h("p", null, h("span", { class: `tag ${look}` }, word)), h("p", { class: "leave-reason" }, `原因：${leave.reason}`),
      leave.note && h("p", null, `教员说：${leave.note}`),
      leave.proof ? h("p", { class: "quiet" }, sign("right"), " 证明已交。") : mayProve && this.prove(),
      open && this.back()];
  }

  prove() {
    const hand = button("交证明", () => this.post("prove", proof), "", { hidden: !this.draft.proof });
    const proof = new Proof(this.draft.proof, (value) => {
      this.rememberProof(value);
      hand.hidden = false;
    });
    return h("div", { class: "leave-proof" }, proof.node, hand);
  }

  back() {
    const place = h("div", { class: "leave-back" });
    const closed = () => show(place, button("撤回请假", () => {
      const no = button("不撤回", closed, "button-quiet");
      const yes = button("是，撤回", async () => {
        yes.disabled = no.disabled = true;
        if (await this.withdraw()) return;
        yes.disabled = no.disabled = false;
        yes.focus();
      });
      show(place, h("p", null, "撤回以后，您又是应参加的人。要撤回吗？"), h("div", { class: "buttons" }, yes, no));
      yes.focus();
    }, "button-quiet"));
    closed();
    return place;
  }

  ask({ leave, ends_at: ends }) {
    const late = Date.parse(ends) < serverNow();
    const begin = button(leave ? "再请一次假" : late ? "补请假" : "我要请假", () => {
      const form = this.form();
      begin.replaceWith(form);
      form.querySelector("textarea").focus();
    }, "button-quiet");
    return this.draft.reason || this.draft.proof ? this.form() : begin;
  }

  form() {
    const text = h("textarea", { id: "leave-reason", rows: 3, maxlength: MOST, "aria-describedby": "leave-wrong",
      oninput: () => this.remember({ reason: text.value }) });
    text.value = this.draft.reason;
    const wrong = h("p", { id: "leave-wrong", class: "wrong-text", role: "alert" });
    const proof = new Proof(this.draft.proof, (value) => this.rememberProof(value));
    return h("form", { onsubmit: (event) => {
      event.preventDefault();
      const short = text.value.trim().length < LEAST;
      show(wrong, short && [sign("wrong"), ` 请写请假的原因，${LEAST} 到 ${MOST} 个字。`]);
      if (short) text.focus();
      else this.post("ask", proof);
    } }, h("div", { class: "field" }, h("label", { for: "leave-reason" }, "请假的原因"), text, wrong), proof.node,
    h("button", { type: "submit", class: "button button-wide" }, "交请假条"));
  }

  /** What is written stays on the phone until the server has it. Another text is another request. */
  remember(change) {
    this.draft = { ...this.draft, ...change, key: newKey() };
    this.keep();
  }

  /** A picture is large: it is written once, not at every letter. */
  rememberProof(proof) {
    this.remember({ proof });
    keep(`${this.slot}.proof`, proof);
  }

  keep() {
    const { reason, key, sent } = this.draft;
    keep(this.slot, { reason, key, sent });
  }

  post(sent, proof) {
    if (proof.busy) {
      this.say(h("p", { class: "notice" }, sign("wait"), " 照片还没有处理好，请过一会儿再交。"));
      return;
    }
    this.draft = { ...this.draft, sent };
    this.keep();
    this.tries = 0;
    this.say(h("p", { class: "quiet" }, "正在送…"));
    this.send();
  }

  async send() {
    clearTimeout(this.timer);
    const { key, reason, proof, sent } = this.draft;
    if (this.sending || !sent) return;
    this.sending = true;
    this.freeze();
    try {
      const given = { person: this.login, key, proof };
      const data = await (sent === "ask" ? post(this.path, { ...given, reason: reason.trim() }) : post(`${this.path}/proof`, given));
      this.forget();
      this.done(data, sent === "ask" ? "请假条已交，等教员批准。" : "证明已交。");
    } catch (trouble) {
      this.fail(trouble);
    } finally {
      this.sending = false;
      this.freeze();
    }
  }

  fail(trouble) {
    if (!trouble.kind) throw trouble;
    if (trouble.kind === "refused") {
      this.draft.sent = null;
      this.keep();
      this.say(h("p", { class: "notice notice-bad" }, sign("wrong"), ` ${trouble.message}`));
    } else if (trouble.kind === "signed_out") this.say(signInNotice("登录已过期。写好的留在手机上，登录以后自动送出。"));
    else {
      this.say(h("p", { class: "notice" }, sign("wait"), ` ${hindrance(trouble)}，还没有送到。写好的留在手机上，正在重试。`));
      this.timer = setTimeout(() => this.send(), backoff(this.tries, trouble));
      this.tries += 1;
    }
  }

  /** True when it has been taken back. */
  async withdraw() {
    try {
      this.done(await post(`${this.path}/withdraw`, { person: this.login }), "请假已撤回。");
      return true;
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.say(trouble.kind === "signed_out" ? signInNotice("登录已过期，还没有撤回。请重新登录后再点一次。") : h("p", { class: "notice notice-bad" }, sign("wrong"), trouble.kind === "refused" ? ` ${trouble.message}` : " 网络不稳，还没有撤回，请再点一次。"));
      return false;
    }
  }

  forget() {
    keep(this.slot, null);
    keep(`${this.slot}.proof`, null);
    this.draft = fresh();
  }

  done(data, text) {
    const said = h("p", { class: "notice notice-good" }, sign("right"), ` ${text}`);
    this.changed(data);
    this.say(said);
    focusOn(said);
  }

  /** Said once, however often it is tried again. */
  say(node) {
    if (this.news.textContent !== node.textContent) show(this.news, node);
  }
}

const fresh = () => ({ reason: "", proof: null, key: newKey(), sent: null });
