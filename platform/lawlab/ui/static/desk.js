/**
 * What the trainers' pages share: their stylesheet, the way between them, who may not be here,
 * fields with what is wrong beside them, marked differences, questions to answer, undo.
 */
import { hindrance } from "./api.js";
import { button, h, linkButton, show, sign } from "./dom.js";
import { placeholder } from "./resource.js";

const PAGES = [["desk", "总览"], ["bank", "题库"], ["desk/quizzes", "测验"], ["attendance", "活动"], ["training", "练习"], ["host", "比武"], ["laws", "法规"]];
const UNDO_MS = 12000;
const PASSING_MS = 5000;
let made = 0;

/** The kinds of questions, by their names. */
export const TYPES = [["single", "单选题"], ["multiple", "多选题"], ["judge", "判断题"], ["case", "案例分析题"],
  ["fill", "填空题"], ["order", "排序题"], ["short", "简答题"]];

for (const name of ["rows", "desk"]) {
  document.head.append(h("link", { rel: "stylesheet", href: new URL(`./${name}.css`, import.meta.url).href }));
}

/** The links between the trainers' pages; `current` is the name of this one. */
export function deskNav(current) {
  return h("nav", { class: "desk-nav", "aria-label": "教员的页面" }, PAGES.map(([name, text]) =>
    h("a", { href: `/services/learn/${name}`, "aria-current": name === current && "page" }, text)));
}

/** What stands in place of a resource without data: loading, no network, or: not for you. */
export function deskPlaceholder(resource, what) {
  return resource.trouble?.status === 403 ? trainersOnly() : placeholder(resource, what);
}

/** Said to whoever is no trainer. */
export function trainersOnly() {
  return h("section", { class: "card empty trainers-only" }, h("h1", null, "这一页给教员用"),
    h("p", null, "您的账号没有教员的角色。如果您是教员，请找管理员加上。"),
    linkButton("回首页", "/services/learn/home"));
}

/** An id that nothing else on the page has. */
export function newId(word) {
  made += 1;
  return `${word}-${made}`;
}

/** A labelled control with a hint under it and a place for what is wrong with it. */
export function field(label, control, hint) {
  control.id = control.id || newId("field");
  const wrong = h("div", { class: "wrong", id: `${control.id}-wrong`, role: "status" });
  control.setAttribute("aria-describedby", wrong.id);
  const box = h("div", { class: "field" }, h("label", { for: control.id }, label), control,
    hint && h("p", { class: "hint" }, hint), wrong);
  box.wrong = wrong;
  return box;
}

/** Say beside a field what is wrong with it; an empty list says nothing. */
export function sayWrong(place, texts) {
  place.classList.toggle("has-wrong", texts.length > 0);
  const said = texts.join("\n");
  if (place.said === said) return;
  place.said = said;
  show(place, texts.map((text) => h("p", { class: "wrong-text" }, sign("wrong"), " ", text)));
}

/** A `<select>` of [value, text] pairs. */
export function choice(pairs, value, onchange) {
  const select = h("select", { onchange: () => onchange?.(select.value) },
    pairs.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  return select;
}

/** A text area that is as high as its text. */
export function area(value, props, oninput) {
  const node = h("textarea", { ...props, oninput: () => {
    grow();
    oninput(node.value);
  } });
  const grow = () => {
    node.style.height = "auto";
    node.style.height = `${node.scrollHeight + 2}px`;
  };
  let width = 0;
  node.grow = grow;
  node.value = value;
  // It can be measured only when it is shown, and again when its width changes.
  new ResizeObserver(() => {
    if (node.clientWidth === width) return;
    width = node.clientWidth;
    if (width) grow();
  }).observe(node);
  return node;
}

// Large type makes every text higher.
new MutationObserver(() => document.querySelectorAll("textarea").forEach((node) => node.grow?.()))
  .observe(document.documentElement, { attributes: true, attributeFilter: ["data-type"] });

/**
 * A text with what went and what came: pieces are ["same" | "gone" | "new", text]. Removed words
 * are struck out in brackets, added ones underlined with a plus, so that colour is not needed.
 */
export function marks(pieces) {
  return h("div", { class: "marks" }, pieces.map(([what, text]) => {
    if (what === "gone") return h("del", null, h("span", { class: "only-read" }, "删去："), text);
    if (what === "new") return h("ins", null, h("span", { class: "only-read" }, "新增："), text);
    return h("span", null, text);
  }));
}

/** What the marks mean, once for a page. */
export const marksLegend = () => h("p", { class: "quiet small" }, "记号：", marks([["gone", "删去的字"], ["same", " "], ["new", "新增的字"]]));

/**
 * Ask before something is done. `fields` are nodes between text and buttons; `act` may be async, and
 * its message on failure is shown without closing; `decline` is the word on the button that does
 * nothing. Resolves true when it was done.
 */
export function ask(title, text, { action, decline = "取消", act = () => {}, fields = [], wide = false, quiet = false }) {
  return new Promise((done) => {
    const say = h("p", { class: "wrong-text", role: "alert" });
    const go = button(action, async () => {
      go.disabled = true;
      show(say);
      try {
        await act();
        close(true);
      } catch (trouble) {
        if (!trouble.kind && !trouble.sentence) throw trouble;
        show(say, sign("wrong"), " ", trouble.sentence || trouble.message);
        go.disabled = false;
      }
    }, quiet ? "button-quiet" : "");
    const dialog = h("dialog", { class: `ask ${wide ? "ask-wide" : ""}`, "aria-label": title, oncancel: (event) => {
      event.preventDefault();
      close(false);
    } },
    h("h2", null, title), text && h("p", null, text), fields, say,
    h("div", { class: "buttons ask-buttons" }, go, button(decline, () => close(false), "button-quiet")));
    const close = (result) => {
      dialog.close();
      dialog.remove();
      done(result);
    };
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("input, textarea, select")?.focus();
  });
}

/** A fault that `ask` shows beside its buttons. */
export const fault = (sentence) => Object.assign(new Error(sentence), { sentence });

/** Do something asynchronous; what keeps it from being done is said in passing. */
export async function attempt(act) {
  try {
    return await act();
  } catch (trouble) {
    if (!trouble.kind) throw trouble;
    toast(trouble.kind === "offline" ? `${hindrance(trouble)}，没有做成，请再试一次。` : trouble.message);
    return null;
  }
}

/** Say in passing what was done; with `undo` a button takes it back. It lies over nothing for long. */
export function toast(text, undo) {
  document.querySelector(".toast")?.remove();
  const box = h("div", { class: undo ? "toast" : "toast toast-passing", role: "status" }, h("span", null, text),
    undo && [button("撤销", () => {
      box.remove();
      undo();
    }, "button-quiet"), button("知道了", () => box.remove(), "button-quiet button-plain")]);
  document.body.append(box);
  setTimeout(() => box.remove(), undo ? UNDO_MS : PASSING_MS);
}
