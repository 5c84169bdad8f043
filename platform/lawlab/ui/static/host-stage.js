/** What is on the screens now, with what only the host may see: the key, the article, what comes next. */
import { kindTag } from "./choices.js";
import { h, linkButton, sign } from "./dom.js";
import { boardRows, HOST } from "./host-parts.js";
import { markedQuestion, reasons } from "./marked.js";
import { points, qrPicture, roundName, teamResult } from "./stage-parts.js";

const BEFORE = ["draft", "lobby", "started"];

/** What the drawing of a view depends on. */
export function stageFacts({ phase, title, rehearsal, format, question, reveal, board, key, rules, qr, short, loopback, turns, upcoming, excluded }) {
  const { turn, team, stake, buzzer } = question || {};
  const early = phase === "draft" || phase === "lobby";
  return [phase, title, rehearsal, format, turn, team, stake, buzzer, reveal, board, key, rules, early && [qr, short, loopback], turns.at(-1), upcoming, phase === "finished" && excluded];
}

/** The pieces of the card. */
export function stage(view) {
  const { phase } = view;
  if (phase === "cancelled") return [h("h2", null, "这场比武取消了"), h("p", null, h("a", { href: HOST }, "看全部比武"))];
  if (BEFORE.includes(phase)) return [...before(view), next(view)];
  if (phase === "question" || phase === "revealed") return [...asked(view), phase === "revealed" && next(view)];
  return [...standings(view), next(view)];
}

function before({ id, phase, format, rules, qr, short, loopback }) {
  const list = h("ol", null, rules.map((rule) => h("li", null, rule)));
  if (phase === "started") return [h("h2", null, "比赛开始了，请宣读规则"), list];
  if (phase === "draft") {
    return [h("h2", null, "还没有开放入场"), h("p", null, "开放以后，大家在手机上点“比武”就能入场，赛程不能再改。"),
      h("p", null, linkButton("改赛程", `${HOST}/${id}/edit`, "button-quiet")), h("h3", null, "规则"), list];
  }
  return [h("div", { class: "host-lobby" },
    h("div", null, qrPicture(qr)),
    h("div", null, h("h2", null, format === "window" ? "正在进行：各自答题" : "大家正在入场"), h("p", null, "扫码入场，或者打开"), h("p", { class: "host-address" }, short),
      loopback && h("p", { class: "notice notice-bad" }, sign("wrong"), " 手机打不开这个网址：您现在用的是这台电脑自己的地址。请用本镇平台的网址打开这一页。"),
      format === "window" && h("p", null, "到了时间大家各自答题，各自到时交卷，不用您出题。全部答完以后再点“结束比赛”。"))),
  h("details", { class: "host-rules" }, h("summary", null, "规则"), list)];
}

function asked(view) {
  const { question, reveal, key, turns } = view;
  const voided = turns.find(({ turn }) => turn === question.turn)?.voided;
  return [
    h("div", { class: "question-head" }, kindTag(question), h("span", { class: "quiet small" }, `${question.seconds} 秒，${points(question.points)}`),
      question.team && h("span", { class: "tag tag-right" }, question.stake ? `${question.team}，${question.stake} 分题` : question.team)),
    buzzer(question),
    typeof voided === "string" && h("p", { class: "notice notice-bad" }, sign("wrong"), ` 这道题作废了，谁都不得分。原因：${voided}`),
    reveal && outcome(view),
    h("div", { class: "question" }, markedQuestion(question, null, key)),
    h("p", { class: "host-key" }, "答案：", h("b", null, keyText(question, key)), !reveal && h("span", { class: "quiet small" }, "（只有主持人看得到，公布以前请不要读）")),
    reasons(question, null, key),
  ];
}

function keyText({ type, options }, { answer, blanks }) {
  if (type === "fill") return blanks.map(([first]) => first).join("；");
  if (type === "judge") return answer;
  return type === "single" ? `${answer}，${options[answer]}` : [...answer].join("、");
}

function buzzer({ team, buzzer: state }) {
  if (!state) return null;
  const words = team ? `${team}抢到了，由他们答。` : state.armed ? "正在抢答，谁先按谁答。" : "读完题，点“开始抢答”。";
  return h("div", { class: "host-buzzer" }, h("p", null, h("b", null, words)),
    state.locked.length > 0 && h("p", { class: "small" }, sign("wrong"), ` 这道题不能再抢：${state.locked.join("、")}`));
}

function outcome(view) {
  const { reveal: { answered, right, counts }, question: { type } } = view;
  const team = teamResult(view);
  if (team) return h("p", { class: `verdict ${team.right ? "verdict-right" : ""}` }, team.right !== null && sign(team.right ? "right" : "wrong"), " ", team.text);
  const spread = type === "order" || type === "fill" ? [] : Object.entries(counts).map(([letter, count]) => `${letter} ${count} 人`);
  return h("p", { class: "host-outcome" }, h("b", null, `${answered} 人答，${right} 人答对`), spread.length > 0 && `：${spread.join("，")}`);
}

function standings({ id, phase, rehearsal, board: { people, teams } }) {
  return [
    phase === "finished" && [h("h2", null, rehearsal ? "彩排结束" : "比赛结束"), h("p", null, "有人对题目有意见：在下面的“题目”里作废那道题，成绩马上重算。"),
      h("div", { class: "buttons" }, !rehearsal && linkButton("赛事记录和证书", `/services/learn/contest/${id}/result`), linkButton("全部比武", HOST, "button-quiet"))],
    h("div", { class: "host-boards" },
      people.length > 0 && h("div", null, h("h2", null, "个人"), boardRows(people)),
      teams.length > 0 && h("div", null, h("h2", null, "队和单位"), boardRows(teams)),
      !people.length && !teams.length && h("p", { class: "quiet" }, "还没有人得分。")),
  ];
}

/** So that the host can read ahead. */
function next({ upcoming }) {
  return upcoming && h("div", { class: "host-next" }, h("p", { class: "quiet small" }, `接下来：第 ${upcoming.number} 题（${roundName(upcoming)}）`),
    h("p", null, upcoming.stem));
}
