/**
 * <lawlab-board>: the boards of 干部职工, 法律明白人, units and both cohorts, by time and phase, changing
 * while they are open. What earned somebody's points is one tap away.
 */
import { me } from "./api.js";
import { button, clock, h, number, show, sign } from "./dom.js";
import { earned } from "./board-points.js";
import { rulesBox } from "./board-rules.js";
import { styled } from "./library.js";
import { listen } from "./live.js";
import { placeholder, Resource, signInNotice } from "./resource.js";

const GROUPS = [["staff", "干部职工"], ["villager", "法律明白人"], ["unit", "单位"], ["cohort", "两类人员"]];
const SPANS = [["day", "今天"], ["week", "本周"], ["year", "今年"], ["all", "全部"]];
const PHASES = [["total", "总分"], ["learn", "大学习"], ["drill", "大练兵"], ["compete", "大比武"]];
const GATHERED = ["unit", "cohort"];
const PARTS = [["学习", "learn"], ["测验", "quiz"], ["活动", "meet"], ["练习", "drill"], ["比武", "contest"]];
const HOME = "/services/learn/home";
// How one comes to have points of a phase: [what to do, the button's word, where].
const WAYS = {
  total: ["学完一课或做完一次测验", "去学习", HOME],
  learn: ["学完一课或做完一次测验", "去学习", HOME],
  drill: ["做完一次练习", "去练习", "/services/learn/drill"],
  compete: ["参加一次比武", "看比武", "/services/learn/contest"],
};
const SPREAD_MS = 800;
const NEW_MS = 2500;

class Board extends HTMLElement {
  connectedCallback() {
    if (this.tabs) return;
    this.before = new Map();
    this.opened = new Map();
    this.tabs = GROUPS.map(([group, name], n) => h("button", {
      type: "button", role: "tab", class: "tab", id: `tab-${group}`, "aria-controls": "board-panel",
      onclick: () => this.choose(group), onkeydown: (event) => this.step(event, n),
    }, name));
    this.span = "year";
    this.phase = "total";
    this.panel = h("div", { role: "tabpanel", id: "board-panel" });
    this.begin();
  }

  async begin() {
    await styled;
    show(this, h("h1", null, "排行榜"), h("div", { class: "tabs", role: "tablist", "aria-label": "榜单" }, this.tabs),
      this.choices("时段", SPANS, "span"), this.choices("类别", PHASES, "phase"), this.panel,
      h("p", { class: "small" }, h("a", { href: "/services/learn/leaderboard" }, "看带图表的实时排行榜")), this.rules = h("div", null));
    const asked = location.hash.slice(1);
    const known = GROUPS.some(([group]) => group === asked);
    this.choose(known ? asked : "staff");
    try {
      this.person = await me();
    } catch (trouble) {
      // The board's own request says what is wrong, and its retry brings the person too.
      if (!trouble.kind) throw trouble;
    }
    if (this.person?.roles?.some((role) => role === "trainer" || role === "admin")) show(this.rules, rulesBox(() => this.choose(this.group)));
    const own = this.person?.cohorts[0];
    if (!known && own && own !== this.group) this.choose(own);
    listen((revision) => this.hear(revision),
      () => show(this.panel, signInNotice("登录已过期，请重新登录后看排行榜。")));
  }

  /** A row of buttons of which one is pressed. */
  choices(title, all, field) {
    const buttons = all.map(([value, word]) => button(word, () => {
      this[field] = value;
      buttons.forEach((one, n) => one.setAttribute("aria-pressed", String(all[n][0] === value)));
      this.choose(this.group);
    }, "button-quiet", { "aria-pressed": String(value === this[field]), "data-value": value }));
    return h("div", { class: "board-choices", role: "group", "aria-label": title }, buttons);
  }

  step(event, n) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const next = (n + move + GROUPS.length) % GROUPS.length;
    this.choose(GROUPS[next][0]);
    this.tabs[next].focus();
  }

  choose(group) {
    this.group = group;
    this.before.clear();
    this.opened.clear();
    history.replaceState(null, "", `#${group}`);
    GROUPS.forEach(([name], n) => {
      this.tabs[n].setAttribute("aria-selected", String(name === group));
      this.tabs[n].tabIndex = name === group ? 0 : -1;
    });
    this.panel.setAttribute("aria-labelledby", `tab-${group}`);
    const path = `/board?group=${group}&span=${this.span}&phase=${this.phase}`;
    const resource = Resource.of(path);
    this.resource = resource;
    this.boards = this.boards || new Set();
    if (this.boards.has(path)) resource.load();
    else resource.addEventListener("change", () => this.resource === resource && this.render());
    this.boards.add(path);
    this.render();
  }

  hear(revision) {
    if (revision !== undefined && revision === this.resource.data?.revision) return;
    clearTimeout(this.timer);
    // A hall full of phones hears of a change in the same instant.
    this.timer = setTimeout(() => this.resource.load(), Math.random() * SPREAD_MS);
  }

  render() {
    const { resource, group } = this;
    const { data } = resource;
    if (!data) {
      show(this.panel, placeholder(resource, "排行榜"));
      return;
    }
    const gathered = GATHERED.includes(group);
    if (!data.rows.some(({ points }) => points > 0)) {
      show(this.panel, this.nobody());
      return;
    }
    const focused = this.panel.contains(document.activeElement) && document.activeElement.closest(".board-row")?.dataset.key;
    const line = (row) => (gathered ? this.unitRow(row) : this.personRow(row));
    show(this.panel,
      h("p", { class: "quiet small" }, gathered ? "这里的积分 = 全体成员积分之和 ÷ 人数。" : "积分来自课时、每日练习、已公布的测验、参加的活动和比武。", ` 截至 ${clock(data.as_of)}`),
      weighed(data), data.masked && h("p", { class: "quiet small" }, "按镇里的规定，别人的姓名只显示姓。"),
      h("ol", { class: "board" }, data.rows.map(line)),
      data.own && [h("p", { class: "quiet small" }, "您的名次"), h("ol", { class: "board" }, line(data.own))]);
    this.flash();
    if (focused) this.panel.querySelector(`[data-key="${CSS.escape(focused)}"] .board-more`)?.focus({ preventScroll: true });
  }

  /** What stands where nobody has points in a span and a phase. */
  nobody() {
    const when = { all: "还没有成绩。", year: "今年还没有成绩。" }[this.span] || `${name(SPANS, this.span)}还没有人得分。`;
    const [what, word, where] = WAYS[this.phase];
    return h("section", { class: "card empty" }, h("p", null, `${when}${what}，就会出现在这里。`),
      h("p", null, h("a", { class: "button", href: where }, word), " ",
        this.span !== "all" && button("看全部时间的", () => this.querySelector('.board-choices [data-value="all"]').click(), "button-quiet")));
  }

  /** A person's line: a tap anywhere on it opens what earned the points, and closes it again. */
  personRow({ id, rank, name: who, unit, points, mine, phases, ...values }) {
    // An activity may belong to any phase, so only the total is told in parts.
    const parts = PARTS.filter(([, field]) => this.phase === "total" && values[field] > 0)
      .map(([word, field]) => h("span", null, `${word} ${number(values[field])}`));
    const row = this.row(id, rank, points, mine, [who, mine && h("span", { class: "tag" }, "我")], unit, parts);
    const key = String(id);
    // It stays the same place while the lines around it are drawn anew.
    const place = this.opened.get(key) || h("div", { class: "board-earned" });
    const more = button(sign("open"), null, "button-quiet button-plain board-more", { "aria-label": `${who}的积分从哪里来` });
    const draw = (open) => {
      row.classList.toggle("is-open", open);
      more.setAttribute("aria-expanded", String(open));
      place.hidden = !open;
      if (open) this.opened.set(key, place);
      else this.opened.delete(key);
      if (open) earned(place, { id, phases, mine }, this.span);
    };
    row.addEventListener("click", (event) => place.contains(event.target) || draw(place.hidden));
    row.append(more, place);
    draw(this.opened.has(key));
    return row;
  }

  unitRow({ rank, unit, members, participants, participation, points, mine }) {
    return this.row(unit, rank, points, mine, [unit, mine && h("span", { class: "tag" }, "我的单位")],
      `${members} 人中 ${participants} 人参与（${Math.round(participation * 100)}%）`, "人均积分");
  }

  row(key, rank, points, mine, title, note, parts) {
    return h("li", { class: `board-row ${rank <= 3 && points > 0 ? "is-top" : ""} ${mine ? "is-mine" : ""}`, "data-key": key, "data-points": points },
      h("span", { class: "rank" }, h("span", { class: "only-read" }, "第"), rank, h("span", { class: "only-read" }, "名")),
      h("span", { class: "row-main" }, h("span", null, ...title), note && h("span", { class: "quiet small" }, note)),
      h("span", { class: "board-points" }, number(points), h("small", null, parts)));
  }

  /** Rows whose points have changed while the board was open stand out for a moment. */
  flash() {
    const known = this.before.size > 0;
    for (const row of this.panel.querySelectorAll(".board-row")) {
      const { key, points } = row.dataset;
      if (known && this.before.get(key) !== points) {
        row.classList.add("is-new");
        setTimeout(() => row.classList.remove("is-new"), NEW_MS);
      }
      this.before.set(key, points);
    }
  }
}

const name = (all, value) => all.find(([one]) => one === value)[1];

/** How the total is made, where the town decided something. */
function weighed({ phase, weights }) {
  if (phase !== "total" || !weights || PHASES.slice(1).every(([one]) => weights[one] === 1)) return null;
  return h("p", { class: "quiet small" }, `总分 = ${PHASES.slice(1).map(([one, word]) => `${word} × ${number(weights[one])}`).join(" + ")}`);
}

customElements.define("lawlab-board", Board);
