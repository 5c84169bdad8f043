/** <lawlab-checkin>: signing in at an activity, by the receipt of a scan or by six digits. */
import { backoff, hindrance, me, onReturn, post } from "./api.js";
import { CodeForm } from "./checkin-code.js";
import { keepScan, lastScan } from "./checkin-kept.js";
import { refusal } from "./checkin-refusal.js";
import { myTag, sayAge } from "./calendar-parts.js";
import { HOME, pageOf, placeOf } from "./calendar-ways.js";
import { dateOf, span, STATUS_NAMES, statusTag, when } from "./attendance-words.js";
import { button, clock, focusOn, h, here, linkButton, show, sign } from "./dom.js";
import { Resource, signInNotice } from "./resource.js";

const CODE_MS = 90000;
const away = (trouble) => `${hindrance(trouble)}，签到还没有送到，正在重试，请不要关掉这一页。`;
const BY_HAND = ["over", "cancelled", "online_activity", "wrong_activity"];

class Checkin extends HTMLElement {
  connectedCallback() {
    if (this.verdict) return;
    this.news = h("p", { class: "only-read", "aria-live": "assertive" });
    this.verdict = h("div");
    this.form = new CodeForm((code) => this.begin({ code, until: Date.now() + CODE_MS, tries: 0 }));
    this.age = h("div", { role: "status" });
    this.activities = h("div");
    this.today = Resource.of("/activities");
    this.today.watch(() => this.showToday());
    show(this, this.news, this.verdict, this.form.node, this.age, this.activities);
    const scan = lastScan(here().rest[0]);
    if (scan) this.begin({ scan, tries: 0 });
    else this.ask();
    onReturn(() => {
      if (!this.work) this.today.load();
      else this.work.tries = 0;
      this.send();
    });
  }

  /** Nothing has been scanned: how to sign in. */
  ask() {
    this.work = null;
    this.form.node.hidden = false;
    show(this.verdict, howTo());
  }

  begin(work) {
    this.work = work;
    if (work.scan) keepScan(work.scan);
    // Who has just typed digits reads it below them; what was said before is no longer so.
    const typed = !work.scan && !work.guest;
    this.form.node.hidden = !typed;
    if (typed) show(this.verdict, howTo());
    else this.tellUnderWay();
    this.send();
  }

  async send() {
    clearTimeout(this.timer);
    const { work } = this;
    if (!work || work.sending) return;
    work.sending = true;
    if (work.signedOut) this.tellUnderWay();
    work.signedOut = false;
    try {
      const person = await me();
      if (work.scan?.person && work.scan.person !== person.login) this.foreign();
      else this.succeed(person, await this.deliver(work, person.login));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (work === this.work) this.fail(trouble, work);
    } finally {
      work.sending = false;
    }
  }

  async deliver({ scan, code, guest }, person) {
    const consent = guest ? { guest } : {};
    if (!scan) return post("/check-in/code", { person, code, ...consent });
    scan.person = person;
    keepScan(scan);
    const reply = await post("/check-in", { person, receipt: scan.receipt, ...consent });
    scan.reply = reply;
    keepScan(scan);
    return reply;
  }

  succeed({ full_name: name }, { activity, status, at, again, guest, by }) {
    const { work } = this;
    this.work = null;
    this.form.node.hidden = true;
    const there = status === "present" || status === "late";
    const title = there ? "签到成功" : "您的签到收到了";
    const notes = [
      by === "trainer" && (there ? "教员已经替您登记。" : `教员登记的是“${STATUS_NAMES[status]}”，以教员登记的为准。如果不对，请找教员更正。`),
      again && by === "self" && "已登记，不用再扫。", guest && "登记为旁听：这场活动没有要求您参加。"].filter(Boolean);
    const heading = h("h1", { class: there && "verdict-right" }, there && sign("right"), title);
    this.tell([name, title, STATUS_NAMES[status], ...notes].join("，"), h("section", { class: `card checkin-done is-${status}` }, heading,
      h("p", { class: "checkin-status" }, statusTag(status), guest && h("span", { class: "tag" }, "旁听"), h("span", null, `${clock(at)} 登记`)),
      h("p", { class: "checkin-who" }, name),
      h("h2", null, activity.title), h("p", { class: "checkin-where" }, placeOf(activity), h("br"), span(activity)),
      notes.map((note) => h("p", null, note)),
      h("div", { class: "buttons" }, linkButton("看这场活动", pageOf(activity), "button-quiet"), linkButton("回首页", HOME, "button-quiet")),
      handOver(work?.scan)));
    focusOn(heading);
    this.today.load();
  }

  fail(trouble, work) {
    if (trouble.kind === "refused") {
      this.refuse(trouble, work);
      return;
    }
    if (trouble.kind === "signed_out") {
      work.waiting = "";
      work.signedOut = true;
      // Digits are others by then; a scan holds longer.
      if (!work.scan) this.work = null;
      this.form.again();
      this.form.node.hidden = Boolean(work.scan);
      this.tell("登录已过期", signInNotice(work.scan ? "登录已过期。扫码已留在手机上，登录以后自动签到。" : "登录已过期。登录以后，请再输一次屏幕上的数字。"));
      return;
    }
    if (!work.scan && Date.now() > work.until) {
      this.ask();
      this.form.again("网络刚才不通，这个数字已经换了。请看屏幕，输入现在的数字。", "wait", true);
      return;
    }
    const again = button("马上重试", () => this.send(), "button-quiet");
    const text = away(trouble);
    if (work.waiting !== text) this.tell(text, waiting("还没有送到", h("p", null, text), h("div", { class: "buttons" }, again)));
    work.waiting = text;
    this.timer = setTimeout(() => this.send(), backoff(work.tries, trouble));
    work.tries += 1;
  }

  /** The server has said no. */
  refuse(trouble, work) {
    // The page is loaded again for whoever is signed in now.
    if (trouble.code === "other_person") return;
    const { scan } = work;
    if (trouble.code === "old_token" && scan?.reply) {
      me().then((person) => this.succeed(person, { ...scan.reply, again: true }));
      return;
    }
    if (["bad_code", "too_many"].includes(trouble.code)) {
      this.ask();
      this.form.refused(trouble);
      return;
    }
    this.work = null;
    if (scan) keepScan(null);
    this.form.again();
    this.form.node.hidden = BY_HAND.includes(trouble.code);
    const { title, node } = refusal(trouble, {
      join: () => this.begin({ scan, code: work.code, until: Date.now() + CODE_MS, guest: true, tries: 0 }),
      ask: () => this.ask(),
    });
    node.append(handOver(scan));
    this.tell(`${title}。${trouble.message}`, node);
    focusOn(node.querySelector("h1"));
  }

  /** Somebody else scanned this code, on the same phone. */
  foreign() {
    this.work = null;
    this.form.node.hidden = false;
    this.tell("这个码是上一位扫的。", h("section", { class: "card" }, h("h1", null, "请再扫一次"),
      h("p", null, "这个码是上一位扫的。您要签到，请自己扫一次屏幕上的二维码，或者输入下面的六位数字。")));
  }

  tellUnderWay() {
    this.tell("正在签到…", waiting("正在签到…", h("p", null, "请不要关掉这一页。")));
  }

  tell(text, node) {
    show(this.news, text);
    show(this.verdict, node);
  }

  showToday() {
    const { data } = this.today;
    const mine = (data?.activities || []).filter((one) => dateOf(one.starts_at) === dateOf(data.server_time) && (one.expected || one.my));
    // What is on its way says itself that the network fails.
    if (data && !this.work) sayAge(this.age, this.today);
    if (data) show(this.activities, h("h2", { class: "section-title" }, "我今天的活动"), h("section", { class: "card" },
      mine.length ? h("ul", { class: "rows" }, mine.map((one) => h("li", null, todayRow(one)))) : h("p", { class: "quiet" }, "您今天没有要参加的活动。")));
  }
}

const howTo = () => [h("h1", null, "签到"), h("p", null, "用手机扫一扫会场屏幕上的二维码，或者在下面输入屏幕上的六位数字。")];

const todayRow = (card) => h("a", { class: "row", href: pageOf(card) },
  h("span", { class: "row-main" }, h("span", { class: "row-name" }, card.title), h("span", { class: "quiet small" }, `${when(card)} · ${placeOf(card)}`)),
  h("span", { class: "row-side" }, card.state === "cancelled" ? h("span", { class: "tag tag-wrong" }, "已取消") : myTag(card)), sign("next"));

const waiting = (title, ...rest) => h("section", { class: "card checkin-wait" }, h("h1", null, sign("wait"), title), rest);

/** For a phone in other hands: the next one who signs in on it uses the same scan. */
const handOver = (scan) => h("p", null, "这不是您？", h("a", { href: "/hub/logout", onclick: () => {
  if (scan) keepScan({ ...scan, person: null, reply: null });
} }, "换人"));

customElements.define("lawlab-checkin", Checkin);
