/** <lawlab-host>: 比武 for hosts. The address names a contest, or the editor of one; without one, the list. */
import { button, h, here, show, sign } from "./dom.js";

class Host extends HTMLElement {
  connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    const [id, view = "", ...more] = here().rest;
    const named = /^[1-9]\d*$/.test(id || "");
    if (!id) this.load("host-list");
    else if (named && !view) this.load("host-console", id);
    else if (named && view === "edit" && !more.length) this.load("host-edit", id);
    else if (named && view === "protocol" && !more.length) this.load("contest-protocol", id);
    else show(this, h("div", { class: "card empty" }, h("p", null, "没有这一页。"), h("p", null, h("a", { href: "/services/learn/host" }, "看全部比武"))));
  }

  /** Each view is a module of its own: what one of them lacks keeps no other from opening. */
  async load(name, id) {
    try {
      const { open } = await import(`./${name}.js`);
      open(this, id);
    } catch (trouble) {
      show(this, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 网络不稳，这一页没有打开全。"),
        h("div", { class: "buttons" }, button("再打开一次", () => location.reload()))));
      throw trouble;
    }
  }
}

customElements.define("lawlab-host", Host);
