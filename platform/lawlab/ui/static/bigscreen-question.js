/** A question for the hall, and the same question with its answer: nothing moves in between. */
import { rows, woven } from "./choices.js";
import { h, sign } from "./dom.js";
import { articleTitle, forTeams, teamResult } from "./stage-parts.js";

/** So long an explanation is on the screen, in whole sentences. */
const LONGEST = 90;

/** What the drawing depends on; the time and the figures are drawn apart. */
export function questionFacts({ question: { turn, team, stake, buzzer }, reveal, phase }) {
  return [phase, turn, team, stake, buzzer, reveal];
}

export function question(view) {
  const { question: asked, reveal } = view;
  return h("div", { class: "big-question" }, h("div", { class: "big-call" }, reveal ? outcome(view) : call(view)),
    h("p", { class: "big-stem" }, stem(asked, reveal)), options(view), reveal && why(reveal));
}

const stem = ({ type, stem: text }) => (type === "fill" ? woven(text, (n) => `（${n}）`) : text);

/** Whose question it is, while it is open. */
function call({ question: { team, stake, buzzer } }) {
  if (!buzzer) return team && h("p", { class: "big-team" }, h("b", null, team), ` 答${stake ? `　${stake} 分题` : ""}`);
  const locked = buzzer.locked.length > 0 && h("p", { class: "big-locked" }, sign("wrong"), ` 不能再抢：${buzzer.locked.join("、")}`);
  if (team) return [h("p", { class: "big-first" }, h("b", null, team), " 抢到！"), locked];
  return [h("p", { class: `big-team ${buzzer.armed ? "is-armed" : ""}` }, buzzer.armed ? "现在可以抢！" : "听主持人口令再抢"), locked];
}

function outcome(view) {
  const { reveal: { voided, answered, right } } = view;
  if (voided !== null) return h("p", { class: "big-voided" }, sign("wrong"), ` 这道题作废，谁都不得分。原因：${voided}`);
  const team = teamResult(view);
  if (team) return h("p", { class: `big-team ${team.right ? "is-right" : team.right === false ? "is-wrong" : ""}` }, team.right !== null && sign(team.right ? "right" : "wrong"), " ", team.text);
  return h("p", { class: "big-outcome" }, h("b", null, `${right} 人答对`), h("span", { class: "big-quiet" }, `，共 ${answered} 人作答`));
}

function options({ question: asked, reveal, progress }) {
  const { type } = asked;
  if (type === "fill") return reveal && h("ol", { class: "big-options" }, reveal.blanks.map(([first], n) => h("li", { class: "is-right" }, h("b", null, `（${n + 1}）`), h("span", { class: "big-text" }, first), right("正确答案"))));
  const given = rows(asked);
  if (type === "order" && reveal) {
    return h("ol", { class: "big-options" }, [...reveal.answer].map((letter, n) => h("li", { class: "is-right" }, h("b", null, letter), h("span", { class: "big-text" }, asked.options[letter]), right(`第 ${n + 1} 步`))));
  }
  const hit = (value) => Boolean(reveal) && (type === "judge" ? reveal.answer === value : reveal.answer.includes(value));
  const counted = type !== "order" && !forTeams(progress);
  return h("ul", { class: `big-options ${type === "judge" ? "is-judge" : ""}` }, given.map(([value, letter, text]) => h("li", { class: reveal && (hit(value) ? "is-right" : "is-other") },
    letter && h("b", null, letter), h("span", { class: "big-text" }, text), hit(value) && right("正确"),
    counted && distribution(reveal, value))));
}

const right = (word) => h("span", { class: "big-right" }, sign("right"), " ", word);

/** How many chose it; its place is kept while the question is open. */
function distribution(reveal, value) {
  const count = reveal?.counts[value] || 0;
  const bar = h("span");
  bar.style.setProperty("--share", reveal?.answered ? count / reveal.answered : 0);
  return [h("span", { class: "big-number" }, reveal && `${count} 人`), h("span", { class: "big-bar", "aria-hidden": "true" }, reveal && bar)];
}

function why({ articles, explanation, unconfirmed }) {
  return h("div", { class: "big-why" }, articles.length > 0 && h("p", { class: "big-article" }, articles.slice(0, 2).map(articleTitle).join("、")),
    h("p", { class: "big-explained" }, short(explanation)), unconfirmed && h("p", { class: "big-quiet big-explained" }, "（待核）"));
}

/** The first sentences of an explanation. */
function short(text) {
  let said = "";
  for (const sentence of text.match(/[^。！？]+[。！？]?/g) || []) {
    if (said && said.length + sentence.length > LONGEST) break;
    said += sentence;
  }
  return said;
}
