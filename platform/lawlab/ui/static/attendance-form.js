/** The form of an activity: a new one, a copy, or one that is changed. Nothing typed is lost. */
import { get, hindrance, me, post } from "./api.js";
import { differences, fromPlan, localFaults, toPlan } from "./attendance-form-values.js";
import { Materials, People, Repeat, ruleFields, Topics, Units } from "./attendance-form-parts.js";
import { activityPage, newKey, PAGE, PHASES } from "./attendance-parts.js";
import { area, choice, deskPlaceholder, field, sayWrong, toast } from "./desk.js";
import { button, h, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { Resource } from "./resource.js";

export class ActivityForm {
  constructor(root, id) {
    this.root = root;
    this.id = id ? Number(id) : null;
    this.copy = new URLSearchParams(location.search).get("copy");
    this.resource = Resource.of("/desk/activities/form");
    this.resource.watch(() => this.begin());
    // Coming back to a form that was saved: the page as it was left would save the same again.
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  slotOf(what) {
    return `lawlab.activity.${this.owner}.${what}`;
  }

  get back() {
    return this.id ? activityPage(this.id) : PAGE;
  }

  async begin() {
    const { data } = this.resource;
    if (this.form) return;
    if (!data) {
      show(this.root, deskPlaceholder(this.resource, "活动的表单"));
      return;
    }
    this.options = data;
    this.owner = (await me()).login;
    this.slot = this.slotOf(this.id || (this.copy ? `copy-${this.copy}` : "new"));
    const from = this.id || this.copy;
    if (from) {
      const source = Resource.of(`/desk/activities/${from}`);
      source.watch(() => {
        if (this.form) return;
        if (!source.data) show(this.root, deskPlaceholder(source, "活动"));
        else this.open(fromPlan(source.data.plan, data, { copy: !this.id }));
      });
    } else this.open(fromPlan(null, data, {}));
  }

  open(form) {
    this.saved = form;
    const kept = recall(this.slot);
    const draft = kept && differences(kept, form).length > 0;
    this.form = draft ? { ...this.fresh(), ...kept } : this.fresh();
    this.build();
    if (!draft) keep(this.slot, null);
    else if (!this.changedMeanwhile(form)) this.found();
  }

  /** The form as saved; its key makes one plan of it however often it is sent, `base` is what it began with. */
  fresh() {
    return { ...structuredClone(this.saved), key: newKey(), base: this.id ? this.saved : null };
  }

  /** The activity is another than what was written on: ask which counts. True when it is. */
  changedMeanwhile(now) {
    const others = this.id ? differences(this.form.base, now) : [];
    if (!others.length) return false;
    this.saved = now;
    this.save.disabled = true;
    const mine = () => {
      this.form.base = now;
      this.changed();
      this.save.disabled = false;
      show(this.news, h("p", { class: "notice", role: "status" }, "下面是您写的，点“保存修改”就照它改。"));
    };
    const theirs = () => {
      keep(this.slot, null);
      this.form = this.fresh();
      this.build();
      toast("现在是这场活动最新的内容。");
    };
    show(this.news, h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), ` 您写的时候，这场活动已经被改过：${others.join("、")}。还没有保存您写的，请选一个。`),
      h("div", { class: "buttons" }, button("用我写的", mine, "button-quiet"), button("用现在的，不要我写的", theirs, "button-quiet"))));
    this.news.scrollIntoView({ block: "center" });
    return true;
  }

  /** Say that what was typed earlier is back, and offer to begin anew. */
  found() {
    show(this.news, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 找回了上次没有保存的内容。"),
      h("div", { class: "buttons" }, button("不要了，从头写", () => this.startOver(), "button-quiet"))));
  }

  startOver() {
    const before = this.form;
    keep(this.slot, null);
    this.form = this.fresh();
    this.build();
    toast("已从头开始。", () => {
      this.form = before;
      this.build();
      this.changed();
    });
  }

  changed() {
    keep(this.slot, this.form);
    this.repeat.draw();
    show(this.state, "还没有保存。写的内容已留在这台电脑上。");
  }

  put(name, value) {
    this.form[name] = value;
    this.changed();
  }

  build() {
    this.places = {};
    this.news = h("div", { class: "item-news" });
    this.state = h("p", { class: "save-state", role: "status" });
    const changed = () => this.changed();
    const { form, options } = this;
    this.repeat = new Repeat(form, changed);
    this.save = button(this.id ? "保存修改" : "保存活动", () => this.send());
    const title = this.id ? "修改活动" : this.copy ? "照样再办一场" : "新建活动";
    document.title = title;
    show(this.root, h("a", { class: "back-link", href: this.back }, this.id ? "‹ 回这场活动" : "‹ 全部活动"),
      h("div", { class: "desk-head" }, h("h1", null, title)), this.news,
      h("div", { class: "activity-form" },
        h("div", null, card("什么活动", this.facts(), !this.id && this.placed("repeat", this.repeat.node)), card("学什么",
          this.placed("topics", new Topics(form, options.courses, changed).node),
          this.placed("materials", new Materials(form, changed).node), this.note())),
        h("div", null, card("谁参加", this.placed("units", new Units(form, options, changed).node),
          this.placed("people", new People(form, "people", "另外参加的人", "单位以外的人，写姓名、登录名或单位来找。", options.people, changed).node),
          this.placed("trainers", new People(form, "trainers", "教员", "谁来讲、谁管签到。", options.trainers, changed).node)),
        card("签到规则", this.placed("rules", ruleFields(form.rules, changed))))),
      h("div", { class: "item-actions" }, this.state, h("div", { class: "buttons" }, h("a", { class: "button button-quiet", href: this.back, onclick: () => keep(this.slot, null) }, "不保存，离开"), this.save)));
    this.say([]);
  }

  placed(name, node) {
    this.places[name] = this.places[name] || h("div", { class: "wrong", role: "status" });
    node.append(this.places[name]);
    return node;
  }

  labelled(name, label, control, hint) {
    const box = field(label, control, hint);
    this.places[name] = box.wrong;
    return box;
  }

  input(name, label, props, hint) {
    const node = h("input", { autocomplete: "off", ...props, oninput: () => this.put(name, node.value) });
    node.value = this.form[name];
    return this.labelled(name, label, node, hint);
  }

  facts() {
    const { form, options } = this;
    const place = this.input("place", "地点", { maxlength: 80, placeholder: "如 镇政府三楼会议室" });
    const online = h("input", { type: "checkbox", checked: form.online, onchange: () => {
      this.put("online", online.checked);
      said.hidden = !online.checked;
    } });
    const said = h("p", { class: "hint", hidden: !form.online }, "线上活动不用二维码：活动中随机出现几张答题卡，答了一半以上的，才算在场。地点可以不写，或者写会议号。");
    const organizers = [["", "镇里"], ...options.units.map(({ id, name }) => [String(id), name])];
    return [this.input("title", "活动名称", { maxlength: 80, placeholder: "如 反电信网络诈骗法集中学习" }),
      h("div", { class: "form-row" }, this.input("day", "日期", { type: "date" }), this.input("starts_at", "开始", { type: "time" }), this.input("ends_at", "结束", { type: "time" })),
      h("div", { class: "field" }, h("label", { class: "tick" }, online, "线上活动"), said), place,
      h("div", { class: "form-row" }, this.labelled("phase", "阶段", choice(PHASES, form.phase, (value) => this.put("phase", value))),
        this.labelled("organizer", "组织的单位", choice(organizers, form.organizer, (value) => this.put("organizer", value))))];
  }

  note() {
    return this.labelled("note", "说明", area(this.form.note, { rows: 2, maxlength: 500 }, (value) => this.put("note", value)), "要带什么、坐哪路车。学员看得到。");
  }

  /** Say beside each field what is wrong, all at once; the first one comes to the eye. */
  say(faults) {
    const known = ({ field: name }) => (this.places[name] ? name : null);
    for (const [name, place] of Object.entries(this.places)) sayWrong(place, faults.filter((one) => known(one) === name).map(({ text }) => text));
    const rest = faults.filter((one) => !known(one));
    show(this.news, faults.length > 0 && h("div", { class: "notice notice-bad", role: "alert" },
      h("p", null, sign("wrong"), ` 还没有保存：有 ${faults.length} 处要改，写在各栏下面。`), rest.map(({ text }) => h("p", null, text))));
    const first = Object.values(this.places).filter(({ said }) => said)
      .sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))[0];
    const box = first?.closest(".field") || first?.parentElement;
    box?.scrollIntoView({ block: "center" });
    box?.querySelector("input, select, textarea, button")?.focus({ preventScroll: true });
  }

  async send() {
    const local = localFaults(this.form);
    this.say(local);
    if (local.length) return;
    this.save.disabled = true;
    try {
      if (this.id) await this.edit();
      else await this.plan();
    } catch (trouble) {
      this.save.disabled = false;
      this.failed(trouble);
    }
  }

  async edit() {
    const path = `/desk/activities/${this.id}`;
    if (this.changedMeanwhile(fromPlan((await get(path)).plan, this.options, {}))) return;
    await post(path, toPlan(this.form, false));
    keep(this.slot, null);
    location.assign(activityPage(this.id));
  }

  /** A new one. An earlier try may have arrived without what was written since: that goes on as a change. */
  async plan() {
    const sent = toPlan(this.form, true);
    const said = JSON.stringify(sent);
    this.form.tried = this.form.tried || said;
    keep(this.slot, this.form);
    const [id] = (await post("/desk/activities", sent)).ids;
    const now = this.form.tried === said ? this.form : fromPlan((await get(`/desk/activities/${id}`)).plan, this.options, {});
    const { every, times } = this.form;
    const more = differences({ ...now, every, times }, this.form).length > 0;
    if (more) keep(this.slotOf(id), { ...this.form, base: undefined });
    keep(this.slot, null);
    location.assign(activityPage(id, more ? "edit" : "activity"));
  }

  failed(trouble) {
    if (!trouble.kind) throw trouble;
    if (trouble.kind === "refused") this.form.tried = null;
    if (trouble.facts.faults) this.say(trouble.facts.faults);
    else {
      show(this.news, h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), " ",
        trouble.kind === "offline" ? `${hindrance(trouble)}，还没有保存。写的内容都在，请再点一次保存。` : trouble.message)));
      this.news.scrollIntoView({ block: "center" });
    }
  }
}

const card = (title, ...parts) => h("section", { class: "card" }, h("h2", null, title), parts);
