/** What a course says of itself: title, sources, day of checking, audience, and the order of its lessons. */
import { post } from "./api.js";
import { at } from "./desk-lesson-dialogs.js";
import { area, ask, fault, field, newId } from "./desk.js";
import { button, h, show } from "./dom.js";

const PEOPLE = ["法律明白人", "干部职工"];
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** Ask for it and store it in the draft. Resolves true when it was stored. */
export function aboutDialog(detail) {
  const about = detail.about || { title: detail.title, law: "", order: [], sources: [], audience: PEOPLE, checked: "", awaits: [], position: null };
  const title = h("input", { maxlength: 80 });
  title.value = about.title;
  const law = h("input", { maxlength: 80 });
  law.value = about.law;
  const sources = area(about.sources.join("\n"), { rows: 4 }, () => {});
  const checked = h("input", { type: "date" });
  checked.value = about.checked;
  const people = PEOPLE.map((name) => h("input", { type: "checkbox", value: name, checked: about.audience.includes(name) }));
  const order = orderList(detail, about.order);
  return ask("课程说明", "这里的改动存在草稿里，发布以后学员才看到。", {
    action: "保存", wide: true,
    fields: [field("课程名称", title), field("讲哪部法律", law),
      field("对照法律核对的日期", checked, "逐课对照现行法律看过的那一天，最多隔一年要重新核对。"),
      field("依据的法律文本", sources, "一行一个，写明施行日期。"),
      h("fieldset", { class: "field plain-set" }, h("legend", null, "给谁学"), people.map((box) => h("label", { class: "row" }, box, box.value))),
      h("div", { class: "field" }, h("span", { class: "label" }, "课时顺序"), order.node)],
    act: async () => {
      const audience = people.filter((box) => box.checked).map((box) => box.value);
      if (!title.value.trim() || !law.value.trim()) throw fault("课程名称和法律都要写。");
      if (!checked.value) throw fault("请写核对的日期。");
      if (!lines(sources.value).length) throw fault("请写至少一个依据的法律文本。");
      if (!audience.length) throw fault("请选给谁学。");
      if (!order.names().length) throw fault("课时顺序里至少要有一课。");
      await post(at(detail.course, "about"), {
        stamp: detail.about_stamp, title: title.value.trim(), law: law.value.trim(), order: order.names(), sources: lines(sources.value),
        checked: checked.value, audience, awaits: about.awaits || [], position: about.position ?? null,
      });
    },
  });
}

/** The lessons in order, each to be moved; those that the course does not name yet can be added. */
function orderList(detail, named) {
  const titles = new Map(detail.lessons.map(({ lesson, title }) => [lesson, title]));
  let order = named.slice();
  const node = h("div", { id: newId("order") });
  const move = (n, by) => {
    [order[n], order[n + by]] = [order[n + by], order[n]];
    draw();
  };
  function draw() {
    const out = [...titles.keys()].filter((name) => !order.includes(name) && detail.lessons.find(({ lesson }) => lesson === name).draft);
    show(node, h("ol", { class: "order-list" }, order.map((name, n) => h("li", null, h("span", null, titles.get(name) || name),
      button("上移", () => move(n, -1), "button-quiet button-small", { disabled: n === 0, "aria-label": `${titles.get(name) || name} 上移` }),
      button("下移", () => move(n, 1), "button-quiet button-small", { disabled: n === order.length - 1, "aria-label": `${titles.get(name) || name} 下移` })))),
    out.map((name) => h("p", null, `${titles.get(name)}（${name}）还没有列入 `, button("列入课程", () => {
      order = [...order, name];
      draw();
    }, "button-quiet button-small"))));
  }
  draw();
  return { node, names: () => order };
}
