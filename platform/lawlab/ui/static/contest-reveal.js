/** After the reveal: right or wrong, what it brought, why, and where one stands. */
import { kindTag } from "./choices.js";
import { notMine, standing } from "./contest-parts.js";
import { h, number, sign } from "./dom.js";
import { markedQuestion, reasons, verdict } from "./marked.js";

const FOR_TEAMS = ["turn", "buzzer", "risk"];

/** `late`: an answer was given, but did not arrive in time. The verdict comes first. */
export function revealed(view, late) {
  const { question, reveal, me, progress } = view;
  const response = me.answered?.response;
  const forTeams = FOR_TEAMS.includes(progress.kind);
  const told = Boolean(response) || (me.may_answer && !forTeams);
  return [
    h("section", { class: "card question contest-reveal" },
      reveal.voided !== null ? [h("p", { class: "verdict" }, "这道题作废了"), h("p", null, `谁都不得分。原因：${reveal.voided}`)]
        : told ? verdict(question, response, Boolean(me.right)) : h("p", { class: "verdict" }, "答案公布了"),
      late && h("p", { class: "notice notice-bad" }, sign("wrong"), " 您的答案没有来得及送到，没有计入。"),
      forTeams ? h("p", null, ofTeam(view)) : told && reveal.voided === null && h("p", { class: "contest-earned" }, `这道题得 ${number(me.earned)} 分`),
      standing(me) && h("p", null, `您现在 ${standing(me)}。${calm(progress)}`),
      me.sentence && me.why !== "not_your_team" && notMine(me.sentence)),
    h("section", { class: "card question" },
      h("div", { class: "question-head" }, kindTag(question), h("span", { class: "quiet small" }, `${reveal.answered} 人答，${reveal.right} 人答对`)),
      markedQuestion(question, response, reveal), reasons(question, response, reveal)),
  ];
}

function ofTeam({ question: { team, stake, points }, reveal: { answered, right, voided } }) {
  if (!team) return "没有队抢答。";
  if (voided !== null) return `这道题是${team}答的。`;
  if (!answered) return `${team}没有答，${stake ? `扣 ${stake} 分` : "不得分"}。`;
  if (right === answered) return `${team}答对了，加 ${stake || points} 分。`;
  if (!right) return `${team}答错了，${stake ? `扣 ${stake} 分` : "不得分"}。`;
  return `这道题是${team}答的，得分请看排名。`;
}

function calm({ number: n, of }) {
  return n < of ? `还有 ${of - n} 题，一题一题来。` : "题目答完了，请等主持人公布成绩。";
}
