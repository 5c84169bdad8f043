/** Before the first question, and a contest that was called off. */
import { h, sign } from "./dom.js";
import { notMine, PAGE } from "./contest-parts.js";

const WORDS = {
  draft: ["比武还没有开放", "开放以后，这一页会自己变，不用刷新。"],
  lobby: ["还没有开始，请不要离开，手机可以锁屏", "一开始，题目会自己出现在这里；锁屏后回来也不会错过现在的题。"],
  started: ["比赛开始了", "第一题马上出现，请看着屏幕。"],
  cancelled: ["这场比武取消了", "有疑问请找主持人。"],
};

/** What is shown while there is no question; the heading comes first. */
export function lobby({ phase, rules, me, format_name: format }) {
  const [title, text] = WORDS[phase];
  return [
    h("section", { class: "card contest-lobby" }, h("h1", null, title), h("p", null, text),
      h("p", null, h("span", { class: "tag" }, format), " ", me.team && h("span", { class: "tag tag-right" }, `您在${me.team}`)),
      me.sentence && notMine(me.sentence),
      phase === "lobby" && !me.sentence && h("p", { class: "verdict verdict-right" }, sign("right"), "您已经入场")),
    rules.length > 0 && h("section", { class: "card" }, h("h2", null, "规则"), h("ol", null, rules.map((rule) => h("li", null, rule)))),
    phase === "cancelled" && h("p", null, h("a", { href: PAGE }, "看别的比武")),
  ];
}
