/** 待核: what lessons and questions say beyond the law, to be confirmed by a trainer, or taken back. */
import { login, post } from "./api.js";
import { act } from "./desk-course.js";
import { area, ask, deskPlaceholder, fault, field, toast } from "./desk.js";
import { button, h, moment, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { Resource } from "./resource.js";

const PATH = "/desk/unconfirmed";
const key = () => `lawlab.desk.confirmed.${login()}`;

export class Unconfirmed {
  constructor(root) {
    this.root = root;
    this.done = false;
    this.resource = Resource.of(PATH);
    this.resource.watch(() => this.render());
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "待核的内容"));
      return;
    }
    if (!this.list) this.frame();
    const waiting = data.statements.filter(({ confirmed }) => !confirmed).length;
    const tab = (done, text) => h("button", { type: "button", class: "tab", role: "tab", "aria-selected": String(this.done === done), onclick: () => {
      this.done = done;
      this.render();
    } }, text);
    show(this.tabs, tab(false, `待核（${waiting}）`), tab(true, `已核对（${data.statements.length - waiting}）`));
    const words = this.words.value.trim();
    const found = data.statements.filter((one) => Boolean(one.confirmed) === this.done && has(one, words));
    show(this.list, found.length ? found.map((one) => this.card(one))
      : h("p", { class: "quiet" }, words ? `没有带“${words}”的。` : this.done ? "还没有核对过的。" : "没有待核的内容。"));
  }

  frame() {
    this.tabs = h("div", { class: "tabs", role: "tablist" });
    this.list = h("div", { role: "tabpanel" });
    this.words = h("input", { type: "search", maxlength: 40, placeholder: "如 96110", oninput: () => this.render() });
    show(this.root, h("a", { class: "back-link", href: "/services/learn/desk" }, "‹ 回总览"), h("div", { class: "desk-head" }, h("h1", null, "待核的内容")),
      h("p", { class: "quiet" }, "课文和题目里，有些话是法律条文里没有的，例如热线电话。请按来源核对。核对以后，学员看到的“待核”变成“已核对”。文字或来源改了，就重新算待核。"),
      field("找", this.words), this.tabs, this.list);
  }

  card(one) {
    const { text, source, places, confirmed } = one;
    return h("section", { class: "card" }, h("p", null, text), source && h("p", { class: "quiet small" }, `来源：${source}`),
      h("p", { class: "small" }, "在：", places.map(({ url, title }, n) => [n > 0 && "；", h("a", { href: url }, title)])),
      confirmed && h("p", { class: "small" }, sign("right"), ` ${moment(confirmed.at)} ${confirmed.by} 核对：${confirmed.note}`),
      h("div", { class: "buttons" }, confirmed ? button("收回核对", () => this.takeBack(one), "button-quiet button-small")
        : button("核对过了", () => this.confirm(one), "button-quiet button-small")));
  }

  async confirm({ digest, text }) {
    const note = area(recall(key()) || "", { rows: 2, maxlength: 400, placeholder: "如：拨打核实，和公安部网站一致" }, () => {});
    const done = await ask("核对过了", text, {
      action: "确认无误", fields: [field("和什么核对的", note)],
      act: async () => {
        if (!note.value.trim()) throw fault("请写明是怎么核对的。");
        await post(`${PATH}/confirm`, { digest, note: note.value.trim() });
        keep(key(), note.value.trim());
      },
    });
    await this.resource.load();
    if (done) toast("已核对。学员现在看到“已核对”。", () => this.takeBack({ digest }));
  }

  takeBack({ digest }) {
    act(this.resource, () => post(`${PATH}/take-back`, { digest }), "已收回，重新标为待核。",
      ({ note }) => act(this.resource, () => post(`${PATH}/confirm`, { digest, note }), "已重新核对。"));
  }
}

function has({ text, source, places }, words) {
  return [text, source, ...places.map(({ title }) => title)].some((part) => part.includes(words));
}
