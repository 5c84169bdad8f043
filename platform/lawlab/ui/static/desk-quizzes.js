/** 测验 for trainers: all quizzes with how far they are, and a new one from its blueprint. */
import { get, post } from "./api.js";
import { area, ask, choice, deskPlaceholder, fault, field } from "./desk.js";
import { button, h, moment, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const LIST = "/desk/quizzes";
const STATES = { built: ["还没有开放", ""], open: ["答题中", "tag-wait"], released: ["成绩已公布", "tag-right"] };
const SLOW_MS = 15000;
const SECTIONS = [["single", 8, 5], ["multiple", 4, 5], ["judge", 5, 4], ["case", 1, 20]];

document.head.append(h("link", { rel: "stylesheet", href: new URL("./desk-quiz.css", import.meta.url).href }));

/** Where a quiz is managed. */
export const quizPage = (assignment) => `/services/learn/desk/quiz/${encodeURIComponent(assignment)}`;

/** The tag that says how far a quiz is. */
export function stateTag({ state, opening }) {
  const [word, look] = opening ? ["正在开放", "tag-wait"] : STATES[state];
  return h("span", { class: `tag ${look}` }, word);
}

export class QuizList {
  constructor(root) {
    this.root = root;
    this.resource = Resource.of(LIST);
    this.resource.watch(() => this.render());
    setInterval(() => document.visibilityState === "visible" && this.resource.load(), SLOW_MS);
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "测验"));
      return;
    }
    if (!this.list) this.frame();
    const drawn = JSON.stringify(data);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    show(this.list, data.quizzes.length ? h("section", { class: "card" }, h("ul", { class: "rows" }, data.quizzes.map((quiz) => h("li", null, row(quiz)))))
      : h("section", { class: "card empty" }, h("p", null, "还没有测验。"), h("p", { class: "quiet" }, "点“新建测验”，选题库，写每种题几道、几分。")));
  }

  frame() {
    this.list = h("div", null);
    show(this.root, h("div", { class: "desk-head" }, h("h1", null, "测验"), h("div", { class: "buttons" }, button("新建测验", newQuiz))), this.list);
  }
}

function row(quiz) {
  const counts = [quiz.sitting && `${quiz.sitting} 人正在答`, quiz.state !== "built" && `交卷 ${quiz.handed_in} 份`, quiz.ungraded && `${quiz.ungraded} 份还没有判完`].filter(Boolean);
  const needs = [quiz.missing_marks && `${quiz.missing_marks} 份等着评分`, quiz.failed && `${quiz.failed} 份判分出错`, quiz.open_error && "没有开放成"].filter(Boolean);
  const facts = [`${quiz.questions} 题`, quiz.opened_at ? `${moment(quiz.opened_at)} 开放` : `${moment(quiz.built_at)} 组卷`, ...counts];
  return h("a", { class: "row quiz-row", href: quizPage(quiz.assignment) }, h("span", { class: "row-main" },
    h("span", { class: "item-head" }, h("span", { class: "row-name" }, quiz.title), stateTag(quiz)),
    h("span", { class: "quiet small" }, facts.join(" · ")),
    needs.length > 0 && h("span", { class: `quiz-needs small ${quiz.failed || quiz.open_error ? "is-wrong" : ""}` }, sign(quiz.failed || quiz.open_error ? "wrong" : "wait"), " ", needs.join("，"))), sign("next"));
}

async function newQuiz() {
  let banks = [];
  try {
    ({ banks } = await get("/desk/banks"));
  } catch (trouble) {
    if (!trouble.kind) throw trouble;
  }
  const name = h("input", { maxlength: 60, autocomplete: "off", autocapitalize: "none", spellcheck: "false", placeholder: "如 atf-quiz-2" });
  const text = area(blueprint(banks[0]), { rows: 12, spellcheck: "false", class: "quiz-blueprint" }, () => {});
  let last = banks[0];
  const bank = choice(banks.map(({ slug, law }) => [slug, law ? `${law}（${slug}）` : slug]), banks[0]?.slug, (slug) => {
    const chosen = banks.find((one) => one.slug === slug);
    // A title that was written by hand stays.
    text.value = text.value.replace(titleLine(last), () => titleLine(chosen)).replace(/^bank = .*$/m, () => `bank = "${slug}"`);
    last = chosen;
  });
  const done = await ask("新建测验", "平台照组卷说明从题库里抽题。开放以前，用同一个编号再建一次，会换掉原来的卷子；想抽到别的题，请改 seed 后面的数。", {
    action: "组卷", wide: true, fields: [field("编号", name, "小写字母、数字和连字符，以后不能改。"), banks.length > 0 && field("题库", bank),
      field("组卷说明", text, "每个 [[section]] 是一种题：single 单选，multiple 多选，judge 判断，fill 填空，order 排序，short 简答，case 案例。全卷一共 100 分。")].filter(Boolean),
    act: async () => {
      if (!name.value.trim()) throw fault("请写编号。");
      await post(`${LIST}/build`, { name: name.value.trim(), text: text.value });
    },
  });
  if (done) location.assign(quizPage(name.value.trim()));
}

const titleLine = (bank) => `title = "${bank?.law || ""}测验"`;

function blueprint(bank) {
  const head = [titleLine(bank), `bank = "${bank?.slug || ""}"`, "minutes = 20", "pass_mark = 60", `seed = ${new Date().getFullYear()}`];
  const sections = SECTIONS.map(([type, count, points]) => `[[section]]\ntype = "${type}"\ncount = ${count}\npoints = ${points}`);
  return `${[head.join("\n"), ...sections].join("\n\n")}\n`;
}
