/** <lawlab-article law="反电信网络诈骗法" number="31">: the official text, fetched when it is asked for. */
import { copyText } from "./copy.js";
import { articleName, button, h, linkButton, longDay, show, sign } from "./dom.js";
import { placeholder, Resource } from "./resource.js";
import { canSpeak, readAloud } from "./speech.js";

let made = 0;

class Article extends HTMLElement {
  connectedCallback() {
    if (this.opener) return;
    this.law = this.getAttribute("law").replace(/[《》]/g, "");
    this.number = this.getAttribute("number");
    made += 1;
    this.panel = h("div", { class: "article-panel", id: `article-${made}`, hidden: true, role: "region", "aria-label": this.name });
    this.opener = button([h("span", null, `看法条：《${this.law}》`, h("span", { class: "nowrap" }, articleName(this.number))), sign("open")], () => this.toggle(), "button-quiet article-open",
      { "aria-expanded": "false", "aria-controls": this.panel.id });
    show(this, this.opener, this.panel);
  }

  get name() {
    return `《${this.law}》${articleName(this.number)}`;
  }

  toggle() {
    const open = this.panel.hidden;
    this.panel.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (this.resource) return;
    this.resource = Resource.of(`/statutes/${encodeURIComponent(this.law)}/articles/${encodeURIComponent(this.number)}`);
    this.resource.watch(() => this.render());
  }

  render() {
    const { data, trouble } = this.resource;
    if (!data) {
      show(this.panel, trouble?.code === "law_not_imported" ? h("p", null, trouble.message) : placeholder(this.resource, "法条"));
      return;
    }
    const paragraphs = data.paragraphs.map((text) => h("p", null, text));
    show(this.panel,
      h("h3", null, data.number),
      h("p", { class: "quiet small" }, [`《${data.short || data.law}》`, ...data.path].join(" › ")),
      paragraphs,
      data.effective && h("p", { class: "quiet small" }, `${longDay(data.effective)}起施行`),
      h("div", { class: "buttons" },
        canSpeak() && button([sign("speak"), "朗读"], () => readAloud(paragraphs), "button-quiet"),
        button("复制", (event) => copyText(event.currentTarget, `《${data.law}》${data.number}\n${data.paragraphs.join("\n")}`), "button-quiet"),
        linkButton("看前后条文", `/services/learn/law/${encodeURIComponent(this.law)}#${this.number}`, "button-quiet"),
        button("收起", () => this.close(), "button-quiet")));
  }

  close() {
    this.toggle();
    this.opener.focus({ preventScroll: true });
    this.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("lawlab-article", Article);
