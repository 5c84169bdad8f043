/** Two versions of a law beside each other: which articles changed, which words, which questions. */
import { get, post } from "./api.js";
import { button, h, show, sign } from "./dom.js";
import { choice, field, marks, marksLegend } from "./desk.js";
import { base64 } from "./desk-laws-import.js";

const WORDS = { same: "未变", changed: "修改", added: "新增", removed: "删去", renumbered: "只改条号", moved: "改条号并修改" };
const LOOKS = { changed: "tag-wait", moved: "tag-wait", added: "tag-right", removed: "tag-wrong" };
const STATES = { stale: "条文已变，已撤下", withdrawn: "已撤下" };
const FILE = "file";

export class LawChanges {
  constructor(root) {
    this.root = root;
  }

  /** Begin with a law: its two newest versions, or its only one and a file. */
  async open(law) {
    const turn = (this.turn = (this.turn || 0) + 1);
    this.law = law;
    this.root.hidden = false;
    show(this.root, h("h2", null, `比较版本：《${law}》`), h("p", { class: "quiet", role: "status" }, "正在打开…"));
    this.root.scrollIntoView({ block: "start" });
    try {
      const { versions } = await get(`/desk/laws/versions?law=${encodeURIComponent(law)}`);
      if (turn === this.turn) this.frame(versions);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn === this.turn) show(this.root, h("h2", null, `比较版本：《${law}》`), h("p", { class: "wrong-text" }, sign("wrong"), " ", trouble.message), this.closer());
    }
  }

  closer() {
    return button("收起", () => {
      this.turn += 1;
      this.root.hidden = true;
    }, "button-quiet");
  }

  frame(versions) {
    const pairs = versions.map(({ version, status }) => [version, `${version}（${status}）`]);
    const [newest, before] = versions;
    this.old = choice(pairs, (before || newest).version, () => this.compare());
    this.fresh = choice([...pairs, [FILE, "电脑上的文件…"]], before ? newest.version : FILE, () => this.chosen());
    this.file = null;
    this.input = h("input", { type: "file", accept: ".docx,.md,.txt", onchange: () => this.take(this.input.files[0]) });
    this.fileBox = field("新文件", this.input, "只比较，不保存。");
    this.result = h("div", { "aria-live": "polite" });
    show(this.root, h("div", { class: "desk-head" }, h("h2", null, `比较版本：《${this.law}》`), this.closer()),
      h("div", { class: "law-fields" }, field("旧的", this.old), field("新的", this.fresh), this.fileBox), this.result);
    this.chosen();
  }

  chosen() {
    this.fileBox.hidden = this.fresh.value !== FILE;
    this.compare();
  }

  async take(file) {
    this.file = file && { name: file.name.slice(-200), content: await base64(file) };
    this.compare();
  }

  async compare() {
    const turn = (this.turn += 1);
    const bring = this.fresh.value === FILE;
    if (bring && !this.file) {
      show(this.result, h("p", { class: "quiet" }, "请选择新版本的文件。"));
      return;
    }
    show(this.result, h("p", { class: "quiet" }, "正在比较…"));
    const body = { old: `${this.law}@${this.old.value}`, ...(bring ? { file: this.file } : { new: `${this.law}@${this.fresh.value}` }) };
    try {
      const found = await post("/desk/laws/diff", body);
      if (turn === this.turn) this.draw(found);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn !== this.turn) return;
      show(this.result, h("div", { class: "notice notice-bad" }, trouble.message.split("\n").map((line) => h("p", null, line)),
        trouble.kind === "offline" && button("再试一次", () => this.compare(), "button-quiet")));
    }
  }

  draw({ counts, changes, items }) {
    const changed = changes.filter((change) => change.kind !== "same");
    const kinds = Object.keys(WORDS).filter((kind) => counts[kind]);
    const list = h("div", null, changed.map(article));
    const all = changed.length < changes.length && h("details", { class: "law-more" }, h("summary", null, `未变的 ${counts.same} 条`),
      h("p", null, changes.filter((change) => change.kind === "same").map((change) => change.title).join("、")));
    show(this.result,
      h("p", { class: "law-counts" }, kinds.map((kind) => h("span", { class: `tag ${LOOKS[kind] || ""}` }, `${WORDS[kind]} ${counts[kind]} 条`))),
      touched(items), changed.length ? [changed.some((change) => change.pieces) && marksLegend(), list] : h("p", null, "两个版本的条文一样（标点和空格不算）。"), all);
  }
}

function article({ kind, title, pieces, text }) {
  return h("section", { class: "article-change" },
    h("h3", null, title, " ", h("span", { class: `tag ${LOOKS[kind] || ""}` }, WORDS[kind])),
    pieces ? marks(pieces) : text && h("p", { class: "law-whole" }, text));
}

function touched(items) {
  return items.length > 0 && h("div", { class: "notice" }, h("p", null, `${items.length} 道题引用了有变动的条：`),
    h("ul", { class: "law-items" }, items.map((one) => h("li", null,
      h("a", { href: `/services/learn/bank/${encodeURIComponent(one.item)}` }, one.item), ` ${one.articles.join("、")} `,
      one.state && h("span", { class: "tag tag-wait" }, STATES[one.state] || one.state), h("span", { class: "quiet small" }, one.stem)))));
}
