/** For the host of a contest that everybody takes when he likes: how far everybody is. */
import { get } from "./api.js";
import { seconds } from "./contest-time.js";
import { h, moment, sign } from "./dom.js";
import { update } from "./stage-parts.js";

const LOOK_MS = 5000;
const MOST = 200;

document.head.append(h("link", { rel: "stylesheet", href: new URL("./contest-window.css", import.meta.url).href }));

/** A card that brings itself up to date as long as it is on the page. */
export function panel({ id }) {
  const figures = h("div", { class: "window-figures" });
  const when = h("p", { class: "quiet" });
  const list = h("ul", { class: "window-people" });
  const news = h("p", { class: "quiet small", role: "status" }, "正在打开名单…");
  const node = h("section", { class: "card" }, h("h2", null, "各自答题"), when, figures, list, news);
  const look = async () => {
    try {
      draw(await get(`/contests/${id}/window/host`));
      update(news, "", () => null);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      update(news, trouble.kind, () => (trouble.kind === "offline" ? "网络不稳，名单可能不是最新的，正在重试。" : trouble.message));
    }
  };
  const draw = (now) => {
    const figure = (value, word) => h("div", null, h("b", null, String(value)), h("span", null, word));
    const { expected, began, running, finished, people, opens_at: opens, closes_at: closes, count } = now;
    update(when, [opens, closes], () => `${moment(opens)} 到 ${moment(closes)}，每人 ${count} 题`);
    update(figures, [expected, began, running, finished], () => [figure(expected, "应到"), figure(began, "开始了"), figure(running, "正在答"), figure(finished, "已交卷")]);
    update(list, people, () => [people.slice(0, MOST).map((one) => line(one, count)), people.length > MOST && h("li", { class: "quiet" }, `还有 ${people.length - MOST} 人没有列出。`),
      !people.length && h("li", { class: "quiet" }, "还没有人开始。")]);
  };
  const ticking = setInterval(() => {
    if (!node.isConnected) clearInterval(ticking);
    else if (document.visibilityState === "visible") look();
  }, LOOK_MS);
  look();
  return node;
}

function line({ name, unit, answered, running, left_ms: left, excluded }, count) {
  return h("li", null, h("span", null, h("b", null, name), " ", h("span", { class: "quiet small" }, unit)),
    h("span", null, `${answered}/${count} 题，`, excluded ? "取消资格" : running ? `还剩 ${seconds(left)}` : [sign("right"), " 已交卷"]));
}
