/** The text of one chapter: articles that can be read aloud and copied, and who teaches them. */
import { copyText } from "./copy.js";
import { button, h, sign } from "./dom.js";
import { canSpeak, readAloud } from "./speech.js";

/** Nodes of a chapter; `law` is what the law says of itself, `data` the chapter's text. */
export function chapterText(law, data) {
  let section = "";
  const articles = data.articles.flatMap((article) => {
    const heading = article.section !== section && article.section && h("h3", { class: "law-section" }, article.section);
    section = article.section;
    return [heading, articleNode(law, article)];
  });
  const appendix = data.paragraphs.map((text) => h("p", null, text));
  const title = h("h2", { tabindex: "-1" }, data.path.length > 0 && h("span", { class: "law-path quiet small" }, data.path.join(" › ")), data.title);
  const all = h("div", { class: "law-articles" }, articles, appendix);
  return [h("div", { class: "law-head" }, title,
    canSpeak() && button([sign("speak"), "朗读这一章"], () => readAloud([...all.querySelectorAll("h3, p:not(.law-lessons)")]), "button-quiet")), all];
}

function articleNode(law, { number, title, paragraphs }) {
  const texts = paragraphs.map((text) => h("p", null, text));
  const heading = h("h3", { tabindex: "-1" }, title);
  const lessons = law.lessons[number] || [];
  return h("article", { class: "law-article", id: `a${number}`, "data-number": number },
    h("div", { class: "law-article-head" }, heading,
      canSpeak() && button("朗读", () => readAloud([heading, ...texts]), "button-quiet button-plain", { "aria-label": `朗读${title}` }),
      button("复制", (event) => copyText(event.currentTarget, `《${law.law}》${title}\n${paragraphs.join("\n")}`), "button-quiet button-plain", { "aria-label": `复制${title}` })),
    texts,
    lessons.length > 0 && h("p", { class: "law-lessons small" }, "讲这一条的课：",
      lessons.map(({ course, title: name, url }) => h("a", { class: "chip", href: url }, `${course}：${name}`))));
}
