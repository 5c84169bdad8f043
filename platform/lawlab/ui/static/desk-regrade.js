/** 重新评分: what a key is corrected to, who gains or loses what by it, and why; then it is saved. */
import { get, post } from "./api.js";
import { area, ask, attempt, choice, fault, field, toast } from "./desk.js";
import { h, moment, number, show, sign } from "./dom.js";

/** Ask how a question's key is to be corrected. `path` is the quiz's own; true when it was saved. */
export async function regrade(path, item) {
  const found = await attempt(() => get(`${path}/regrade?item=${encodeURIComponent(item)}`));
  if (!found) return false;
  let saved = null;
  let reason = "";
  const effect = h("div", { role: "status" });
  const select = choice(found.choices.map(({ name }, n) => [String(n), name]), "0", () => draw());
  const chosen = () => found.choices[Number(select.value)];
  const draw = () => show(effect, changes(chosen(), found));
  const why = area("", { maxlength: 200, rows: 2 }, (text) => { reason = text.trim(); });
  draw();
  const done = await ask("答案有误，重新评分", null, { action: "保存并重新评分", wide: true, fields: [
    h("p", { class: "quiz-stem" }, found.stem),
    h("p", { class: "small" }, now(found)),
    field("更正成", select, "要换成别的答案，请先在题库里改好这道题并发布，新的一版会出现在这里。"),
    effect,
    field("原因", why, "写明哪里有误，最多 200 个字。会记在下面的记录里。"),
    past(found, item),
  ], act: async () => {
    if (!reason) throw fault("请写明为什么要重新评分。");
    saved = await post(`${path}/regrade`, { item, correction: chosen().correction, reason });
  } });
  if (done) toast(saved.changes.length ? `已经更正，${people(saved.changes)} 人的分数会变，一般几秒钟就重新判好。` : "已经更正，没有人的分数会变。");
  return done;
}

function now({ answer, current, papers }) {
  const marked = current.full ? "现在：有这道题的人都得满分" : current.version ? `现在：已按第 ${current.version} 版的答案评分` : `现在的答案：${answer}`;
  return `${marked}。已交的答卷里有 ${papers} 份有这道题。`;
}

const people = (changed) => new Set(changed.map(({ login }) => login)).size;

function changes({ changes: changed, before, after, stem, answer }, found) {
  const text = stem && stem !== found.stem && h("p", { class: "small" }, sign("wait"), ` 这一版的题干也改过：${stem}`);
  const key = answer && h("p", { class: "small" }, `更正后的答案：${answer}`);
  if (!changed.length) return [key, text, h("p", null, "没有人的分数会变。")];
  return [key, text, h("p", null, `${people(changed)} 人的分数会变，这道题的得分一共从 ${number(before)} 分变成 ${number(after)} 分：`),
    h("div", { class: "quiz-scroll", role: "region", "aria-label": "分数会变的人", tabindex: "0" }, h("table", { class: "quiz-options" },
      h("thead", null, h("tr", null, ["姓名", "原来", "更正后", "相差"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", null, changed.map((one) => h("tr", null, h("th", { scope: "row" }, one.attempt > 1 ? `${one.name}（第 ${one.attempt} 次）` : one.name),
        h("td", null, `${number(one.before)} 分`), h("td", null, `${number(one.after)} 分`), h("td", null, signed(one.after - one.before)))))))];
}

const signed = (points) => (points > 0 ? `+${number(points)}` : number(points).replace("-", "−"));

function past({ history }, item) {
  const rows = history.filter((one) => one.item === item);
  return rows.length > 0 && h("div", null, h("p", { class: "small" }, "以前的更正："),
    h("ul", { class: "small" }, rows.map(({ correction, reason, changes: changed, by, at }) =>
      h("li", null, `${moment(at)}，${by}：${what(correction)}，${changed.length ? `${people(changed)} 人的分数变了` : "没有人的分数变"}。原因：${reason}`))));
}

const what = ({ full, version }) => (full ? "都得满分" : version ? `按第 ${version} 版的答案` : "恢复原来的答案");
