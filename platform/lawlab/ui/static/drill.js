/** <lawlab-drill>: daily practice (大练兵). The address names the view. */
import { button, h, here, show, sign } from "./dom.js";

if (!document.querySelector('link[href$="/drill.css"]')) {
  document.head.append(h("link", { rel: "stylesheet", href: new URL("./drill.css", import.meta.url).href }));
}

// Asked for at once, and not one slow round after another.
const QUESTIONS = ["drill-card", "drill-session", "choices", "marked", "article", "copy", "speech"];
const withQuestions = (view) => Promise.all([view, ...QUESTIONS].map((name) => import(`./${name}.js`))).then(([first]) => first);

/** Address → the module that shows it. What a day begins with comes with the page. */
const VIEWS = {
  "": () => import("./drill-today.js"),
  practise: () => withQuestions("drill-practise"),
  scopes: () => import("./drill-scopes.js"),
  book: () => withQuestions("drill-book"),
  map: () => import("./drill-map.js"),
  calendar: () => import("./drill-calendar.js"),
  chain: () => withQuestions("drill-chain"),
  duel: () => withQuestions("drill-duel"),
  reports: () => import("./drill-reports.js"),
};

class Drill extends HTMLElement {
  async connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    const [name = "", ...rest] = here().rest;
    const view = VIEWS[name];
    if (!view) {
      show(this, h("div", { class: "card empty" }, h("p", null, "没有这一页。"), h("p", null, h("a", { href: "/services/learn/drill" }, "回每日一练"))));
      return;
    }
    let module = null;
    try {
      module = await view();
    } catch {
      show(this, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 网络不稳，这一页没有打开全。"),
        h("div", { class: "buttons" }, button("再打开一次", () => location.reload()))));
      return;
    }
    module.open(this, rest);
  }
}

customElements.define("lawlab-drill", Drill);
