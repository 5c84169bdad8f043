/** Saving in the editor of a contest, what was kept on this computer, and two who save at once. */
import { login, post, serverNow } from "./api.js";
import { toast } from "./desk.js";
import { button, clock, h, show, sign } from "./dom.js";
import { hostPage, notDone } from "./host-edit-parts.js";
import { said, toPlan } from "./host-edit-values.js";
import { keep } from "./memory.js";
import { newKey } from "./outbox.js";

/** What was written earlier is back; when somebody saved since, ask which counts. */
export function found(editor, kept, data) {
  const put = () => {
    for (const one of kept.questions) if (!editor.questions.has(one.item)) editor.questions.set(one.item, one);
    editor.form = kept.form;
    editor.build(data);
    editor.changed();
  };
  const forget = () => {
    keep(editor.slot, null);
    editor.take(data);
  };
  if (kept.revision !== data.revision) {
    clash(editor, put, forget);
    return;
  }
  put();
  show(editor.news, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 找回了上次没有保存的内容。"),
    h("div", { class: "buttons" }, button("不要了，用保存的", forget, "button-quiet"))));
}

/** The contest is another than what was written on: until one is chosen, nothing is saved. */
function clash(editor, mine, theirs) {
  editor.clashing = editor.save.disabled = true;
  const choose = (act) => () => {
    editor.clashing = editor.save.disabled = false;
    show(editor.news);
    act();
  };
  show(editor.news, h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), " 您改的时候，另一位主持人（或者您在另一个窗口）保存过这场比武。您写的还没有保存，请选一个。"),
    h("div", { class: "buttons" }, button("用我写的", choose(mine), "button-quiet"), button("用现在的，不要我写的", choose(theirs), "button-quiet"))));
  editor.news.scrollIntoView({ block: "center" });
}

/** Save; says whether all that is written is stored. */
export async function save(editor) {
  if (editor.clashing) return false;
  if (!editor.dirty) {
    editor.tell(editor.savedAt);
    return true;
  }
  const sent = said(editor.form);
  editor.save.disabled = true;
  show(editor.state, "正在保存…");
  try {
    const data = await post(`/contests/${editor.id}/plan`, { person: login(), revision: editor.revision, plan: toPlan(editor.form) });
    Object.assign(editor, { revision: data.revision, saved: sent });
    editor.say([]);
    editor.faults = null;
    editor.savedAt = clock(new Date(serverNow()).toISOString());
    editor.keep();
    editor.tell();
    return !editor.dirty;
  } catch (trouble) {
    if (!trouble.kind) throw trouble;
    await failed(editor, trouble);
    return false;
  } finally {
    editor.save.disabled = Boolean(editor.clashing);
  }
}

async function failed(editor, trouble) {
  editor.tell();
  if (trouble.facts.faults) {
    editor.say(trouble.facts.faults);
    editor.toFirstFault();
  } else if (trouble.code === "changed_meanwhile") {
    await editor.stored.load();
    const { data } = editor.stored;
    const mine = () => {
      editor.revision = data.revision;
      editor.changed();
    };
    clash(editor, mine, () => {
      keep(editor.slot, null);
      editor.take(data);
      toast("现在是最新保存的内容。");
    });
  } else {
    show(editor.news, notDone(trouble, "网络不稳，还没有保存。写的内容都在这台电脑上，请再点一次保存。"));
    editor.news.scrollIntoView({ block: "center" });
  }
}

/** Save, make a rehearsal like this contest, and go to its console. */
export async function rehearse(editor) {
  if (!await save(editor)) return;
  try {
    editor.rehearsalKey = editor.rehearsalKey || newKey();
    const { id } = await post(`/contests/${editor.id}/copy`, { person: login(), key: editor.rehearsalKey, rehearsal: true });
    location.assign(hostPage(id));
  } catch (trouble) {
    if (!trouble.kind) throw trouble;
    await failed(editor, trouble);
  }
}

/** Save, and go to the console. */
export async function run(editor) {
  if (await save(editor)) location.assign(hostPage(editor.id));
}
