/** The room of an online activity: coming in, and the cards that show whether somebody is there. */
import { backoff, get, me, onReturn, post, serverNow, setClock } from "./api.js";
import { CALENDAR, pageOf, placeOf } from "./calendar-ways.js";
import { STATUS_NAMES, statusTag, when } from "./attendance-words.js";
import { answerForm, shownChoice, urge } from "./choices.js";
import { button, clock, focusOn, h, linkButton, moment, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { placeholder, signInNotice } from "./resource.js";

const ASK_MS = 5000;
const HIDDEN_MS = 15000;
const TITLE = document.title;

/** Show the room of activity `id` in `root`. */
export function open(root, id) {
  new Room(root, id).begin();
}

class Room {
  constructor(root, id) {
    Object.assign(this, { root, id, path: `/activities/${id}/room`, tries: 0 });
    this.head = h("div");
    this.card = h("div");
    this.state = h("div");
    this.news = h("div", { role: "status" });
  }

  begin() {
    this.ask();
    onReturn(() => this.ask());
    setInterval(() => this.tick(), 1000);
  }

  /** Ask how it stands; at the first moment one can, come in. */
  async ask() {
    clearTimeout(this.timer);
    // An answer given while a reply is on its way leaves right after it.
    this.again = this.asking;
    if (this.asking) return;
    this.asking = true;
    let wait = document.visibilityState === "hidden" ? HIDDEN_MS : ASK_MS;
    try {
      const { login } = await me();
      this.slot = `lawlab.room.${login}.${this.id}`;
      await this.deliver(login);
      let data = await get(this.path);
      if (data.activity.state === "open" && !data.entered && !this.refused) data = await this.enter(login);
      this.take(data);
      this.stay();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      wait = this.fail(trouble);
    } finally {
      this.asking = false;
    }
    if (this.again) this.ask();
    else if (!this.ended) this.timer = setTimeout(() => this.ask(), wait * (0.8 + 0.4 * Math.random()));
  }

  async enter(person) {
    try {
      return await post(`${this.path}/enter`, { person });
    } catch (trouble) {
      if (trouble.kind !== "refused") throw trouble;
      this.refused = trouble;
      return get(this.path);
    }
  }

  /** The answer that has no reply yet; null when there is none. */
  unsent() {
    const kept = recall(this.slot);
    return kept?.accepted ? null : kept;
  }

  /** An answer that could not leave goes first, also late: its reply may be all that was lost. */
  async deliver(person) {
    const kept = this.unsent();
    if (!kept) return;
    const { card, response, words } = kept;
    try {
      const data = await post(`${this.path}/answer`, { person, card, response });
      keep(this.slot, { card, words, accepted: true });
      this.take(data);
      this.accept(words);
    } catch (trouble) {
      if (trouble.kind !== "refused" || trouble.code === "other_person") throw trouble;
      keep(this.slot, null);
      this.say([sign("wrong"), ` ${trouble.message}`], "notice-bad");
    }
  }

  fail(trouble) {
    if (!this.data) {
      show(this.root, placeholder({ trouble, load: () => this.ask() }, "线上会场"));
      this.ended = trouble.kind === "refused";
    } else if (trouble.kind === "signed_out") {
      this.put(signInNotice("登录已过期。请重新登录，回到会场。"));
      this.away = true;
    } else this.lost();
    this.tries += 1;
    return trouble.kind === "offline" ? Math.min(backoff(this.tries), ASK_MS) : HIDDEN_MS;
  }

  lost() {
    this.say([sign("wait"), this.unsent() ? " 网络不稳，答案已留在手机上，正在重试，请不要关掉这一页。" : " 网络不稳，正在重新连上会场。"], "");
    this.away = true;
  }

  take(data) {
    setClock(data.server_time);
    const { activity } = data;
    if (!this.data) show(this.root, h("p", { class: "back" }, h("a", { href: pageOf(activity) }, "回到这场活动")), this.head, this.news, this.card, this.state);
    this.data = data;
    this.tries = 0;
    if (this.away) show(this.news);
    this.away = false;
    this.ended = ["over", "cancelled"].includes(activity.state);
    if (this.ended && !this.unsent()) keep(this.slot, null);
    show(this.head, h("h1", null, activity.title), h("p", { class: "quiet" }, `${when(activity)} · ${placeOf(activity)}`));
    this.showCard(data.card);
    this.showState(data);
  }

  /** A screen that goes dark hides the cards. Not every browser can be asked to leave it on. */
  async stay() {
    if (this.lock || !this.data.entered || this.ended || !navigator.wakeLock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.lock.addEventListener("release", () => { this.lock = null; });
    } catch {
      this.lock = null;
    }
  }

  showCard(card) {
    const id = card && recall(this.slot)?.card !== card.id ? card.id : null;
    if (id === this.shown) return;
    this.shown = id;
    document.title = id ? `有答题卡了 · ${TITLE}` : TITLE;
    this.left = null;
    show(this.card);
    if (!id) return;
    // A page that nobody has touched may not make the phone shake.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
    show(this.news);
    let response = null;
    this.left = h("b", { role: "timer" });
    const wrong = h("p", { class: "wrong-text", role: "alert" });
    const title = h("h2", null, "有答题卡了");
    show(this.card, h("section", { class: "card question room-card" },
      h("div", { class: "question-head" }, title, this.left), answerForm(card.question, null, (given) => {
        response = given;
        show(wrong);
      }), wrong,
      button("确定", () => {
        if (response) this.answer(card, response);
        else show(wrong, urge(card.question));
      }, "button-wide")));
    this.tick();
    focusOn(title);
  }

  answer({ id, question }, response) {
    const kept = recall(this.slot);
    this.showCard(null);
    // Answered on another page of this phone: the first answer counts.
    if (kept?.accepted && kept.card === id) {
      this.accept(kept.words);
      return;
    }
    keep(this.slot, { card: id, response, words: shownChoice(question, response.chosen) });
    this.say([sign("wait"), " 正在送答案…"], "");
    this.ask();
  }

  accept(words) {
    this.say([sign("right"), ` 答题卡已送到，您答的是“${words}”。`], "notice-good");
  }

  tick() {
    const { card } = this.data || {};
    if (!this.left || !card) return;
    const seconds = Math.max(0, Math.ceil((Date.parse(card.until) - serverNow()) / 1000));
    show(this.left, `还剩 ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
    if (seconds > 0) return;
    this.showCard(null);
    this.say([sign("wait"), " 这张答题卡的时间过了，请等下一张。"], "");
  }

  showState(data) {
    const look = JSON.stringify([data.my, data.entered, data.answered, data.shown, data.activity.state, this.shown, this.refused?.code]);
    if (look === this.look) return;
    this.look = look;
    show(this.state, h("section", { class: "card room-state" }, this.words(data)));
  }

  words({ activity, entered, answered, shown, needed, my }) {
    const count = shown > 0 ? h("p", { class: "record" }, "已答 ", h("b", null, `${answered}/${shown}`), ` 张，至少要答 ${needed} 张。`)
      : h("p", null, "还没有出过答题卡。");
    if (activity.state === "cancelled") return [h("h2", null, "这场活动取消了"), h("p", null, activity.cancel_reason), linkButton("看全部活动", CALENDAR, "button-quiet")];
    if (activity.state === "planned") {
      return [h("h2", null, "会场还没有开放"), h("p", null, `活动 ${moment(activity.starts_at)} 开始。请留在这一页，开放以后您会自动进入。`)];
    }
    if (activity.state === "over") {
      return [h("h2", null, "活动结束了"), entered && count,
        my ? h("p", null, "登记为 ", statusTag(my.status)) : h("p", null, "还没有登记结果，过一会儿在“活动”里看。"), linkButton("看全部活动", CALENDAR, "button-quiet")];
    }
    if (!entered) return [h("h2", null, "没有进入会场"), h("p", null, this.refused?.message)];
    return [h("h2", null, "您在会场里"), my && h("p", null, `${clock(my.at)} 进入，${STATUS_NAMES[my.status]}`), count,
      shown > 0 && !this.shown && h("p", null, "现在没有答题卡。"),
      h("p", { class: "quiet" }, "活动中会不定时出几张答题卡，答了才算在场。每张一题，留 3 分钟，答对答错都算。请把这一页留在屏幕上；用同一部手机听课的，请不时回到这一页看看。")];
  }

  say(text, look) {
    this.put(h("p", { class: `notice ${look}` }, text));
  }

  /** Said once, however often it is tried again. */
  put(node) {
    this.away = false;
    if (this.news.textContent !== node.textContent) show(this.news, node);
  }
}
