/** <lawlab-drill>: daily practice (大练兵). The address names the view. */
import { h, here, show } from "./dom.js";

if (!document.querySelector('link[href$="/drill.css"]')) {
  document.head.append(h("link", { rel: "stylesheet", href: new URL("./drill.css", import.meta.url).href }));
}

/** Address → the module that shows it. What a day begins with comes with the page. */
const VIEWS = {
  "": () => import("./drill-today.js"),
  practise: () => import("./drill-practise.js"),
  scopes: () => import("./drill-scopes.js"),
  book: () => import("./drill-book.js"),
  map: () => import("./drill-map.js"),
  calendar: () => import("./drill-calendar.js"),
  chain: () => import("./drill-chain.js"),
  duel: () => import("./drill-duel.js"),
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
    (await view()).open(this, rest);
  }
}

customElements.define("lawlab-drill", Drill);
