/** 名单: everybody of an activity; one tap is 出勤, the rest is in a menu; all the others at once. */
import { beside, newKey, STATUSES, statusTag, update, WAYS } from "./attendance-parts.js";
import { ask, choice, fault, field, toast } from "./desk.js";
import { button, clock, h, show } from "./dom.js";

const FILTERS = [["", "全部"], ["none", "未签到"], ["there", "已到"], ["late", "迟到"], ["excused", "请假"], ["absent", "缺勤"], ["look", "要看一看"]];
/** Ways of a trainer's word; the others are what somebody did himself, or nobody. */
const WORDS = ["list", "walk_in", "signature", "file"];

export class PeopleList {
  constructor(root, meeting) {
    Object.assign(this, { meeting, wanted: "", unit: "" });
    this.rows = new Map();
    this.filters = h("div", { class: "desk-tabs people-filters", role: "group", "aria-label": "按登记看" });
    this.words = h("input", { type: "search", maxlength: 40, autocomplete: "off", placeholder: "姓名或登录名", oninput: () => this.render() });
    this.unitBox = h("div", null);
    this.all = button("其余的都记出勤", () => this.markAll(), "button-quiet");
    this.found = h("p", { class: "quiet small found", role: "status" });
    this.list = h("ul", { class: "people-list" });
    this.empty = h("section", { class: "card empty" }, h("p", null, "没有符合条件的人。"));
    show(root, this.filters, h("div", { class: "people-tools" }, field("找人", this.words), this.unitBox, this.all), this.found, this.list, this.empty);
  }

  /** Show one unit, as when its tile is tapped. */
  only(unit) {
    this.unit = unit;
    this.render();
    this.filters.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  render() {
    const { meeting } = this;
    const { people, activity } = meeting.board;
    const words = this.words.value.trim();
    update(this.unitBox, [people.map(({ unit }) => unit), this.unit], () => this.unitChoice(people));
    this.drawFilters(people);
    const unmarked = people.filter((one) => one.mine && one.expected && !meeting.statusOf(one) && one.leave?.state !== "approved");
    this.all.hidden = !unmarked.length || meeting.closed || activity.state === "cancelled" || !meeting.begun;
    const shown = people.filter((one) => this.fits(one, this.wanted) && (!this.unit || (one.unit || "") === this.unit) && (!words || one.name.includes(words) || one.login.includes(words)));
    const found = shown.length < people.length ? `${shown.length} 人` : "";
    // Written again it would be read aloud again.
    if (this.found.textContent !== found) show(this.found, found);
    this.empty.hidden = shown.length > 0;
    const nodes = shown.map((one) => this.row(one));
    // Only what changed is drawn and moved: what somebody is about to tap stays under the finger.
    nodes.forEach((node, n) => this.list.children[n] !== node && this.list.insertBefore(node, this.list.children[n] || null));
    while (this.list.children.length > nodes.length) this.list.lastChild.remove();
  }

  fits(one, wanted) {
    const status = this.meeting.statusOf(one);
    return { "": true, none: !status && one.expected, there: status === "present" || status === "late", look: one.shared > 1 || one.contradicted }[wanted] ?? status === wanted;
  }

  drawFilters(people) {
    const counts = FILTERS.map(([name]) => people.filter((one) => this.fits(one, name)).length);
    const shown = FILTERS.filter(([name], n) => counts[n] || name === this.wanted || n < 3);
    update(this.filters, [counts, this.wanted], () => shown.map(([name, word]) => h("button", { type: "button", class: "desk-tab", "data-filter": name, "aria-pressed": String(name === this.wanted), onclick: () => {
      this.wanted = name;
      this.render();
      this.filters.querySelector(`[data-filter="${name}"]`)?.focus();
    } }, word, " ", h("span", { class: "count" }, String(counts[FILTERS.findIndex(([one]) => one === name)])))));
  }

  unitChoice(people) {
    const units = [...new Set(people.map(({ unit }) => unit || ""))];
    return units.length > 1 && field("单位", choice([["", "全部单位"], ...units.filter(Boolean).map((unit) => [unit, unit])], this.unit, (unit) => {
      this.unit = unit;
      this.render();
    }));
  }

  row(one) {
    const { meeting } = this;
    if (!this.rows.has(one.login)) this.rows.set(one.login, h("li", { class: "person-row", "data-login": one.login }));
    const node = this.rows.get(one.login);
    const status = meeting.statusOf(one);
    const onWay = meeting.waiting.has(one.login);
    const focused = node.contains(document.activeElement) && document.activeElement.dataset.act;
    const unit = beside(one, meeting.board.people);
    update(node, [one, unit, status, onWay, meeting.closed, meeting.board.activity.state], () => this.drawRow(one, unit, status, onWay));
    // The button that was tapped may be gone; the keyboard stays in its row.
    if (focused) (node.querySelector(`[data-act="${focused}"]`) || node.querySelector("[data-act]"))?.focus();
    return node;
  }

  drawRow(one, unit, status, onWay) {
    const may = one.mine && this.meeting.board.activity.state !== "cancelled";
    return [h("div", { class: "person-main" }, h("b", null, one.name), " ", h("span", { class: "quiet small" }, [unit, !one.expected && "旁听", one.cards !== null && `答卡 ${one.cards} 张`].filter(Boolean).join("，")), this.marks(one)),
      h("div", { class: "person-state" }, statusTag(status), h("span", { class: "quiet small" }, onWay ? "正在登记…" : said(one))),
      may && h("div", { class: "person-acts" },
        status !== "present" && button("出勤", () => this.tap(one, "present"), "button-quiet", { "data-act": "present", "aria-label": `${one.name} 出勤` }),
        button("改…", () => this.menu(one), "button-quiet button-plain", { "data-act": "menu", "aria-label": `${one.name} 迟到、请假、缺勤、撤销` }))];
  }

  marks(one) {
    const texts = [one.shared > 1 && `同一部手机签了 ${one.shared} 人`, one.contradicted && "本人签过到，教员另有登记",
      one.leave?.state === "asked" && "请假等待批准", one.leave?.state === "refused" && "请假没有批准"];
    const shown = texts.filter(Boolean);
    return shown.length > 0 && h("span", { class: "person-marks small" }, shown.map((text) => h("span", { class: "tag tag-wait" }, text)));
  }

  /** Mark somebody, and offer to take that back to what it was. */
  async tap(one, status) {
    const before = one.status;
    const reason = this.meeting.closed ? await askReason(`${one.name}：${Object.fromEntries(STATUSES)[status]}`) : "";
    if (reason === null) return;
    const board = await this.meeting.mark([one], status, reason);
    if (!board) return;
    toast(`${one.name}：${Object.fromEntries(STATUSES)[status]}`, () => (before && before !== status && WORDS.includes(one.way)
      ? this.meeting.mark([one], before, back(reason)) : this.meeting.unmark([one], back(reason))));
  }

  menu(one) {
    const buttons = STATUSES.map(([status, word]) => button(word, () => leave(() => this.tap(one, status)), "button-quiet button-wide", { disabled: one.status === status && one.way === "list" }));
    const dialog = h("dialog", { class: "ask person-menu", "aria-label": one.name, onclick: (event) => event.target === dialog && leave() },
      h("h2", null, one.name), h("p", { class: "quiet small" }, one.reason && `原因：${one.reason}`), buttons,
      WORDS.includes(one.way) && button("撤销教员的登记", () => leave(() => this.takeBack(one)), "button-quiet button-wide"), button("不改", () => leave(), "button-quiet button-plain button-wide"));
    const leave = (act) => {
      dialog.close();
      dialog.remove();
      act?.();
    };
    dialog.addEventListener("cancel", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  async takeBack(one) {
    const reason = this.meeting.closed ? await askReason(`${one.name}：撤销教员的登记`) : "";
    if (reason === null) return;
    if (await this.meeting.unmark([one], reason)) toast(`${one.name}：教员的登记已撤销，本人自己签的还算数。`);
  }

  async markAll() {
    const { counts, people } = this.meeting.board;
    const done = await ask("其余的都记出勤", `您负责的单位里，没有签到、请假也没有批准的人都记出勤（全场还有 ${counts.unmarked} 人未签到）。请先看一眼会场。`, { action: "都记出勤" });
    if (!done) return;
    const board = await this.meeting.say("mark-all", { key: newKey() });
    if (!board) return;
    const marked = people.filter(({ login }) => board.marked.includes(login));
    toast(`${marked.length} 人记了出勤。`, marked.length ? () => this.meeting.unmark(marked) : undefined);
  }
}

/** The reason of an undo, where one is needed. */
const back = (reason) => reason && `撤销刚才的更正：${reason}`.slice(0, 200);

/** How and when somebody came to his status. */
function said(one) {
  if (!one.status) return "";
  const who = one.by && one.by !== one.login && one.way !== "close" ? one.by_name : "";
  return [one.at && clock(one.at), WAYS[one.way] || one.way, who].filter(Boolean).join(" ");
}

/** Why, after the close; null when it is given up. */
async function askReason(title) {
  const reason = h("input", { maxlength: 200, autocomplete: "off", placeholder: "如 手机没电，当时在场" });
  const done = await ask(title, "活动已经结束，更正要写原因，会留在记录里。", { action: "更正", fields: [field("原因", reason)], act: () => {
    if (reason.value.trim().length < 2) throw fault("请写原因，2 个字以上。");
  } });
  return done ? reason.value.trim() : null;
}
