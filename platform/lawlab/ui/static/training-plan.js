/** 练习安排: the day of the contest, holidays, and until when each course is to be met. */
import { hindrance, login, post } from "./api.js";
import { deskPlaceholder, field, sayWrong } from "./desk.js";
import { button, h, moment, show, sign } from "./dom.js";
import { keep, recall } from "./memory.js";
import { Resource } from "./resource.js";
import { backTo } from "./training-parts.js";

export class PlanForm {
  constructor(root, page) {
    document.title = "练习安排";
    this.root = root;
    this.page = page;
    this.resource = Resource.of("/desk/training");
    this.resource.watch(() => {
      if (this.form) return;
      if (this.resource.data) this.begin(this.resource.data);
      else show(root, backTo(page), deskPlaceholder(this.resource, "练习安排"));
    });
  }

  begin({ plan, courses }) {
    this.courses = courses;
    this.slot = `lawlab.training.plan.${login()}`;
    const kept = recall(this.slot);
    const { contest, holidays, goals, revision, by, at } = plan;
    this.saved = by ? `${by} 在 ${moment(at)} 定的。` : "还没有定过安排。";
    this.form = kept?.revision === revision ? kept : { contest: contest || "", holidays, goals, revision };
    this.restored = this.form === kept;
    this.build();
  }

  changed() {
    keep(this.slot, this.form);
    show(this.state, "还没有保存。写的内容已留在这台电脑上。");
  }

  build() {
    const { form } = this;
    this.places = {};
    this.state = h("p", { class: "save-state", role: "status" }, this.restored && "找回了上次没有保存的内容。");
    this.news = h("div", null);
    this.rows = h("div", null);
    this.save = button("保存安排", () => this.send());
    show(this.root, backTo(this.page), h("div", { class: "desk-head" }, h("h1", null, "练习安排")), this.news,
      h("section", { class: "card" }, h("p", { class: "quiet" }, this.saved),
        this.input("contest", "大比武的日期", "date", form.contest, (value) => { form.contest = value; }, "复习都会安排在这天以前；新题在这天的一个月以前全部见过一遍。可以不写。")),
      h("section", { class: "card" }, h("h2", null, "假期"), h("p", { class: "quiet" }, "假期里没有要复习的题，不练也不断连续天数。"), this.rows,
        button("加一个假期", () => {
          form.holidays = [...form.holidays, { from: "", to: "", name: "" }];
          this.changed();
          this.drawHolidays();
          this.rows.lastChild.querySelector("input").focus();
        }, "button-quiet")),
      h("section", { class: "card" }, h("h2", null, "每门课什么时候见过一遍"), h("p", { class: "quiet" }, "不写，就按大比武的日期。"),
        this.courses.map(({ slug, title, items }) => this.input(`goals.${slug}`, `${title}（${items} 题）`, "date", form.goals[slug] || "", (value) => {
          const { [slug]: _, ...others } = form.goals;
          form.goals = value ? { ...others, [slug]: value } : others;
        }))),
      h("div", { class: "item-actions" }, this.state, h("div", { class: "buttons" }, button("不保存，离开", () => {
        keep(this.slot, null);
        location.assign(this.page);
      }, "button-quiet"), this.save)));
    this.drawHolidays();
  }

  drawHolidays() {
    const { form } = this;
    for (const name of Object.keys(this.places)) if (name.startsWith("holidays.")) delete this.places[name];
    show(this.rows, form.holidays.length ? form.holidays.map((one, n) => {
      const wrong = h("div", { class: "wrong", role: "status" });
      this.places[`holidays.${n}`] = wrong;
      return h("fieldset", { class: "training-holiday" }, h("legend", { class: "only-read" }, `第 ${n + 1} 个假期`), h("div", { class: "form-row" },
        this.input("", "名称", "text", one.name, (value) => { one.name = value; }), this.input("", "第一天", "date", one.from, (value) => { one.from = value; }),
        this.input("", "最后一天", "date", one.to, (value) => { one.to = value; }), button("去掉", () => {
          form.holidays = form.holidays.filter((other) => other !== one);
          this.changed();
          this.drawHolidays();
        }, "button-quiet", { "aria-label": `去掉${one.name || "这个假期"}` })), wrong);
    }) : h("p", null, "还没有写假期。"));
  }

  input(name, label, type, value, take, hint) {
    const node = h("input", { type, maxlength: type === "text" && 20, oninput: () => {
      take(node.value);
      this.changed();
    } });
    node.value = value;
    const box = field(label, node, hint);
    if (name) this.places[name] = box.wrong;
    return box;
  }

  async send() {
    this.save.disabled = true;
    for (const place of Object.values(this.places)) sayWrong(place, []);
    show(this.news);
    try {
      const { form } = this;
      show(this.state, "正在保存，并重新安排每个人的复习…");
      const plan = await post("/desk/training/plan", { ...form, contest: form.contest || null });
      keep(this.slot, null);
      this.restored = false;
      this.begin({ plan, courses: this.courses });
      show(this.state, sign("right"), " 保存了。每个人的复习已经重新安排。");
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      this.save.disabled = false;
      show(this.state);
      const faults = trouble.facts.faults || [];
      for (const [name, place] of Object.entries(this.places)) sayWrong(place, faults.filter((one) => one.field === name).map(({ text }) => text));
      const rest = faults.filter((one) => !this.places[one.field]);
      show(this.news, h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), " ", trouble.kind === "offline" ? `${hindrance(trouble)}，还没有保存，请再点一次。` : trouble.message), rest.map(({ text }) => h("p", null, text))));
    }
  }
}
