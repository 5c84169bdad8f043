/** 请假: requests that wait for a word, each with its proof, and those that were decided. */
import { attachment, beside, update } from "./attendance-parts.js";
import { ask, fault, field, toast } from "./desk.js";
import { button, h, moment, sign } from "./dom.js";

const STATES = { asked: ["等待批准", "tag-wait"], approved: ["已批准", "tag-right"], refused: ["没有批准", "tag-wrong"] };

export class LeaveBox {
  constructor(root, meeting) {
    Object.assign(this, { root, meeting });
  }

  render() {
    const people = this.meeting.board.people.filter(({ leave }) => leave && leave.state !== "withdrawn");
    update(this.root, people.map(({ login, name, unit, mine, leave }) => [login, name, unit, mine, leave]), () => this.draw(people));
  }

  draw(people) {
    const waiting = people.filter(({ leave }) => leave.state === "asked");
    const decided = people.filter(({ leave }) => leave.state !== "asked");
    return [waiting.length > 0 && h("section", { class: "card waiting-box" }, h("h2", null, `请假等待批准（${waiting.length} 人）`), h("ul", { class: "rows" }, waiting.map((one) => this.row(one)))),
      decided.length > 0 && h("details", { class: "rare" }, h("summary", null, `批过的请假（${decided.length} 人）`), h("section", { class: "card" }, h("ul", { class: "rows" }, decided.map((one) => this.row(one)))))];
  }

  row(one) {
    const { leave } = one;
    const [word, look] = STATES[leave.state];
    const waits = leave.state === "asked";
    return h("li", { class: "leave-row" }, h("p", null, h("b", null, one.name), " ", h("span", { class: "quiet small" }, [beside(one, this.meeting.board.people), moment(leave.asked_at)].filter(Boolean).join("，")), " ", h("span", { class: `tag ${look}` }, word)),
      h("p", { class: "leave-reason" }, leave.reason), leave.note && h("p", { class: "quiet small" }, `回复：${leave.note}`),
      h("div", { class: "buttons" }, leave.proof ? button("看证明", () => this.proof(one), "button-quiet button-small") : h("span", { class: "quiet small" }, "没有证明"),
        one.mine && (waits || leave.state === "refused") && button("批准", () => this.decide(one, true), waits ? "button-small" : "button-quiet button-small", { "aria-label": `批准 ${one.name} 请假` }),
        one.mine && (waits || leave.state === "approved") && button("不批准", () => this.decide(one, false), "button-quiet button-small", { "aria-label": `不批准 ${one.name} 请假` })));
  }

  proof(one) {
    const picture = h("img", { class: "proof", src: attachment(this.meeting.id, one.leave.proof), alt: `${one.name} 请假的证明` });
    const wrong = h("p", { class: "notice", hidden: true }, sign("wait"), " 网络不稳，图片没有打开，请关掉再点一次。");
    picture.addEventListener("error", () => {
      wrong.hidden = false;
      picture.hidden = true;
    });
    const dialog = h("dialog", { class: "ask ask-wide", "aria-label": "请假的证明", onclose: () => dialog.remove() }, h("h2", null, `${one.name} 的证明`), wrong, picture,
      h("div", { class: "buttons ask-buttons" }, button("关闭", () => dialog.close(), "button-quiet")));
    document.body.append(dialog);
    dialog.showModal();
  }

  async decide(one, approve) {
    const note = h("input", { maxlength: 200, autocomplete: "off", placeholder: approve ? "可以不写" : "如 当天有安排，请参加" });
    const asked = await ask(approve ? `批准 ${one.name} 请假` : `不批准 ${one.name} 请假`, approve ? "记作请假。本人要是来了，签到仍然算数。" : "本人会看到您写的话，还可以再申请。", {
      action: approve ? "批准" : "不批准", fields: [field("给本人的话", note)],
      act: () => {
        if (!approve && note.value.trim().length < 2) throw fault("请写为什么不批准，2 个字以上。");
      },
    });
    if (!asked) return;
    const done = await this.meeting.say(`leave/${one.leave.id}`, { approve, note: note.value.trim() });
    if (done) toast(approve ? `批准了 ${one.name} 请假。` : `没有批准 ${one.name} 请假。`);
  }
}
