/** Practising: one question on the screen, from the choice to why, and a calm end. */
import { button, focusOn, h, linkButton, number, show, sign } from "./dom.js";
import { answeredCard, openCard } from "./drill-card.js";
import { backLink, PAGE } from "./drill-parts.js";
import { Session } from "./drill-session.js";
import { signInNotice } from "./resource.js";

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
    const { today, given } = this.session;
    if (this.daily && today) show(this.progress, `今天 ${Math.min(today.answered, today.goal)}/${today.goal} 题`);
    else if (given) show(this.progress, `这次答了 ${given} 题`);
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
      this.card.say([sign("wait"), " 已记下，联网后告诉您对错。"], "is-waiting");
      this.card.append(this.actions(null));
    }
  }

  actions(reply) {
    const over = this.daily && reply?.drill?.today.done && !this.session.doneBefore && !this.more;
    const next = button(over ? "今天练完了" : "下一题", () => {
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
      h("p", { class: "drill-line" }, today.streak > 1 ? `已经连续练了 ${today.streak} 天。` : "坚持每天练一练，记得最牢。"),
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
        !refused && button("马上重试", () => session.fill(), "button-quiet"));
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
    const told = this.session.later.filter(({ reply, refused }) => reply || refused);
    if (told.length === this.told) return;
    this.told = told.length;
    const right = told.filter(({ reply }) => reply?.right).length;
    show(this.late, told.length > 0 && h("section", { class: "card", "aria-label": "刚才没有网时答的题" },
      h("p", { role: "status" }, sign("right"), ` 刚才没有网时答的 ${told.length} 题送到了：答对 ${number(right)} 题。`),
      told.map((one) => h("details", null, h("summary", null, `${one.reply ? (one.reply.right ? "对" : "错") : "没有收"} · ${one.stem.slice(0, 28)}${one.stem.length > 28 ? "…" : ""}`),
        one.reply ? answeredCard(one, one.response, one.reply, "您答的题") : h("p", { class: "notice notice-bad" }, one.refused))),
      button("知道了", () => this.session.readLater(), "button-quiet")));
  }
}
