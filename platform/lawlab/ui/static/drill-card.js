/** One question of practice: answering it, what came of it, keeping it, saying that it is wrong. */
import { hindrance, login, post } from "./api.js";
import { answerForm, isAnswered, kindTag, spoken, urge } from "./choices.js";
import { dayName } from "./drill-parts.js";
import { button, focusOn, h, show, sign } from "./dom.js";
import { markedQuestion, reasons, verdict } from "./marked.js";
import { newKey } from "./outbox.js";
import { canSpeak, readAloud } from "./speech.js";

const WHY = { due: "该复习了", again: "今天答错过，再来一次", new: "新题", ahead: "提前巩固", asked: "" };

/**
 * A question to answer. `send(response)` after 确定; `sent` is an answer that is on its way already.
 * The node has `lock(on)`, `say(text, look)`, and `pass(text, next)`: on without a mark.
 */
export function openCard(item, head, send, sent = null) {
  let response = sent;
  const state = h("div", { class: "save-state", role: "status" });
  const form = answerForm(item, sent, (given) => {
    response = given;
    show(state);
  });
  const confirm = button("确定", () => {
    if (isAnswered(response)) {
      send(response);
      return;
    }
    node.say(urge(item), "is-wrong");
    form.querySelector("input, textarea, button:enabled").focus();
  }, "button-wide");
  const node = frame(item, head, form, confirm, state);
  node.lock = (on) => {
    form.disabled = on;
    confirm.disabled = on;
  };
  node.say = (text, look = "") => {
    state.className = `save-state ${look}`;
    show(state, text);
  };
  node.pass = (text, next) => {
    confirm.remove();
    node.say(text, "is-waiting");
    node.append(next);
    focusOn(state);
  };
  if (sent) {
    node.lock(true);
    node.say("答案还在手机上，正在送出…", "is-waiting");
  }
  return node;
}

/** Say on a card what becomes of its answer while it is on its way; true when `state` was such news. */
export function onWay(card, state, trouble) {
  const said = { waiting: [sign("wait"), ` ${hindrance(trouble)}，答案已留在手机上，正在重试`], signed_out: "登录已过期。答案已留在手机上，重新登录后会自动送出。" }[state];
  if (said) card.say(said, "is-waiting");
  return Boolean(said);
}

/** In place of a question whose answer was refused: why, and how to go on. */
export const refusedCard = (trouble, act) => h("section", { class: "card" },
  h("p", { class: "notice notice-bad", role: "alert" }, sign("wrong"), " ", trouble.message), button("再看看", act));

/** The same question once the server has marked it. */
export function answeredCard(item, response, reply, head, ...next) {
  const { right, revealed, drill } = reply;
  const judged = verdict(item, response, right);
  const node = frame(item, head, markedQuestion(item, response, revealed), judged,
    reasons(item, response, revealed), taught(revealed.lessons), h("p", { class: "quiet small" }, again(drill, right)), tools(item), next);
  node.focus = () => focusOn(judged);
  return node;
}

function frame(item, head, ...children) {
  return h("section", { class: "card question", "aria-label": head },
    h("div", { class: "question-head" }, h("b", null, head), kindTag(item), WHY[item.why] && h("span", { class: "quiet small" }, WHY[item.why]),
      canSpeak() && button([sign("speak"), "读题"], (event) => readAloud([{ node: event.target.closest(".card").querySelector(".stem"), text: spoken(item) }]), "button-quiet button-plain")),
    ...children);
}

/** The lessons that treat the article of a question. */
export const taught = (lessons) => lessons?.length > 0 && h("p", { class: "small" }, "这一条在课里讲过：",
  lessons.map(({ title, url }, n) => [n > 0 && "、", h("a", { href: url }, title)]));

function again(drill, right) {
  if (!drill?.next_on) return "";
  const when = `${dayName(drill.next_on)}再考您`;
  return right ? `记住了，${when}。` : drill.in_book ? `已放进错题本，${when}。` : when;
}

/** 收藏 and 这道题有问题. */
export function tools(item) {
  return h("div", { class: "drill-tools" }, star(item), reporting(item));
}

/** A switch that keeps a question; what it shows is what the server said last. */
export function star(item, changed = () => {}) {
  let on = item.favourite;
  const node = button("", async () => {
    node.disabled = true;
    try {
      ({ on } = await post("/drill/favourites", { person: login(), item: item.id, on: !on }));
      item.favourite = on;
      changed(on);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      news.textContent = trouble.kind === "refused" ? trouble.message : "没有网，没有改成，请稍后再点。";
    }
    node.disabled = false;
    draw();
  }, "button-quiet");
  const news = h("span", { class: "small", role: "status" });
  const draw = () => {
    node.textContent = on ? "★ 已收藏" : "☆ 收藏";
    node.setAttribute("aria-pressed", String(on));
  };
  draw();
  return h("span", null, node, " ", news);
}

/** One tap says it; words may follow; it can be taken back. */
function reporting(item) {
  const key = newKey();
  const box = h("div", { class: "drill-report" });
  const news = h("p", { class: "small", role: "status" });
  const text = h("input", { type: "text", maxlength: 500, "aria-label": "哪里有问题，可以不写", placeholder: "哪里有问题？可以不写" });
  const send = async (path, body, then) => {
    try {
      await post(path, { person: login(), key, ...body });
      then();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      show(news, trouble.kind === "refused" ? trouble.message : "没有网，还没有送到，请稍后再点。");
    }
  };
  const facts = () => ({ item: item.id, version: item.version, place: item.place, text: text.value.trim() });
  const closed = () => show(box, button("这道题有问题", () => send("/item-reports", facts(), sent), "button-quiet"), news);
  const sent = () => {
    show(news, "已告诉教员，回复会出现在“题目反馈”里。");
    show(box, news, h("div", { class: "drill-report-more" }, text, button("补充", () => send("/item-reports", facts(), () => show(news, "已补充。")), "button-quiet"),
      button("撤回", () => send("/item-reports/take-back", {}, () => {
        show(news, "已撤回。");
        closed();
        focusOn(news);
      }), "button-quiet")));
    focusOn(news);
  };
  closed();
  return box;
}
