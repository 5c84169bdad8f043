/** A tab of a quiz with figures of its own, asked for when it is opened. */
import { deskPlaceholder } from "./desk.js";
import { show } from "./dom.js";
import { Resource } from "./resource.js";

export class QuizTab {
  /** `path` is where its figures are; who extends it gives its `content(data)`. */
  constructor(root, path, what) {
    Object.assign(this, { root, path, what });
  }

  /** Shown now, with figures of now. */
  begin() {
    if (this.resource) this.resource.load();
    else {
      this.resource = Resource.of(this.path);
      this.resource.watch(() => this.render());
    }
  }

  render() {
    const { data } = this.resource;
    show(this.root, data ? this.content(data) : deskPlaceholder(this.resource, this.what));
  }
}
