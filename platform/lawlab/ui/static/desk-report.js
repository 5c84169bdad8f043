/** 年度报告 for trainers: every figure of a year with how it is counted, and its two files. */
import { renew, Trouble } from "./api.js";
import { back, table } from "./attendance-records.js";
import { deskPlaceholder } from "./desk.js";
import { button, focusOn, h, show, sign } from "./dom.js";
import { Resource, signInNotice } from "./resource.js";

const PAGE = "/services/learn/attendance";
const ROOT = "/desk/report";
const LIMIT_MS = 60000;
const OFFLINE = "网络不稳，没有生成，请再试一次。";
const FILES = [["docx", "下载报告", ""], ["xlsx", "下载附件", "button-quiet"]];
const GROUPS = [["人员", "参加学习的人"], ["单位", "单位"], ["活动", "学习活动"], ["出勤", "出勤"], ["请假", "请假"], ["测验", "测验"], ["课时", "课时"]];

/** `year` as it stands in the address; without one the newest year that has anything. */
export class AnnualReport {
  constructor(root, year) {
    this.root = root;
    this.asked = /^\d{4}$/.test(year || "");
    this.open(this.asked ? Number(year) : new Date().getFullYear());
  }

  open(year) {
    this.year = year;
    const resource = Resource.of(`${ROOT}/${year}`);
    resource.watch(() => year === this.year && this.render(resource));
  }

  render(resource) {
    const { data, trouble } = resource;
    if (data) show(this.root, this.content(data));
    else if (trouble?.code === "empty_year") this.renderEmpty(trouble);
    else show(this.root, deskPlaceholder(resource, "年度报告"));
  }

  renderEmpty({ facts: { years }, message }) {
    if (!this.asked && years.length) {
      this.open(years.at(-1));
      return;
    }
    show(this.root, back(PAGE, "全部活动"), h("h1", null, `${this.year} 年度报告`), yearLinks(years, this.year),
      h("section", { class: "card empty" }, h("p", null, message), h("p", { class: "quiet" }, "活动结束登记、测验公布成绩以后，这里就有数字。")));
  }

  content({ year, years, figures, notes, faults }) {
    this.said = h("div", { role: "status" });
    this.buttons = FILES.map(([ending, text, look]) => button(text, () => this.download(ending), look, { disabled: faults.length > 0 }));
    return [back(PAGE, "全部活动"),
      h("div", { class: "desk-head" }, h("h1", null, `${year} 年度报告`), h("div", { class: "buttons" }, this.buttons)),
      yearLinks(years, year), this.said,
      faults.map(bad),
      notes.length > 0 && h("div", { class: "notice" }, notes.map((text) => h("p", null, sign("wait"), " ", text))),
      h("p", { class: "quiet small" }, "报告是 Word 文档，每个数字都有脚注，写着附件里的哪张表、哪几行。附件是 .xlsx 表格，有名单和明细，请按规定保管。"),
      GROUPS.map(([sheet, title]) => group(title, figures.filter((one) => one.sheet === sheet)))];
  }

  /** Make a file and hand it to the browser; what keeps it from being made is said above the figures. */
  async download(ending) {
    for (const one of this.buttons) one.disabled = true;
    show(this.said, h("p", { class: "notice" }, sign("wait"), ` 正在生成${ending === "docx" ? "报告" : "附件"}，请稍等…`));
    try {
      const { name, blob } = await fetchFile(`${ROOT}/${this.year}.${ending}`);
      const address = URL.createObjectURL(blob);
      const link = h("a", { href: address, download: name, hidden: true });
      document.body.append(link);
      link.click();
      link.remove();
      // The browser reads it after the click.
      setTimeout(() => URL.revokeObjectURL(address), LIMIT_MS);
      show(this.said, h("p", { class: "notice notice-good" }, sign("right"), ` 已生成“${name}”，在浏览器的下载里。`));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      const box = trouble.kind === "signed_out" ? signInNotice("登录已过期，没有生成。请重新登录后再下载。") : bad(trouble.kind === "offline" ? OFFLINE : trouble.message);
      show(this.said, box);
      focusOn(box);
    } finally {
      for (const one of this.buttons) one.disabled = false;
    }
  }
}

/** What is wrong, line by line. */
const bad = (text) => h("div", { class: "notice notice-bad" }, text.split("\n").map((line, n) => h("p", null, n === 0 && [sign("wrong"), " "], line)));

function yearLinks(years, year) {
  return years.some((one) => one !== year) && h("nav", { class: "desk-tabs", "aria-label": "年份" }, years.map((one) =>
    h("a", { class: "desk-tab rec-year", href: `${PAGE}/report/${one}`, "aria-current": one === year && "page" }, `${one} 年`)));
}

function group(title, figures) {
  return figures.length > 0 && [h("h2", { class: "section-title" }, title), table(title, [["数字和算法"], ["值", "rec-figure"]],
    figures.map(({ label, text, how }) => [[label, h("p", { class: "quiet small" }, how)], h("b", null, text)]))];
}

async function fetchFile(path) {
  try {
    return await ask(path);
  } catch (trouble) {
    if (trouble.kind !== "signed_out") throw trouble;
    await renew();
    return ask(path);
  }
}

/** The file with its name; its last byte has to be here in time, not only its first. */
async function ask(path) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const response = await fetch(`/services/api${path}`, { credentials: "same-origin", redirect: "error", signal: abort.signal });
    if (response.status === 401) throw new Trouble("signed_out", "登录已过期。");
    if (!response.ok) {
      const data = await response.json().catch(() => ({}));
      throw new Trouble("refused", data.message || "没有生成，请稍后再试。", data.code || "", response.status, data);
    }
    const [, name] = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") || "") || [];
    return { name: name ? decodeURIComponent(name) : path.split("/").pop(), blob: await response.blob() };
  } catch (trouble) {
    if (trouble.kind) throw trouble;
    throw new Trouble("offline", OFFLINE);
  } finally {
    clearTimeout(timer);
  }
}
