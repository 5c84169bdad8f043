/**
 * <lawlab-law>: a whole law to read, chapter by chapter. The address after # says where: `#667` is an
 * article, `#c12` a chapter; without it reading goes on where it was left.
 */
import { button, h, here, linkButton, show, sign } from "./dom.js";
import { lawIndex } from "./law-index.js";
import { currentIn, flat, range, tree } from "./law-outline.js";
import { chapterText } from "./law-text.js";
import { shortArticle, styled } from "./library.js";
import { keepHere, keepReading, onRest, placeHere, readingOf } from "./place.js";
import { placeholder, Resource } from "./resource.js";
import { stop } from "./speech.js";

const TOP = 120;

class Law extends HTMLElement {
  connectedCallback() {
    if (this.info) return;
    this.name = here().rest.join("/").replace(/[《》]/g, "");
    if (!this.name) {
      lawIndex(this);
      return;
    }
    this.info = Resource.of(`/statutes/${encodeURIComponent(this.name)}`);
    this.info.watch(() => this.begin());
    window.addEventListener("hashchange", () => this.data && this.route());
    onRest(() => this.keep());
  }

  async begin() {
    const { data, trouble } = this.info;
    if (this.data) return;
    if (!data) {
      show(this, trouble?.kind === "refused" ? absence(trouble) : placeholder(this.info, "法律"));
      return;
    }
    await styled;
    if (this.data) return;
    this.data = data;
    this.chapters = flat(data.outline);
    this.frame();
    this.route(true);
  }

  /** What stays while chapters change. */
  frame() {
    const { data } = this;
    this.tree = tree(data.outline);
    this.opener = button([], () => this.unfold(this.nav.classList.contains("is-folded")), "law-open", { "aria-expanded": "false" });
    this.nav = h("nav", { class: "law-nav is-folded", "aria-label": "目录" }, this.opener, this.tree);
    this.text = h("section", { class: "law-text" });
    const single = this.chapters.length === 1;
    this.body = h("div", { class: `law ${single ? "is-single" : ""}` }, !single && this.nav, this.text);
    const full = data.law !== data.short && `${data.law}。`;
    show(this,
      h("h1", null, data.short),
      h("p", { class: "quiet small" }, full, data.dates),
      data.note && h("p", { class: "notice" }, sign("wait"), " ", data.note),
      this.body);
    this.tree.addEventListener("click", (event) => event.target.closest("a") && this.unfold(false));
  }

  unfold(open) {
    // Opened further down the page it would reach below the screen.
    if (open && this.nav.getBoundingClientRect().top > 0) this.toTop();
    this.nav.classList.toggle("is-folded", !open);
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) currentIn(this.tree, this.chapter.chapter);
  }

  /** Open what the address names. */
  route(first = false) {
    this.unfold(false);
    const hash = asked();
    const again = placeHere();
    const kept = again || (first && !hash && readingOf(this.data.short));
    const [, chapter] = hash.match(/^c(\d+)$/) || [];
    if (kept && this.chapters[kept.chapter - 1]) {
      this.open(kept.chapter, { kept, say: !again && kept.number && `接着上次读到的${shortArticle(kept.number)}。` });
    } else if (!hash || chapter) {
      this.open(Math.min(Math.max(1, Number(chapter || 1)), this.chapters.length), { head: !first });
    } else {
      const found = this.chapters.find(({ numbers }) => numbers.includes(hash));
      this.open(found ? found.chapter : 1, { number: found && hash, say: !found && `《${this.data.short}》没有“${hash.slice(0, 20)}”这一条，请从目录里找。` });
    }
  }

  open(n, where) {
    const chapter = this.chapters[n - 1];
    if (this.chapter !== chapter) stop();
    this.chapter = chapter;
    this.where = where;
    document.title = `${chapter.title} · ${this.data.short}`;
    show(this.opener, h("span", null, "目录：", chapter.title), sign("open"));
    currentIn(this.tree, n);
    const path = `/statutes/${encodeURIComponent(this.data.short)}/chapters/${n}?v=${this.data.version}`;
    this.resource = Resource.of(path);
    this.watched = this.watched || new Set();
    if (this.watched.has(path)) this.render();
    else {
      this.watched.add(path);
      const { resource } = this;
      resource.watch(() => resource === this.resource && this.render());
    }
  }

  render() {
    const { data } = this.resource;
    const n = this.chapter.chapter;
    if (!data) {
      show(this.text, h("h2", null, this.chapter.title), placeholder(this.resource, "条文"));
      return;
    }
    const [before, after] = [this.chapters[n - 2], this.chapters[n]];
    show(this.text,
      this.where.say && h("p", { class: "notice", role: "status" }, this.where.say, n > 1 && [" ", h("a", { href: "#c1" }, "从头读")]),
      chapterText(this.data, data),
      h("nav", { class: "law-turn", "aria-label": "前后各章" },
        after && linkButton([h("span", null, "下一章：", after.title), range(after)], `#c${n + 1}`, "button-wide"),
        before && linkButton([h("span", null, "上一章：", before.title), range(before)], `#c${n - 1}`, "button-quiet button-wide")));
    this.settle();
  }

  /** Scroll to where this chapter was to be opened. */
  settle() {
    const { number, kept, head } = this.where;
    const article = (which) => which && this.text.querySelector(`#a${CSS.escape(which)}`);
    if (kept) {
      const at = article(kept.number);
      if (at) scrollBy(0, at.getBoundingClientRect().top - kept.y);
    } else if (article(number)) {
      article(number).classList.add("is-marked");
      article(number).scrollIntoView({ block: "start" });
      article(number).querySelector("h3").focus({ preventScroll: true });
    } else if (head) {
      this.toTop();
      this.text.querySelector("h2").focus({ preventScroll: true });
    }
    this.settled = true;
    this.keep();
  }

  /** Scroll so that the chapter begins at the top of the screen; what sticks there has no place. */
  toTop() {
    scrollTo(0, this.body.getBoundingClientRect().top + scrollY);
  }

  /** Keep which article is at the top of the screen. */
  keep() {
    if (!this.settled || !this.resource.data) return;
    const top = [...this.text.querySelectorAll(".law-article")].find((one) => one.getBoundingClientRect().bottom > TOP);
    const place = { chapter: this.chapter.chapter, number: top?.dataset.number, y: top && Math.round(top.getBoundingClientRect().top) };
    keepHere(place);
    keepReading(this.data.short, place);
  }
}

/** What stands after #; nothing when it cannot be read. */
function asked() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function absence({ code, message, facts }) {
  const near = (facts.near || []).map((law) => linkButton(`《${law}》`, `/services/learn/law/${encodeURIComponent(law)}`, "button-quiet"));
  return h("section", { class: "card empty" },
    h("h1", null, code === "law_not_imported" ? "条文还没有导入" : "没有找到这部法律"), h("p", null, message),
    h("div", { class: "buttons" }, near, linkButton("查别的法律", "/services/learn/law", near.length ? "button-quiet" : "")));
}

customElements.define("lawlab-law", Law);
