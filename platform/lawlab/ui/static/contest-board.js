/** The board between questions and at the end: the first ten, and one's own place. */
import { PAGE, resultUrl, standing } from "./contest-parts.js";
import { h, linkButton, number } from "./dom.js";

/** The board between questions; the heading comes first. */
export function board(view) {
  const title = h("h1", null, "排名");
  return withoutPeople(view) ? [title, teams(view)] : [h("section", { class: "card" }, title, people(view)), teams(view)];
}

/** The end; the heading comes first. */
export function finished(view) {
  const { id, rehearsal, me } = view;
  const out = me.why === "excluded" || me.why === "not_expected";
  return [
    h("section", { class: "card contest-end" }, h("h1", null, rehearsal ? "彩排结束" : "比赛结束"),
      me.sentence ? h("p", null, me.sentence) : me.rank ? own(me) : !me.team && h("p", null, "这场比武您没有答题。"),
      me.team && ownTeam(view),
      h("p", { class: "quiet" }, rehearsal ? "彩排不计成绩，答错的题也不进错题本。" : !out && me.rank && ["答错的题已放进", h("a", { href: "/services/learn/drill/book" }, "错题本"), "，过几天会再考您。"]),
      h("div", { class: "buttons" }, !rehearsal && linkButton("赛事记录和证书", resultUrl(id)), linkButton("别的比武", PAGE, "button-quiet"))),
    !withoutPeople(view) && h("section", { class: "card" }, h("h2", null, "排名"), people(view)),
    teams(view),
  ];
}

/** Only teams earned, on the stage. */
const withoutPeople = ({ board: { people: lines, teams: others } }) => !lines.length && others.length > 0;

function own(me) {
  return [h("p", { class: "contest-figure" }, `第 ${me.rank} 名`),
    h("p", null, `${number(me.points)} 分，共 ${me.of} 人答题，总用时 ${number(me.seconds)} 秒。`)];
}

function ownTeam({ board: { teams: lines }, me: { team } }) {
  const line = lines.find((one) => one.team === team);
  return line && h("p", null, `${team}第 ${line.rank} 名，${number(line.points)} 分。`);
}

function people({ board: { people: lines }, me }) {
  if (!lines.length) return h("p", { class: "quiet" }, "还没有人得分。");
  const mine = lines.some((line) => line.mine);
  return [
    h("ol", { class: "contest-rows" }, lines.map((line) => row(line, line.name, line.unit, line.mine))),
    !mine && me.rank && h("ol", { class: "contest-rows contest-own" }, row({ ...me, moved: 0 }, "您", "", true)),
    mine && h("p", { class: "only-read" }, `您：${standing(me)}`),
  ];
}

function teams({ board: { teams: lines }, me, format }) {
  const [title, own] = format === "team" ? ["各单位", "您的单位"] : ["各队", "您的队"];
  return lines.length > 0 && h("section", { class: "card" }, h("h2", null, title),
    h("ol", { class: "contest-rows" }, lines.map((line) => row(line, line.team, line.members > 0 && `登记 ${line.members} 人，到了 ${line.present} 人`, line.team === me.team, own))));
}

/** `own` is what a row is called that is `mine`. */
function row({ rank, points, moved }, name, note, mine, own = "您") {
  const way = moved > 0 ? "上升" : "下降";
  return h("li", { class: mine && "is-mine" },
    h("span", { class: "contest-rank" }, h("span", { class: "only-read" }, "第"), rank),
    h("span", { class: "contest-name" }, h("b", null, name), mine && name !== own && `（${own}）`, note && h("span", { class: "quiet small" }, note)),
    h("span", { class: "contest-moved quiet" }, moved !== 0 && [h("span", { "aria-hidden": "true" }, `${moved > 0 ? "↑" : "↓"}${Math.abs(moved)}`), h("span", { class: "only-read" }, `${way} ${Math.abs(moved)} 名`)]),
    h("b", { class: "contest-points" }, `${number(points)} 分`));
}
