/** The list of questions of a bank: looked through by words, kind, topic and state. */
import { get, post } from "./api.js";
import { button, h, show, sign } from "./dom.js";
import { ask, choice, deskPlaceholder, fault, field, TYPES } from "./desk.js";
import { keep, keys, recall } from "./memory.js";
import { Resource } from "./resource.js";

const WAIT_MS = 250;
const ON_ITS_WAY_MS = 1500;
const STATES = [["", "全部"], ["in_use", "在用"], ["draft", "草稿"], ["withdrawn", "已撤下"], ["stale", "条文已变"]];
const LOOKS = { in_use: ["在用", "tag-right"], withdrawn: ["已撤下", "tag-wait"], stale: ["条文已变", "tag-wrong"], new: ["还没有发布", "tag-wait"] };
/** Stands for all banks in the address and in the choice. */
const EVERY = "all";
const KEYS = ["bank", "words", "type", "difficulty", "tag", "state"];

/** The tags that say where a question stands. */
export function stateTags({ state, draft }) {
  const [word, look] = LOOKS[state];
  return [h("span", { class: `tag ${look}` }, word),
    draft && state !== "new" && h("span", { class: "tag tag-wait" }, "有未发布的改动")];
}

export const bankName = ({ law, slug }) => (law ? `${law}（${slug}）` : slug);
export const itemPage = (item) => `/services/learn/bank/${encodeURIComponent(item)}`;

export class BankList {
  constructor(root) {
    this.root = root;
    const asked = new URLSearchParams(location.search);
    this.wanted = Object.fromEntries(KEYS.map((key) => [key, asked.get(key) || ""]));
    this.rows = [];
    this.resource = Resource.of("/desk/banks");
    this.resource.watch(() => this.begin());
  }

  begin() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "题库"));
      return;
    }
    this.banks = data.banks;
    const slugs = this.banks.map((bank) => bank.slug);
    const last = recall("lawlab.desk.bank");
    if (this.wanted.bank !== EVERY && !slugs.includes(this.wanted.bank)) this.wanted.bank = slugs.includes(last) ? last : slugs[0] || "";
    this.frame();
    this.load();
    // A question was left while it was being saved: the list may have been quicker than the save.
    if (keys("lawlab.item.").length) setTimeout(() => this.turn === 1 && this.load(), ON_ITS_WAY_MS);
  }

  get bank() {
    return this.banks.find((bank) => bank.slug === this.wanted.bank);
  }

  frame() {
    const create = button("写一道新题", () => this.newItem(create), "", { hidden: !this.bank });
    this.tabs = h("div", { class: "desk-tabs", role: "group", "aria-label": "按状态看" });
    this.status = h("p", { class: "quiet found", role: "status" });
    this.list = h("ul", { class: "rows item-rows" });
    this.more = button("再看一些", () => this.load(this.page + 1), "button-quiet button-wide", { hidden: true });
    const banks = field("题库", choice([...this.banks.map((bank) => [bank.slug, bankName(bank)]), [EVERY, "全部题库"]], this.wanted.bank, (slug) => {
      this.choose({ bank: slug, tag: "" });
      create.hidden = slug === EVERY;
    }));
    show(this.root,
      h("div", { class: "desk-head" }, h("h1", null, "题库"), h("div", { class: "buttons" },
        create, button("新建题库", () => this.newBank(), "button-quiet"))),
      this.banks.length ? [banks, this.tabs, this.filters(), this.status, this.list, this.more] : noBank());
    if (window.IntersectionObserver) {
      new IntersectionObserver(([seen]) => seen.isIntersecting && this.more.click(), { rootMargin: "400px" }).observe(this.more);
    }
  }

  filters() {
    const search = h("input", { type: "search", maxlength: 100, placeholder: "题里的字词，或者编号", oninput: () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.choose({ words: search.value }), WAIT_MS);
    } });
    search.value = this.wanted.words;
    const levels = [1, 2, 3, 4, 5].map((level) => [String(level), `难度 ${level}`]);
    this.tagBox = field("标签", choice([["", "不限"]], ""));
    const narrow = h("details", { class: "filters", open: Boolean(this.wanted.type || this.wanted.difficulty || this.wanted.tag) || window.innerWidth >= 720 },
      h("summary", null, "筛选"),
      field("题型", choice([["", "不限"], ...TYPES], this.wanted.type, (type) => this.choose({ type }))),
      field("难度", choice([["", "不限"], ...levels], this.wanted.difficulty, (difficulty) => this.choose({ difficulty }))),
      this.tagBox);
    return h("div", { class: "finder" }, field("找题", search), narrow);
  }

  choose(changed) {
    Object.assign(this.wanted, changed);
    if (changed.bank && changed.bank !== EVERY) keep("lawlab.desk.bank", changed.bank);
    const kept = new URLSearchParams(Object.entries(this.wanted).filter(([, value]) => value));
    history.replaceState(null, "", `${location.pathname}?${kept}`);
    this.load();
  }

  async load(page = 1) {
    const turn = (this.turn = (this.turn || 0) + 1);
    const query = new URLSearchParams(Object.entries({ ...this.wanted, bank: this.bank ? this.wanted.bank : "", page }).filter(([, value]) => value));
    this.more.disabled = true;
    try {
      const data = await get(`/desk/items?${query}`);
      if (turn === this.turn) this.take(data, page);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn !== this.turn) return;
      show(this.status, sign("wait"), ` ${trouble.message} `, button("马上重试", () => this.load(page), "button-quiet button-plain"));
      if (trouble.kind === "offline") setTimeout(() => turn === this.turn && this.load(page), 5000);
    }
  }

  take(data, page) {
    this.page = page;
    if (page === 1) show(this.list);
    this.list.append(...data.rows.map((line) => row(line, !this.bank)));
    this.more.hidden = !data.more;
    this.more.disabled = false;
    const all = Object.values(this.wanted).filter(Boolean).length <= 1;
    show(this.status, data.total && data.found ? (all ? `共 ${data.found} 题` : `找到 ${data.found} 题`) : "");
    if (!data.found) show(this.list, h("li", { class: "empty" }, data.total ? this.nothingFound() : this.nothingYet()));
    this.drawTabs(data);
    this.drawTags(data.tags);
  }

  drawTabs({ states, matching }) {
    show(this.tabs, STATES.map(([state, word]) => h("button", {
      type: "button", class: "desk-tab", "aria-pressed": String(this.wanted.state === state), onclick: () => this.choose({ state }),
    }, word, " ", h("span", { class: "count" }, String(state ? states[state] || 0 : matching)))));
    if (this.wanted.state) this.tabs.querySelector("[aria-pressed=true]").scrollIntoView({ block: "nearest", inline: "center" });
  }

  drawTags(tags) {
    const names = tags.map(([tag]) => tag);
    const gone = this.wanted.tag && !names.includes(this.wanted.tag) ? [[this.wanted.tag, this.wanted.tag]] : [];
    const select = choice([["", "不限"], ...gone, ...tags.map(([tag, count]) => [tag, `${tag}（${count}）`])], this.wanted.tag, (tag) => this.choose({ tag }));
    select.id = this.tagBox.querySelector("select").id;
    this.tagBox.querySelector("select").replaceWith(select);
  }

  nothingFound() {
    const cleared = Object.fromEntries(KEYS.filter((key) => key !== "bank").map((key) => [key, ""]));
    return [h("p", null, "没有符合条件的题。"), button("去掉所有条件", () => {
      Object.assign(this.wanted, cleared);
      this.frame();
      this.choose({});
    }, "button-quiet")];
  }

  nothingYet() {
    return [h("p", null, "这个题库还没有题。"), this.bank && button("写第一道题", (event) => this.newItem(event.currentTarget))];
  }

  async newItem(pressed) {
    pressed.disabled = true;
    try {
      const { item } = await post("/desk/items", { bank: this.wanted.bank });
      location.href = itemPage(item);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      pressed.disabled = false;
      show(this.status, sign("wrong"), ` ${trouble.message}`);
    }
  }

  newBank() {
    const law = h("input", { maxlength: 80, placeholder: "如 治安管理处罚法" });
    const slug = h("input", { maxlength: 40, placeholder: "如 public-security", autocapitalize: "none", spellcheck: "false" });
    const prefix = h("input", { maxlength: 20, placeholder: "如 psp", autocapitalize: "none", spellcheck: "false" });
    ask("新建题库", "一部法律一个题库。建好以后可以马上写题。", {
      action: "建立",
      fields: [field("法律名称", law, "要是平台里已有的法律，或者已经导入的法规。"),
        field("题库名", slug, "小写字母、数字和连字符，定了就不改。"),
        field("编号开头", prefix, "题目编号的开头，写 psp，第一题就是 psp-001。")],
      act: async () => {
        if (!law.value.trim()) throw fault("请写法律名称。");
        const made = await post("/desk/banks", { law: law.value.trim(), slug: slug.value.trim(), prefix: prefix.value.trim() });
        keep("lawlab.desk.bank", made.slug);
        location.href = `/services/learn/bank?bank=${encodeURIComponent(made.slug)}`;
      },
    });
  }
}

function row(line, everywhere) {
  const meta = [everywhere && line.bank, line.type_name, line.difficulty && `难度 ${line.difficulty}`, line.articles[0]?.replace("#", "第 ").concat(" 条"), ...line.tags.slice(0, 3)];
  return h("li", null, h("a", { class: "row item-row", href: itemPage(line.item) },
    h("span", { class: "row-main" },
      h("span", { class: "item-head" }, h("b", null, line.item), stateTags(line)),
      h("span", { class: "row-name" }, line.stem || "（题干还没有写）"),
      h("span", { class: "quiet small" }, meta.filter(Boolean).join(" · "))),
    sign("next")));
}

function noBank() {
  return h("section", { class: "card empty" }, h("p", null, "还没有题库。请点上面的“新建题库”，建好就可以写题。"));
}
