/** Bringing an official file: choose it, look at what was read, say what the file does not, save. */
import { post } from "./api.js";
import { button, focusOn, h, linkButton, show, sign } from "./dom.js";
import { choice, field, sayWrong } from "./desk.js";

const MOST_BYTES = 5 * 1024 * 1024;
const KINDS = ["法律", "行政法规", "地方性法规", "党内法规", "其他"];
const FIELDS = [["name", "名称", "text"], ["issuer", "制定机关", "text"], ["kind", "类别", "kind"],
  ["published", "公布日期", "date"], ["effective", "施行日期", "date"], ["version", "版本日期", "date"]];
const HINTS = { version: "最近一次修改的日期；没有修改过，就是公布日期。", issuer: "可以不写。" };
const LEVELS = ["编", "分编", "章", "节", "条"];

export const lawPage = (law) => `/services/learn/law/${encodeURIComponent(law)}`;

export class LawImport {
  /** `saved()`, `read(law, show)` and `compare(law)` belong to the page around. */
  constructor(root, page) {
    this.page = page;
    this.said = h("div", { role: "status" });
    this.preview = h("div", null);
    this.input = h("input", { type: "file", class: "only-read", id: "law-file", accept: ".docx,.md,.txt", onchange: () => this.choose(this.input.files[0]) });
    const drop = h("label", { class: "law-drop", for: "law-file", ondragover: (event) => event.preventDefault(), ondrop: (event) => {
      event.preventDefault();
      this.choose(event.dataTransfer.files[0]);
    } }, h("span", { class: "button" }, "选择文件"), h("span", { class: "quiet small" }, "或者把文件拖到这里"));
    show(root, h("h2", null, "导入官方文件"),
      h("p", null, "从官方网站下载 Word 文件（.docx），.md 和 .txt 也可以。先看读出了什么，核对过再保存。"),
      this.input, drop, this.said, this.preview);
  }

  async choose(file) {
    if (!file) return;
    this.input.value = "";
    this.given = {};
    show(this.preview);
    if (file.size > MOST_BYTES) {
      this.fail(`文件有 ${(file.size / 1024 / 1024).toFixed(1)} MB，最大 5 MB。请去掉图片再导入。`);
      return;
    }
    show(this.said, h("p", { class: "quiet" }, `正在读 ${file.name}…`));
    try {
      this.file = { name: file.name.slice(-200), content: await base64(file) };
    } catch {
      this.fail("文件打不开，请重新选择。");
      return;
    }
    this.look();
  }

  fail(text, again) {
    show(this.said, h("div", { class: "notice notice-bad" }, text.split("\n").map((line) => h("p", null, line)), again && button("再试一次", again, "button-quiet")));
  }

  async look() {
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const found = await post("/desk/laws/preview", { file: this.file, given: this.given });
      if (turn !== this.turn) return;
      show(this.said);
      this.draw(found);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn === this.turn) this.fail(trouble.message, trouble.kind === "offline" && (() => this.look()));
    }
  }

  draw(found) {
    this.found = found;
    const first = !this.preview.firstChild;
    if (first) this.frame();
    const other = found.faults.filter((fault) => !fault.field);
    const count = found.faults.length;
    show(this.title, `《${found.fields.name || "没有名称"}》`);
    show(this.state, count ? h("div", { class: "notice notice-bad" }, h("p", null, sign("wrong"), ` 有 ${count} 处问题，还不能保存。${where(other.length, count - other.length)}`))
      : found.known ? h("div", { class: found.differs.length ? "notice notice-bad" : "notice" }, h("p", null, found.known))
        : h("div", { class: "notice notice-good" }, h("p", null, sign("right"), " 没有发现问题。请对照文件核对下面的内容，再保存。")));
    show(this.faults, other.length > 0 && [h("h3", null, "要在文件里改好的"), h("ol", { class: "law-faults" }, other.map((fault) => h("li", null,
      fault.line > 0 && h("b", null, `第 ${fault.line} ${found.unit} `), fault.text && h("q", null, short(fault.text)), h("span", null, fault.sentence)))),
    h("p", { class: "quiet small" }, "改好、存盘以后，请重新选择文件。")]);
    for (const [name, box] of Object.entries(this.boxes)) {
      if (document.activeElement !== box.control) box.control.value = found.fields[name] || "";
      sayWrong(box.wrong, found.faults.filter((fault) => fault.field === name).map((fault) => fault.sentence));
    }
    show(this.facts, facts(found).map(([label, text]) => [h("dt", null, label), h("dd", null, text)]));
    show(this.more, outline(found), ends(found));
    this.save.disabled = count > 0 || Boolean(found.known);
    this.save.parentNode.classList.toggle("is-ready", !this.save.disabled);
    if (first) focusOn(this.title);
  }

  frame() {
    this.title = h("h3", { class: "law-title" });
    this.state = h("div", { role: "status" });
    this.faults = h("div", null);
    this.facts = h("dl", { class: "law-facts" });
    this.more = h("div", null);
    this.boxes = Object.fromEntries(FIELDS.map(([name, label, type]) => [name, this.box(name, label, type)]));
    this.save = button("保存", () => this.store());
    show(this.preview, this.title, this.state, this.faults,
      h("div", { class: "law-fields" }, Object.values(this.boxes)), this.facts, this.more,
      h("div", { class: "buttons law-save" }, this.save, button("不导入了", () => this.close(), "button-quiet")));
  }

  box(name, label, type) {
    const changed = () => {
      this.given[name] = box.control.value.trim() || (type === "date" ? null : "");
      this.look();
    };
    const control = type === "kind" ? choice(KINDS.map((kind) => [kind, kind]), "", changed)
      : h("input", { type, maxlength: 200, onchange: changed });
    const box = field(label, control, HINTS[name]);
    box.control = control;
    return box;
  }

  close() {
    show(this.preview);
    show(this.said);
  }

  async store() {
    this.save.disabled = true;
    try {
      const done = await post("/desk/laws", { file: this.file, given: this.given });
      this.close();
      this.done(done);
      this.page.saved();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.save.disabled = false;
      this.fail(trouble.message, trouble.kind === "offline" && (() => this.store()));
      this.said.scrollIntoView({ block: "center" });
    }
  }

  done({ law, version, first, stale, banks }) {
    const older = this.found.versions.some((other) => other !== version);
    const course = button("做成阅读课程", async () => {
      course.disabled = true;
      if (await this.page.read(law, true)) show(course, sign("right"), "已做成阅读课程");
      else course.disabled = false;
    }, stale.length ? "button-quiet" : "");
    const heading = h("h3", null, `《${law}》${version} 的版本已导入`);
    show(this.said, h("div", { class: "notice notice-good" }, heading,
      h("p", null, consequence(first, stale.length)),
      h("div", { class: "buttons" }, Object.entries(banks).map(([bank, count], n, all) =>
        linkButton(all.length > 1 ? `去核对 ${bank} 的 ${count} 题` : "去核对这些题", `/services/learn/bank?bank=${encodeURIComponent(bank)}&state=stale`)),
        course, linkButton("看全文", lawPage(law), "button-quiet"),
        older && button("看改了什么", () => this.page.compare(law), "button-quiet"))));
    focusOn(heading);
  }
}

function consequence(first, stale) {
  // A reply that was lost: the first time may have taken questions out of use.
  if (!first) return "这个版本早已在平台里。有没有题目因此过期，请看“题库”页的“条文已变”。";
  return stale ? `有 ${stale} 题依据的条文变了，已从试卷和课时里撤下。请逐题核对，改好再发布。` : "没有题目因此过期。";
}

function facts(found) {
  const counts = LEVELS.filter((level) => found.counts[level]).map((level) => `${found.counts[level]} ${level}`);
  const [first, last] = found.ends;
  return [
    ["结构", counts.join("，") || "没有条文"],
    first && ["起止", last ? `${first.title} 至 ${last.title}` : first.title],
    found.insertions.length > 0 && ["插入的条", found.insertions.join("、")],
    found.adopted && ["通过", found.adopted],
    found.amendments.length > 0 && ["修改", found.amendments.join("、")],
    found.appendices.length > 0 && ["附件", `${found.appendices.join("、")}（另存，不算条文）`],
    found.notes.length > 0 && ["标题下的说明", found.notes.join("；")],
    found.left_out.length > 0 && ["文末没有收进来的", found.left_out.map((line) => line.text).join("；")],
    found.versions.length > 0 && ["已有的版本", found.versions.join("、")],
  ].filter(Boolean);
}

function outline({ outline: rows }) {
  return rows.length > 0 && h("details", { class: "law-more" }, h("summary", null, "看读出的目录"),
    h("ul", { class: "law-outline" }, rows.map(({ title, depth, span }) =>
      h("li", { class: `depth-${Math.min(depth, 3)}` }, title, h("span", { class: "quiet small" }, span)))));
}

function ends({ ends: articles }) {
  return articles.length > 0 && h("details", { class: "law-more" }, h("summary", null, "看第一条和最后一条"),
    articles.map(({ title, paragraphs }) => [h("h4", null, title), paragraphs.map((text) => h("p", null, text))]));
}

function where(inFile, inFields) {
  const told = [inFile > 0 && `${inFile} 处要在文件里改好`, inFields > 0 && `${inFields} 处可以在下面的栏里写明`].filter(Boolean);
  return `${told.join("，")}。`;
}

const short = (text) => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** The content of a file as base64. */
export function base64(file) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = fail;
    reader.readAsDataURL(file);
  });
}
