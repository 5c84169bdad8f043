/** Practising: one question on the screen, from the choice to why, and a calm end. */
import { button, focusOn, h, linkButton, show, sign } from "./dom.js";
import { answeredCard, openCard } from "./drill-card.js";
import { later, marked, read, unmarked } from "./drill-later.js";
import { backLink, dots, PAGE } from "./drill-parts.js";
import { Session } from "./drill-session.js";
import { Resource, signInNotice } from "./resource.js";

export function open(root) {
  const query = location.search.slice(1);
  document.title = query ? "专项练习" : "每日一练";
  new Practice(root, query);
}

class Practice {
  constructor(root, query) {
    this.query = query;
    this.daily = !query;
    this.session = new Session(query);
    this.late = h("div", null);
    this.main = h("div", null);
    this.progress = h("p", { class: "drill-progress", role: "status" });
    show(root, backLink(this.daily ? "每日一练" : "专项练习", this.daily ? PAGE : `${PAGE}/scopes`), this.progress, this.late, this.main);
    this.session.addEventListener("change", () => this.draw());
    later.addEventListener("change", () => this.draw());
    // How far the day is stands there from the first question on.
    this.day = this.daily && Resource.of("/drill");
    if (this.day) this.day.addEventListener("change", () => this.drawProgress());
    this.draw();
  }

  draw() {
    this.drawProgress();
    this.drawLate();
    const { session } = this;
    const look = session.asked ? `${session.asked.item.id} ${session.asked.state}` : session.current ? `open ${session.current.id}` : `none ${session.state} ${session.trouble?.kind}`;
    if (this.ended || look === this.look) return;
    this.look = look;
    if (session.asked) this.drawAsked(session.asked);
    else if (session.current) this.drawOpen(session.current);
    else show(this.main, this.nothing());
  }

  drawProgress() {
    const { given } = this.session;
    const today = this.daily && (this.session.today || this.day.data);
    const waiting = unmarked().length;
    const text = today ? `今天 ${Math.min(today.answered, today.goal)}/${today.goal} 题` : given ? `这次答了 ${given} 题` : "";
    const words = waiting ? `${text}${text && "，"}${waiting} 题等联网` : text;
    if (words === this.words) return;
    this.words = words;
    show(this.progress, words, today && today.goal > 0 && dots(today.answered + waiting, today.goal));
  }

  drawOpen(item) {
    const card = openCard(item, `第 ${this.session.given + 1} 题`, (response) => {
      card.lock(true);
      card.say("正在保存…");
      this.session.answer(response);
    });
    this.card = card;
    show(this.main, card);
    if (this.moved) focusOn(card.querySelector(".stem"));
  }

  drawAsked({ item, response, reply, state, refused }) {
    const head = `第 ${this.session.given} 题`;
    if (state === "stored") {
      const card = answeredCard(item, response, reply, head, this.actions(reply));
      show(this.main, card);
      card.focus();
    } else if (state === "refused") {
      show(this.main, h("section", { class: "card" }, h("p", { class: "notice notice-bad", role: "alert" }, sign("wrong"), " ", refused.message), this.actions(null)));
    } else if (state === "waiting") {
      this.card.pass([sign("wait"), " 已记下，联网后告诉您对错。"], this.actions(null));
    }
  }

  actions(reply) {
    const over = this.daily && reply?.drill?.today.done && !this.session.doneBefore && !this.more;
    const next = button(over ? "今天练完了" : "下一题", ({ detail }) => {
      // The second tap of a double tap on 确定 is not for this button.
      if (detail > 1) return;
      next.disabled = true;
      if (over) this.end(reply.drill.today);
      else {
        this.moved = true;
        this.session.next();
      }
    }, "button-wide");
    return h("div", { class: "drill-next" }, next);
  }

  end(today) {
    this.ended = true;
    const { given, right } = this.session;
    const heading = h("h1", null, "今天练完了");
    show(this.main, h("section", { class: "card drill-end" }, heading,
      h("p", null, `这次 ${given} 题，答对 ${right} 题。`),
      h("p", { class: "drill-line" }, `${today.streak > 1 ? `已经连续练了 ${today.streak} 天` : "每天练一练，记得最牢"}。明天再来！`),
      h("div", { class: "buttons" }, linkButton("回每日一练", PAGE),
        button("再练几题", () => {
          this.ended = false;
          this.more = true;
          this.moved = true;
          this.look = "";
          this.session.next();
        }, "button-quiet"))));
    focusOn(heading);
  }

  /** No question at hand: loading, no network, or nothing to ask. */
  nothing() {
    const { session } = this;
    if (session.trouble?.kind === "signed_out") return signInNotice("登录已过期，请重新登录后继续。");
    if (session.trouble) {
      const refused = session.trouble.kind === "refused";
      return h("section", { class: "card" }, h("p", { class: "notice", role: "status" }, sign("wait"), " ",
        refused ? session.trouble.message : session.given ? "手机上存的题都答完了。联网以后接着练，答案已经留在手机上。" : "网络不稳，题还没有取到，正在重试。"),
        !refused && button("马上重试", () => session.retry(), "button-quiet"));
    }
    if (session.state === "loading") return h("section", { class: "card" }, h("p", { class: "quiet", role: "status" }, "正在取题…"));
    const { given, right } = session;
    const words = given ? `这里的题都练过一遍了。这次 ${given} 题，答对 ${right} 题。`
      : session.state === "done" ? "这里的题已经按顺序练完了。" : "这里没有题可练。";
    return h("section", { class: "card empty" }, h("p", null, words), h("div", { class: "buttons" },
      !this.daily && this.query.includes("order=sequence") && linkButton("从头再练", `${PAGE}/practise?${this.query.replace(/&anew=true/, "")}&anew=true`),
      linkButton(this.daily ? "回每日一练" : "选别的练", this.daily ? PAGE : `${PAGE}/scopes`, "button-quiet")));
  }

  /** What was answered without a network and has its mark now. */
  drawLate() {
    const told = marked().filter(({ key }) => key !== this.session.asked?.key);
    const look = told.map(({ key }) => key).join();
    if (look === this.told) return;
    this.told = look;
    const right = told.filter(({ reply }) => reply?.right).length;
    show(this.late, told.length > 0 && h("section", { class: "card drill-late", "aria-label": "刚才没有网时答的题" },
      h("p", { role: "status" }, sign("right"), ` 刚才没有网时答的 ${told.length} 题送到了：答对 ${right} 题。`),
      told.map((one) => h("details", null, h("summary", null, `${one.reply ? (one.reply.right ? "对" : "错") : "没有收"} · ${one.stem.slice(0, 28)}${one.stem.length > 28 ? "…" : ""}`),
        one.reply ? answeredCard(one, one.response, one.reply, "您答的题") : h("p", { class: "notice notice-bad" }, one.refused))),
      button("知道了", () => {
        read();
        focusOn(this.main.querySelector(".stem, h1") || this.main);
      }, "button-quiet")));
  }
}
