/** <lawlab-mine>: what the platform holds of whoever is signed in, all of it as one file, and what the law gives him. */
import { login, renew, Trouble } from "./api.js";
import { button, focusOn, h, show, sign } from "./dom.js";
import { list, named, row, styled } from "./library.js";
import { placeholder, Resource, signInNotice } from "./resource.js";

const LIMIT_MS = 60000;
const OFFLINE = "网络不稳，没有下载，请再试一次。";
const RIGHTS = [
  ["查阅、复制", "点上面的“下载我的数据”。里面有一份表格、一份给程序读的文件，和您交过的图片。"],
  ["更正", "姓名、手机号、单位不对，请找管理员；考勤不对，请找教员；题目和分数有疑问，请找教员重新看。"],
  ["删除", "您离开以后，可以请管理员删除您的姓名、手机号、签名和证明。成绩和考勤留着作依据，不再有您的姓名。"],
  ["说明", "想知道这些信息怎么用、为什么留着，请问管理员；不答应您的要求，他要说明理由。"],
];

class Mine extends HTMLElement {
  connectedCallback() {
    if (this.resource) return;
    this.said = h("div", { role: "status" });
    this.save = button("下载我的数据", () => this.download(), "button-wide");
    this.resource = Resource.of("/me/data");
    this.resource.watch(() => this.render());
  }

  async render() {
    const { data } = this.resource;
    if (!data) {
      show(this, placeholder(this.resource, "我的数据"));
      return;
    }
    await styled;
    show(this, h("h1", null, "我的数据"),
      h("section", { class: "card" }, h("p", null, "平台存的、和您有关的，都在这里，您随时可以看，可以下载带走。"),
        h("p", { class: "mine-who" }, h("b", null, data.full_name), `登录名 ${data.login}`, data.phone && `手机号 ${data.phone}`),
        this.save, this.said, h("p", { class: "quiet small mine-note" }, "下载的文件里有您完整的手机号，请自己收好，不要在别人的手机和电脑上下载。")),
      h("h2", { class: "section-title" }, "存了什么"),
      h("section", { class: "card" }, h("ul", { class: "mine-kinds" },
        data.kinds.map(({ title, count }) => h("li", null, title, h("span", { class: "quiet" }, `${count} 条`))))),
      h("h2", { class: "section-title" }, "留多久"),
      h("section", { class: "card" }, h("dl", { class: "mine-rules" },
        data.rules.map(({ what, kept }) => [h("dt", null, what), h("dd", { class: "quiet" }, kept)]))),
      h("h2", { class: "section-title" }, "您可以要求"),
      h("section", { class: "card" }, h("dl", { class: "mine-rules" }, RIGHTS.map(([what, how]) => [h("dt", null, what), h("dd", null, how)])),
        h("p", { class: "quiet small" }, "依据《个人信息保护法》第四十四条到第五十条。")),
      list([row("/hub/privacy", named("隐私说明", "收集什么，做什么用，谁能看到"))]));
  }

  /** Fetched by the page, so that a session that has ended is renewed and trouble is said here. */
  async download() {
    this.save.disabled = true;
    show(this.said, h("p", { class: "notice" }, sign("wait"), " 正在整理，请稍等…"));
    try {
      const blob = await fetchFile();
      const address = URL.createObjectURL(blob);
      const link = h("a", { href: address, download: `我的数据-${this.resource.data.login}.zip`, hidden: true });
      document.body.append(link);
      link.click();
      link.remove();
      // The browser reads it after the click.
      setTimeout(() => URL.revokeObjectURL(address), LIMIT_MS);
      show(this.said, h("p", { class: "notice notice-good" }, sign("right"), " 已下载，在浏览器的下载里。"));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      const box = trouble.kind === "signed_out" ? signInNotice("登录已过期，没有下载。请重新登录后再下载。")
        : h("p", { class: "notice notice-bad" }, sign("wrong"), ` ${trouble.kind === "offline" ? OFFLINE : trouble.message}`);
      show(this.said, box);
      focusOn(box);
    } finally {
      this.save.disabled = false;
    }
  }
}

async function fetchFile() {
  try {
    return await ask();
  } catch (trouble) {
    if (trouble.kind !== "signed_out") throw trouble;
    await renew();
    return ask();
  }
}

/** The file; its last byte has to be here in time, not only its first. */
async function ask() {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const response = await fetch("/services/api/me/data.zip", {
      // After a renewal it may be somebody else who is signed in: his data is not for this page.
      headers: { "X-Lawlab-Person": login() }, credentials: "same-origin", redirect: "error", signal: abort.signal,
    });
    if (response.status === 401) throw new Trouble("signed_out", "登录已过期。");
    if (!response.ok) {
      const data = await response.json().catch(() => ({}));
      throw new Trouble("refused", data.message || "没有下载，请稍后再试。", data.code || "", response.status, data);
    }
    return await response.blob();
  } catch (trouble) {
    if (trouble.kind) throw trouble;
    throw new Trouble("offline", OFFLINE);
  } finally {
    clearTimeout(timer);
  }
}

customElements.define("lawlab-mine", Mine);
