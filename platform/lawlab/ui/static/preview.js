/**
 * <lawlab-preview stamp="…">: over a lesson as learners will see it. Says what is wrong with the draft,
 * and follows its file: what was saved in JupyterLab shows here by itself, at the same place.
 */
import { get, onReturn, post, serverNow } from "./api.js";
import "./desk.js";
import { clock, h, here, linkButton, show, sign } from "./dom.js";
import { thisLesson } from "./lesson.js";
import { outbox } from "./outbox.js";
import { signInNotice } from "./resource.js";

const LOOK_MS = 800;
const FRESH_MS = 2500;
const [course, stem, version] = here().rest;
const path = `/desk/preview/${encodeURIComponent(course)}/${encodeURIComponent(stem)}`;

class Preview extends HTMLElement {
  connectedCallback() {
    if (this.lesson) return;
    this.lesson = thisLesson();
    this.lesson.send = (answer) => this.tryOut(answer);
    this.stamp = this.getAttribute("stamp");
    this.said = h("div", { role: "status" });
    this.told = h("div");
    show(this, h("section", { class: "preview-bar", "aria-label": "预览" }, this.told, this.said));
    this.lesson.resource.watch(() => this.render());
    if (version) return;
    // What the server sent, before the elements filled themselves: later pages are compared with it.
    this.shown = this.load().then((page) => (page?.stamp === this.stamp ? page.parts : []));
    this.look();
    onReturn(() => this.look());
  }

  render() {
    const { data, trouble } = this.lesson.resource;
    document.querySelector("main").classList.add("is-preview");
    if (!data) {
      show(this.told, h("p", { class: "quiet" }, trouble?.kind === "refused" ? trouble.message : "正在核对草稿…"));
      return;
    }
    const { faults, notes } = data.preview;
    const wrong = [...notes.map((text) => ({ cell: 0, text })), ...faults];
    show(this.told,
      h("div", { class: "preview-head" }, h("p", null, h("b", null, words(data.preview))),
        h("span", { class: "buttons" }, linkButton("回工作台", data.preview.desk, "button-quiet"),
          data.preview.lab && h("a", { class: "button button-quiet", href: data.preview.lab, target: "lawlab-lab" }, "在 JupyterLab 里改"))),
      drafts(data.cards),
      wrong.length > 0 && h("details", { class: "preview-faults", open: true },
        h("summary", null, sign("wrong"), ` 还有 ${wrong.length} 处要改，改好才能发布`),
        h("ol", null, wrong.map((fault) => this.fault(fault)))),
      data.preview.relation !== "version" && !wrong.length && h("p", { class: "preview-good" }, sign("right"), " 没有发现问题。"));
  }

  fault({ cell, text, excerpt }) {
    if (!cell) return h("li", null, text);
    return h("li", null, h("a", { href: `#cell-${cell}`, onclick: (event) => {
      event.preventDefault();
      const part = document.querySelector(`main [data-cell="${cell}"]`);
      part?.scrollIntoView({ block: "center" });
      if (part) flash(part);
    } }, `第 ${cell} 格`), excerpt && `（${excerpt}）`, `：${text}`);
  }

  say(text) {
    show(this.said, text && h("p", { class: "save-state" }, text));
  }

  /** Ask whether the file has changed, for as long as somebody can see the page. */
  async look() {
    clearTimeout(this.timer);
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      if (document.visibilityState === "visible") await this.check();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (trouble.kind === "signed_out") show(this.said, signInNotice("登录已过期，请重新登录后继续。"));
      else this.say(trouble.kind === "offline" ? "网络不稳，正在重试…" : trouble.message);
    }
    if (turn === this.turn) this.timer = setTimeout(() => this.look(), LOOK_MS);
  }

  async check() {
    const { stamp } = await get(`${path}/stamp`);
    if (stamp === this.stamp) return;
    if (!stamp) {
      if (!this.stamp.startsWith("v")) this.say("草稿文件现在不在了。这里还是刚才的样子。");
      return;
    }
    const [before, page] = await Promise.all([this.shown, this.load()]);
    if (!page) return;
    await this.keepTries(() => this.lesson.resource.load());
    this.stamp = page.stamp;
    this.shown = Promise.resolve(page.parts);
    document.title = page.title;
    replace(before, page.parts);
    this.say(`${clock(new Date(serverNow()).toISOString())} 更新过`);
  }

  /** The page as the server sends it now; null when it is no preview (a sign-in page, a notice). */
  async load() {
    let text = "";
    try {
      // The Hub's sessions answer a script only with this; a redirect would lead to its sign-in.
      const headers = { "X-XSRFToken": /(?:^|; )_xsrf=([^;]*)/.exec(document.cookie)?.[1] || "" };
      const response = await fetch(location.pathname, { headers, credentials: "same-origin", redirect: "error" });
      text = await response.text();
    } catch {
      return null;
    }
    const page = new DOMParser().parseFromString(text, "text/html");
    const bar = page.querySelector("lawlab-preview");
    if (!bar) return null;
    return { stamp: bar.getAttribute("stamp"), title: page.title, parts: [...page.querySelector("main").children] };
  }

  /** An answer is marked by the server and forgotten. */
  async tryOut(answer) {
    const entry = { ...answer, key: "preview" };
    const tell = (state, more) => outbox.dispatchEvent(new CustomEvent("change", { detail: { entry, state, ...more } }));
    tell("sending");
    try {
      const reply = await post("/desk/preview/try", { item: answer.item, response: answer.response });
      const { data } = this.lesson.resource;
      const answered = data.cards.filter((card) => card.answered || card.id === answer.item).length;
      tell("stored", { reply: { ...reply, progress: { answered, total: data.total, complete: answered >= data.total } } });
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      tell("refused", { trouble });
    }
  }

  /** Load anew, and keep what was tried on cards that did not change. */
  async keepTries(load) {
    const { resource } = this.lesson;
    const tried = new Map(resource.data?.cards.filter((card) => card.answered).map((card) => [same(card), card.answered]));
    await load();
    const { data } = resource;
    if (!data || !tried.size) return;
    const cards = data.cards.map((card) => ({ ...card, answered: tried.get(same(card)) || null }));
    const answered = cards.filter((card) => card.answered).length;
    resource.set({ ...data, cards, answered, complete: answered >= data.total });
  }
}

const same = ({ id, version: number, stem: text, options }) => JSON.stringify([id, number, text, options]);

function words({ relation, version: shown, newest, shown: state }) {
  if (version) return `第 ${shown} 版。现在学员看到的是第 ${newest} 版。`;
  if (relation === "version") return `这一课没有草稿，这里是已发布的第 ${shown} 版。`;
  if (relation === "same") return state === "in_use" ? "预览：和已发布的一样" : "预览：和已发布的一样，学员现在看不到";
  if (relation === "behind") return `预览：这是较早的一版，已发布的第 ${newest} 版比它新`;
  return "预览：还没有发布";
}

function drafts(cards) {
  const open = cards.filter((card) => card.draft).map((card) => card.id);
  return open.length > 0 && h("p", { class: "quiet small" }, `练习 ${open.join("、")} 还是草稿，学员要等它发布以后才看得到。`);
}

/** Put the new parts in place of those that differ; what stayed is not touched, so nothing jumps. */
function replace(before, after) {
  const main = document.querySelector("main");
  const [old, now] = [before.map(look), after.map(look)];
  let head = 0;
  while (head < old.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const live = [...main.children];
  live.slice(head, live.length - tail).forEach((part) => part.remove());
  const fresh = after.slice(head, after.length - tail).map((part) => document.importNode(part, true));
  const place = main.children[head] || null;
  for (const part of fresh) main.insertBefore(part, place);
  [...main.children].forEach((part, n) => after[n]?.dataset.cell && (part.dataset.cell = after[n].dataset.cell));
  fresh.forEach(flash);
}

// The number of a cell changes when one above it is added.
const look = (part) => new XMLSerializer().serializeToString(part).replace(/ data-cell="\d+"/, "");

function flash(part) {
  part.classList.add("is-fresh");
  setTimeout(() => part.classList.remove("is-fresh"), FRESH_MS);
}

customElements.define("lawlab-preview", Preview);
