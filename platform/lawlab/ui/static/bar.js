/** <lawlab-bar>: whose page this is, the way home and out, large type, and answers still on the phone. */
import { backoff, me, onReturn, page, recheck } from "./api.js";
import { h, here, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { flush, outbox, waitingCount } from "./outbox.js";
import { signInNotice } from "./resource.js";

const LINKS = [["home", "首页"], ["drill", "练习"], ["search", "搜索"], ["board", "排行榜"]];
const DESK = ["desk", "bank", "laws", "attendance", "training", "host"];
const OUT = "/hub/logout";

class Bar extends HTMLElement {
  connectedCallback() {
    if (this.person) return;
    this.town = this.getAttribute("town") || "";
    this.brand = h("a", { class: "bar-brand", href: "/services/learn/home" });
    this.person = h("div", { class: "bar-person" });
    this.news = h("div", { class: "bar-notice", role: "status" });
    const app = here().app;
    this.desk = h("a", { href: "/services/learn/desk", hidden: true, "aria-current": DESK.includes(app) && "page" }, "工作台");
    const links = LINKS.map(([name, text]) => h("a",
      { href: `/services/learn/${name}`, "aria-current": app === name && "page" }, text));
    show(this, h("header", { class: "bar" }, this.brand,
      h("nav", { class: "bar-links", "aria-label": "主要页面" }, links, this.desk), typeButton(), this.person), this.news);
    this.name({});
    outbox.addEventListener("change", ({ detail }) => this.tell(detail.state));
    this.begin();
  }

  async begin(tries = 0) {
    try {
      this.name(await me());
      show(this.news);
      // What an earlier visit left on the phone leaves now.
      flush();
    } catch (trouble) {
      this.tellTrouble(trouble);
      setTimeout(() => this.begin(tries + 1), backoff(tries, trouble));
    }
  }

  name({ town, full_name: name, unit, demo, roles = [] }) {
    this.desk.hidden = !roles.includes("trainer") && !roles.includes("admin");
    show(this.brand, h("span", { class: "bar-seal", "aria-hidden": "true" }, "法"),
      h("span", null, `${town || this.town}法治练兵场`), demo && h("span", { class: "tag tag-wait" }, "演示"));
    show(this.person, name && h("span", { class: "bar-who" }, h("b", null, name), unit),
      h("a", { href: OUT }, "换人/退出"));
  }

  tellTrouble(trouble) {
    if (!trouble.kind) throw trouble;
    this.tell(trouble.kind === "signed_out" ? "signed_out" : "offline");
  }

  tell(state) {
    // A quiz says it beside its timer, at the top of the screen.
    if (document.querySelector("lawlab-quiz .quiz")) {
      show(this.news);
      return;
    }
    const left = waitingCount();
    if (state === "signed_out") {
      show(this.news, signInNotice(left ? `登录已过期。${left} 个答案留在手机上，没有丢。` : "登录已过期。"));
    } else if ((state === "waiting" && left) || state === "offline") {
      show(this.news, h("p", { class: "notice" }, sign("wait"),
        left ? ` 网络不稳，${left} 个答案已留在手机上，正在重试。` : " 网络不稳，正在重试。"));
    } else if (["stored", "refused"].includes(state) && !left) show(this.news);
  }

  /** After a lock or a change of tabs: still the same person? */
  async check() {
    try {
      this.name(await recheck());
      flush();
      if (!waitingCount()) show(this.news);
    } catch (trouble) {
      this.tellTrouble(trouble);
    }
  }
}

function typeButton() {
  const large = () => recall("lawlab.type") === "large";
  const apply = () => {
    document.documentElement.dataset.type = large() ? "large" : "usual";
    toggle.setAttribute("aria-pressed", String(large()));
  };
  const toggle = h("button", { type: "button", class: "bar-type", onclick: () => {
    keep("lawlab.type", large() ? null : "large");
    apply();
  } }, "大字");
  apply();
  return toggle;
}

// Somebody else has signed in on this phone: what is on the screen is not theirs.
page.addEventListener("person-changed", () => location.reload());

onReturn(() => document.querySelector("lawlab-bar")?.check());

customElements.define("lawlab-bar", Bar);
