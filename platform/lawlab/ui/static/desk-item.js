/** One question on the trainers' desk: form, law, checks, publishing, history. */
import { get, me, post } from "./api.js";
import { button, clock, h, linkButton, show } from "./dom.js";
import { attempt, deskPlaceholder, toast } from "./desk.js";
import { stateTags } from "./desk-bank-list.js";
import { historyList, publish, tryItem, withdraw } from "./desk-item-dialogs.js";
import { Draft } from "./desk-item-draft.js";
import { ItemForm } from "./desk-item-form.js";
import { LawPane } from "./desk-item-law.js";
import { conflictNotice, goneNotice, olderNotice, stateNotice, uses } from "./desk-item-notices.js";
import { Resource } from "./resource.js";

const WORDS = {
  typing: "正在写…", saving: "正在保存…", waiting: "网络不稳，内容已留在这台电脑上，正在重试",
  signed_out: "登录已过期。内容已留在这台电脑上，重新登录后会自动保存", conflict: "没有保存：请在上面选用哪一稿",
};

export class ItemEditor {
  constructor(root, item) {
    this.root = root;
    this.item = item;
    this.path = `/desk/items/${encodeURIComponent(item)}`;
    this.resource = Resource.of(this.path);
    this.resource.watch(() => this.begin());
  }

  get back() {
    const bank = this.detail?.bank.slug;
    return `/services/learn/bank${bank ? `?bank=${encodeURIComponent(bank)}` : ""}`;
  }

  async begin() {
    const { data, trouble } = this.resource;
    if (!data) {
      show(this.root, trouble?.status === 404
        ? h("section", { class: "card empty" }, h("p", null, trouble.message), linkButton("回题库", this.back))
        : deskPlaceholder(this.resource, "这道题"));
      return;
    }
    await me();
    this.detail = data;
    this.standing = data;
    this.draft = new Draft(data);
    this.draft.addEventListener("state", ({ detail }) => this.saveState(detail));
    this.draft.addEventListener("checked", ({ detail }) => this.checked(detail));
    this.form = new ItemForm(this.draft, { bank: data.bank, tags: data.tags }, (name) => this.edited(name));
    this.form.everything = Boolean(data.published) || this.draft.form.stem !== "";
    this.pane = new LawPane(this.draft, (text) => this.form.useEvidence(text));
    this.wire();
    const recovered = this.draft.recover();
    if (recovered) this.form.build();
    this.frame();
    this.wire();
    this.form.say(this.standing.faults);
    if (recovered) toast("找回了上次没有来得及保存的内容。");
  }

  wire() {
    this.form.articles.onshow = (ref) => this.pane.show(ref);
    this.pane.draw();
  }

  frame() {
    const { detail } = this;
    this.state = h("p", { class: "save-state", role: "status" });
    this.news = h("div", { class: "item-news" });
    this.title = h("div", { class: "desk-head" });
    this.past = h("div", null);
    const check = button("检查并发布", () => this.publish(check));
    show(this.root, h("a", { class: "back-link", href: this.back }, "‹ 回题库"), this.title, this.news,
      h("div", { class: "item-editor" }, this.form.law, this.pane.node, this.form.quote, this.form.main),
      this.past, h("div", { class: "item-actions" }, this.state, h("div", { class: "buttons" }, button("试答", () => tryItem(this.draft.form), "button-quiet"), check)));
    if (this.draft.dirty) this.saveState({ state: "typing" });
    else if (detail.draft) this.saveState({ state: "saved", at: detail.draft.changed_at, by: detail.draft.author });
    this.describe();
  }

  /** Title, notices and history: what stands around the form. */
  describe() {
    const { detail, draft } = this;
    const state = detail.state?.state || (detail.published ? "in_use" : "new");
    show(this.title, h("h1", null, this.item), h("p", { class: "item-facts" }, stateTags({ state, draft: draft.exists }),
      detail.published && h("span", { class: "quiet small" }, `第 ${detail.published.version} 版，审核：${detail.published.reviewer || "没有记录"}`),
      h("span", { class: "quiet small" }, `题库：${detail.bank.law || detail.bank.slug}`)),
    h("div", { class: "buttons" }, draft.exists && button("放弃草稿", () => this.discard(), "button-quiet button-small"),
      detail.published && state !== "withdrawn" && button("撤下", () => this.after(withdraw(detail), "已撤下"), "button-quiet button-small")));
    show(this.news, stateNotice(this), olderNotice(this), uses(detail));
    show(this.past, historyList(detail, (version) => this.takeUp(version)));
  }

  edited(name) {
    if (name === "articles" || name === "evidence") this.pane.draw();
    const first = !this.draft.exists;
    this.draft.exists = true;
    if (first) this.describe();
    this.draft.changed();
  }

  saveState({ state, at, by, trouble }) {
    if (!this.state) return;
    const looks = { waiting: "is-waiting", signed_out: "is-waiting", conflict: "is-wrong", refused: "is-wrong" };
    this.state.className = `save-state ${looks[state] || ""}`;
    show(this.state, state === "saved" ? `已保存 ${clock(at)}${by ? `（${by}）` : ""}` : WORDS[state] || trouble.message);
    const notice = state === "conflict" ? conflictNotice(this, trouble) : trouble?.code === "no_draft" && goneNotice(this, trouble);
    if (!notice) return;
    this.news.prepend(notice);
    notice.focus();
  }

  checked(standing) {
    this.standing = standing;
    this.form.say(standing.faults);
  }

  async publish(pressed) {
    pressed.disabled = true;
    try {
      this.form.everything = true;
      // A question that nobody touched has no draft; a look at its faults needs none.
      if (this.draft.exists && !this.draft.revision) this.draft.changed();
      if (!(await this.draft.flush())) return;
      this.form.say(this.standing.faults);
      if (!this.draft.exists) {
        toast("没有改动，不用发布。");
        return;
      }
      const done = await publish(this.detail, this.draft, this.standing, (fault) => this.form.jumpTo(fault));
      if (done === "newer") await this.reload();
      else if (done) await this.finish("已发布，学员刷新页面就能看到");
    } finally {
      pressed.disabled = false;
    }
  }

  async after(asked, word) {
    if (await asked) await attempt(() => this.finish(word));
  }

  async finish(word) {
    await this.draft.flush();
    await this.reload();
    toast(word);
    window.scrollTo({ top: 0 });
  }

  /** Everything anew from the server. What could not be saved stays on this computer. */
  async reload() {
    this.draft.stop();
    this.resource.set(await get(this.path));
  }

  restore() {
    return attempt(async () => {
      const { state } = await post(`${this.path}/restore`, {});
      await this.finish(state === "stale" ? "撤下期间条文变了，请先核对" : "已恢复使用");
    });
  }

  discard() {
    return attempt(async () => {
      if (!(await this.draft.flush())) return;
      const held = await post(`${this.path}/draft/discard`, { revision: this.draft.revision });
      const undo = () => attempt(async () => {
        await post(`${this.path}/draft/restore`, { revision: 0, base_version: held.base_version, form: held.form, bank: held.bank });
        await this.reload();
      });
      this.draft.stop();
      if (this.detail.published) await this.reload();
      else show(this.root, h("section", { class: "card empty" }, h("p", null, `${this.item} 的草稿已经放弃。`), h("div", { class: "buttons" }, button("撤销放弃", undo, "button-quiet"), linkButton("回题库", this.back))));
      toast("草稿已放弃", undo);
    });
  }

  takeUp(version) {
    return attempt(async () => {
      const before = structuredClone(this.draft.form);
      const { form } = await get(`${this.path}/versions/${version}`);
      this.put(form);
      toast(`已换成第 ${version} 版的内容，作为草稿`, () => this.put(before));
    });
  }

  put(form) {
    this.draft.form = form;
    this.form.build();
    this.wire();
    this.edited("");
    window.scrollTo({ top: 0 });
  }
}
