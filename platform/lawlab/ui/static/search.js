/** <lawlab-search>: one box over lessons, articles and explanations; what is asked stays in the address. */
import { get, signInAddress } from "./api.js";
import { button, h, linkButton, show, sign } from "./dom.js";
import { styled } from "./library.js";

const KINDS = [["lesson", "课时"], ["article", "法条"], ["item", "做过的题"]];
const EXAMPLES = ["彩礼", "借条", "刷单", "打麻将赌钱", "狗咬人", "首违不罚"];
const PAUSE_MS = 350;
const AGAIN_MS = 3000;

class Search extends HTMLElement {
  async connectedCallback() {
    if (this.box) return;
    this.box = h("input", { type: "search", id: "search-box", maxlength: 60, autocomplete: "off", enterkeyhint: "search",
      placeholder: "例如：彩礼、借条", oninput: () => this.soon(), oncompositionend: () => this.soon() });
    this.found = h("div", { "aria-live": "polite" });
    const form = h("form", { class: "search-form", role: "search", onsubmit: (event) => {
      event.preventDefault();
      this.box.blur();
      this.ask();
    } }, h("label", { for: "search-box", class: "only-read" }, "要找什么"), this.box,
    h("button", { type: "submit", class: "button" }, "搜索"));
    await styled;
    show(this, h("h1", null, "搜索"), form, this.found);
    this.box.value = new URLSearchParams(location.search).get("q") || "";
    this.ask();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask(text = this.box.value.trim()) {
    clearTimeout(this.timer);
    if (text === this.asked) return;
    this.asked = text;
    history.replaceState(null, "", text ? `?q=${encodeURIComponent(text)}` : location.pathname);
    if (!text) {
      this.begin();
      return;
    }
    try {
      const data = await get(`/search?q=${encodeURIComponent(text)}`);
      // A slow reply to an earlier question must not cover a later one.
      if (text === this.asked) this.render(data);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (text === this.asked) this.fail(trouble, text);
    }
  }

  begin() {
    show(this.found, h("section", { class: "card" }, h("p", null, "说平常的话就行，不用记法律的名称。可以试试："),
      h("div", { class: "buttons" }, EXAMPLES.map((word) => this.example(word)))));
  }

  example(word) {
    return button(word, () => {
      this.box.value = word;
      this.ask();
    }, "button-quiet");
  }

  fail(trouble, text) {
    this.asked = null;
    const out = trouble.kind === "signed_out";
    show(this.found, h("div", { class: "notice", role: "status" },
      h("p", null, sign("wait"), " ", out ? "登录已过期。" : trouble.kind === "offline" ? "网络不稳，没有搜成。" : trouble.message),
      h("div", { class: "buttons" }, out ? linkButton("重新登录", signInAddress()) : button("再试一次", () => this.ask(text), "button-quiet"))));
  }

  render({ query, translated, complete, loose, hits }) {
    const wait = complete ? null : h("p", { class: "notice", role: "status" }, sign("wait"), " 搜索目录正在整理，几秒钟后自动再搜一遍。");
    if (wait) {
      this.timer = setTimeout(() => {
        this.asked = null;
        this.ask();
      }, AGAIN_MS);
      if (!hits.length) return show(this.found, wait);
    }
    if (!hits.length) {
      show(this.found, h("section", { class: "card empty" }, h("p", null, `没有找到“${query}”。`),
        h("p", { class: "quiet" }, "换一个短一点的说法再试，或者请教您的教员。"),
        h("div", { class: "buttons" }, EXAMPLES.slice(0, 4).map((word) => this.example(word)))));
      return;
    }
    show(this.found, translated.map(({ words, legal }) => h("p", { class: "notice" },
      `和“${spoken(words, query)}”有关，法律条文里写的是“${legal.join("”“")}”。下面一起找了。`)),
    loose && h("p", { class: "notice" }, "没有完全对上的，下面只是字面相近。换一个短一点的说法，可能找得更准。"),
    KINDS.map(([kind, name]) => section(name, hits.filter((hit) => hit.kind === kind))),
    wait);
  }
}

/** Which of an entry's words the person has used. */
const spoken = (words, query) => words.find((word) => query.includes(word)) || words[0];

function section(name, hits) {
  if (!hits.length) return null;
  return h("section", null, h("h2", { class: "section-title" }, `${name}（${hits.length}）`),
    h("section", { class: "card" }, h("ul", { class: "rows" }, hits.map((hit) => h("li", null, result(hit))))));
}

function result({ title, place, excerpt, url }) {
  const body = h("span", { class: "row-main" },
    h("span", { class: "row-name" }, pieces(title)), h("span", { class: "quiet small" }, place),
    h("span", { class: "search-excerpt" }, pieces(excerpt)));
  return url ? h("a", { class: "row", href: url }, body, sign("next")) : h("div", { class: "row" }, body);
}

const pieces = (parts) => parts.map(({ text, hit }) => (hit ? h("mark", null, text) : text));

customElements.define("lawlab-search", Search);
