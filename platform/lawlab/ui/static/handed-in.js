/** A quiz that is not being answered and has no marks yet: the receipt, and what else there is to say. */
import { h, linkButton, moment, number, sign } from "./dom.js";

const HOME = "/services/learn/home";

/** Handed in, not yet released. `late` answers did not arrive in time; `more` is what can be done. */
export function waiting({ title, sitting, attempts = [] }, late, more) {
  const handed = sitting.handed_in_at;
  const byItself = handed && Date.parse(handed) >= Date.parse(sitting.deadline) - 1000;
  return h("section", { class: "card" },
    h("h1", null, sign(handed ? "right" : "wait"), !handed ? " 时间到，正在交卷" : byItself ? " 时间到，已自动交卷" : " 已经交卷"),
    h("p", null, title, handed && `，${moment(handed)} 交卷。`),
    sitting.receipt && [h("p", { class: "quiet small" }, "交卷回执（可以抄下来或截图）："), h("p", { class: "receipt" }, sitting.receipt)],
    late > 0 && h("p", { class: "notice" }, `有 ${late} 个答案在时间到之后才送到，没有计入。`),
    tries(attempts), more,
    h("p", null, "等待批改。成绩公布后，在首页和这里都能看到得分、正确答案和解析。"),
    h("div", { class: "buttons" }, linkButton("回首页", HOME)));
}

/** Released, and this person took no part. */
export function missed({ title }) {
  return h("section", { class: "card empty" }, h("h1", null, title),
    h("p", null, "这次测验已经结束，您没有参加。"), h("p", null, linkButton("回首页", HOME)));
}

/** The result is there, and holds questions of a paper that is being answered now. */
export function held({ title }) {
  return h("section", { class: "card empty" }, h("h1", null, title),
    h("p", null, "您正在答的另一份试卷里有同样的题。交卷以后，再来看这里的结果。"), h("p", null, linkButton("回首页", HOME)));
}

function tries(attempts) {
  const done = attempts.filter((one) => one.handed_in_at);
  if (done.length < 2 && done.every((one) => one.points === null)) return null;
  return h("ul", null, done.map(({ attempt, points, counts }) => h("li", null, `第 ${attempt} 次`,
    points !== null && `，${number(points)} 分`, counts && "（计入成绩）")));
}
