/** The lesson of this page: one request for all its cards, one count for all who show progress. */
import { h, here } from "./dom.js";
import { put } from "./outbox.js";
import { Resource } from "./resource.js";

if (!document.querySelector('link[href$="/lesson.css"]')) {
  document.head.append(h("link", { rel: "stylesheet", href: new URL("./lesson.css", import.meta.url).href }));
}

let lesson = null;

/** The lesson that the address names; the same object for every element of the page. */
export function thisLesson() {
  lesson = lesson || new Lesson(here().rest);
  return lesson;
}

class Lesson {
  constructor([course, stem, version]) {
    const name = `${encodeURIComponent(course)}/${encodeURIComponent(stem)}`;
    // A trainer's preview shows the same elements; what is answered there is not kept.
    this.preview = here().app === "preview";
    this.place = `${this.preview ? "preview" : "lesson"}:${course}/${stem}`;
    this.resource = Resource.of(this.preview ? `/desk/preview/${name}?version=${(version || "v0").slice(1)}` : `/lessons/${name}`);
    this.send = put;
  }

  get cards() {
    return this.resource.data?.cards || [];
  }

  card(item) {
    return this.cards.find((card) => card.id === item);
  }

  /** "2/4": which of the lesson's cards this is. */
  position(item) {
    return `${this.cards.findIndex((card) => card.id === item) + 1}/${this.cards.length}`;
  }

  /** Take the server's reply to an answer; it counts, we only show. */
  record(item, reply) {
    const { data } = this.resource;
    if (!data) {
      // An answer of an earlier visit arrived while the lesson was loading: ask again.
      this.resource.load();
      return;
    }
    const cards = data.cards.map((card) => (card.id === item ? { ...card, answered: reply } : card));
    this.resource.set({ ...data, ...reply.progress, cards });
  }

  /** The cards that have no stored answer, as [number, element on the page]. */
  missing() {
    return this.cards
      .map((card, n) => [n + 1, card.answered ? null : document.querySelector(`lawlab-question[item="${CSS.escape(card.id)}"]`)])
      .filter(([, element]) => element);
  }
}

/** Bring a card to the eye and to the keyboard. */
export function jumpTo(element) {
  element.scrollIntoView({ block: "start" });
  element.querySelector("input, textarea")?.focus({ preventScroll: true });
}
