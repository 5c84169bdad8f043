/** <lawlab-training>: practice for trainers: who practises, what is forgotten, the plan, reports, made questions. */
import { deskNav, deskPlaceholder } from "./desk.js";
import { h, here, linkButton, show } from "./dom.js";
import { Resource } from "./resource.js";
import { MadeQuestions } from "./training-made.js";
import { people, forgotten, weekTable } from "./training-parts.js";
import { PlanForm } from "./training-plan.js";
import { Reports } from "./training-reports.js";

document.head.append(h("link", { rel: "stylesheet", href: new URL("./training.css", import.meta.url).href }));

const PAGE = "/services/learn/training";
const VIEWS = { plan: PlanForm, reports: Reports, made: MadeQuestions };

class Training extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    this.body = h("div", null);
    const [view] = here().rest;
    show(this, h("div", { class: "desk-page" }, deskNav("training"), this.body));
    const View = Object.hasOwn(VIEWS, view || "") ? VIEWS[view] : Overview;
    new View(this.body, PAGE);
  }
}

class Overview {
  constructor(root) {
    document.title = "练习";
    const resource = Resource.of("/desk/training");
    resource.watch(() => show(root, resource.data ? overview(resource.data) : deskPlaceholder(resource, "练习")));
  }
}

function overview(data) {
  const { today, plan, made, reports_open: reports } = data;
  return [
    h("div", { class: "desk-head" }, h("h1", null, "练习"), h("div", { class: "buttons" }, linkButton("练习安排", `${PAGE}/plan`),
      linkButton(reports ? `题目反馈 ${reports} 条` : "题目反馈", `${PAGE}/reports`, "button-quiet"), linkButton(`法条题 ${made.items} 道`, `${PAGE}/made`, "button-quiet"))),
    h("section", { class: "card" }, h("h2", null, "今天"), h("p", null, `${today.people} 人里 ${today.practised} 人练了，${today.done} 人练完了。`),
      h("p", { class: "quiet" }, plan.contest ? `大比武：${plan.contest}。每个人的复习都安排在这天以前。` : "还没有写大比武的日期。写了以后，新题和复习会赶在那天以前安排好。"), weekTable(data.week)),
    h("section", { class: "card" }, h("h2", null, "全镇最容易忘的法条"), forgotten(data.forgotten)),
    h("section", { class: "card" }, h("h2", null, "谁在练"), people(data.people)),
  ];
}

customElements.define("lawlab-training", Training);
