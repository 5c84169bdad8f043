/** <lawlab-contest>: 比武. The address names the contest; without one, those that are open. */
import { open } from "./contest-seat.js";
import { h, here, show } from "./dom.js";

class Contest extends HTMLElement {
  connectedCallback() {
    const { rest } = here();
    if (rest.length) open(this, rest);
    else show(this, h("section", { class: "card empty" }, h("p", null, "现在没有比武。")));
  }
}

customElements.define("lawlab-contest", Contest);
