/** The editor of a contest: rounds and questions, who comes, the rules. Nothing written is lost. */
import { login, me, post, serverNow } from "./api.js";
import { choice, field, sayWrong } from "./desk.js";
import { button, h, linkButton, show, sign } from "./dom.js";
import { extent, frame, HOST, hostPage, hostPlaceholder } from "./host-edit-parts.js";
import { Rounds } from "./host-edit-rounds.js";
import { found, rehearse, run, save } from "./host-edit-saving.js";
import { fromPlan, said, suggestWindow, toPlan, usualSpeed } from "./host-edit-values.js";
import { awards, Teams, whoComes, windowFields } from "./host-edit-who.js";
import { keep, recall } from "./memory.js";
import { Resource } from "./resource.js";

const LOOK_MS = 400;
const FORMAT_HINTS = {
  person: "每个人用自己的手机答题，排个人名次。", team: "每个人用自己的手机答题，个人和单位都排名；单位按登记的全体人数平均，没来的也算。",
  seated: "台上坐几个队，有必答、抢答、风险题；台下的人也可以一起答“全员答题”的轮次。", window: "一段时间里各自答题，每人的题随机抽，时间到自动交卷。",
};

export function open(root, id) {
  new Editor(frame(root), Number(id));
}

class Editor {
  constructor(root, id) {
    Object.assign(this, { root, id, turn: 0 });
    this.options = Resource.of("/contests/form");
    this.stored = Resource.of(`/contests/${id}/plan`);
    for (const resource of [this.options, this.stored]) resource.watch(() => this.begin());
    window.addEventListener("beforeunload", (event) => {
      if (!this.dirty) return;
      event.preventDefault();
      event.returnValue = "";
    });
    window.addEventListener("pagehide", () => this.keep());
    // Coming back to a form that was saved: the page as it was left would save the same again.
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  get dirty() {
    return Boolean(this.form) && said(this.form) !== this.saved;
  }

  async begin() {
    if (this.form) return;
    const waiting = [this.stored, this.options].find(({ data }) => !data);
    if (waiting) {
      show(this.root, hostPlaceholder(waiting, "比武"));
      return;
    }
    await me();
    if (this.form) return;
    const { data } = this.stored;
    if (data.state !== "draft") {
      show(this.root, h("section", { class: "card empty" }, h("h1", null, data.title), h("p", null, "这场比武已经开放入场，赛程不能再改。"),
        h("p", { class: "quiet" }, "要再办一场，请在全部比武里点“复制”。"), h("div", { class: "buttons" }, linkButton("去主持", hostPage(this.id)), linkButton("全部比武", HOST, "button-quiet"))));
      return;
    }
    this.slot = `lawlab.contest-plan.${login()}.${this.id}`;
    this.questions = new Map();
    const kept = recall(this.slot);
    this.take(data);
    if (kept && said(kept.form) !== this.saved) found(this, kept, data);
    else keep(this.slot, null);
  }

  /** Begin with what is stored. */
  take(data) {
    for (const one of data.questions) this.questions.set(one.item, one);
    this.revision = data.revision;
    this.form = fromPlan(data.plan);
    this.saved = said(this.form);
    this.faults = null;
    this.build(data);
  }

  build(data) {
    const { form } = this;
    const changed = () => this.changed();
    const kinds = data.rehearsal ? "彩排" : "比武";
    document.title = `编辑：${data.title}`;
    this.places = {};
    this.news = h("div", { class: "item-news" });
    this.state = h("p", { class: "save-state", role: "status" });
    this.sum = h("p", { class: "host-sum" });
    this.rules = h("ul", { class: "host-rules" });
    this.save = button("保存", () => save(this));
    this.rounds = new Rounds(this, changed);
    this.teams = new Teams(form, this.options.data, changed);
    this.windowBox = h("section", { class: "card" });
    this.teamBox = card("台上的队", this.placed("teams", this.teams.node));
    show(this.root, h("a", { class: "back-link", href: HOST }, "‹ 全部比武"), h("div", { class: "desk-head" }, h("h1", null, `编辑${kinds}`)),
      data.rehearsal && h("p", { class: "notice" }, sign("wait"), " 这是彩排：流程和正式的一样，成绩不进排行榜、练习和题目统计。"),
      this.news,
      h("div", { class: "host-editor activity-form" }, h("div", null, card("这场比武", this.facts()), this.windowBox, this.placed("rounds", this.rounds.node)),
        h("div", null, this.teamBox, card("谁参加", whoComes(this, changed)), card("奖项", this.placed("awards", awards(form, changed))),
          card("比赛规则", h("p", { class: "quiet small" }, "开赛前大家在手机和大屏幕上看到的就是这些。"), this.rules))),
      h("div", { class: "item-actions" }, h("div", null, this.sum, this.state), h("div", { class: "buttons" },
        !data.rehearsal && button("彩排", () => rehearse(this), "button-quiet"), button(data.rehearsal ? "开始彩排" : "去开放入场", () => run(this), "button-quiet"), this.save)));
    this.fit();
    this.tell();
    this.look();
  }

  facts() {
    const { form } = this;
    const title = h("input", { maxlength: 80, autocomplete: "off", oninput: () => this.put("title", title.value) });
    title.value = form.title;
    const format = choice(this.options.data.formats.map(({ format: one, name }) => [one, name]), form.format, (value) => {
      form.format = value;
      show(formats.querySelector(".hint"), FORMAT_HINTS[value]);
      this.fit();
      this.changed();
      this.rounds.draw();
    });
    const formats = field("形式", format, FORMAT_HINTS[form.format]);
    const box = field("比武名称", title);
    this.places.title = box.wrong;
    const speed = h("input", { type: "checkbox", checked: form.speed, onchange: () => {
      form.byHand = true;
      this.put("speed", speed.checked);
    } });
    this.speed = speed;
    this.speedBox = h("div", { class: "field" }, h("label", { class: "tick" }, speed, "答得快得分多"), h("p", { class: "hint" }, "答对时越快分越多，最慢也有一半。只有法律明白人参加时，一般不开，大家慢慢看题。"));
    return [box, formats, this.speedBox];
  }

  placed(name, node) {
    this.places[name] = h("div", { class: "wrong", role: "status" });
    node.append(this.places[name]);
    return node;
  }

  /** Show what belongs to the format. */
  fit() {
    const window = this.form.format === "window";
    if (window) suggestWindow(this.form.window, serverNow());
    show(this.windowBox, h("h2", null, "什么时候答"), window && this.placed("window", windowFields(this.form.window, () => this.changed())));
    this.windowBox.hidden = !window;
    this.speedBox.hidden = window;
    this.teamBox.hidden = this.form.format !== "seated";
  }

  put(name, value) {
    this.form[name] = value;
    this.changed();
  }

  changed() {
    if (!this.form.byHand) this.speed.checked = this.form.speed = usualSpeed(this.form.cohorts);
    this.tell();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.keep();
      this.look();
    }, LOOK_MS);
  }

  /** What is not saved stays on this computer, with the questions that were drawn. */
  keep() {
    if (!this.form) return;
    const asked = new Set(this.form.rounds.flatMap(({ items }) => items));
    const questions = [...this.questions.values()].filter(({ item }) => asked.has(item));
    keep(this.slot, this.dirty ? { form: this.form, revision: this.revision, questions } : null);
  }

  /** Ask the server what it makes of the plan: extent, rules and, once saving was tried, faults. */
  async look() {
    this.turn += 1;
    const { turn } = this;
    try {
      const told = await post("/contests/check", toPlan(this.form));
      if (turn !== this.turn) return;
      show(this.sum, `${extent({ ...told, rounds: this.form.rounds.length, format: this.form.format })}，应参加 ${told.expected} 人`);
      show(this.rules, told.rules.map((rule) => h("li", null, rule)));
      if (this.faults) this.say(told.faults);
    } catch (trouble) {
      // What is said here is for convenience: saving says what is wrong.
      if (!trouble.kind) throw trouble;
    }
  }

  /** How saving stands, in words. */
  tell() {
    this.state.classList.toggle("is-waiting", this.dirty);
    show(this.state, this.dirty ? "有改动，还没有保存。" : this.savedAt ? [sign("right"), ` 已保存 ${this.savedAt}`] : "没有改动。");
  }

  /** Say beside each field what is wrong, all at once. */
  say(faults) {
    this.faults = faults;
    const places = { ...this.places, ...this.rounds.places, ...this.teams.places };
    const placeOf = ({ field: name }) => places[name] || places[name.split("/").slice(0, 2).join("/")] || places[name.split("/")[0]];
    const found = new Map(Object.values(places).map((place) => [place, []]));
    for (const one of faults) found.get(placeOf(one))?.push(one.text);
    for (const [place, texts] of found) sayWrong(place, texts);
    const rest = faults.filter((one) => !placeOf(one));
    show(this.news, faults.length > 0 && h("div", { class: "notice notice-bad", role: "alert" },
      h("p", null, sign("wrong"), ` 还没有保存：有 ${faults.length} 处要改，写在各栏下面。`), rest.map(({ text }) => h("p", null, text))));
  }

  toFirstFault() {
    const [first] = [...this.root.querySelectorAll(".has-wrong")];
    first?.closest("details:not([open])")?.setAttribute("open", "");
    first?.scrollIntoView({ block: "center" });
  }
}

const card = (title, ...parts) => h("section", { class: "card" }, h("h2", null, title), parts);
