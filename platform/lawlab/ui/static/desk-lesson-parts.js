/** How a lesson stands, what is wrong with its draft, and what the draft changes: in words, not only colours. */
import { marks, marksLegend } from "./desk.js";
import { h, sign } from "./dom.js";

const STATES = { in_use: ["在用", "tag-right"], withdrawn: ["已撤下", "tag-wrong"], out: ["不在课程里", ""], new: ["新", "tag-wait"] };
const RELATIONS = { changed: ["有修改", "tag-wait"], behind: ["草稿较旧", ""] };
const CHANGES = { changed: "修改", added: "新增", removed: "删去" };
const NEAR = 1;

const tag = ([text, look]) => h("span", { class: `tag ${look}` }, text);

/** The tags of a lesson: whether learners see it, and whether its draft differs. */
export function stateTags({ state, draft }) {
  return [tag(STATES[state]), draft && RELATIONS[draft.relation] && tag(RELATIONS[draft.relation])];
}

/** True when publishing the draft would change something. */
export const hasNews = ({ draft, state }) => Boolean(draft) && (["changed", "new"].includes(draft.relation) || (state === "out" && draft.relation === "same"));

/** What keeps a draft from being published. */
export function faultList(faults) {
  return h("ul", { class: "lesson-faults" }, faults.map(({ cell, excerpt, text }) => h("li", null, sign("wrong"), " ",
    cell > 0 && h("b", null, `第 ${cell} 格`), cell > 0 && excerpt && h("span", { class: "quiet" }, `（${excerpt}）`), cell > 0 && "：", text)));
}

/** The lesson from top to bottom with what changed; long stretches without a change are folded. */
export function changeView(changes) {
  const touched = changes.filter(({ state }) => state !== "same").length;
  if (!touched) return h("p", { class: "quiet" }, "文字没有差别。");
  const near = (n) => changes.slice(Math.max(0, n - NEAR), n + NEAR + 1).some(({ state }) => state !== "same");
  const parts = [];
  let folded = [];
  const fold = () => {
    if (folded.length) parts.push(h("details", { class: "lesson-same" }, h("summary", null, `${folded.length} 段没有变`), folded));
    folded = [];
  };
  changes.forEach((change, n) => {
    if (near(n)) {
      fold();
      parts.push(part(change));
    } else folded.push(part(change));
  });
  fold();
  return [marksLegend(), h("div", { class: "lesson-changes" }, parts)];
}

function part({ state, kind, pieces, about }) {
  return h("div", { class: `lesson-part is-${state}` },
    h("p", { class: "small" }, state !== "same" && h("b", null, CHANGES[state], " "), h("span", { class: "quiet" }, kind)),
    marks(pieces), about && h("p", { class: "quiet small" }, about));
}
