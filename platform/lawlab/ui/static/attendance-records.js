/** The year's attendance: of everybody, of each unit, of each activity; one person's record, one unit's. */
import { activityPage, attachment, PAGE, PHASES, STATUSES, statusTag, WAYS } from "./attendance-parts.js";
import { deskPlaceholder, field } from "./desk.js";
import { clock, h, moment, number, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const ROOT = "/desk/attendance";
const TABS = [["people", "人员"], ["units", "单位"], ["activities", "活动"]];
/** So many stand in the list at once; the tables are not far below. */
const BEHIND_SHOWN = 8;

document.head.append(h("link", { rel: "stylesheet", href: new URL("./attendance-records.css", import.meta.url).href }));

/** The address of a file of the API. */
export const file = (path) => `/services/api${ROOT}/${path}`;
/** A link back, above the heading. */
export const back = (href, text) => h("a", { class: "back-link", href }, `‹ ${text}`);
/** 0.7345 → "73.5%"; nothing to count → "—". */
const percent = (share) => (share === null ? "—" : `${(100 * share).toFixed(1)}%`);
/** A table in a box of its own that scrolls. `heads` are [text, class?]; `rows` are lists of cells. */
export function table(label, heads, rows) {
  return h("div", { class: "rec-scroll", role: "region", "aria-label": label, tabindex: "0" },
    h("table", { class: "rec-table" }, h("thead", null, h("tr", null, heads.map(([text, look]) => h("th", { scope: "col", class: look }, text)))),
      h("tbody", null, rows.map((cells) => h("tr", null, cells.map((cell, n) => h(n ? "td" : "th", { scope: n ? null : "row", class: heads[n][1] }, cell)))))));
}

const RATE_HEADS = [["应到", "rec-figure"], ["实到", "rec-figure"], ["出勤率", "rec-figure"], ["积分", "rec-figure"]];
const rateCells = ({ expected, there, share, points, most }) => [String(expected), String(there), h("b", null, percent(share)), `${number(points)}/${number(most)}`];
const countHeads = STATUSES.map(([, word]) => [word, "rec-figure wide-only"]);
const countCells = (one) => STATUSES.map(([name]) => String(one[name]));
const personLink = ({ login, name }, year) => h("a", { href: `${PAGE}/person/${encodeURIComponent(login)}?year=${year}` }, name);
const unitLink = (unit, year) => unit && h("a", { href: `${PAGE}/unit/${encodeURIComponent(unit)}?year=${year}` }, unit);
const behindTag = ({ behind }) => behind && h("span", { class: "tag tag-wrong" }, sign("wrong"), " 落后");

/** 人员, with their units when they are of several. */
function peopleTable(people, year, units = true) {
  const heads = [["姓名"], ...(units ? [["单位", "wide-only"]] : []), ...RATE_HEADS, ...countHeads];
  return table("人员", heads, people.map((one) => [
    [personLink(one, year), " ", behindTag(one), !one.active && h("span", { class: "tag" }, "已停用"), h("span", { class: "quiet small" }, one.login, units && one.unit && h("span", { class: "narrow-only" }, ` · ${one.unit}`))],
    ...(units ? [unitLink(one.unit, year)] : []), ...rateCells(one), ...countCells(one),
  ]));
}

/** The years there are, this one marked. */
function yearLinks({ year, years }, address) {
  return years.length > 1 && h("nav", { class: "desk-tabs", "aria-label": "年份" }, years.map((one) =>
    h("a", { class: "desk-tab rec-year", href: address(one), "aria-current": one === year && "page" }, `${one} 年`)));
}

/** The year that an address names, else this one. */
function yearOf(word) {
  const year = Number(word);
  return Number.isInteger(year) && year >= 2000 && year < 3000 ? year : new Date().getFullYear();
}

const yearAsked = () => yearOf(new URLSearchParams(location.search).get("year"));

/** What all pages of records have: figures that are asked for once, then drawn. */
class Record {
  constructor(root, path, what) {
    this.root = root;
    this.resource = Resource.of(`${ROOT}/${path}`);
    this.resource.watch(() => {
      const { data } = this.resource;
      show(root, data ? this.content(data) : deskPlaceholder(this.resource, what));
    });
  }
}

/** 全年考勤: who falls behind first, then 人员, 单位, 活动. */
export class YearSheet extends Record {
  constructor(root, year) {
    super(root, `year/${yearOf(year)}`, "全年考勤");
  }

  content(data) {
    const { year } = data;
    this.tab = this.tab || TABS.find(([name]) => name === new URLSearchParams(location.search).get("tab"))?.[0] || "people";
    this.panel = h("div", { id: "rec-panel", role: "tabpanel", "aria-labelledby": `rec-${this.tab}` });
    this.tabs = TABS.map(([name, text], n) => h("button", { type: "button", class: "tab", id: `rec-${name}`, role: "tab", "aria-controls": "rec-panel", onclick: () => this.open(name), onkeydown: (event) => this.step(event, n) },
      text, " ", h("span", { class: "quiet" }, String(data[name].length))));
    this.words = this.words || h("input", { type: "search", maxlength: 40, placeholder: "姓名、登录名或单位", oninput: () => this.drawPanel() });
    queueMicrotask(() => this.open(this.tab));
    return [back(PAGE, "全部活动"),
      h("div", { class: "desk-head" }, h("h1", null, `${year} 年学法考勤`), h("div", { class: "buttons" }, h("a", { class: "button button-quiet", href: file(`year/${year}.xlsx`), download: true }, "下载表格"))),
      yearLinks(data, (one) => `${PAGE}/year/${one}`), behindCard(data),
      h("p", { class: "quiet small rec-note" }, "只算已经结束的活动，取消的不算，旁听的人不算。实到是出勤和迟到。"),
      h("div", { class: "tabs", role: "tablist", "aria-label": "全年考勤" }, this.tabs), this.panel];
  }

  step(event, n) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs[(n + step + TABS.length) % TABS.length];
    next.focus();
    next.click();
  }

  open(name) {
    this.tab = name;
    TABS.forEach(([one], n) => {
      this.tabs[n].setAttribute("aria-selected", String(one === name));
      this.tabs[n].tabIndex = one === name ? 0 : -1;
    });
    this.panel.setAttribute("aria-labelledby", `rec-${name}`);
    history.replaceState(null, "", name === "people" ? location.pathname : `${location.pathname}?tab=${name}`);
    this.found = h("p", { class: "quiet small rec-found", role: "status" });
    this.list = h("div");
    show(this.panel, name === "people" && [h("div", { class: "rec-find" }, field("查找", this.words)), this.found], this.list);
    this.drawPanel();
  }

  drawPanel() {
    const { data } = this.resource;
    const words = this.tab === "people" ? this.words.value.trim() : "";
    const rows = data[this.tab].filter((one) => !words || [one.name, one.login, one.unit || ""].some((text) => text.includes(words)));
    const found = words ? `找到 ${rows.length} 人` : "";
    // Written only when it is another one: a screen reader says it each time it is written.
    if (this.found.textContent !== found) show(this.found, found);
    if (!rows.length) show(this.list, h("section", { class: "card empty" }, h("p", null, words ? "没有符合条件的人。" : EMPTY[this.tab])));
    else show(this.list, { people: peopleTable, units: unitsTable, activities: activitiesTable }[this.tab](rows, data.year));
  }
}

const EMPTY = { people: "名册里还没有学员。", units: "还没有单位。", activities: "这一年还没有活动。" };

function behindCard({ people, year, activities, rules }) {
  const { below, after } = rules;
  const rule = `出勤率低于 ${Math.round(100 * below)}%，已有 ${after} 场`;
  const behind = people.filter((one) => one.behind).sort((one, other) => one.share - other.share);
  if (!activities.some(({ closed }) => closed)) return h("section", { class: "card empty" }, h("p", null, "这一年还没有结束的活动。"), h("p", { class: "quiet" }, "活动结束以后，这里能看到谁来了、谁没有来。"));
  if (!behind.length) return h("div", { class: "notice notice-good" }, h("p", null, sign("right"), ` 没有落后的人（${rule}才算落后）。`));
  return h("section", { class: "notice", "aria-label": "落后名单" }, h("h2", { class: "rec-behind" }, sign("wait"), ` 落后名单：${behind.length} 人`), h("p", null, `${rule}。请早些提醒。`),
    behindList(behind.slice(0, BEHIND_SHOWN), year), behind.length > BEHIND_SHOWN && h("details", { class: "law-more" }, h("summary", null, `还有 ${behind.length - BEHIND_SHOWN} 人`), behindList(behind.slice(BEHIND_SHOWN), year)));
}

const behindList = (people, year) => h("ul", { class: "rec-people" }, people.map((one) => h("li", null, personLink(one, year),
  h("span", { class: "quiet small" }, one.unit || one.login), h("span", { class: "small nowrap" }, `${one.expected} 场到 ${one.there} 场，${percent(one.share)}`))));

function unitsTable(units, year) {
  return table("单位", [["单位"], ["现有人数", "rec-figure wide-only"], ["应到人次", "rec-figure"], ["实到人次", "rec-figure"], ["出勤率", "rec-figure"], ["积分", "rec-figure wide-only"]],
    units.map((one) => [unitLink(one.unit, year) || "没有单位的人", String(one.members), ...rateCells(one)]));
}

function activitiesTable(activities) {
  const phases = Object.fromEntries(PHASES);
  return table("活动", [["活动"], ["阶段", "wide-only"], ["应到", "rec-figure"], ["实到", "rec-figure"], ["出勤率", "rec-figure"], ["签到表", ""]],
    [...activities].reverse().map((one) => [
      [h("a", { href: activityPage(one.id) }, one.title), h("span", { class: "quiet small" }, [moment(one.starts_at), one.organizer, one.online && "线上"].filter(Boolean).join(" · "))],
      phases[one.phase], ...(one.closed ? [String(one.expected), String(one.there), h("b", null, percent(one.expected ? one.there / one.expected : null))]
        : ["—", "—", h("span", { class: "quiet" }, "未结束")]), h("a", { class: "rec-open", href: activityPage(one.id, "sheet") }, "打开")]));
}

const figures = (one) => h("ul", { class: "rec-numbers" }, [["应到", one.expected], ["实到", one.there], ["出勤率", percent(one.share)], ["积分", `${number(one.points)}/${number(one.most)}`], ...STATUSES.filter(([name]) => name in one).map(([name, word]) => [word, one[name]])]
  .map(([word, value]) => h("li", null, h("b", null, String(value)), h("span", null, word))));

/** One person's year, activity by activity, and by whose word. */
export class PersonRecord extends Record {
  constructor(root, login) {
    super(root, `person/${encodeURIComponent(login || "")}?year=${yearAsked()}`, "考勤记录");
  }

  content(data) {
    const { person, activities, year } = data;
    return [back(`${PAGE}/year/${year}`, `${year} 年考勤`),
      h("div", { class: "desk-head" }, h("h1", null, person.name, " ", behindTag(person), !person.active && h("span", { class: "tag" }, "已停用"))),
      h("p", { class: "quiet" }, person.login, person.unit && ["，", unitLink(person.unit, year)]),
      yearLinks(data, (one) => `?year=${one}`), figures(person),
      activities.length ? table("每场活动", [["活动"], ["状态"], ["怎样登记的"], ["说明", "wide-only"]], [...activities].reverse().map((one) => [
        [h("a", { href: activityPage(one.id) }, one.title), h("span", { class: "quiet small" }, [moment(one.starts_at), one.place].filter(Boolean).join(" · "))],
        [statusTag(one.status), one.guest && h("span", { class: "quiet small" }, "旁听，不计入"), !one.closed && h("span", { class: "quiet small" }, "未结束，不计入")],
        [`${WAYS[one.way]} ${time(one)}`, one.by && h("span", { class: "quiet small" }, one.by), one.reason && h("span", { class: "quiet small narrow-only" }, one.reason)], one.reason || "—",
      ])) : h("section", { class: "card empty" }, h("p", null, `${year} 年还没有考勤记录。`))];
  }
}

/** The time of the activity's day, or with the day when it is another one. */
function time({ at, starts_at: starts, way }) {
  if (way === "close") return "";
  return moment(at).split(" ")[0] === moment(starts).split(" ")[0] ? clock(at) : moment(at);
}

/** One unit's year: its people, and its share at each activity. */
export class UnitRecord extends Record {
  constructor(root, name) {
    super(root, `unit/${encodeURIComponent(name || "")}?year=${yearAsked()}`, "单位的考勤记录");
  }

  content(data) {
    const { unit, people, activities, year } = data;
    return [back(`${PAGE}/year/${year}?tab=units`, `${year} 年考勤`),
      h("div", { class: "desk-head" }, h("h1", null, unit.unit)),
      h("p", { class: "quiet" }, `现有 ${unit.members} 人。换过单位的人，只算在本单位期间的活动。`),
      yearLinks(data, (one) => `?year=${one}`), figures(unit),
      h("h2", { class: "section-title" }, "人员"), people.length ? peopleTable(people, year, false) : h("p", { class: "quiet" }, "这个单位没有学员。"),
      h("h2", { class: "section-title" }, "每场活动"), activities.length ? table("每场活动", [["活动"], ...RATE_HEADS.slice(0, 3)], [...activities].reverse().map((one) => [
        [h("a", { href: activityPage(one.id) }, one.title), h("span", { class: "quiet small" }, moment(one.starts_at))], ...rateCells(one).slice(0, 3),
      ])) : h("p", { class: "quiet" }, "还没有结束的活动。")];
  }
}

/** A signature as it was written, for a table. */
export const signature = (activity, id) => h("img", { class: "rec-signature", src: attachment(activity, id), alt: "签名" });
