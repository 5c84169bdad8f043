/** 双人对战: the list, whom to challenge, and one duel from question to result. It needs the network. */
import { login, me, post } from "./api.js";
import { button, focusOn, h, linkButton, moment, show } from "./dom.js";
import { answeredCard, onWay, openCard, refusedCard } from "./drill-card.js";
import { backLink, PAGE } from "./drill-parts.js";
import { markedQuestion, reasons, verdict } from "./marked.js";
import { newKey, outbox, pending, put } from "./outbox.js";
import { placeholder, Resource } from "./resource.js";

const LIST = `${PAGE}/duel`;
const STATES = { my_turn: "轮到您答", waiting: "等对方答", won: "您赢了", lost: "对方赢了", draw: "打平了", declined: "没有应战", expired: "过期了" };

export function open(root, [id]) {
  document.title = "双人对战";
  if (id) new Duel(root, id);
  else new List(root);
}

class List {
  constructor(root) {
    this.resource = Resource.of("/drill/duels");
    this.root = root;
    this.key = newKey();
    this.resource.watch(() => this.draw());
  }

  draw() {
    const { data } = this.resource;
    this.news = h("p", { class: "save-state", role: "status" });
    show(this.root, backLink(), h("h1", null, "双人对战"), data ? [this.challenge(data), duels(data.mine)] : h("section", { class: "card" }, placeholder(this.resource, "双人对战")));
  }

  challenge({ people, today }) {
    const found = h("ul", { class: "drill-list" });
    const search = h("input", { type: "search", id: "duel-search", autocomplete: "off", placeholder: "写姓名或单位来找", oninput: () => this.find(search.value.trim(), people, found) });
    return h("section", { class: "card" }, h("p", null, "两个人答同样的五道题，不用同时在线，三天里各自有空就答。答对多的赢，一样多就比用时。"),
      h("p", { class: "quiet small" }, `每天前 ${today.limit} 场算积分，今天算了 ${today.counted} 场。输了也有分。`),
      h("div", { class: "buttons" }, button("随机找一位", (event) => this.begin(event.target, null))),
      h("div", { class: "field" }, h("label", { for: "duel-search" }, "或者找一位同事"), search), found, this.news);
  }

  find(text, people, place) {
    const hits = text ? people.filter(({ name, unit }) => `${name}${unit || ""}`.includes(text)) : [];
    show(place, hits.slice(0, 8).map(({ login: who, name, unit }) => h("li", null, h("span", null, name, unit && h("span", { class: "quiet small" }, ` ${unit}`)), button("挑战", (event) => this.begin(event.target, who), "button-quiet"))),
      text && !hits.length && h("li", null, "没有找到。"), hits.length > 8 && h("li", { class: "quiet small" }, `还有 ${hits.length - 8} 位，请多写几个字。`));
  }

  async begin(node, opponent) {
    node.disabled = true;
    try {
      await me();
      const { id } = await post("/drill/duels", { person: login(), key: this.key, opponent });
      location.assign(`${LIST}/${id}`);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      node.disabled = false;
      if (trouble.kind === "refused") this.key = newKey();
      show(this.news, trouble.kind === "refused" ? trouble.message : "对战要联网。现在没有网，请稍后再点。");
    }
  }
}

function duels(mine) {
  if (!mine.length) return h("section", { class: "card empty" }, h("p", null, "还没有对战。找一位同事试试。"));
  return h("section", { class: "card" }, h("h2", null, "我的对战"), h("ul", { class: "drill-list" }, mine.map((duel) => h("li", null,
    h("a", { href: `${LIST}/${duel.id}` }, duel.challenged ? `${duel.other.name} 向您挑战` : `挑战 ${duel.other.name}`),
    h("span", { class: `tag ${duel.state === "my_turn" || duel.unseen ? "tag-wait" : ""}` }, STATES[duel.state])))));
}

class Duel {
  constructor(root, id) {
    this.id = id;
    this.resource = Resource.of(`/drill/duels/${encodeURIComponent(id)}`);
    this.main = h("div", null);
    show(root, backLink("双人对战", LIST), this.main);
    outbox.addEventListener("change", ({ detail }) => this.follow(detail));
    this.resource.watch(() => !this.marking && this.draw());
  }

  draw() {
    const { data } = this.resource;
    if (!data) {
      show(this.main, h("section", { class: "card" }, placeholder(this.resource, "对战")));
      return;
    }
    if (data.item) this.ask(data);
    else this.result(data);
  }

  ask({ item, my, of, other, challenged }) {
    this.item = item;
    this.card = openCard(item, `对 ${other.name}：第 ${my.answered + 1}/${of} 题`, (response) => {
      this.card.lock(true);
      this.card.say("正在保存…");
      put({ item: item.id, version: item.version, place: item.place, response });
    }, pending(item.place).get(item.id)?.response);
    // From here on only this card shows what becomes of its answer.
    this.marking = true;
    show(this.main, this.card, challenged && my.answered === 0 && h("p", null, button("不应战", () => this.decline(), "button-quiet")));
    if (my.answered) focusOn(this.card.querySelector(".stem"));
  }

  follow({ entry, state, reply, trouble }) {
    if (!this.item || entry.item !== this.item.id || entry.place !== this.item.place) return;
    if (onWay(this.card, state, trouble)) return;
    if (state === "refused") {
      show(this.main, refusedCard(trouble, () => this.on()));
    }
    if (state === "stored") {
      const card = answeredCard(this.item, entry.response, reply, `第 ${reply.game.my.answered}/${reply.game.of} 题`,
        h("div", { class: "drill-next" }, button(reply.game.over ? "看结果" : "下一题（开始计时）", () => this.on(), "button-wide")));
      show(this.main, card);
      card.focus();
    }
  }

  async on() {
    this.marking = false;
    this.item = null;
    show(this.main, h("section", { class: "card" }, h("p", { class: "quiet", role: "status" }, "正在取题…")));
    // Only now is the next question dealt: from here its time counts.
    // What is answered must not be asked again when this brings nothing.
    this.resource.data = null;
    await this.resource.load();
  }

  async decline() {
    try {
      this.marking = false;
      this.resource.set(await post(`/drill/duels/${this.id}/decline`, { person: login() }));
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.card.say(trouble.kind === "refused" ? trouble.message : "没有网，请稍后再点。", "is-wrong");
    }
  }

  result({ state, other, my, their, of, until, questions, unseen }) {
    // A half-finished side would look like a poor one.
    const theirs = state === "waiting" && their?.answered < of ? null : their;
    const heading = h("h1", null, STATES[state]);
    show(this.main, h("section", { class: "card" }, heading,
      h("table", { class: "drill-versus" }, h("thead", null, h("tr", null, h("td", null), h("th", { scope: "col" }, "您"), h("th", { scope: "col" }, other.name))),
        h("tbody", null, side("答对", my, theirs, ({ right }) => `${right}/${of} 题`), side("用时", my, theirs, ({ seconds }) => `${seconds} 秒`))),
      state === "waiting" && h("p", { class: "quiet" }, `${other.name} 可以答到 ${moment(until)}。有结果会在每日一练里告诉您。`),
      h("div", { class: "buttons" }, linkButton("再来一场", LIST), linkButton("回每日一练", PAGE, "button-quiet"))),
    questions.map((one, n) => h("details", { class: "card" }, h("summary", null, `第 ${n + 1} 题：您${one.my.right ? "答对了" : "答错了"}${one.their ? `，对方${one.their.right ? "答对了" : "答错了"}` : ""}`),
      markedQuestion(one, one.my.response, one.revealed), verdict(one, one.my.response, one.my.right), reasons(one, one.my.response, one.revealed))));
    if (this.card) focusOn(heading);
    if (unseen) post(`/drill/duels/${this.id}/seen`, { person: login() }).catch(() => {});
  }
}

const side = (name, my, their, text) => h("tr", null, h("th", { scope: "row" }, name), h("td", null, text(my)), h("td", null, their ? text(their) : "没答完"));
