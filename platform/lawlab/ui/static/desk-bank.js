/** <lawlab-bank>: 题库, the trainers' page of questions: the list, or one question when the address names it. */
import { BankList } from "./desk-bank-list.js";
import { ItemEditor } from "./desk-item.js";
import { h, here, show } from "./dom.js";
import { deskNav } from "./desk.js";

class Bank extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    this.body = h("div", null);
    const [item] = here().rest;
    show(this, h("div", { class: "desk-page" }, deskNav("bank"), this.body));
    if (item) new ItemEditor(this.body, item);
    else new BankList(this.body);
  }
}

customElements.define("lawlab-bank", Bank);
