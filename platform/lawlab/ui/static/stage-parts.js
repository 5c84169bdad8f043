/** What the host's console and the projector share. */
import { articleName, h, number, show, svg } from "./dom.js";

const QUIET = 4;

/** Draw a part again only when what it shows has changed; a button of the same words keeps the focus. */
export function update(part, facts, draw) {
  const drawn = JSON.stringify(facts);
  if (part.drawn === drawn) return;
  part.drawn = drawn;
  const words = part.contains(document.activeElement) && said(document.activeElement);
  show(part, draw());
  if (words) [...part.querySelectorAll("button, a, summary")].find((node) => said(node) === words)?.focus({ preventScroll: true });
}

const said = (node) => node.getAttribute("aria-label") || node.textContent;

/** The QR code of the way in, always dark on white, with the white border that readers need. */
export function qrPicture({ size, path }) {
  const whole = size + 2 * QUIET;
  return svg("svg", { class: "stage-qr", viewBox: `${-QUIET} ${-QUIET} ${whole} ${whole}`, role: "img", "aria-label": "入场二维码", "shape-rendering": "crispEdges" },
    svg("rect", { x: -QUIET, y: -QUIET, width: whole, height: whole, fill: "#fff" }), svg("path", { d: path, fill: "#000" }));
}

/** "反电信网络诈骗法#31" → 《反电信网络诈骗法》第三十一条. */
export function articleTitle(reference) {
  const [law, article] = reference.split("#");
  return `《${law}》${articleName(article)}`;
}

/** "第 3 题，共 10 题". */
export const place = ({ number: n, of }) => `第 ${n} 题，共 ${of} 题`;

/** "第一轮 · 抢答题"; the title once when it says the kind already. */
export const roundName = ({ round, kind_name: kind }) => (round.includes(kind) ? round : `${round} · ${kind}`);

/** Rounds in which a team on the stage answers. */
export const forTeams = ({ kind }) => ["turn", "buzzer", "risk"].includes(kind);

/** What became of a question that was one team's; null when it was everybody's. */
export function teamResult({ progress, question: { team, stake, points }, reveal: { answered, right } }) {
  if (!forTeams(progress)) return null;
  if (!team) return { right: null, text: "没有队抢答" };
  const done = answered > 0 && right === answered;
  const loss = stake ? `，扣 ${stake} 分` : "，不得分";
  return { right: done, text: `${team}${done ? `答对了，加 ${stake || points} 分` : answered ? `答错了${loss}` : `没有答${loss}`}` };
}

/** How far somebody moved since the question before: "↑2", for screen readers in words. */
export function movement(moved) {
  if (!moved) return null;
  return [h("span", { "aria-hidden": "true" }, `${moved > 0 ? "↑" : "↓"}${Math.abs(moved)}`),
    h("span", { class: "only-read" }, `${moved > 0 ? "上升" : "下降"} ${Math.abs(moved)} 名`)];
}

export const points = (value) => `${number(value)} 分`;

/** Keep the screen on; not every browser lets a page ask for that. */
export function stayAwake() {
  const ask = () => document.visibilityState === "visible" && navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}
