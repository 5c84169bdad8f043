/** What a trainer is asked about a question: try it, publish it, withdraw it, look at old versions. */
import { get, login, post } from "./api.js";
import { answerForm, isAnswered, isManual, kindTag, urge } from "./choices.js";
import { button, h, moment, show, sign } from "./dom.js";
import { area, ask, attempt, fault, field, marks, marksLegend, newId } from "./desk.js";
import { markedQuestion, reasons, verdict } from "./marked.js";
import { keep, recall } from "./memory.js";

const NAMES = { single: "单选题", multiple: "多选题", judge: "判断题", case: "案例分析题", fill: "填空题", order: "排序题", short: "简答题" };
/** Whether what was written in blanks is right, by the rule that marks learners. */
export const blanksRight = async (blanks, filled) => (await post("/desk/blanks", { blanks, filled })).right;
const RIGHT = {
  fill: ({ blanks }, { filled }) => blanksRight(blanks, filled),
  order: ({ answer }, { chosen }) => chosen.join("") === answer,
};
const shownOf = (form) => ({ ...form, type_name: NAMES[form.type], blanks: form.blanks?.length,
  options: choosing(form) || form.type === "order" ? form.options : {} });
const choosing = ({ type }) => type === "single" || type === "multiple";

/** The question card as learners see it, before and after answering. */
export function tryItem(form) {
  const question = shownOf(form);
  const why = choosing(form) ? Object.fromEntries(Object.entries(form.why_wrong).filter(([letter]) => !form.answer.includes(letter))) : {};
  const revealed = { ...form, why_wrong: why, rubric: isManual(form) ? form.rubric : [] };
  const card = h("section", { class: "card question" });
  const open = () => {
    let response = null;
    const say = h("p", { class: "save-state is-wrong", role: "status" });
    show(card, h("div", { class: "question-head" }, kindTag(question)), answerForm(question, null, (given) => { response = given; }),
      button("确定", () => (isAnswered(response) ? attempt(() => done(response)) : show(say, urge(form))), "button-wide"), say);
  };
  const done = async (response) => {
    const right = isManual(form) ? null : RIGHT[form.type] ? await RIGHT[form.type](form, response)
      : [...response.chosen].sort().join("") === form.answer;
    show(card, h("div", { class: "question-head" }, kindTag(question)), markedQuestion(question, response, revealed), verdict(question, response, right), reasons(question, response, revealed),
      button("再答一次", open, "button-quiet"));
  };
  open();
  const dialog = h("dialog", { class: "ask ask-wide", "aria-label": "试答" }, h("h2", null, "试答：学员看到的样子"), card,
    h("div", { class: "buttons ask-buttons" }, button("关上", () => dialog.close(), "button-quiet")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A field for who answers for the law; remembers the last name on this computer. */
export function reviewerField(reviewers, what = "题目") {
  const list = h("datalist", { id: newId("reviewers") }, reviewers.map((name) => h("option", { value: name })));
  const input = h("input", { maxlength: 40, list: list.id, autocomplete: "off" });
  input.value = recall(`lawlab.desk.reviewer.${login()}`) || "";
  return { input, node: h("div", null, field("法律审核人", input, `写姓名。这个人对${what}的法律内容负责，会记在历史里。`), list) };
}

/** The name in that field; without one the dialog says so. */
export function named(input) {
  const name = input.value.trim();
  if (!name) throw fault("请写法律审核人的姓名。");
  keep(`lawlab.desk.reviewer.${login()}`, name);
  return name;
}

/** Field by field what is different. */
export const changeList = (changes) => h("dl", { class: "changes" }, changes.map(({ label, pieces }) => [h("dt", null, label), h("dd", null, marks(pieces))]));

const NEWER = ["published_meanwhile", "draft_conflict", "no_draft"];

/**
 * Show what will be published, ask for the reviewer, publish. Resolves true when it was done, and
 * "newer" when somebody saved or published something else meanwhile.
 */
export async function publish(detail, draft, { faults, changes }, jumpTo) {
  if (faults.length) return showFaults(faults, jumpTo);
  const { input, node } = reviewerField(detail.reviewers);
  const note = h("input", { maxlength: 200, placeholder: "可以不写" });
  const what = !detail.published ? h("p", null, "这是一道新题。发布以后，组卷和课时就能用它。")
    : changes.length ? [h("h3", null, `和第 ${detail.published.version} 版的差别`), marksLegend(), changeList(changes)]
      : h("p", null, `和第 ${detail.published.version} 版没有差别。`);
  let newer = false;
  const done = await ask(detail.published ? `发布第 ${detail.published.version + 1} 版` : "发布这道题", "", {
    action: "发布", wide: true, fields: [h("p", { class: "checked-good" }, sign("right"), " 检查过了，没有问题。"), what,
      detail.state && h("p", null, "这道题现在停用，发布以后就恢复使用。"), node, field("改了什么", note)],
    act: async () => {
      const reviewer = named(input);
      try {
        await post(`/desk/items/${encodeURIComponent(detail.item)}/publish`, { revision: draft.revision, reviewer, note: note.value.trim() });
      } catch (trouble) {
        newer = NEWER.includes(trouble.code);
        if (!newer) throw trouble;
      }
    },
  });
  return newer ? "newer" : done;
}

function showFaults(faults, jumpTo) {
  return new Promise((done) => {
    const close = () => {
      dialog.close();
      dialog.remove();
      done(false);
    };
    const go = (one) => {
      close();
      jumpTo(one);
    };
    const dialog = h("dialog", { class: "ask", "aria-label": "还有要改的地方", oncancel: close }, h("h2", null, `还有 ${faults.length} 处要改`),
      h("p", null, "点一条，就到要改的地方。"),
      h("ul", { class: "rows" }, faults.map((one) => h("li", null, h("button", { type: "button", class: "fault-row", onclick: () => go(one) }, sign("wrong"), h("span", null, one.text))))),
      h("div", { class: "buttons ask-buttons" }, button("关上", close, "button-quiet")));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** 核对过，仍然正确: publish again as it is, with a reviewer. */
export function confirmItem(detail) {
  const { input, node } = reviewerField(detail.reviewers);
  return ask("核对过，仍然正确", "您已经看过新的条文，题目不用改。这会存成新的一版，题目重新可用。", {
    action: "确认并恢复使用", fields: [node],
    act: async () => {
      const reviewer = named(input);
      await post(`/desk/items/${encodeURIComponent(detail.item)}/confirm`, { reviewer });
    },
  });
}

/** Take a question out of use, with a reason. */
export function withdraw(detail) {
  const reason = area("", { rows: 3, maxlength: 400, placeholder: "如：选项 B 有歧义" }, () => {});
  const { lessons } = detail;
  return ask("撤下这道题", "撤下以后，新的试卷和课时不再用它。做过的人成绩不变，正在进行的测验不受影响，随时可以恢复。", {
    action: "撤下",
    fields: [lessons.length > 0 && h("p", { class: "quiet" }, `现在用它的课时：${lessons.map(({ title }) => `“${title}”`).join("、")}。学员不用做这道题，也能学完。`), field("为什么撤下", reason)],
    act: async () => {
      if (!reason.value.trim()) throw fault("请写明为什么撤下。");
      await post(`/desk/items/${encodeURIComponent(detail.item)}/withdraw`, { reason: reason.value.trim() });
    },
  });
}

const year = (iso) => new Date(iso).toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric" });

/** What was done to a question, the newest first; each version can be looked at and taken up again. */
export function historyList(detail, takeUp) {
  return h("details", { class: "card history" }, h("summary", null, `历史（${detail.history.length}）`),
    detail.history.length ? h("ol", { class: "rows" }, detail.history.map((event) => h("li", { class: "event" },
      h("p", null, h("b", null, event.is_version ? `第 ${event.version} 版 ${event.action}` : event.action), " ",
        h("span", { class: "quiet small" }, [`${year(event.at)}${moment(event.at)}`, event.by, event.reviewer && `审核：${event.reviewer}`].filter(Boolean).join("，"))),
      event.note && h("p", { class: "small" }, event.note),
      event.is_version && h("div", { class: "buttons" },
        button("看这一版", () => showVersion(detail.item, event.version, takeUp), "button-quiet button-small"),
        button("以这一版为底稿", () => takeUp(event.version), "button-quiet button-small")))))
      : h("p", { class: "quiet" }, "还没有发布过。"));
}

async function showVersion(item, version, takeUp) {
  const found = await attempt(() => get(`/desk/items/${encodeURIComponent(item)}/versions/${version}`));
  if (!found) return;
  const { form, changes } = found;
  const question = shownOf(form);
  ask(`${item} 第 ${version} 版`, "", {
    action: "以这一版为底稿", wide: true, quiet: true, act: () => takeUp(version),
    fields: [h("section", { class: "card question" }, kindTag(question), markedQuestion(question, null, form), reasons(question, null, form)),
      changes.length > 0 && [h("h3", null, "从这一版到现在的版本，改了这些"), marksLegend(), changeList(changes)]],
  });
}
