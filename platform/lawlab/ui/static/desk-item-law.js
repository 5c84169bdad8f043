/** The law beside the form: which articles a question cites, finding one, and marking the evidence. */
import { get } from "./api.js";
import { articleName, button, h, show, sign } from "./dom.js";
import { choice, field, toast } from "./desk.js";
import { Resource, placeholder } from "./resource.js";

const WAIT_MS = 250;
const BARE = /[^\p{L}\p{N}]/gu;
/** A text without punctuation and spaces, as the server compares it. */
const bare = (text) => text.replace(BARE, "");

export const refName = (ref) => {
  const [law, article] = ref.split("#");
  return `《${law}》${/^\d+(?:[之]\d+)?$/.test(article || "") ? articleName(article) : article || ""}`;
};

/** Chips of the cited articles, and a search that adds one. */
export class Articles {
  constructor(draft, bank, changed) {
    Object.assign(this, { draft, bank, changed, law: "" });
    this.chips = h("ul", { class: "chips" });
    this.found = h("div", { class: "article-found", role: "status" });
    this.words = h("input", { type: "search", maxlength: 100, placeholder: "条号（如 31）或条文里的字词", oninput: () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.find(), WAIT_MS);
    }, onkeydown: (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.found.querySelector("button")?.click();
    } });
    this.laws = h("div", null);
    this.node = h("div", null, this.chips, h("div", { class: "article-search" }, this.laws, field("找条文", this.words)), this.found);
    this.drawLaws([bank.law]);
    this.draw();
    this.find();
  }

  draw() {
    show(this.chips, this.draft.form.articles.map((ref, place) => h("li", { class: "chip" },
      h("button", { type: "button", class: "chip-name", onclick: () => this.onshow?.(ref) }, refName(ref)),
      h("button", { type: "button", class: "chip-drop", "aria-label": `去掉${refName(ref)}`, onclick: () => {
        this.draft.form.articles.splice(place, 1);
        this.draw();
        this.changed("articles");
      } }, "×"))));
  }

  drawLaws(laws) {
    const all = this.law && !laws.includes(this.law) ? [...laws, this.law] : laws;
    show(this.laws, field("在哪部法里找", choice([["", "本题库用到的法"], ...all.map((law) => [law, law])], this.law, (law) => {
      this.law = law;
      this.find();
    })));
  }

  async find() {
    const turn = (this.turn = (this.turn || 0) + 1);
    const query = new URLSearchParams({ bank: this.bank.slug, law: this.law, words: this.words.value });
    try {
      const data = await get(`/desk/articles?${query}`);
      if (turn === this.turn) this.take(data);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn === this.turn) show(this.found, h("p", { class: "quiet small" }, trouble.message));
    }
  }

  take({ laws, named, articles, more }) {
    if (this.known !== laws.join()) {
      this.known = laws.join();
      this.drawLaws(laws);
    }
    const words = this.words.value.trim();
    const several = laws.length > 1 || this.law;
    show(this.found, articles.map((article) => h("button", { type: "button", class: "article-hit", onclick: () => this.add(article.ref) },
      h("b", null, several ? `《${article.law}》${article.number}` : article.number), h("span", { class: "quiet small" }, `${article.text}${article.text.length >= 80 ? "…" : ""}`))),
    more && h("p", { class: "quiet small" }, "还有更多，请多写几个字。"),
    named.map((law) => button(`在《${law}》里找`, () => {
      this.law = law;
      this.drawLaws(laws);
      this.words.value = "";
      this.words.focus();
      this.find();
    }, "button-quiet button-small")),
    words && !articles.length && !named.length && h("p", { class: "quiet small" }, `${this.law ? `《${this.law}》` : "本题库用到的法"}里没有找到。可以换几个字，或者写上别的法律的名称，例如“民法典 675”。`));
  }

  add(ref) {
    const { articles } = this.draft.form;
    if (!articles.includes(ref)) articles.push(ref);
    this.words.value = "";
    show(this.found);
    this.draw();
    this.changed("articles");
    this.onshow?.(ref);
  }
}

/** The text of the cited articles; selected words become the evidence. */
export class LawPane {
  constructor(draft, useAsEvidence) {
    Object.assign(this, { draft, useAsEvidence, shown: "" });
    this.body = h("div", { class: "law-body" });
    this.use = button("用作依据摘句", () => this.take(), "", { disabled: true });
    this.hint = h("p", { class: "quiet small" });
    this.node = h("details", { class: "law-pane card", open: true }, h("summary", null, "条文"), this.body, h("div", { class: "law-actions" }, this.use, this.hint));
    document.addEventListener("selectionchange", () => this.look());
    // A tap on the button takes the selection away on some phones: remember it before.
    this.use.addEventListener("pointerdown", (event) => event.preventDefault());
    this.draw();
    this.look();
  }

  show(ref) {
    this.shown = ref;
    this.node.open = true;
    this.draw();
  }

  draw() {
    const { articles } = this.draft.form;
    if (!articles.includes(this.shown)) this.shown = articles[0] || "";
    if (!this.shown) {
      show(this.body, h("p", { class: "quiet" }, "选好依据的条文，这里就显示它的原文。"));
      this.hint.hidden = true;
      return;
    }
    const [law, number] = this.shown.split("#");
    const resource = Resource.of(`/statutes/${encodeURIComponent(law)}/articles/${encodeURIComponent(number || "0")}`);
    const ref = this.shown;
    if (this.watched !== resource) {
      this.watched = resource;
      resource.addEventListener("change", () => ref === this.shown && this.draw());
    }
    const tabs = articles.length > 1 && h("div", { class: "law-tabs" }, articles.map((one) => h("button", { type: "button", class: "desk-tab", "aria-pressed": String(one === ref), onclick: () => this.show(one) }, refName(one))));
    if (!resource.data) {
      show(this.body, tabs, placeholder(resource, "条文"));
      return;
    }
    this.text = h("div", { class: "law-text" }, resource.data.paragraphs.map((text) => h("p", null, this.marked(text))));
    this.hint.hidden = false;
    show(this.body, tabs, h("h3", null, refName(ref)), h("p", { class: "quiet small" }, resource.data.path.join(" › ")), this.text);
  }

  /** The paragraph with the present evidence marked, when it stands in it. */
  marked(text) {
    const wanted = bare(this.draft.form.evidence);
    if (wanted.length < 2) return text;
    const places = [...text].map((one, n) => (bare(one) ? n : -1)).filter((n) => n >= 0);
    const at = bare(text).indexOf(wanted);
    if (at < 0) return text;
    const letters = [...text];
    const [from, to] = [places[at], places[at + wanted.length - 1] + 1];
    return [letters.slice(0, from).join(""), h("mark", null, letters.slice(from, to).join("")), letters.slice(to).join("")];
  }

  look() {
    const chosen = getSelection();
    const inside = this.text && chosen.rangeCount && !chosen.isCollapsed && this.text.contains(chosen.anchorNode) && this.text.contains(chosen.focusNode);
    this.chosen = inside ? chosen.toString().replace(/\s+/g, "") : "";
    const count = [...bare(this.chosen)].length;
    this.use.disabled = count < 6;
    show(this.hint, this.chosen && count < 6 ? `选了 ${count} 个字，至少要 6 个字。` : this.chosen ? `选了 ${count} 个字。` : "在条文里选中一段字，再点这个按钮。");
  }

  take() {
    if (!this.chosen) return;
    const before = this.draft.form.evidence;
    this.useAsEvidence(this.chosen);
    getSelection().removeAllRanges();
    this.draw();
    if (before) toast("已换成新的摘句", () => {
      this.useAsEvidence(before);
      this.draw();
    });
  }
}

/** Articles that read otherwise than when the question was published, old words beside new. */
export function articleChanges(changes, marks) {
  return changes.map(({ ref, pieces, new: text }) => h("div", { class: "article-change" }, h("h3", null, sign("wait"), " ", refName(ref)),
    pieces ? marks(pieces) : text
      ? [h("p", { class: "quiet small" }, "旧的条文平台里已经没有了。现在的条文是："), marks([["same", text]])]
      : h("p", null, "现行的法里已经没有这一条了。")));
}
