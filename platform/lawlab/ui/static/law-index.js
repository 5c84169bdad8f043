/** The way into the laws: those of the courses, and all others by name. */
import { button, h, linkButton, show, sign } from "./dom.js";
import { list, named, row, styled } from "./library.js";
import { placeholder, Resource } from "./resource.js";

const SHOWN = 30;

/** Fill an element with the index of all laws. */
export function lawIndex(host) {
  const resource = Resource.of("/statutes");
  resource.watch(async () => {
    if (!resource.data) {
      show(host, placeholder(resource, "法律目录"));
      return;
    }
    await styled;
    show(host, h("h1", null, "查法律条文"), ours(resource.data.courses), all(resource.data.laws));
  });
}

function ours(courses) {
  if (!courses.length) return null;
  return [h("h2", { class: "section-title" }, "课程里的法律"), list(courses.map(({ law, url, courses: titles, imported }) => {
    const others = titles.filter((title) => title !== law);
    return row(imported && url, named(law, others.length > 0 && `课程：${others.join("、")}`), "is-wait", !imported && [sign("wait"), "等待导入官方文本"]);
  }))];
}

function all(laws) {
  const found = h("div", { "aria-live": "polite" });
  const box = h("input", { type: "search", id: "law-box", maxlength: 60, autocomplete: "off", placeholder: "例如：劳动合同、土地、未成年",
    oninput: (event) => event.isComposing || filter(), oncompositionend: () => filter() });
  const filter = (most) => {
    const asked = box.value.replace(/[《》\s]|中华人民共和国/g, "");
    if (!asked && !most) {
      show(found, h("p", { class: "quiet small" }, `一共收有 ${laws.length} 部法律，写几个字就能找到。`),
        button("全部列出来", () => filter(laws.length), "button-quiet"));
      return;
    }
    const hits = asked ? best(laws, asked) : [...laws].sort(byName);
    render(hits, asked, most || SHOWN);
  };
  const render = (hits, asked, most) => {
    show(found, hits.length ? [
      h("p", { class: "quiet small" }, `找到 ${hits.length} 部。`),
      list(hits.slice(0, most).map(({ law, mark }) => row(`/services/learn/law/${encodeURIComponent(law)}`, named(law), "is-wait", mark))),
      hits.length > most && button(`再看 ${hits.length - most} 部`, () => filter(laws.length), "button-quiet button-wide"),
    ] : h("section", { class: "card empty" }, h("p", null, `没有名称里有“${asked}”的法律。`),
      h("p", { class: "quiet" }, "不记得名称，可以按意思找："),
      linkButton("去搜索", `/services/learn/search?q=${encodeURIComponent(asked)}`, "button-quiet")));
  };
  filter();
  return [h("h2", { class: "section-title" }, "全部法律"),
    h("div", { class: "field" }, h("label", { for: "law-box" }, "法律的名称"), box), found];
}

const byName = (one, two) => one.law.localeCompare(two.law, "zh-CN");

/** Names that begin with what is asked come first, short ones before long ones. */
const best = (laws, asked) => laws.filter(({ law }) => law.includes(asked))
  .sort((one, two) => two.law.startsWith(asked) - one.law.startsWith(asked) || one.law.length - two.law.length);
