/** 比武 for hosts: all contests and rehearsals, what to do with each, and a new one. */
import { get, login, me, post } from "./api.js";
import { ask, attempt, choice, fault, field, toast } from "./desk.js";
import { button, h, linkButton, moment, show, sign } from "./dom.js";
import { contestTags, extent, frame, hostPage, hostPlaceholder } from "./host-edit-parts.js";
import { FIRST, newPlan } from "./host-edit-values.js";
import { newKey } from "./outbox.js";
import { Resource } from "./resource.js";

const LOOK_MS = 10000;
const GROUPS = [["正在进行", ["open"]], ["还没有开放", ["draft"]], ["已经结束", ["finished", "cancelled"]]];

export function open(root) {
  document.title = "比武";
  new HostList(frame(root));
}

class HostList {
  constructor(root) {
    this.root = root;
    this.resource = Resource.of("/contests");
    this.resource.watch(() => this.render());
    const look = () => document.visibilityState === "visible" && this.resource.load();
    setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", look);
  }

  render() {
    const { data } = this.resource;
    if (!data) {
      show(this.root, hostPlaceholder(this.resource, "比武"));
      return;
    }
    // What is the same is not drawn again: nothing moves under a finger.
    const drawn = JSON.stringify(data.contests);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const { contests } = data;
    show(this.root, h("div", { class: "desk-head" }, h("h1", null, "比武"), h("div", { class: "buttons" }, button("新建比武", newContest))),
      contests.length ? GROUPS.map(([title, states]) => this.group(title, contests.filter(({ state }) => states.includes(state)))) : nothing());
  }

  group(title, contests) {
    return contests.length > 0 && [h("h2", { class: "section-title" }, title),
      h("section", { class: "card" }, h("ul", { class: "rows" }, contests.map((one) => h("li", { class: "host-line" }, this.line(one)))))];
  }

  line(one) {
    const when = one.finished_at ? `${moment(one.finished_at)} 结束` : one.opened_at ? `${moment(one.opened_at)} 开放入场` : `${moment(one.made_at)} 建立`;
    const facts = [one.format_name, extent(one), when, one.maker];
    return [h("div", { class: "host-what" },
      h("p", { class: "item-head" }, h("a", { class: "row-name", href: hostPage(one.id, one.state === "draft" ? "edit" : "") }, one.title), contestTags(one)),
      h("p", { class: "quiet small" }, facts.join(" · ")),
      this.isFirst(one) && h("p", { class: "small" }, sign("wait"), " 还没有彩排过。彩排流程和正式的一样，题目另抽，不留成绩。")),
    h("div", { class: "buttons" }, this.acts(one))];
  }

  /** A draft that nobody has rehearsed yet. */
  isFirst({ state, rehearsal, title }) {
    return state === "draft" && !rehearsal && !this.resource.data.contests.some((one) => one.rehearsal && one.title === title);
  }

  acts(one) {
    const { id, state, rehearsal, title } = one;
    const first = this.isFirst(one);
    const small = "button-quiet button-small";
    const act = (word, done) => button(word, done, small, { "aria-label": `${word}：${title}` });
    return [
      state === "draft" && linkButton("编辑", hostPage(id, "edit"), small),
      first && button("先彩排一次", () => this.copy(one, true), "button-small", { "aria-label": `先彩排一次：${title}` }),
      ["draft", "open"].includes(state) && linkButton(state === "open" ? "去主持" : rehearsal ? "开始彩排" : "去开放入场", hostPage(id), first ? small : "button-small"),
      state === "finished" && linkButton("看结果", hostPage(id), small),
      rehearsal ? act("转为正式", () => this.copy(one, false)) : state !== "open" && !first && act(state === "draft" ? "再彩排一次" : "彩排", () => this.copy(one, true)),
      !rehearsal && state !== "open" && act("复制", () => this.copy(one, false)),
      state === "draft" && act("删除", () => this.remove(one)),
      state === "open" && act("取消比武", () => this.cancel(one))];
  }

  async copy({ id }, rehearsal) {
    const made = await attempt(() => post(`/contests/${id}/copy`, { person: login(), key: newKey(), rehearsal }));
    if (made) location.assign(hostPage(made.id, rehearsal ? "" : "edit"));
  }

  async remove({ id, title }) {
    if (await ask(`删除“${title}”`, "它还没有开放过，没有成绩。删除以后不能恢复。", { action: "删除", decline: "不删", act: () => post(`/contests/${id}/delete`, { person: login() }) })) toast("已经删除。");
    this.resource.load();
  }

  async cancel({ id, title }) {
    const text = "参赛的人马上看到“比武取消了”，不计成绩。取消以后不能恢复，可以复制一份再办。";
    if (await ask(`取消“${title}”`, text, { action: "取消比武", decline: "不取消", act: () => post(`/contests/${id}/cancel`, { person: login() }) })) toast("比武已经取消。");
    this.resource.load();
  }
}

function nothing() {
  return h("section", { class: "card empty" }, h("p", null, "还没有比武。"),
    h("p", { class: "quiet" }, "点“新建比武”，写一个名称，平台就从题库里抽好第一轮的题。改好以后先彩排一次，再正式开放。"));
}

async function newContest() {
  const form = await attempt(() => get("/contests/form"));
  if (!form) return;
  const title = h("input", { maxlength: 80, autocomplete: "off", placeholder: "如 宪法宣传周法律知识比武" });
  const bank = choice([["", "全部课程"], ...form.banks.map(({ slug, title: name, count }) => [slug, `${name}（${count} 题）`])], "");
  const key = newKey();
  let made = null;
  const text = `平台先抽好第一轮：全员答题 ${FIRST.count} 题，每题 ${FIRST.seconds} 秒、${FIRST.points} 分。都可以改，也可以加轮。`;
  const done = await ask("新建比武", text, {
    action: "建立", fields: [field("比武名称", title), field("从哪门课程抽题", bank)],
    act: async () => {
      if (title.value.trim().length < 2) throw fault("请写比武名称，2 到 80 个字。");
      await me();
      const banks = bank.value ? [bank.value] : [];
      const { questions, note } = await post("/contests/draw", { person: login(), count: FIRST.count, seed: key, banks });
      if (!questions.length) throw fault(note);
      made = await post("/contests", { person: login(), key, plan: newPlan(title.value.trim(), questions.map(({ item }) => item)) });
    },
  });
  if (done) location.assign(hostPage(made.id, "edit"));
}
