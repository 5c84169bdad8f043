/** 传手机签名: one phone goes round; everybody of a unit signs in turn. */
import { showNotices } from "./attendance-activity.js";
import { resumeSignatures, sendSignature } from "./attendance-kept.js";
import { Meeting } from "./attendance-meeting.js";
import { Pad } from "./attendance-pad.js";
import { activityPage, newKey, update } from "./attendance-parts.js";
import { deskPlaceholder, toast } from "./desk.js";
import { button, h, linkButton, show, sign } from "./dom.js";

export class SignatureRound {
  constructor(root, id) {
    this.root = root;
    this.meeting = new Meeting(id);
    this.skipped = new Set();
    this.unit = null;
    this.meeting.watch(() => this.render());
  }

  render() {
    const { meeting } = this;
    if (!meeting.board) {
      show(this.root, deskPlaceholder(meeting.resource, "签名页"));
      return;
    }
    if (!this.body) this.frame();
    showNotices(this.news, meeting);
    const { activity } = meeting.board;
    this.other.hidden = this.unit === null;
    if (activity.closed_at || activity.state === "cancelled") {
      update(this.body, "over", () => h("section", { class: "card empty" }, h("p", null, activity.closed_at ? "签到已经结束，不能再签名。登记错了，请在活动页里更正。" : "活动已经取消。"), linkButton("回活动", activityPage(meeting.id))));
    } else if (this.unit === null) this.choose();
    else this.next();
  }

  frame() {
    this.news = h("div", null);
    this.body = h("div", { class: "round" });
    this.pad = new Pad(() => this.ready());
    this.other = button("换单位", () => this.change(), "button-quiet button-small", { hidden: true });
    // Over everything else: the phone is in hands that want to sign and nothing more.
    show(this.root, h("section", { class: "round-screen", "aria-label": "传手机签名" }, h("div", { class: "round-bar" },
      h("a", { class: "back-link", href: activityPage(this.meeting.id, "sign") }, "‹ 回签到页"), this.other), this.news, this.body));
    document.title = `签名 ${this.meeting.board.activity.title}`;
    resumeSignatures(this.meeting);
  }

  /** Who of a unit has still to sign; "" are all. */
  open(unit) {
    return this.meeting.board.people.filter((one) => one.mine && one.expected && !this.meeting.statusOf(one) && (!unit || one.unit === unit));
  }

  choose() {
    const units = [...new Set(this.meeting.board.people.filter(({ mine, expected }) => mine && expected).map(({ unit }) => unit))];
    const rows = units.map((unit) => [unit, this.open(unit).length]);
    update(this.body, ["units", rows], () => [h("h1", null, "传手机签名"), h("p", null, "先选一个单位，再把手机传下去。一个人签完，自动换下一个。"),
      h("div", { class: "unit-board" }, rows.map(([unit, left]) => h("button", { type: "button", class: `unit-tile ${left ? "" : "is-full"}`, disabled: !left, onclick: () => this.start(unit) },
        h("span", { class: "unit-name" }, unit), h("span", { class: "quiet small" }, left ? `${left} 人没有签` : "都有登记")))), !rows.length && h("p", { class: "notice" }, "名单里没有您负责的人。")]);
  }

  start(unit) {
    this.unit = unit;
    this.skipped.clear();
    this.render();
  }

  next() {
    const rest = this.open(this.unit);
    // Whoever is signing keeps the screen, whatever others have said of him meanwhile.
    const holds = this.person && this.pad.strokes.length > 0;
    this.person = holds ? this.person : rest.find(({ login }) => !this.skipped.has(login)) || null;
    if (!this.person) {
      update(this.body, ["end", this.unit, rest.length], () => this.end(rest));
      return;
    }
    const { login, name } = this.person;
    if (this.shown !== `${this.unit}/${login}` || !this.pad.node.isConnected) {
      this.shown = `${this.unit}/${login}`;
      this.body.drawn = null;
      this.pad.clear();
      this.left = h("p", { class: "quiet" });
      this.wrong = h("p", { class: "wrong-text", role: "alert" });
      this.ok = button("确定", () => this.confirm(), "round-ok");
      show(this.body, h("div", { class: "round-head" }, h("h1", { class: "round-name" }, name), this.left), h("p", { class: "only-read", role: "status" }, `请 ${name} 签名`), this.pad.node, this.wrong,
        h("div", { class: "buttons round-acts" }, button("清除", () => this.pad.clear(), "button-quiet"), button("跳过", () => this.skip(), "button-quiet"), this.ok));
    }
    show(this.left, `${this.unit}，还有 ${rest.length} 人`);
  }

  end(rest) {
    return h("section", { class: "card empty" }, h("p", null, rest.length ? `${this.unit}的人都看过了，跳过 ${rest.length} 人：${rest.map(({ name }) => name).join("、")}。` : `${this.unit}的人都有了登记。`),
      h("div", { class: "buttons round-end" }, rest.length > 0 && button("再请跳过的人签", () => this.start(this.unit)), button("换单位", () => this.change(), rest.length ? "button-quiet" : ""), linkButton("回签到页", activityPage(this.meeting.id, "sign"), "button-quiet")));
  }

  change() {
    this.pad.clear();
    this.person = this.unit = this.shown = null;
    this.render();
  }

  skip() {
    this.skipped.add(this.person.login);
    this.pad.strokes = [];
    this.render();
  }

  ready() {
    if (this.wrong && this.pad.signed) show(this.wrong);
  }

  confirm() {
    if (!this.pad.signed) {
      show(this.wrong, sign("wrong"), " 还没有签名。请用手指在框里写上您的姓名，再点确定。");
      return;
    }
    const { login, name } = this.person;
    sendSignature(this.meeting, { login, image: this.pad.picture(), key: newKey() });
    this.pad.strokes = [];
    toast(`${name}签好了，请传给下一位。`);
  }
}
