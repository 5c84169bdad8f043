/** Today: how far, how long in a row, and what else can be done. */
import { h, linkButton, ring, show } from "./dom.js";
import { backLink, dayStrip, PAGE, tile } from "./drill-parts.js";
import { catchUp, later, marked } from "./drill-later.js";
import { outbox } from "./outbox.js";
import { placeholder, Resource } from "./resource.js";

export function open(root) {
  const resource = Resource.of("/drill");
  document.title = "每日一练";
  const draw = () => {
    const { data } = resource;
    show(root, data ? today(data) : h("section", { class: "card" }, placeholder(resource, "每日一练")));
  };
  resource.watch(draw);
  later.addEventListener("change", draw);
  catchUp();
  // What an earlier visit left on the phone has just counted.
  outbox.addEventListener("change", ({ detail }) => detail.state === "stored" && resource.load());
}

function today(data) {
  return [
    backLink("首页", "/services/learn/home"),
    marked().length > 0 && h("p", { class: "notice notice-good" }, `没有网时答的 ${marked().length} 题有对错了。 `, h("a", { href: `${PAGE}/practise` }, "去看看")),
    data.replies > 0 && h("p", { class: "notice notice-good" }, `教员回复了您反馈的 ${data.replies} 道题。 `, h("a", { href: `${PAGE}/reports` }, "去看看")),
    data.duels > 0 && h("p", { class: "notice" }, `有 ${data.duels} 场对战等您。 `, h("a", { href: `${PAGE}/duel` }, "去看看")),
    h("section", { class: "card", "aria-label": "今天的练习" },
      h("div", { class: "drill-today" }, ring(Math.min(data.answered, data.goal), data.goal), h("div", null,
        h("h1", null, "每日一练"), h("p", { class: "drill-line" }, line(data)),
        h("p", { class: "quiet small" }, facts(data)))),
      data.goal > 0 && h("div", { class: "buttons" }, linkButton(data.done ? "再练几题" : data.answered ? "接着练" : "开始练习",
        `${PAGE}/practise`, data.done ? "button-quiet button-wide" : "button-wide")),
      dayStrip(data.week, data.day)),
    h("nav", { class: "drill-tiles", "aria-label": "更多练习" },
      tile("错题本", data.book ? `${data.book} 题还没有掌握` : "没有错题", `${PAGE}/book`),
      tile("专项练习", "按课程、章节、题型", `${PAGE}/scopes`),
      tile("挑战答题", data.chain.best ? `本周最好 ${data.chain.best} 题` : "答错为止，看能连对几题", `${PAGE}/chain`),
      tile("双人对战", "同样五道题，有空再答", `${PAGE}/duel`),
      tile("法律地图", "哪些记得牢，哪些快忘了", `${PAGE}/map`),
      tile("收藏", data.favourites ? `${data.favourites} 题` : "还没有收藏", `${PAGE}/book/favourite`),
      tile("练习日历", data.longest ? `最长连续 ${data.longest} 天` : "每天练一练", `${PAGE}/calendar`),
      tile("题目反馈", "您说有问题的题", `${PAGE}/reports`)),
  ];
}

function line({ done, answered, goal, holiday, streak }) {
  if (!goal) return "题库里还没有题，等教员发布以后再来。";
  if (done) return `今天练完了${streak > 1 ? `，连续 ${streak} 天` : ""}。明天再来！`;
  if (holiday && !answered) return `今天${holiday}，休息一天也不算断。`;
  return answered ? `还有 ${Math.max(0, goal - answered)} 题就练完了。` : `今天 ${goal} 题，大约五分钟。`;
}

function facts({ due, streak, contest, done, points_today: points }) {
  return [due > 0 && `${due} 题该复习了`, !done && streak > 0 && `已连续 ${streak} 天`, points > 0 && `今天得 ${points} 分`,
    contest && (contest.left ? `离大比武还有 ${contest.left} 天` : "今天大比武")].filter(Boolean).join(" · ");
}
