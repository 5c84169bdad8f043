/** What stands above a question: out of use, the law changed, another draft, another version. */
import { get, login } from "./api.js";
import { button, clock, h, moment, sign } from "./dom.js";
import { attempt, marks, marksLegend } from "./desk.js";
import { changeList, confirmItem } from "./desk-item-dialogs.js";
import { articleChanges } from "./desk-item-law.js";

/** Why a question is not in use, and the way back; null when it is in use. */
export function stateNotice(editor) {
  const { state } = editor.detail;
  if (!state) return null;
  return state.state === "stale" ? staleNotice(editor) : h("div", { class: "notice" },
    h("p", null, sign("wait"), ` ${moment(state.since)} ${state.by} 撤下：${state.reason}`),
    h("div", { class: "buttons" }, button("恢复使用", () => editor.restore(), "button-quiet")));
}

function staleNotice(editor) {
  const { state, article_changes: changed } = editor.detail;
  return h("div", { class: "notice notice-bad" }, h("p", null, sign("wrong"), ` 依据的条文变了，这道题暂时停用。${state.reason}`),
    changed.length > 0 && [changed.some(({ pieces }) => pieces) && marksLegend(), articleChanges(changed, marks)],
    h("p", null, "请对照新的条文看一遍。题目仍然正确，就按下面的按钮；要改，就直接改，再发布。"),
    h("div", { class: "buttons" }, button("核对过，仍然正确", () => editor.after(confirmItem(editor.detail), "已恢复使用"), "", { disabled: editor.draft.exists }),
      editor.draft.exists && h("span", { class: "small" }, "您已经在改：改好后请“检查并发布”。")));
}

/** A draft that began from an older version than the published one. */
export function olderNotice(editor) {
  const { draft, detail: { published } } = editor;
  if (!draft.revision || !published || draft.base === published.version) return null;
  const goOn = async () => {
    await draft.goOn(draft.revision, published.version);
    editor.describe();
  };
  return h("div", { class: "notice notice-bad" },
    h("p", null, sign("wrong"), ` 这份草稿写着的时候，另外发布了第 ${published.version} 版。请看清差别，再决定用哪一稿。`),
    h("p", null, "删去的是新发布的那一版里的，新增的是这份草稿里的。"), changeList(editor.standing.changes),
    h("div", { class: "buttons" }, button("仍用这份草稿", goOn), button(`用第 ${published.version} 版，放弃草稿`, () => editor.discard(), "button-quiet")));
}

/** Somebody saved another text meanwhile: both are shown, one is chosen, neither is lost unseen. */
export function conflictNotice(editor, { message, facts }) {
  const theirs = facts.draft;
  const other = theirs.login === login() ? "另一个窗口" : ` ${theirs.author} `;
  const mine = () => {
    box.remove();
    editor.draft.goOn(theirs.revision, theirs.base_version);
  };
  const box = h("div", { class: "notice notice-bad", tabindex: "-1" }, h("p", null, sign("wrong"), ` ${message}`),
    h("p", null, `下面是两稿的差别：删去的是${other}${clock(theirs.changed_at)} 那一稿里的，新增的是这里写的。`), changeList(facts.changes),
    h("div", { class: "buttons" }, button("用这里写的", mine), button(`用${other}的`, () => drop(editor), "button-quiet")));
  return box;
}

/** The draft was published or thrown away elsewhere while something was written here. */
export function goneNotice(editor, { message }) {
  const again = () => attempt(async () => {
    const { draft, published } = await get(editor.path);
    box.remove();
    await editor.draft.goOn(draft?.revision || 0, published?.version || null);
  });
  const box = h("div", { class: "notice notice-bad", tabindex: "-1" }, h("p", null, sign("wrong"), ` ${message}`),
    h("div", { class: "buttons" }, button("把我写的存成新草稿", again), button("不要了，看现在的版本", () => drop(editor), "button-quiet")));
  return box;
}

function drop(editor) {
  return attempt(() => {
    editor.draft.forget();
    return editor.reload();
  });
}

/** Where a question is used; null when it is nowhere. */
export function uses({ lessons, quizzes }) {
  if (!lessons.length && !quizzes.length) return null;
  return h("p", { class: "quiet small" }, lessons.length > 0 && ["用在课时：", lessons.map(({ title, url }, n) => [n > 0 && "、", h("a", { href: url }, title)]), "。"],
    quizzes.length > 0 && `用在测验：${quizzes.map(({ title }) => title).join("、")}。`);
}
