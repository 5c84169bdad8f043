/** 试题分析: how each question did, sorted as one likes, with the use of its options. */
import { regrade } from "./desk-regrade.js";
import { QuizTab } from "./desk-quiz-tab.js";
import { button, h, number, show, sign, svg } from "./dom.js";

const NONE = "—";
const FLAGS = { negative: ["tag-wrong", () => sign("wrong")], weak: ["tag-wait", () => "▲"], easy: ["", () => "○"], hard: ["", () => "○"] };
const HAND_MARKED = ["case", "short"];
const GRAVE = Object.keys(FLAGS);
const COLUMNS = [
  { key: "question", name: "题号", value: (one) => one.question },
  { key: "type", name: "题型", value: (one) => one.type_name, wide: true },
  { key: "attempts", name: "人数", value: (one) => one.attempts, wide: true, down: true },
  { key: "facility", name: "得分率", value: (one) => one.facility },
  { key: "index", name: "区分度", value: (one) => one.index },
  { key: "efficiency", name: "区分效率", value: (one) => one.efficiency, wide: true },
  { key: "blank", name: "没答", value: (one) => one.blank, wide: true, down: true },
  { key: "flags", name: "提示", value: (one) => (one.flags.length ? GRAVE.indexOf(one.flags[0].flag) : GRAVE.length) },
];

export class QuizStatistics extends QuizTab {
  constructor(root, desk) {
    super(root, `${desk.path}/statistics`, "试题分析");
    this.quiz = desk.path;
    this.sorted = { key: "question", down: false };
    this.open = new Set();
  }

  content(data) {
    if (!data.attempts) return h("section", { class: "card empty" }, h("p", null, "还没有人判完。"), h("p", { class: "quiet" }, "有人交卷、判完以后，这里能看到每道题答得怎么样。"));
    this.heads = COLUMNS.map((column) => h("th", { scope: "col", class: column.wide && "wide-only" },
      h("button", { type: "button", class: "sort", onclick: () => this.sort(column) }, column.name, h("span", { class: "sort-sign", "aria-hidden": "true" }))));
    this.body = h("tbody", null);
    const flagged = data.items.filter(({ flags }) => flags.some(({ flag }) => flag === "negative" || flag === "weak")).length;
    this.draw();
    return [paper(data), h("p", { class: "small" }, flagged ? [sign("wrong"), ` ${flagged} 道题请看一看：先核对答案，再看题干和选项有没有歧义。`] : [sign("right"), " 没有要特别留意的题。"]),
      h("div", { class: "quiz-scroll", role: "region", "aria-label": "每道题", tabindex: "0" },
        h("table", { class: "quiz-items" }, h("thead", null, h("tr", null, this.heads)), this.body)),
      h("p", { class: "quiet small" }, "得分率：这道题平均得到几成的分。区分度：得分高的人是不是更容易答对这道题，负数说明正好相反。区分效率：和这道题最多能达到的区分度相比。人少时都只作参考。")];
  }

  sort({ key, down = false }) {
    this.sorted = this.sorted.key === key ? { key, down: !this.sorted.down } : { key, down };
    this.draw();
  }

  draw() {
    const { key, down } = this.sorted;
    COLUMNS.forEach((column, n) => {
      const here = column.key === key;
      this.heads[n].setAttribute("aria-sort", here ? (down ? "descending" : "ascending") : "none");
      show(this.heads[n].querySelector(".sort-sign"), here ? (down ? "▼" : "▲") : "");
    });
    const { value } = COLUMNS.find((column) => column.key === key);
    const items = [...this.resource.data.items].sort((one, other) => compare(value(one), value(other), down) || (one.question < other.question ? -1 : 1));
    show(this.body, items.map((one) => this.rows(one)));
  }

  rows(one) {
    const detail = h("tr", { class: "quiz-detail", id: `detail-${one.question}`, hidden: !this.open.has(one.question) }, h("td", { colspan: COLUMNS.length }, details(one), !HAND_MARKED.includes(one.type) && this.regrading(one)));
    const opener = h("button", { type: "button", class: "opener", "aria-expanded": String(!detail.hidden), "aria-controls": detail.id, onclick: () => {
      detail.hidden = !detail.hidden;
      opener.setAttribute("aria-expanded", String(!detail.hidden));
      if (detail.hidden) this.open.delete(one.question);
      else this.open.add(one.question);
    } }, sign("open"), one.question);
    const wide = (content) => h("td", { class: "wide-only" }, content);
    return [h("tr", null, h("th", { scope: "row" }, opener), wide(one.type_name), wide(String(one.attempts)),
      h("td", null, meter(percent(one.facility), one.facility, 0)), h("td", null, meter(decimal(one.index), one.index === null ? null : one.index / 100, -1)),
      wide(decimal(one.efficiency)), wide(String(one.blank)), h("td", null, h("div", { class: "quiz-flags" }, one.flags.map(flagTag)))), detail];
  }

  regrading(one) {
    return h("div", { class: "buttons" }, button("答案有误，重新评分", async () => {
      if (await regrade(this.quiz, one.question)) this.resource.load();
    }, "button-quiet"));
  }
}

/** Whatever has no figure stands last, whichever way it is sorted. */
function compare(one, other, down) {
  if (one === null || other === null) return (one === null) - (other === null);
  const before = typeof one === "string" ? one.localeCompare(other, "zh-CN") : one - other;
  return down ? -before : before;
}

function paper({ attempts, paper: { complete, mean, deviation, alpha, error } }) {
  const shown = alpha === null ? NONE : alpha.toFixed(2).replace("-", "−");
  const facts = [["判了", `${attempts} 份`], ["全部判完", `${complete} 份`], ["平均分", decimal(mean)], ["标准差", decimal(deviation)], ["信度 α", shown]];
  const said = [];
  if (alpha === null) said.push("这份卷子的信度（Cronbach α）现在算不出：要有两个人以上全部判完、得分不一样，而且大家的题相同。");
  else said.push(`信度（Cronbach α）是 ${shown}：它说的是同一个人换一份差不多的卷子，得分会不会差不多。越接近 1 越靠得住，0.7 以上算好；题少、人少时会偏低。`);
  if (alpha < 0) said.push("现在是负数，题和题互相矛盾：多半是人太少，也可能有题的答案错了。");
  if (error !== null) said.push(`每个人的得分大约有上下 ${number(error)} 分的出入。`);
  return [h("ul", { class: "quiz-numbers" }, facts.map(([word, figure]) => h("li", null, h("b", null, figure), h("span", null, word)))), h("p", { class: "small" }, said.join(""))];
}

function flagTag({ flag, name }) {
  const [look, mark] = FLAGS[flag];
  return h("span", { class: `tag ${look}` }, mark(), " ", name);
}

function details(one) {
  return h("div", { class: "quiz-detail-box" }, h("p", { class: "quiz-stem" }, one.stem), h("p", { class: "quiet small" }, [one.type_name, `${one.attempts} 人判了`, one.unmarked > 0 && `${one.unmarked} 人还没有评`, `${one.blank} 人没答`, `区分效率 ${decimal(one.efficiency)}`].filter(Boolean).join(" · ")),
    one.flags.map(({ reason }) => h("p", { class: "small" }, sign("wait"), ` ${reason}`)),
    one.options.length > 0 && [h("div", { class: "quiz-scroll" }, h("table", { class: "quiz-options" },
      h("thead", null, h("tr", null, ["选项", "选它的人", "成绩好的一组", "成绩差的一组"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, one.options.map((option) => optionRow(option, one))))),
    h("p", { class: "quiet small" }, "成绩好、成绩差的一组，是别的题得分最高和最低的各四分之一多（27%），同分的算在一起。错误选项没有人选，等于没有它；成绩好的人多选了它，请核对答案。")],
    one.options.length === 0 && h("p", { class: "small" }, `参考答案：${one.answer}`),
    h("p", null, h("a", { href: `/services/learn/bank/${encodeURIComponent(one.question)}` }, "在题库里打开这道题")));
}

function optionRow({ option, text, right, chosen, upper, lower }, { attempts, unmarked }) {
  const share = attempts + unmarked ? chosen / (attempts + unmarked) : 0;
  return h("tr", null, h("th", { scope: "row" }, option === text ? option : [h("b", null, option), text && ` ${text}`], right && h("span", { class: "quiz-right" }, sign("right"), " 正确")),
    h("td", null, meter(`${chosen} 人`, share, 0)), h("td", null, percent(upper)), h("td", null, percent(lower)));
}

const percent = (share) => (share === null ? NONE : `${Math.round(100 * share)}%`);
const decimal = (value) => (value === null ? NONE : String(Number(value.toFixed(1))).replace("-", "−"));

/** A figure over a small bar; `least` is 0, or −1 for a bar that grows from the middle to both sides. */
function meter(text, value, least) {
  const zero = least ? 40 : 0;
  const reach = (least ? 40 : 80) * Math.min(1, Math.abs(value || 0));
  return h("span", { class: "quiz-meter" }, h("span", null, text), value !== null && svg("svg", { viewBox: "0 0 80 8", "aria-hidden": "true" },
    svg("rect", { class: "meter-track", width: 80, height: 8, rx: 2 }),
    svg("rect", { class: value < 0 ? "meter-minus" : "meter-plus", x: value < 0 ? zero - reach : zero, width: reach, height: 8 }),
    least && svg("rect", { class: "meter-zero", x: 39.5, width: 1, height: 8 })));
}
