/** Before and after one's own time in a contest that everybody takes when he likes. */
import { notMine, PAGE, resultUrl } from "./contest-parts.js";
import { seconds } from "./contest-time.js";
import { h, linkButton, moment, number, sign } from "./dom.js";
import { markedQuestion, reasons, verdict } from "./marked.js";

const rehearsed = (view) => view.rehearsal && h("p", { class: "notice" }, sign("wait"), " 彩排，不计成绩");
const others = (kind = "button-quiet") => linkButton("别的比武", PAGE, kind);

/** The rules and, once the time has come, `begin`: a button with its news. */
export function before(view, begin) {
  const { title, state, contest_state: stored, rules, opens_at: opens, closes_at: closes, minutes, count, points, me } = view;
  const heading = state === "ready" ? "可以开始了" : stored === "draft" ? "比武还没有开放" : "还没有到时间";
  const short = Math.floor((Date.parse(closes) - Date.parse(view.server_time)) / 60000);
  return [rehearsed(view), h("p", { class: "quiet small" }, title),
    h("section", { class: "card" }, h("h1", null, heading),
      h("dl", { class: "window-facts" }, fact("答题时间", `${moment(opens)} 到 ${moment(closes)}`), fact("题数", `${count} 题，每题 ${number(points)} 分`), fact("时长", `${minutes} 分钟`)),
      state !== "ready" && h("p", null, "到了时间，这一页会自己变，不用刷新。"),
      me.sentence ? notMine(me.sentence) : state === "ready" && [
        h("div", { class: "notice" }, h("p", null, h("b", null, "只有一次机会。")),
          h("p", null, "一点就开始计时，中途退出也照样计时，到时自动交卷。请在信号好、没人打扰的时候开始。"),
          short < minutes && h("p", null, `离截止只有 ${Math.max(1, short)} 分钟，您的时间会短一些。`)), begin]),
    h("section", { class: "card" }, h("h2", null, "规则"), h("ol", null, rules.map((rule) => h("li", null, rule))))];
}

const fact = (name, value) => h("div", null, h("dt", null, name), h("dd", null, value));

/** One's own part is over, the contest is not. `waiting` answers are still on the phone. */
export function done(view, waiting, late) {
  const all = view.answered + waiting >= view.count;
  const heading = view.me.sentence ? "不能再答了" : view.handed_in ? "已经交卷" : all ? "全部答完，已经交卷" : "时间到，已自动交卷";
  return [rehearsed(view), h("p", { class: "quiet small" }, view.title),
    h("section", { class: "card" }, h("h1", null, sign(view.me.sentence ? "wrong" : "right"), " ", heading),
      view.me.sentence && notMine(view.me.sentence),
      h("p", null, `您答了 ${view.answered} 题，共 ${view.count} 题。`), lost(late),
      waiting > 0 && h("p", { class: "notice" }, sign("wait"), ` 有 ${waiting} 个答案还在手机上，网络一好就送出；时间到以后才送到的不计入。`),
      h("p", null, `${moment(view.closes_at)} 截止，主持人宣布结束以后，在这里看名次、正确答案和解析。`),
      h("div", { class: "buttons" }, linkButton("回首页", "/services/learn/home", "button-quiet"), others()))];
}

const lost = (late) => late > 0 && h("p", { class: "notice" }, sign("wrong"), ` 有 ${late} 个答案在时间到之后才送到，没有计入。`);

/** The contest is over, or it was too late to begin. */
export function closed(view, late) {
  const { title, contest_state: stored, result, review, withheld, me, rehearsal, began_at: began } = view;
  const heading = stored === "cancelled" ? "这场比武取消了" : stored !== "finished" ? "已经过了截止时间" : rehearsal ? "彩排结束" : "比赛结束";
  return [rehearsed(view), h("p", { class: "quiet small" }, title),
    h("section", { class: "card contest-end" }, h("h1", null, heading),
      me.sentence && notMine(me.sentence), result && own(result, view), lost(late),
      !began && !me.sentence && stored !== "cancelled" && h("p", null, "这场比武您没有答题。"),
      result && h("p", { class: "quiet" }, rehearsal ? "彩排不计成绩，答错的题也不进错题本。" : ["答错的题会放进", h("a", { href: "/services/learn/drill/book" }, "错题本"), "，过几天再考您。"]),
      h("div", { class: "buttons" }, stored === "finished" && !rehearsal && linkButton("赛事记录和证书", resultUrl(view.id)), others())),
    review.length + withheld > 0 && h("h2", null, "每题的答案和解析"),
    withheld > 0 && h("p", { class: "notice" }, `有 ${withheld} 道题正在别的比武或者测验里用，等结束以后再来看。`), review.map(reviewed)];
}

function own({ points, most, right, answered, seconds: used, rank, of }, { count }) {
  return [rank ? h("p", { class: "contest-figure" }, `第 ${rank} 名`) : h("p", null, "您一题也没有答，没有名次。"),
    rank && h("p", null, `${number(points)} 分（满分 ${number(most)} 分），共 ${of} 人答题。`),
    rank && h("p", null, `${count} 题答了 ${answered} 题，答对 ${right} 题，用时 ${seconds(used * 1000)}。`)];
}

function reviewed({ place, question, response, right, revealed }) {
  return h("section", { class: "card question" }, h("h3", { class: "quiz-n" }, `第 ${place} 题`),
    markedQuestion(question, response, revealed), verdict(question, response, right), reasons(question, response, revealed));
}
