/** All answers to one question, to go back to one: a number, how it stands, never a name. */
import { get } from "./api.js";
import { markWords } from "./desk-marking-parts.js";
import { attempt } from "./desk.js";
import { button, h, show, sign } from "./dom.js";

export class AnswerList {
  constructor(path, current, open) {
    Object.assign(this, { current, open });
    this.list = h("div", { class: "marking-list" }, h("p", { class: "quiet", role: "status" }, "正在打开…"));
    this.dialog = h("dialog", { class: "ask ask-wide", "aria-label": "全部回答", oncancel: () => this.dialog.remove() },
      h("h2", null, "全部回答"), this.list, h("div", { class: "buttons ask-buttons" }, button("关上", () => this.close(), "button-quiet")));
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.load(path);
  }

  async load(path) {
    const data = await attempt(() => get(path));
    if (!data) {
      this.close();
      return;
    }
    const written = data.answers.filter(({ state }) => state !== "blank");
    const blank = data.answers.length - written.length;
    show(this.list, h("ul", { class: "rows" }, written.map((one) => h("li", null, this.row(one)))),
      blank > 0 && h("p", { class: "quiet small" }, `另有 ${blank} 份没有作答，平台记 0 分。`));
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }

  row(one) {
    const words = markWords(one) || h("span", { class: "tag tag-wait" }, one.held ? "别人正在评" : "没有评");
    return h("button", { type: "button", class: "row marking-pick", "aria-current": one.code === this.current && "true", onclick: () => {
      this.close();
      this.open(one.code);
    } }, h("span", { class: "row-main item-head" }, h("b", null, `第 ${one.number} 份`), words), sign("next"));
  }

  close() {
    this.dialog.close();
    this.dialog.remove();
  }
}
