/** What a trainer is asked about lessons: publish, withdraw, add one, put a draft away. */
import { post } from "./api.js";
import { named, reviewerField } from "./desk-item-dialogs.js";
import { area, ask, fault, field } from "./desk.js";
import { h, sign } from "./dom.js";

/** The address of a course's part of the API. */
export const at = (course, ...rest) => `/desk/courses/${[course, ...rest].map(encodeURIComponent).join("/")}`;

/** Publish these lessons as they are shown. Resolves to what was stored, or null. */
export async function publish(detail, lessons) {
  const { input, node } = reviewerField(detail.reviewers, "课程");
  const note = h("input", { maxlength: 400, placeholder: "可以不写" });
  const back = lessons.filter(({ state }) => state === "withdrawn");
  let reply = null;
  await ask(lessons.length ? `发布 ${lessons.length} 课` : "发布课程说明", "发布以后，学员刷新页面就看到新的内容。每次发布都存成新的一版，旧的一版和以前的成绩都还在。", {
    action: "发布", wide: true,
    fields: [lessons.length > 0 && h("ul", null, lessons.map(({ title, version }) => h("li", null, title, h("span", { class: "quiet" }, version ? `：第 ${version} 版变成第 ${version + 1} 版` : "：新的一课")))),
      detail.about_changed && h("p", null, "课程说明也一起更新。"),
      back.length > 0 && h("p", { class: "notice" }, sign("wait"), ` ${back.map(({ title }) => title).join("、")} 现在撤下，发布以后学员重新看到。`),
      node, field("改了什么", note)],
    act: async () => {
      const reviewer = named(input);
      reply = await post(at(detail.course, "publish"), {
        lessons: lessons.map(({ lesson, draft, version }) => ({ lesson, stamp: draft.stamp, version })),
        about: detail.about_stamp, reviewer, note: note.value.trim(),
      });
    },
  });
  return reply;
}

/** Take a lesson away from learners, with a reason. */
export function withdraw(course, { lesson, title }) {
  const reason = area("", { rows: 3, maxlength: 400, placeholder: "如：第三条修改了，课文要重写" }, () => {});
  return ask(`撤下“${title}”`, "撤下以后，学员看不到这一课，也搜不到。做过的练习和积分不变，随时可以恢复。", {
    action: "撤下", fields: [field("为什么撤下", reason)],
    act: async () => {
      if (!reason.value.trim()) throw fault("请写明为什么撤下。");
      await post(at(course, "lessons", lesson, "withdraw"), { reason: reason.value.trim() });
    },
  });
}

/** Add a lesson in the pattern of the house. Resolves to its file name, or null. */
export async function newLesson(detail) {
  const number = detail.lessons.length + 1;
  const title = h("input", { maxlength: 40, autocomplete: "off" });
  const name = h("input", { maxlength: 60, autocomplete: "off", spellcheck: "false" });
  name.value = `${String(number).padStart(2, "0")}_`;
  let made = null;
  await ask("新建课时", "平台按统一的样式放好各个部分，您在 JupyterLab 里接着写。", {
    action: "新建", fields: [field("课时标题", title), field("文件名", name, "小写字母、数字、下划线和连字符，如 04_who-to-ask。以后不要改。")],
    act: async () => {
      if (!title.value.trim()) throw fault("请写课时标题。");
      made = (await post(at(detail.course, "lessons"), { title: title.value.trim(), lesson: name.value.trim() })).lesson;
    },
  });
  return made;
}
