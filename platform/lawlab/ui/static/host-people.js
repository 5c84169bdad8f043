/** Everybody: who is here, who has answered, who was excluded, and whoever came late. */
import { ask, fault, field } from "./desk.js";
import { h, number, sign } from "./dom.js";
import { able, action, askReason } from "./host-parts.js";
import { update } from "./stage-parts.js";

const MOST = 200;
const UNANSWERED = "没答这道题";
const FILTERS = [
  ["全部", () => true], ["在线", ({ present }) => present], ["不在线", ({ present }) => !present],
  [UNANSWERED, ({ answered, guest }) => !answered && !guest], ["取消资格", ({ reason }) => reason !== undefined],
];

export class People {
  /** `root` is filled at once, with a list that keeps its rows as long as their people. */
  constructor(root, console) {
    Object.assign(this, { console, rows: new Map(), filter: 0 });
    this.find = h("input", { type: "search", "aria-label": "查找姓名、登录名或单位", placeholder: "查找姓名、登录名或单位", autocomplete: "off", oninput: () => this.render() });
    this.filters = FILTERS.map((_, n) => action("", () => {
      this.filter = n;
      this.render();
    }, "button-quiet button-small"));
    this.late = action("加入迟到的人", () => this.add());
    this.list = h("ul", { class: "rows" });
    this.more = h("p", { class: "quiet" });
    root.append(h("div", { class: "host-people-tools field" }, this.find, this.late), h("div", { class: "host-filters", role: "group", "aria-label": "看哪些人" }, this.filters), this.list, this.more);
  }

  render() {
    const { view } = this.console;
    if (!view) return;
    const reasons = new Map(view.excluded.map((one) => [one.login, one]));
    const all = view.people.map((one) => ({ ...one, reason: reasons.get(one.login)?.reason }));
    for (const one of view.excluded) if (!all.some(({ login }) => login === one.login)) all.push({ ...one, team: "", points: 0, rank: null });
    FILTERS.forEach(([word, fits], n) => {
      update(this.filters[n], `${word} ${all.filter(fits).length}`, () => `${word} ${all.filter(fits).length}`);
      this.filters[n].setAttribute("aria-pressed", String(n === this.filter));
      this.filters[n].hidden = word === UNANSWERED && view.format === "window";
    });
    able(this.late, view.can.includes("add"));
    const word = this.find.value.trim();
    const found = all.filter(FILTERS[this.filter][1]).filter(({ login, name, unit, team }) => !word || [login, name, unit, team].some((text) => text?.includes(word)))
      // Whoever waits to be let in stands first.
      .sort((a, b) => Number(b.guest || 0) - Number(a.guest || 0));
    this.place(found.slice(0, MOST), view);
    update(this.more, found.length, () => [!found.length ? "没有这样的人。" : found.length > MOST && `还有 ${found.length - MOST} 人没有列出，请用查找。`]);
  }

  /** Rows that stay the same keep their place and focus. */
  place(found, { can, phase }) {
    const rows = found.map((one) => {
      const row = this.rows.get(one.login) || h("li", { class: "host-line" });
      this.rows.set(one.login, row);
      update(row, [one, can.includes("exclude"), can.includes("add"), phase], () => this.row(one, can, phase));
      return row;
    });
    if (rows.length !== this.list.children.length || rows.some((row, n) => this.list.children[n] !== row)) this.list.replaceChildren(...rows);
  }

  row(one, can, phase) {
    const { login, name, unit, team, present, answered, points, rank, guest, reason } = one;
    const asked = phase === "question" || phase === "revealed";
    const out = reason !== undefined;
    const act = (word, command, does) => {
      const node = action(word, does, "button-quiet button-small");
      node.setAttribute("aria-label", `${word}：${name}`);
      able(node, can.includes(command));
      return node;
    };
    return [
      h("div", null, h("p", { class: "item-head" }, h("b", null, name), h("span", { class: "quiet small" }, [login, unit, team !== unit && team].filter(Boolean).join(" · "))),
        h("p", { class: "small host-person" },
          h("span", { class: present ? "is-here" : "quiet" }, present ? [sign("right"), " 在线"] : "不在线"),
          asked && !guest && h("span", { class: answered ? "" : "quiet" }, answered ? "已答" : "没答"),
          rank && h("span", null, `${number(points)} 分，第 ${rank} 名`),
          guest && h("span", { class: "tag tag-wait" }, "不在名单里"), out && h("span", { class: "tag tag-wrong" }, `取消资格：${reason}`))),
      guest ? act("加入", "add", () => this.console.go("add", { login }))
        : out ? act("恢复", "include", () => this.judge("include", one)) : act("取消资格", "exclude", () => this.judge("exclude", one)),
    ];
  }

  judge(command, { login, name }) {
    const [title, text, done] = command === "exclude"
      ? [`取消${name}的资格`, "不能再答题，不进名次。以后可以恢复，成绩还在。", "取消资格"] : [`恢复${name}的资格`, "可以接着答题，已经得的分都算。", "恢复"];
    askReason(command, title, text, done, (reason) => this.console.commands.send(command, { login, reason }));
  }

  /** Somebody who is not in the list of those expected. */
  add() {
    const who = h("input", { maxlength: 40, autocomplete: "off", autocapitalize: "off" });
    ask("加入迟到的人", "不在名单里的人也可以加入。已经错过的题得 0 分。他打开了比武页的话，名单最前面就有，点“加入”就行。", {
      action: "加入", decline: "不加", fields: [field("他的登录名", who)],
      act: async () => {
        if (!who.value.trim()) throw fault("请写他的登录名。");
        await this.console.commands.send("add", { login: who.value.trim() });
      },
    });
  }
}
