/** <lawlab-board>: the boards of 干部职工, 法律明白人 and units, changing while they are open. */
import { me } from "./api.js";
import { clock, h, number, show } from "./dom.js";
import { styled } from "./library.js";
import { listen } from "./live.js";
import { placeholder, Resource, signInNotice } from "./resource.js";

const GROUPS = [["staff", "干部职工"], ["villager", "法律明白人"], ["unit", "单位"]];
const SPREAD_MS = 800;
const NEW_MS = 2500;

class Board extends HTMLElement {
  connectedCallback() {
    if (this.tabs) return;
    this.before = new Map();
    this.tabs = GROUPS.map(([group, name], n) => h("button", {
      type: "button", role: "tab", class: "tab", id: `tab-${group}`, "aria-controls": "board-panel",
      onclick: () => this.choose(group), onkeydown: (event) => this.step(event, n),
    }, name));
    this.panel = h("div", { role: "tabpanel", id: "board-panel" });
    this.begin();
  }

  async begin() {
    await styled;
    show(this, h("h1", null, "排行榜"), h("div", { class: "tabs", role: "tablist", "aria-label": "榜单" }, this.tabs), this.panel,
      h("p", { class: "small" }, h("a", { href: "/services/learn/leaderboard" }, "看带图表的实时排行榜")));
    const asked = location.hash.slice(1);
    const known = GROUPS.some(([group]) => group === asked);
    this.choose(known ? asked : "staff");
    try {
      this.person = await me();
    } catch (trouble) {
      // The board's own request says what is wrong, and its retry brings the person too.
      if (!trouble.kind) throw trouble;
    }
    const own = this.person?.cohorts[0];
    if (!known && own && own !== this.group) this.choose(own);
    listen((revision) => this.hear(revision),
      () => show(this.panel, signInNotice("登录已过期，请重新登录后看排行榜。")));
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
    history.replaceState(null, "", `#${group}`);
    GROUPS.forEach(([name], n) => {
      this.tabs[n].setAttribute("aria-selected", String(name === group));
      this.tabs[n].tabIndex = name === group ? 0 : -1;
    });
    this.panel.setAttribute("aria-labelledby", `tab-${group}`);
    const fresh = this.boards?.has(group);
    this.resource = Resource.of(`/board?group=${group}`);
    this.boards = (this.boards || new Set()).add(group);
    if (fresh) this.resource.load();
    else this.resource.addEventListener("change", () => this.resource.path.endsWith(`=${this.group}`) && this.render());
    this.render();
  }

  hear(revision) {
    if (revision !== undefined && revision === this.resource.data?.revision) return;
    clearTimeout(this.timer);
    // A hall full of phones hears of a change in the same instant.
    this.timer = setTimeout(() => this.resource.load(), Math.random() * SPREAD_MS);
  }

  async render() {
    const { resource, group } = this;
    const { data } = resource;
    if (!data) {
      show(this.panel, placeholder(resource, "排行榜"));
      return;
    }
    this.person = await me();
    if (group !== this.group) return;
    if (!data.rows.length) {
      show(this.panel, h("section", { class: "card empty" }, h("p", null, "还没有成绩。学完一课或做完一次测验，就会出现在这里。"),
        h("p", null, h("a", { class: "button", href: "/services/learn/home" }, "去学习"))));
      return;
    }
    show(this.panel,
      h("p", { class: "quiet small" }, group === "unit" ? "单位积分 = 全体成员积分之和 ÷ 人数。" : "积分来自课时、每日练习、已公布的测验和参加的活动。", ` 截至 ${clock(data.as_of)}`),
      h("ol", { class: "board" }, data.rows.map((row) => (group === "unit" ? this.unitRow(row) : this.personRow(row)))));
    this.flash();
  }

  personRow({ rank, login, name, unit, points, learn, quiz, meet, drill }) {
    const mine = login === this.person.login;
    return this.row(login, rank, points, mine, [name, mine && h("span", { class: "tag" }, "我")], unit,
      [h("span", null, `学习 ${number(learn)}`), h("span", null, `测验 ${number(quiz)}`), meet > 0 && h("span", null, `活动 ${number(meet)}`), drill > 0 && h("span", null, `练习 ${number(drill)}`)]);
  }

  unitRow({ rank, unit, members, participants, participation, points }) {
    const mine = unit === this.person.unit;
    return this.row(unit, rank, points, mine, [unit, mine && h("span", { class: "tag" }, "我的单位")],
      `${members} 人中 ${participants} 人参与（${Math.round(participation * 100)}%）`, "人均积分");
  }

  row(key, rank, points, mine, name, note, parts) {
    return h("li", { class: `board-row ${rank <= 3 && points > 0 ? "is-top" : ""} ${mine ? "is-mine" : ""}`, "data-key": key, "data-points": points },
      h("span", { class: "rank" }, h("span", { class: "only-read" }, "第"), rank, h("span", { class: "only-read" }, "名")),
      h("span", { class: "row-main" }, h("span", null, ...name), note && h("span", { class: "quiet small" }, note)),
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

customElements.define("lawlab-board", Board);
