/** Building blocks of the pages. Text always enters as text nodes, never as HTML. */

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = {
  right: "M4 12l6 6L20 6", wrong: "M5 5l14 14M19 5L5 19", open: "M5 9l7 7 7-7",
  next: "M9 5l7 7-7 7", speak: "M4 10v4h4l5 4V6L8 10zM17 9q3 3 0 6",
  wait: "M12 7v6l4 2M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18",
};

/**
 * An element: `h("button", {class: "button", onclick: act}, "确定")`. Properties that are null,
 * undefined or false are left out; children may be nested arrays and may be missing.
 */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (absent(value)) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => !absent(child) && child !== ""));
  return node;
}

const absent = (value) => value === undefined || value === null || value === false;

/** An SVG element; presentation attributes are allowed where inline styles are not. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** A small drawn sign; the word beside it says the same, so it is hidden from screen readers. */
export function sign(name) {
  return svg("svg", { class: "sign", viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: SIGNS[name] }));
}

/** A button. `kind` is added to its classes: "button-quiet", "button-wide" … */
export function button(text, onclick, kind = "", props = {}) {
  return h("button", { type: "button", class: `button ${kind}`, onclick, ...props }, text);
}

/** A link that looks like a button. */
export function linkButton(text, href, kind = "") {
  return h("a", { class: `button ${kind}`, href }, text);
}

/** A ring that shows `done` of `total`. */
export function ring(done, total) {
  const length = 2 * Math.PI * 42;
  const part = total ? (length * done) / total : 0;
  return svg("svg", { class: "ring", viewBox: "0 0 100 100", role: "img", "aria-label": `${total} 题完成 ${done} 题` },
    svg("circle", { cx: 50, cy: 50, r: 42 }),
    part > 0 && svg("circle", { class: "ring-done", cx: 50, cy: 50, r: 42, "stroke-dasharray": `${part} ${length}`, transform: "rotate(-90 50 50)" }),
    svg("text", { x: 50, y: 59 }, `${done}/${total}`));
}

/** A flat bar that shows `done` of `total`; decoration, the words stand beside it. */
export function meter(done, total) {
  const inner = h("span");
  inner.style.width = `${total ? (100 * done) / total : 0}%`;
  return h("span", { class: "meter", "aria-hidden": "true" }, inner);
}

/** Make an element's children these, and nothing else. */
export function show(node, ...children) {
  node.textContent = "";
  return fill(node, null, children);
}

/** Move focus to a heading or verdict that has just appeared, without a jump of the page. */
export function focusOn(node) {
  node.setAttribute("tabindex", "-1");
  node.focus({ preventScroll: true });
  node.scrollIntoView({ block: "nearest" });
}

const ZONE = "Asia/Shanghai";
const time = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "long", day: "numeric" });

/** "14:03" in the town's time, whatever the phone's zone is set to. */
export const clock = (iso) => time.format(new Date(iso));
/** "2026-03-08" → 2026年3月8日. */
export const longDay = (date) => date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, "$1年$2月$3日");
/** The mark of a statement that the law does not bear out: 待核, or since which day ("2026-11-25") it is confirmed. */
export const standing = (date) => (date ? `已核对（${longDay(date)}）` : "待核");
/** "3月8日 14:03" in the town's time. */
export const moment = (iso) => `${day.format(new Date(iso))} ${clock(iso)}`;
/** 12 or 12.5: points without idle decimals. */
export const number = (value) => String(Math.round(value * 10) / 10);

const DIGITS = "零一二三四五六七八九";

/** 31 → 三十一, 1063 → 一千零六十三; whole numbers below ten thousand. */
export function chinese(value) {
  let text = "";
  let gap = false;
  for (const [unit, name] of [[1000, "千"], [100, "百"], [10, "十"], [1, ""]]) {
    const digit = Math.floor(value / unit) % 10;
    if (digit === 0) gap = text !== "";
    else {
      text += (gap ? "零" : "") + DIGITS[digit] + name;
      gap = false;
    }
  }
  return text.replace(/^一十/, "十") || DIGITS[0];
}

/** "31" → 第三十一条; "31之1" → 第三十一条之一. */
export function articleName(article) {
  const [main, extra] = String(article).split("之");
  return `第${chinese(Number(main))}条${extra ? `之${chinese(Number(extra))}` : ""}`;
}

/** What the address of this page names: the parts after /services/learn/. */
export function here() {
  const parts = location.pathname.split("/services/learn/").pop().split("/").map(decodeURIComponent);
  return { app: parts[0], rest: parts.slice(1).filter(Boolean) };
}
