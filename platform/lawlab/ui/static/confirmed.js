/** <lawlab-unconfirmed statement="…">: a statement marked 待核, or the day on which it was confirmed. */
import { standing } from "./dom.js";
import { thisLesson } from "./lesson.js";

class Unconfirmed extends HTMLElement {
  connectedCallback() {
    if (this.lesson) return;
    this.lesson = thisLesson();
    this.lesson.resource.watch(() => this.render());
  }

  render() {
    const date = this.lesson.resource.data?.confirmed?.[this.getAttribute("statement")];
    this.querySelector(".unconfirmed").classList.toggle("is-confirmed", Boolean(date));
    this.querySelector(".mark").textContent = standing(date);
    // What the trainer was asked to do is done.
    const source = this.querySelector(".source");
    this.said = this.said || source.textContent;
    source.textContent = date ? this.said.replace(/[，；]*请教员.*$/, "") : this.said;
  }
}

customElements.define("lawlab-unconfirmed", Unconfirmed);
