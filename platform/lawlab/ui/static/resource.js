/** Something a page shows from the API: loaded once for all who show it, again after a failure. */
import { backoff, get, hindrance, me, onReturn, signInAddress } from "./api.js";
import { button, h, linkButton, sign } from "./dom.js";

const open = new Map();

/** Fires "change". `data` is null until ready; `trouble` is set while loading fails. */
export class Resource extends EventTarget {
  constructor(path) {
    super();
    this.path = path;
    this.data = null;
    this.trouble = null;
    this.tries = 0;
  }

  /** The one resource of a path, loading since the first call. */
  static of(path) {
    if (!open.has(path)) {
      open.set(path, new Resource(path));
      open.get(path).load();
    }
    return open.get(path);
  }

  /** Load, or load again; a failure that may pass is tried again by itself. */
  async load() {
    clearTimeout(this.timer);
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const [data] = await Promise.all([get(this.path), me()]);
      if (turn === this.turn) this.set(data);
    } catch (trouble) {
      if (turn !== this.turn) return;
      if (!trouble.kind) throw trouble;
      this.trouble = trouble;
      if (trouble.kind !== "refused") this.timer = setTimeout(() => this.load(), backoff(this.tries, trouble));
      this.tries += 1;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Take data that came another way, such as the reply to a POST. */
  set(data) {
    clearTimeout(this.timer);
    // A reply that is still on its way is older.
    this.turn = (this.turn || 0) + 1;
    Object.assign(this, { data, trouble: null, tries: 0 });
    this.dispatchEvent(new Event("change"));
  }

  /** Call `render` now and on each change. */
  watch(render) {
    this.addEventListener("change", render);
    render();
  }
}

onReturn(() => {
  for (const resource of open.values()) if (resource.trouble) resource.load();
});

/** What stands in a resource's place while there is no data: loading, or what to do. */
export function placeholder(resource, what) {
  const { trouble } = resource;
  if (!trouble) return h("p", { class: "quiet", role: "status" }, `正在打开${what}…`);
  if (trouble.kind === "signed_out") return signInNotice("登录已过期，请重新登录后继续。");
  if (trouble.kind !== "offline") return notice("notice-bad", "wrong", trouble.message, linkButton("回首页", "/services/learn/home", "button-quiet"));
  return notice("", "wait", `${hindrance(trouble)}，${what}还没有打开，正在重试。`, button("马上重试", () => resource.load(), "button-quiet"));
}

/** A notice that leads to the sign-in page and back to this one. */
export function signInNotice(text) {
  return notice("", "wait", text, linkButton("重新登录", signInAddress()));
}

const notice = (look, mark, text, act) => h("div", { class: `notice ${look}`, role: "status" },
  h("p", null, sign(mark), " ", text), h("div", { class: "buttons" }, act));
