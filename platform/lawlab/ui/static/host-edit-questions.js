/** Questions as a host sees them, with their keys, and choosing some by hand. */
import { get } from "./api.js";
import { ask, choice, fault, field, newId } from "./desk.js";
import { articleName, button, h, show, sign } from "./dom.js";
import { markedQuestion, reasons } from "./marked.js";

const WAIT_MS = 250;

/** "《民法典》第一千零四十三条、第一千零四十六条；《宪法》第二条". */
function cited(references) {
  const laws = new Map();
  for (const [law, article] of references.map((one) => one.split("#"))) laws.set(law, [...(laws.get(law) || []), articleName(article)]);
  return [...laws].map(([law, articles]) => `《${law}》${articles.join("、")}`).join("；");
}

/** The right answer in a line: with the words of a single choice, else the letters. */
function keyOf({ question, revealed }) {
  const { answer } = revealed;
  return question.type === "single" ? `${answer}. ${question.options[answer]}` : question.type === "fill" ? revealed.blanks.map(([first]) => first).join("；") : answer;
}

/** One question: what is asked, what is right and by which article; the rest when it is asked for. `tools`: more buttons. */
export function questionLine(one, options, tools) {
  const { question, revealed, difficulty, used, bank, gone } = one;
  const course = options.banks.find(({ slug }) => slug === bank)?.title;
  const whole = h("div", { class: "host-whole", id: newId("whole"), hidden: true });
  const opener = button("看全题", () => {
    whole.hidden = !whole.hidden;
    opener.setAttribute("aria-expanded", String(!whole.hidden));
    if (!whole.firstChild) show(whole, markedQuestion(question, null, revealed), reasons(question, null, revealed));
  }, "button-quiet button-small", { "aria-expanded": "false", "aria-controls": whole.id, "aria-label": `看全题：${question.stem.slice(0, 20)}` });
  return h("div", { class: "host-question" },
    h("p", { class: "item-head" }, h("span", { class: "tag" }, question.type_name), h("span", { class: "quiet small" }, [course, `难度 ${difficulty}`].filter(Boolean).join(" · ")),
      used && h("span", { class: "tag tag-wait" }, "最近比武用过"), gone && h("span", { class: "tag tag-wrong" }, "已经停用，请换一题")),
    h("p", { class: "host-stem" }, question.stem),
    h("p", { class: "small" }, h("b", null, "答案："), keyOf(one), h("span", { class: "quiet" }, `　依据：${cited(revealed.articles)}`)),
    h("div", { class: "buttons" }, opener, tools), whole);
}

/** Ask which questions to add; resolves with them, [] for none. */
export async function pickQuestions(options, taken) {
  const chosen = new Map();
  const wanted = { bank: "", words: "", type: "" };
  const status = h("p", { class: "quiet", role: "status" });
  const list = h("ul", { class: "rows pick-list" });
  let page = 1;
  let turn = 0;
  let timer = null;
  const more = button("再看一些", () => load(page + 1), "button-quiet button-wide", { hidden: true });
  const tell = (found) => show(status, `找到 ${found} 题`, chosen.size > 0 && `，选了 ${chosen.size} 题`);
  const load = async (next) => {
    turn += 1;
    const mine = turn;
    page = next;
    try {
      const data = await get(`/contests/items?${new URLSearchParams(Object.entries({ ...wanted, page }).filter(([, value]) => value))}`);
      if (mine !== turn) return;
      if (page === 1) show(list);
      list.append(...data.questions.map((one) => row(one, data.found)));
      more.hidden = !data.more;
      tell(data.found);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (mine === turn) show(status, sign("wait"), ` ${trouble.message} `, button("再试一次", () => load(next), "button-quiet button-plain"));
    }
  };
  const row = (one, found) => {
    const there = taken.includes(one.item);
    const input = h("input", { type: "checkbox", disabled: there, checked: there || chosen.has(one.item), onchange: () => {
      if (input.checked) chosen.set(one.item, one);
      else chosen.delete(one.item);
      tell(found);
    } });
    return h("li", { class: "pick-row" }, h("label", { class: "tick", "aria-label": one.question.stem }, input), h("div", null, there && h("p", { class: "quiet small" }, "这场比武里已经有了"), questionLine(one, options)));
  };
  const words = h("input", { type: "search", maxlength: 100, placeholder: "题里的字词，或者编号", oninput: () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      wanted.words = words.value;
      load(1);
    }, WAIT_MS);
  } });
  const pick = (name, pairs) => choice([["", "不限"], ...pairs], "", (value) => {
    wanted[name] = value;
    load(1);
  });
  load(1);
  const done = await ask("自己选题", "", { action: "加入选中的题", wide: true, act: () => {
    if (!chosen.size) throw fault("还没有选题。请在题目左边打勾。");
  }, fields: [h("div", { class: "form-row" }, field("找题", words), field("课程", pick("bank", options.banks.map(({ slug, title }) => [slug, title]))),
    field("题型", pick("type", options.types.map(({ type, name }) => [type, name])))), status, list, more] });
  return done ? [...chosen.values()] : [];
}
