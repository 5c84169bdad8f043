/** Drawing questions into a round: from which courses, which types, how hard, how many. */
import { login, post } from "./api.js";
import { attempt, field } from "./desk.js";
import { button, h, show, sign } from "./dom.js";
import { FIRST } from "./host-edit-values.js";
import { newKey } from "./outbox.js";

const LEVELS = [1, 2, 3, 4, 5].map((level) => [level, `难度 ${level}`]);

/** The box below a round's questions. `put(questions, all)` takes what was drawn, `all`: in place of what is there. */
export function drawBox(round, { n, options, taken, put, pick }) {
  const wish = (round.wish = round.wish || { banks: [], types: [], difficulties: [], count: round.items.length ? 5 : FIRST.count });
  const full = round.items.length > 0;
  const news = h("p", { class: "save-state", role: "status" }, round.note);
  const count = h("input", { type: "number", min: 1, max: 100, inputmode: "numeric", oninput: () => { wish.count = count.value; } });
  count.value = wish.count;
  const draw = async (pressed, all) => {
    const many = all ? round.items.length : Math.round(Number(count.value));
    if (!(many >= 1 && many <= 100)) {
      show(news, "请写抽几题，1 到 100。");
      return;
    }
    pressed.disabled = true;
    const found = await attempt(() => post("/contests/draw", { person: login(), count: many, seed: newKey(), banks: wish.banks, types: wish.types, difficulties: wish.difficulties,
      without: [...taken(), ...(round.gone || [])] }));
    pressed.disabled = false;
    if (!found) return;
    round.note = found.note;
    if (found.questions.length) put(found.questions, all);
    else show(news, sign("wait"), " ", found.note);
  };
  const narrow = [["课程", options.banks.map(({ slug, title, count: many }) => [slug, `${title}（${many}）`]), wish.banks], ["题型", options.types.map(({ type, name }) => [type, name]), wish.types],
    ["难度", LEVELS, wish.difficulties]];
  return h("div", { class: "draw-box" }, news, h("div", { class: "draw-line" }, field(full ? "再抽几题" : "抽几题", count), h("div", { class: "buttons" },
    button("抽题", (event) => draw(event.currentTarget, false), full ? "button-quiet" : "", { "data-act": `draw ${n}` }), full && button("全部换掉，重新抽", (event) => draw(event.currentTarget, true), "button-quiet"),
    button("自己选题", pick, "button-quiet"))),
  h("details", { open: narrow.some(([, , chosen]) => chosen.length) }, h("summary", null, "只抽某些课程、题型、难度"), h("p", { class: "quiet small" }, "不选，就是都可以。难度 1 最容易，5 最难；抽到的题从易到难排。"),
    narrow.map(([label, pairs, chosen]) => ticks(label, pairs, chosen))));
}

function ticks(label, pairs, chosen) {
  return h("fieldset", { class: "plain-set field" }, h("legend", null, label), h("div", { class: "tick-row" }, pairs.map(([value, word]) => {
    const input = h("input", { type: "checkbox", checked: chosen.includes(value), onchange: () => {
      if (input.checked) chosen.push(value);
      else chosen.splice(chosen.indexOf(value), 1);
    } });
    return h("label", { class: "tick" }, input, word);
  })));
}
