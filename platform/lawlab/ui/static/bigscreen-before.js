/** The hall before the first question: how to come in, who is here, the rules. */
import { h, sign } from "./dom.js";
import { qrPicture } from "./stage-parts.js";

const NAMES = 12;

/** The newest comers first; those who were here when the page was opened keep their order. */
export class Comers {
  constructor() {
    Object.assign(this, { names: [], fresh: new Set() });
  }

  take(here) {
    const known = new Map(this.names.map((name, n) => [name, n]));
    this.fresh = new Set(here.filter((name) => !known.has(name)));
    this.names = [...here].sort((a, b) => (known.get(a) ?? -1) - (known.get(b) ?? -1));
  }

  list() {
    const more = this.names.length - NAMES;
    return [h("ul", { class: "big-names" }, this.names.slice(0, NAMES).map((name) => h("li", { class: this.fresh.has(name) && "is-new" }, name))),
      more > 0 && h("p", { class: "big-quiet" }, `还有 ${more} 人`)];
  }
}

export function lobby({ qr, short, loopback, present, expected, rules, format, phase }, comers) {
  if (phase === "draft") return h("div", { class: "big-center" }, h("p", { class: "big-huge" }, "比武还没有开放"), h("p", { class: "big-large" }, "请稍等"));
  return h("div", { class: "big-lobby" },
    h("div", { class: "big-way" }, qrPicture(qr), h("p", { class: "big-large" }, "手机扫码入场"),
      h("p", { class: "big-address" }, address(short)),
      loopback && h("p", { class: "big-warn" }, sign("wrong"), " 手机打不开这个网址，请用本镇平台的网址打开这一页")),
    h("div", { class: "big-hall" }, h("p", { class: "big-count" }, format === "window" ? "正在答题 " : "已入场 ", h("b", null, String(present)), h("span", { class: "big-quiet" }, ` / ${expected} 人`)),
      comers.list(), ruleList(rules)));
}

export const started = ({ rules }) => h("div", { class: "big-start" }, h("p", { class: "big-large" }, "比赛开始了"), ruleList(rules));

export const cancelled = () => h("div", { class: "big-center" }, h("p", { class: "big-huge" }, "这场比武取消了"), h("p", { class: "big-large" }, "有疑问请找主持人"));

/** It may break after its strokes only. */
const address = (text) => text.split("/").flatMap((word, n) => (n ? ["/", h("wbr"), word] : [word]));

const ruleList = (rules) => h("ol", { class: "big-rules" }, rules.map((rule) => h("li", null, rule)));
