/**
 * The draft of one question: what the form holds, kept on this computer at once and on the server a
 * moment later. Fires "state" ({state, …}) and "checked" (faults and changes from the server).
 */
import { backoff, login, onReturn, post } from "./api.js";
import { keep, recall } from "./memory.js";

const WAIT_MS = 900;

/** Whether two forms say the same, whatever the order of their fields. */
function same(one, other) {
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => same(one[key], other[key]));
}

export class Draft extends EventTarget {
  constructor(detail) {
    super();
    this.item = detail.item;
    this.bank = detail.bank.slug;
    this.tries = 0;
    this.saving = null;
    this.take(detail);
    onReturn(() => this.dirty && this.flush());
    for (const name of ["pagehide", "visibilitychange"]) {
      window.addEventListener(name, () => document.visibilityState === "hidden" && this.dirty && this.flush());
    }
  }

  /** Begin from what the server says. */
  take({ draft, published }) {
    this.revision = draft?.revision || 0;
    this.base = draft ? draft.base_version : published.version;
    this.form = structuredClone(draft?.form || published.form);
    this.exists = Boolean(draft);
    this.dirty = false;
    this.stopped = false;
  }

  get key() {
    return `lawlab.item.${login()}.${this.item}`;
  }

  /** What an earlier visit could not save; true when there was something. */
  recover() {
    const kept = recall(this.key);
    if (!kept) return false;
    if (same(kept.form, this.form)) {
      keep(this.key, null);
      return false;
    }
    // With an older revision the server answers with a conflict, and the trainer chooses.
    Object.assign(this, { form: { ...this.form, ...kept.form }, revision: kept.revision, base: kept.base });
    this.changed();
    return true;
  }

  /** The form has changed: keep it here now, and save it when the typing pauses. */
  changed() {
    this.dirty = true;
    this.count = (this.count || 0) + 1;
    keep(this.key, { form: this.form, revision: this.revision, base: this.base });
    if (this.stopped) return;
    this.tell("state", { state: "typing" });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Save what is not saved; resolves true when the server has everything. */
  async flush() {
    clearTimeout(this.timer);
    while (this.saving) await this.saving;
    if (!this.dirty || this.stopped) return !this.dirty;
    this.saving = this.save().finally(() => { this.saving = null; });
    await this.saving;
    return this.dirty && !this.stopped && this.tries === 0 ? this.flush() : !this.dirty;
  }

  async save() {
    const { count } = this;
    this.tell("state", { state: "saving" });
    try {
      const reply = await post(`/desk/items/${encodeURIComponent(this.item)}/draft`,
        { revision: this.revision, base_version: this.base, form: this.form });
      this.revision = reply.revision;
      this.exists = true;
      this.tries = 0;
      if (count === this.count) {
        this.dirty = false;
        keep(this.key, null);
        this.tell("state", { state: "saved", at: reply.changed_at });
        this.tell("checked", reply);
      } else keep(this.key, { form: this.form, revision: this.revision, base: this.base });
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.failed(trouble);
    }
  }

  failed(trouble) {
    if (trouble.kind === "refused") {
      this.stopped = true;
      this.tell("state", { state: trouble.code === "draft_conflict" ? "conflict" : "refused", trouble });
      return;
    }
    this.tries += 1;
    this.tell("state", { state: trouble.kind === "signed_out" ? "signed_out" : "waiting" });
    this.timer = setTimeout(() => this.flush(), backoff(this.tries, trouble));
  }

  /** Save on from another revision or another published version. */
  goOn(revision, base) {
    Object.assign(this, { revision, base, stopped: false });
    this.changed();
    return this.flush();
  }

  /** Save no more: the page begins anew. What is not saved stays here for it. */
  stop() {
    clearTimeout(this.timer);
    this.stopped = true;
  }

  /** Let go of what is written here: another text was chosen. */
  forget() {
    this.stop();
    this.dirty = false;
    keep(this.key, null);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
