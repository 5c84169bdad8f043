/**
 * What is signed in with in the hall: the QR code and the six digits, each only while it is good.
 * The server chooses both by its own clock; here they are fetched at each change and drawn.
 */
import { backoff, get, onReturn, serverNow, setClock } from "./api.js";
import { clock, h, moment, show, sign, svg } from "./dom.js";

const QUIET = 4;
const TICK_MS = 200;
/** The server takes a code some seconds longer; so long the last one stays while the next is on its way. */
const GRACE_MS = 1500;
const LENGTH = 2 * Math.PI * 15;
const GONE = "网络不稳，正在取新的二维码";

export class CodePanel {
  constructor(root, path) {
    this.path = `${path}/sign`;
    this.tries = 0;
    this.picture = h("div", { class: "sign-qr" });
    this.digits = h("p", { class: "sign-digits" });
    this.address = h("p", { class: "sign-address" });
    this.ring = svg("circle", { class: "ring-left", cx: 18, cy: 18, r: 15, transform: "rotate(-90 18 18)" });
    this.left = svg("text", { x: 18, y: 23 });
    this.count = h("div", { class: "sign-ring", "aria-hidden": "true" }, svg("svg", { viewBox: "0 0 36 36" }, svg("circle", { cx: 18, cy: 18, r: 15 }), this.ring, this.left));
    this.how = h("p", { class: "sign-how" }, "手机扫码签到", this.count);
    this.other = h("p", { class: "sign-or" }, "扫不了？打开网址，输入数字码");
    this.news = h("div", { class: "sign-news", role: "status" });
    show(root, h("div", { class: "sign-code" }, this.picture, h("div", { class: "sign-side" }, this.news, this.how, this.other, this.address, this.digits)));
    this.load();
    setInterval(() => this.tick(), TICK_MS);
    onReturn(() => {
      this.tries = 0;
      this.load();
    });
  }

  async load() {
    clearTimeout(this.timer);
    const turn = (this.turn = (this.turn || 0) + 1);
    try {
      const data = await get(this.path);
      if (turn !== this.turn) return;
      setClock(data.server_time);
      Object.assign(this, { data, trouble: null, tries: 0 });
      this.onfresh?.();
      this.plan();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn !== this.turn) return;
      this.trouble = trouble;
      this.tries += 1;
      // A hall waits: the first tries come quickly.
      if (trouble.kind === "offline") this.timer = setTimeout(() => this.load(), Math.min(backoff(this.tries - 1), 5000));
    }
    this.tick();
  }

  /** Fetch again at the next change of either. */
  plan() {
    const next = Math.min(Date.parse(this.data.qr_until), Date.parse(this.data.code_until));
    this.timer = setTimeout(() => this.load(), Math.max(300, next - serverNow() + 20));
  }

  tick() {
    const { data } = this;
    if (!data || (this.trouble && this.trouble.kind !== "offline")) {
      this.draw(null, null, this.trouble ? this.trouble.message : "正在取二维码…");
      return;
    }
    const now = serverNow();
    if (data.state !== "open") {
      const early = now < Date.parse(data.opens_at);
      this.draw(null, null, data.state === "cancelled" ? "活动已经取消" : early ? `${opening(data)} 起签到` : data.state === "planned" ? "正在取二维码…" : "签到已经结束");
      // The clock turns it on without anybody's touch.
      if (!early && data.state === "planned" && !this.asked) {
        this.asked = true;
        this.load();
      }
      return;
    }
    this.asked = false;
    const qr = now < Date.parse(data.qr_until) + GRACE_MS ? data.qr : null;
    const code = now < Date.parse(data.code_until) + GRACE_MS ? data.code : null;
    this.draw(qr, code, GONE);
    const seconds = Math.max(0, (Date.parse(data.qr_until) - now) / 1000);
    this.turnRing(qr ? seconds : 0);
  }

  draw(qr, code, instead) {
    const drawn = JSON.stringify([qr?.path, code, instead, this.data?.short, this.data?.loopback]);
    if (!qr) this.turnRing(0);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    show(this.picture, qr ? qrPicture(qr) : h("p", { class: "sign-gone" }, sign("wait"), " ", instead));
    this.how.hidden = !qr;
    this.digits.hidden = this.address.hidden = this.other.hidden = !code;
    show(this.digits, code && [h("span", null, code.slice(0, 3)), " ", h("span", null, code.slice(3))]);
    this.digits.setAttribute("aria-label", code ? `数字码 ${code}` : "");
    show(this.address, code && this.data.short);
    show(this.news, this.data?.loopback && h("p", { class: "notice notice-bad" }, sign("wrong"), " 手机打不开这个网址：您现在用的是这台电脑自己的地址。请用本镇平台的网址打开这一页，再投影。"));
  }

  turnRing(seconds) {
    this.count.hidden = !seconds;
    this.ring.setAttribute("stroke-dasharray", `${(LENGTH * Math.min(seconds, 15)) / 15} ${LENGTH}`);
    this.left.textContent = String(Math.ceil(seconds));
  }
}

/** When signing in begins: the time, on another day with the day. */
const opening = ({ opens_at: at, server_time: now }) => (moment(at).split(" ")[0] === moment(now).split(" ")[0] ? clock(at) : moment(at));

/** Always dark on white, with the white border that readers need. */
function qrPicture({ size, path }) {
  const whole = size + 2 * QUIET;
  return svg("svg", { viewBox: `${-QUIET} ${-QUIET} ${whole} ${whole}`, role: "img", "aria-label": "签到二维码", "shape-rendering": "crispEdges" },
    svg("rect", { x: -QUIET, y: -QUIET, width: whole, height: whole, fill: "#fff" }), svg("path", { d: path, fill: "#000" }));
}
