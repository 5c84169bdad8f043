/** Tables of the trainers' page of practice. */
import { button, h, show } from "./dom.js";
import { dayName, percent, strength } from "./drill-parts.js";

const SHOWN = 20;

/** How many practised on each of the last days. */
export const weekTable = (week) => scroll(h("table", { class: "desk-table" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "日期"), week.map(({ day }) => h("th", { scope: "col" }, dayName(day))))),
  h("tbody", null, line("练了的人", week, ({ practised }) => practised), line("练完的人", week, ({ done }) => done))));

const line = (name, days, value) => h("tr", null, h("th", { scope: "row" }, name), days.map((day) => h("td", null, `${value(day)}`)));

/** The articles that the town knows least. */
export function forgotten(rows) {
  if (!rows.length) return h("p", { class: "quiet" }, "有三个人练过同一条以后，这里会列出最容易忘的法条。");
  return scroll(h("table", { class: "desk-table" }, head("法条", "课程", "练过的人", "今天还记得"),
    h("tbody", null, rows.map(({ law, title, course, people: count, mastery, url }) => h("tr", null, h("th", { scope: "row" }, h("a", { href: url }, `《${law}》${title}`)),
      h("td", null, course), h("td", null, `${count}`), h("td", null, `${percent(mastery)} ${strength(mastery)}`))))));
}

/** Everybody, those who practise least first; found by name or unit. */
export function people(rows) {
  const body = h("tbody", null);
  const count = h("p", { class: "quiet small", role: "status" });
  const more = button("全部显示", () => draw(true), "button-quiet");
  const order = [...rows].sort((one, other) => one.days7 - other.days7 || one.login.localeCompare(other.login));
  const search = h("input", { type: "search", "aria-label": "找人，写姓名、登录名或单位", placeholder: "找人：姓名、登录名或单位", oninput: () => draw(false) });
  const draw = (all) => {
    const text = search.value.trim();
    const found = order.filter(({ name, login, unit }) => `${name} ${login} ${unit || ""}`.includes(text));
    show(body, (all ? found : found.slice(0, SHOWN)).map(row));
    const said = `${found.length} 人，七天里练得少的在前面。`;
    if (count.textContent !== said) show(count, said);
    more.hidden = all || found.length <= SHOWN;
  };
  draw(false);
  return h("div", null, h("div", { class: "field" }, search), count, scroll(h("table", { class: "desk-table" }, head("姓名", "单位", "今天", "七天里练完", "连续", "记得", "错题"), body)), more);
}

const row = ({ login, name, unit, today, done, days7, streak, mastery, book }) => h("tr", null, h("th", { scope: "row" }, name, h("span", { class: "quiet small" }, ` ${login}`)), h("td", null, unit || ""),
  h("td", null, done ? "练完了" : today ? "练了一些" : "没练"), h("td", null, `${days7} 天`), h("td", null, `${streak} 天`), h("td", null, percent(mastery)), h("td", null, `${book} 题`));

const head = (...names) => h("thead", null, h("tr", null, names.map((name) => h("th", { scope: "col" }, name))));

/** Wide tables scroll in themselves, not the page. */
export const scroll = (table) => h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": "表格，可以左右滚动" }, table);

/** The way back to the overview. */
export const backTo = (page) => h("a", { class: "back-link", href: page }, "‹ 练习");
