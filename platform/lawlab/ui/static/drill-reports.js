/** 题目反馈: what somebody found wrong, and what trainers answered. */
import { login, post } from "./api.js";
import { h, moment, show, sign } from "./dom.js";
import { backLink } from "./drill-parts.js";
import { placeholder, Resource } from "./resource.js";

const OUTCOMES = { fine: "题目没有问题", corrected: "已经改正", withdrawn: "已经撤下" };

export function open(root) {
  document.title = "题目反馈";
  const resource = Resource.of("/item-reports");
  resource.watch(() => {
    show(root, backLink(), h("h1", null, "题目反馈"), resource.data ? list(resource.data.reports) : h("section", { class: "card" }, placeholder(resource, "题目反馈")));
    const ids = (resource.data?.reports || []).filter(({ unseen }) => unseen).map(({ id }) => id);
    // Shown is read; should it not arrive, it is told once more.
    if (ids.length) post("/item-reports/seen", { person: login(), ids }).catch(() => {});
  });
}

function list(reports) {
  if (!reports.length) return h("section", { class: "card empty" }, h("p", null, "您还没有反馈过题目。答题以后觉得题目不对，点“这道题有问题”就行。"));
  return reports.map(({ stem, text, at, outcome, answer, answered_at: told, unseen }) => h("section", { class: "card" },
    h("p", { class: "drill-stem" }, stem), h("p", { class: "quiet small" }, `${moment(at)} 反馈${text ? `：${text}` : ""}`),
    outcome ? h("div", { class: "notice notice-good" }, h("p", null, sign("right"), " ", h("b", null, OUTCOMES[outcome]), unseen && h("span", { class: "tag tag-wait" }, "新")), h("p", null, answer), h("p", { class: "quiet small" }, moment(told)))
      : h("p", { class: "quiet" }, "等教员回复。")));
}
