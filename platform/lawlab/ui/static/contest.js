/** <lawlab-contest>: 比武. The address names the contest; without one, those that are open. */
import { PAGE } from "./contest-parts.js";
import { open } from "./contest-seat.js";
import { button, h, here, linkButton, show, sign } from "./dom.js";
import { placeholder, Resource } from "./resource.js";

const ASK_MS = 15000;

document.head.append(h("link", { rel: "stylesheet", href: new URL("./contest.css", import.meta.url).href }));

class Contest extends HTMLElement {
  connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    const { rest } = here();
    const [id, view = ""] = rest;
    if (!rest.length) this.list();
    else if (/^[1-9]\d*$/.test(id) && !view) open(this, rest);
    else if (/^[1-9]\d*$/.test(id) && view === "result") this.result(id);
    else show(this, h("div", { class: "card empty" }, h("p", null, "没有这一页。"), h("p", null, h("a", { href: PAGE }, "看有哪些比武"))));
  }

  list() {
    const resource = Resource.of("/contests/now");
    let shown = "";
    resource.watch(() => {
      const now = JSON.stringify(resource.data) + Boolean(resource.trouble && !resource.data);
      if (now === shown) return;
      shown = now;
      show(this, h("h1", null, "比武"), resource.data ? contests(resource.data.contests) : placeholder(resource, "比武"));
    });
    // Whoever waits for the opening need not refresh.
    setInterval(() => document.visibilityState === "visible" && resource.load(), ASK_MS);
  }

  async result(id) {
    try {
      const module = await import("./contest-protocol.js");
      module.open(this, id);
    } catch {
      show(this, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 网络不稳，这一页没有打开全。"),
        h("div", { class: "buttons" }, button("再打开一次", () => location.reload()))));
    }
  }
}

function contests(all) {
  if (!all.length) {
    return h("section", { class: "card empty" }, h("p", null, "现在没有比武。"), h("p", { class: "quiet" }, "主持人一开放入场，这里就会出现，不用刷新。"),
      h("p", null, linkButton("先练几题", "/services/learn/drill", "button-quiet")));
  }
  return all.map(({ title, url, rehearsal, format_name: format }) => h("section", { class: "card" }, h("h2", null, title),
    h("p", null, h("span", { class: "tag" }, format), " ", rehearsal && h("span", { class: "tag tag-wait" }, "彩排，不计成绩")),
    linkButton("进入", url, "button-wide")));
}

customElements.define("lawlab-contest", Contest);
