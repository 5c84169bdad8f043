/** <lawlab-laws>: 法规导入, the trainers' page of laws: bring an official file, look laws up, compare versions. */
import { get, post } from "./api.js";
import { button, h, linkButton, show, sign } from "./dom.js";
import { ask, deskNav, deskPlaceholder, field, toast } from "./desk.js";
import { LawChanges } from "./desk-laws-diff.js";
import { LawImport, lawPage } from "./desk-laws-import.js";
import { Resource } from "./resource.js";

const WAIT_MS = 250;
const LIST = "/desk/laws";

class Laws extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    this.body = h("div", null);
    show(this, h("div", { class: "desk-page laws-page" }, deskNav("laws"), this.body));
    this.resource = Resource.of(LIST);
    this.resource.watch(() => this.render());
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.body, deskPlaceholder(this.resource, "法规"));
      return;
    }
    if (!this.list) this.frame();
    show(this.list, data.imported.length ? h("ul", { class: "rows" }, data.imported.map((law) => this.imported(law)))
      : h("p", { class: "quiet" }, "还没有导入过。省、市的条例和党内法规，平台里没有，要从官方网站下载文件，在上面导入。"));
    show(this.total, `一共 ${data.total} 部，随平台带来的和导入的都在内。`);
  }

  frame() {
    this.list = h("div", null);
    this.total = h("p", { class: "quiet small" });
    this.found = h("div", { role: "status" });
    this.diff = h("section", { class: "card", hidden: true, "aria-label": "比较两个版本" });
    this.changes = new LawChanges(this.diff);
    const bring = h("section", { class: "card" });
    new LawImport(bring, { saved: () => this.resource.load(), read: (law, show) => this.reading(law, show), compare: (law) => this.changes.open(law) });
    const words = h("input", { type: "search", maxlength: 40, placeholder: "如 禁毒", oninput: () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(words.value.trim()), WAIT_MS);
    } });
    show(this.body, h("div", { class: "desk-head" }, h("h1", null, "法规导入")), bring, this.diff,
      h("section", { class: "card" }, h("h2", null, "已导入的法规"), this.list),
      h("section", { class: "card" }, h("h2", null, "平台收有的法律"), this.total, field("法律名称", words), this.found));
  }

  imported(law) {
    const tag = law.in_force ? h("span", { class: "tag tag-right" }, "现行")
      : law.begins > today() ? h("span", { class: "tag tag-wait" }, `${law.begins} 起施行`) : h("span", { class: "tag" }, "旧版本");
    return h("li", { class: "law-row" },
      h("div", { class: "law-name" }, h("b", null, law.name), tag, law.reading && law.in_force && h("span", { class: "tag" }, "阅读课程")),
      h("p", { class: "quiet small" }, [law.kind, law.issuer, `${law.version} 版`, `${law.effective} 起施行`].filter(Boolean).join(" · ")),
      h("p", { class: "quiet small" }, `${law.at.slice(0, 10)} 由 ${law.by} 导入，文件：${law.file}`),
      h("div", { class: "buttons" }, law.in_force && linkButton("看全文", lawPage(law.law), "button-quiet button-small"),
        button("比较版本", () => this.changes.open(law.law), "button-quiet button-small"),
        law.in_force && (law.reading ? button("撤下阅读课程", () => this.withdraw(law.law), "button-quiet button-small")
          : button("做成阅读课程", (event) => this.readingFrom(event.currentTarget, law.law), "button-quiet button-small"))));
  }

  async search(words) {
    const turn = (this.turn = (this.turn || 0) + 1);
    if (!words) {
      show(this.found);
      return;
    }
    try {
      const { found } = await get(`${LIST}?words=${encodeURIComponent(words)}`);
      if (turn !== this.turn) return;
      show(this.found, found.length ? h("ul", { class: "rows" }, found.map((law) => this.known(law)))
        : h("p", { class: "quiet" }, `没有名称里带“${words}”的法律。如果是地方的条例，请从官方网站下载文件导入。`));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn === this.turn) show(this.found, h("p", { class: "wrong-text" }, sign("wrong"), " ", trouble.message));
    }
  }

  known({ law, status, version }) {
    return h("li", { class: "law-row" },
      h("div", { class: "law-name" }, h("b", null, law), h("span", { class: status === "现行有效" ? "tag tag-right" : "tag" }, status)),
      h("p", { class: "quiet small" }, `${version} 版`),
      h("div", { class: "buttons" }, linkButton("看全文", lawPage(law), "button-quiet button-small"),
        button("比较版本", () => this.changes.open(law), "button-quiet button-small")));
  }

  async readingFrom(pressed, law) {
    pressed.disabled = true;
    await this.reading(law, true);
    pressed.disabled = false;
  }

  /** Make a law a reading course, or take the course away; true when it was done. */
  async reading(law, wanted) {
    try {
      const { reading } = await post(`${LIST}/reading`, { law, show: wanted });
      toast(wanted ? `《${law}》已做成阅读课程，学员在首页能看到。` : `《${law}》的阅读课程已撤下。`, () => this.reading(law, !wanted));
      this.resource.load();
      return reading || true;
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      toast(`没有成功：${trouble.message}`);
      return false;
    }
  }

  withdraw(law) {
    ask("撤下阅读课程", `学员的首页上不再有《${law}》的阅读课程。法规本身还在，随时可以再做。`, {
      action: "撤下",
      act: async () => {
        await post(`${LIST}/reading`, { law, show: false });
        this.resource.load();
      },
    });
  }
}

const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());

customElements.define("lawlab-laws", Laws);
