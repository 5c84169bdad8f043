/** The board with its movement, and the podium at the end. */
import { h } from "./dom.js";
import { movement, points } from "./stage-parts.js";

const TOP = 10;
const PLACES = ["", "第一名", "第二名", "第三名"];
const TOGETHER = 3;
const FEW = 5;

export function board({ board: { people, teams }, format }) {
  const columns = [people.length > 0 && column("个人", people, (one) => [one.name, one.unit]),
    teams.length > 0 && column(format === "team" ? "单位" : "队", teams.slice(0, TOP), (one) => [one.team, ""])].filter(Boolean);
  if (!columns.length) return h("div", { class: "big-center" }, h("p", { class: "big-large" }, "还没有人得分"));
  return h("div", { class: `big-boards ${columns.length > 1 ? "is-two" : ""} ${Math.max(people.length, teams.length) <= FEW ? "is-few" : ""}` }, columns);
}

function column(title, lines, words) {
  return h("section", { class: "big-board" }, h("h2", null, title), h("ol", null, lines.map((line) => row(line, ...words(line)))));
}

function row(line, name, note) {
  const { rank, moved } = line;
  const node = h("li", { class: rank <= 3 && "is-top" }, h("b", { class: "big-rank" }, rank), h("span", { class: "big-name" }, name, note && h("small", null, note)),
    h("span", { class: `big-moved ${moved > 0 ? "is-up" : ""}` }, movement(moved)), h("b", { class: "big-points" }, points(line.points)));
  // It comes from where it stood.
  node.style.setProperty("--from", moved);
  return node;
}

export function podium({ podium: { people, teams }, rehearsal, format }) {
  const groups = [steps(format === "team" ? "单位" : "队", teams, (one) => [one.team, ""]), steps("个人", people, (one) => [one.name, one.unit])].filter(Boolean);
  return h("div", { class: "big-end" }, h("p", { class: "big-large" }, rehearsal ? "彩排结束，不计成绩" : "比赛结束"),
    h("div", { class: `big-podiums ${groups.length > 1 ? "is-two" : ""}` }, groups),
    h("p", { class: "big-quiet" }, rehearsal ? "正式比赛见" : "感谢每一位参赛的人。各人的成绩和赛事记录在手机上看。"));
}

/** One step for each place; those who share it stand together. */
function steps(title, lines, words) {
  const places = [1, 2, 3].map((rank) => lines.filter((line) => line.rank === rank && line.points > 0));
  if (!places[0].length) return null;
  return h("section", { class: "big-podium" }, h("h2", null, title), h("ol", null, places.map((lines, n) => lines.length > 0 && h("li", { class: `is-place-${n + 1}` },
    h("div", { class: "big-winners" }, lines.slice(0, TOGETHER).map((line) => {
      const [name, note] = words(line);
      return h("p", null, h("b", null, name), note && h("small", null, note));
    }), lines.length > TOGETHER && h("p", null, `等 ${lines.length} 个`)),
    h("div", { class: "big-step" }, h("span", null, PLACES[n + 1]), h("span", null, points(lines[0].points)))))));
}
