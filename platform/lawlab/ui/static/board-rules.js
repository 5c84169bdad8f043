/** How the town counts, and whether names are masked: for trainers, below the board. */
import { get, hindrance, login, post } from "./api.js";
import { button, h, moment, show } from "./dom.js";

const PHASES = [["learn", "大学习"], ["drill", "大练兵"], ["compete", "大比武"]];

/** A closed box that asks for the rules when it is opened. `saved` is called after a change. */
export function rulesBox(saved) {
  const place = h("div", null);
  const load = async () => {
    show(place, h("p", { class: "quiet", role: "status" }, "正在打开…"));
    try {
      draw(place, await get("/board/rules"), saved);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      show(place, h("p", { class: "notice", role: "status" }, trouble.message), h("div", { class: "buttons" }, button("再试一次", load, "button-quiet")));
    }
  };
  return h("details", { class: "card board-rules", ontoggle: (event) => event.target.open && !place.firstChild && load() },
    h("summary", null, "本镇怎样算总分、要不要遮姓名"), place);
}

function draw(place, rules, saved) {
  const inputs = PHASES.map(([phase, word]) => [phase, word, h("input", { type: "number", id: `weight-${phase}`, min: 0, max: 10, step: 0.1, value: rules[phase], inputmode: "decimal" })]);
  const masked = h("input", { type: "checkbox", checked: rules.masked });
  const news = h("p", { class: "save-state", role: "status" });
  const save = button("保存", async () => {
    const [, missing, input] = inputs.find(([, , { value }]) => value === "") || [];
    if (input) {
      show(news, `“${missing}”的权重没有填，或者不是数，应在 0 到 10 之间，例如 1。`);
      input.focus();
      return;
    }
    save.disabled = true;
    const weights = Object.fromEntries(inputs.map(([phase, , { value }]) => [phase, Number(value)]));
    try {
      draw(place, await post("/board/rules", { person: login(), ...weights, masked: masked.checked }), saved);
      saved();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      save.disabled = false;
      show(news, trouble.kind === "offline" ? `${hindrance(trouble)}，没有保存，请稍后再点。` : trouble.message);
    }
  });
  show(place, h("p", { class: "quiet small" }, "总分是三项积分各乘以自己的权重再相加。1 是照原来的分，2 是加倍，0 是不算。"),
    h("div", { class: "board-weights" }, inputs.map(([phase, word, input]) => h("div", { class: "field" }, h("label", { for: `weight-${phase}` }, word), input))),
    h("div", { class: "field" }, h("label", { class: "row" }, masked, " 别人的姓名只显示姓（教员和管理员照常看得到）")),
    h("div", { class: "buttons" }, save), news, rules.at && h("p", { class: "quiet small" }, `${moment(rules.at)} 由 ${rules.by} 定。`));
}
