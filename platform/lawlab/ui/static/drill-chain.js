/** 挑战答题: until the first wrong answer; the best of the week counts. It needs the network. */
import { login, me, post } from "./api.js";
import { button, focusOn, h, linkButton, show } from "./dom.js";
import { answeredCard, onWay, openCard, refusedCard } from "./drill-card.js";
import { backLink, PAGE } from "./drill-parts.js";
import { newKey, outbox, pending, put } from "./outbox.js";
import { placeholder, Resource } from "./resource.js";

export function open(root) {
  document.title = "挑战答题";
  new Chain(root);
}

class Chain {
  constructor(root) {
    this.resource = Resource.of("/drill/chain");
    this.main = h("div", null);
    this.key = newKey();
    show(root, backLink(), this.main);
    outbox.addEventListener("change", ({ detail }) => this.follow(detail));
    this.resource.watch(() => !this.playing && this.start());
  }

  start() {
    const { data } = this.resource;
    if (!data) {
      show(this.main, h("section", { class: "card" }, placeholder(this.resource, "挑战答题")));
      return;
    }
    const begin = button(data.run ? `接着答（已连对 ${data.run.right} 题）` : "开始挑战", () => this.begin(begin), "button-wide");
    this.news = h("p", { class: "save-state", role: "status" });
    show(this.main, h("section", { class: "card" }, h("h1", null, "挑战答题"),
      h("p", null, "一题一题往下答，答错就结束。看这一周您能连对几题。"),
      h("p", { class: "drill-line" }, data.best_week ? `本周最好：连对 ${data.best_week} 题` : "本周还没有成绩", data.best_ever > data.best_week && h("span", { class: "quiet small" }, `　历史最好 ${data.best_ever} 题`)),
      begin, this.news), board(data.board));
  }

  async begin(node) {
    node.disabled = true;
    try {
      await me();
      const state = await post("/drill/chain", { person: login(), key: this.key });
      this.key = newKey();
      this.playing = true;
      this.resource.set(state);
      this.ask(state.run);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      node.disabled = false;
      show(this.news, trouble.kind === "refused" ? trouble.message : trouble.kind === "signed_out" ? "登录已过期，请重新登录。" : "挑战答题要联网。现在没有网，请稍后再点。");
    }
  }

  ask({ id, right, item }) {
    this.run = id;
    this.item = item;
    this.card = openCard(item, `已连对 ${right} 题`, (response) => {
      this.card.lock(true);
      this.card.say("正在保存…");
      put({ item: item.id, version: item.version, place: item.place, response });
    }, pending(item.place).get(item.id)?.response);
    show(this.main, this.card);
    focusOn(this.card.querySelector(".stem"));
  }

  follow({ entry, state, reply, trouble }) {
    if (!this.item || entry.item !== this.item.id || entry.place !== this.item.place) return;
    if (onWay(this.card, state, trouble)) return;
    if (state === "refused") {
      this.playing = false;
      this.item = null;
      show(this.main, refusedCard(trouble, () => this.again()));
    }
    if (state === "stored") this.marked(entry.response, reply);
  }

  marked(response, reply) {
    const { game } = reply;
    const item = this.item;
    this.item = null;
    const next = game.over
      ? [h("p", { class: "drill-line" }, `这一局连对 ${game.right} 题。${game.record && game.right ? "这是本周最好成绩！" : ""}`), h("div", { class: "buttons" }, button("再来一局", () => this.again()), linkButton("回每日一练", PAGE, "button-quiet"))]
      : h("div", { class: "drill-next" }, button("下一题", () => this.ask({ id: this.run, right: game.right, item: game.item }), "button-wide"));
    const card = answeredCard(item, response, reply, game.over ? "挑战结束" : `已连对 ${game.right} 题`, next);
    show(this.main, card);
    card.focus();
  }

  again() {
    this.playing = false;
    this.resource.load();
    this.start();
  }
}

function board(rows) {
  if (!rows.length) return "";
  return h("section", { class: "card", "aria-label": "本周排名" }, h("h2", null, "本周排名"), h("ol", { class: "drill-list" },
    rows.map(({ rank, name, unit, best, me: mine }) => h("li", { class: mine && "is-mine" }, h("b", null, `${rank}`), h("span", null, name, unit && h("span", { class: "quiet small" }, ` ${unit}`)), h("b", null, `${best} 题`)))));
}
