/** 赛事记录和证书: the end of a contest, for whoever took part and for its host. */
import { login, post } from "./api.js";
import { PAGE, stamp } from "./contest-parts.js";
import { kindTag, rows } from "./choices.js";
import { button, h, linkButton, moment, number, show } from "./dom.js";
import { markedQuestion, reasons, verdict } from "./marked.js";
import { placeholder, Resource } from "./resource.js";

const API = "/services/api/contests";
const SHOWN = 20;
const LOOK = new URL("./contest-protocol.css", import.meta.url).href;

export function open(root, id) {
  document.head.append(h("link", { rel: "stylesheet", href: LOOK }));
  const resource = Resource.of(`/contests/${id}/protocol`);
  document.title = "赛事记录";
  const news = h("p", { class: "save-state", role: "status" });
  resource.watch(() => {
    const { data } = resource;
    if (!data) {
      show(root, h("p", null, h("a", { class: "back-link", href: `${PAGE}/${id}` }, "‹ 回到比武")), h("h1", null, "赛事记录"), placeholder(resource, "赛事记录"));
      return;
    }
    show(root, h("p", null, h("a", { class: "back-link", href: data.host ? `/services/learn/host/${id}` : PAGE }, data.host ? "‹ 回到主持页" : "‹ 别的比武")),
      head(data), data.host ? hostCertificates(data, resource, news) : ownCertificates(data), mine(data), people(data), teams(data), questions(data), log(data));
  });
}

function head({ id, title, format_name: format, rehearsal, finished_at: at, host, excluded, rules }) {
  return h("section", { class: "card protocol-head" }, h("h1", null, title), h("p", { class: "item-head" }, h("span", { class: "tag" }, format), rehearsal && h("span", { class: "tag tag-wait" }, "彩排，不计成绩"), h("span", { class: "quiet small" }, `${moment(at)} 结束`)),
    excluded.map(({ name, reason }) => h("p", { class: "small" }, `${name} 被取消资格，原因：${reason}`)),
    h("details", null, h("summary", null, "比武规则"), h("ul", null, rules.map((one) => h("li", null, one)))),
    host && h("div", { class: "buttons" }, linkButton("下载全部记录（.xlsx）", `${API}/${id}/protocol.xlsx`, "button-quiet"), linkButton("处理申诉：作废题目、取消资格", `/services/learn/host/${id}`, "button-quiet")));
}

function mine({ people: rows, questions: all, rehearsal }) {
  const own = rows.find((row) => row.mine);
  if (!own) return null;
  const wrong = all.filter((one) => one.mine && !one.mine.right).length;
  return h("section", { class: "card" }, h("h2", null, "我的成绩"), h("p", { class: "protocol-figure" }, `第 ${own.rank} 名`),
    h("p", null, `${number(own.points)} 分，答了 ${own.answered} 题，答对 ${own.right} 题，总用时 ${number(own.seconds)} 秒。`),
    !rehearsal && wrong > 0 && h("p", { class: "quiet" }, `答错的 ${wrong} 题会放进`, h("a", { href: "/services/learn/drill/book" }, "错题本"), "。"));
}

function people({ people: all, host }) {
  if (!all.length) return null;
  const line = (row) => h("tr", { class: row.mine && "is-mine" }, h("td", null, row.rank), h("td", { class: "nowrap" }, row.name, row.mine && "（您）", host && h("span", { class: "quiet small" }, ` ${row.login}`)), h("td", { class: "nowrap" }, row.unit), h("td", null, number(row.points)), h("td", null, `${row.right}/${row.answered}`), h("td", null, number(row.seconds)));
  const table = (some) => h("table", null, h("thead", null, h("tr", null, ["名次", "姓名", "单位", "得分", "答对", "总用时（秒）"].map((word) => h("th", { scope: "col" }, word)))), h("tbody", null, some.map(line)));
  return h("section", { class: "card" }, h("h2", null, "个人排名"), table(all.slice(0, SHOWN)),
    all.length > SHOWN && h("details", null, h("summary", null, `第 ${SHOWN} 位以后，还有 ${all.length - SHOWN} 人`), table(all.slice(SHOWN))));
}

function teams({ teams: rows, format }) {
  if (!rows.length) return null;
  const [title, word] = format === "team" ? ["单位排名", "单位"] : ["各队排名", "队"];
  return h("section", { class: "card" }, h("h2", null, title), h("table", null, h("thead", null, h("tr", null, ["名次", word, "得分", "登记", "到场"].map((one) => h("th", { scope: "col" }, one)))),
    h("tbody", null, rows.map((row) => h("tr", null, h("td", null, row.rank), h("td", null, row.team), h("td", null, number(row.points)), h("td", null, row.members), h("td", null, row.present))))));
}

function questions(data) {
  const withheld = data.withheld > 0 && h("p", { class: "notice" }, `有 ${data.withheld} 道题正在别的比武或者测验里用，等结束以后再来看。`);
  if (!data.questions.length) return withheld;
  return [h("h2", null, "每一题"), withheld, data.questions.map((one) => h("details", { class: "card question" },
    h("summary", null, outline(one, data)),
    one.voided !== null && h("p", { class: "notice" }, `这道题作废，谁都不得分。原因：${one.voided}`),
    h("p", { class: "item-head" }, kindTag(one.question), h("span", { class: "quiet small" }, `${one.round} · ${one.kind_name}${one.team ? ` · ${one.team}` : ""}`)),
    markedQuestion(one.question, one.mine?.response, one.revealed),
    one.mine && [verdict(one.question, one.mine.response, one.mine.right), h("p", { class: "small" }, `${stamp(one.mine.at)} 收到您的答案，${windowed(data) ? "开始后" : "用了"} ${number(one.mine.seconds)} 秒，得 ${number(one.mine.earned)} 分。`)],
    reasons(one.question, one.mine?.response, one.revealed),
    one.answered > 0 && ["single", "multiple", "judge"].includes(one.question.type) && h("p", { class: "small" }, `选的人数：${rows(one.question).map(([value, letter]) => `${letter || value} ${one.counts[value] || 0} 人`).join("，")}`),
    one.spread && h("p", { class: "quiet small" }, `题目送到最快和最慢的手机相差 ${((one.spread.slowest_ms - one.spread.fastest_ms) / 1000).toFixed(2)} 秒（${one.spread.people} 部）。`),
    data.host && everybody(data, one.turn)))];
}

/** "14:03:05.123" in the town's time. */
const exactly = (iso) => `${stamp(iso)}.${iso.slice(20, 23)}`;

/** In a window contest a time counts from one's own beginning. */
const windowed = ({ format }) => format === "window";

function outline({ number: n, mine: own, asked, answered, right, voided }, { host }) {
  return `第 ${n} 题：${[own ? (own.right ? "您答对了" : "您答错了") : !host && "您没有答", asked !== undefined && `${asked} 人抽到`,
    `${answered} 人答`, `${right} 人答对`, voided !== null && "已作废"].filter(Boolean).join("，")}`;
}

/** All answers to a question, asked for when the host wants to see them. */
function everybody(data, turn) {
  const place = h("div", null);
  const resource = () => Resource.of(`/contests/${data.id}/protocol/${turn}`);
  const draw = () => {
    const { data: all } = resource();
    if (!all) show(place, placeholder(resource(), "答案"));
    else if (!all.answers.length) show(place, h("p", { class: "quiet" }, "没有人答。"));
    else show(place, h("table", null, h("thead", null, h("tr", null, ["姓名", "答案", "对错", "得分", "到达时间", windowed(data) ? "开始后（秒）" : "用时（秒）"].map((word) => h("th", { scope: "col" }, word)))),
      h("tbody", null, all.answers.map((one) => h("tr", null, h("td", { class: "nowrap" }, one.name), h("td", null, one.answer), h("td", null, one.right ? "对" : "错"), h("td", null, number(one.earned)), h("td", null, exactly(one.at)), h("td", null, (one.milliseconds / 1000).toFixed(3)))))));
  };
  return h("details", { ontoggle: (event) => event.target.open && !place.firstChild && resource().watch(draw) }, h("summary", null, "每个人的答案"), place);
}

function log({ log: lines }) {
  return h("details", { class: "card" }, h("summary", null, "主持记录"), h("ol", { class: "protocol-log" }, lines.map(({ at, text, by }) => h("li", null, h("span", { class: "quiet small" }, stamp(at), " "), text, by && h("span", { class: "quiet small" }, `（${by}）`)))));
}

function ownCertificates({ id, certificates: { made, revoked } }) {
  return made.length + revoked.length > 0 && h("section", { class: "card" }, h("h2", null, "我的证书"),
    made.map((one) => h("div", null, h("p", null, `${one.award}，编号 ${one.code}`), h("div", { class: "buttons" },
      linkButton("下载证书（PDF）", `${API}/${id}/certificates/${one.id}.pdf`), linkButton("下载 Word 文档", `${API}/${id}/certificates/${one.id}.docx`, "button-quiet")))),
    revokedOnes(revoked));
}

function revokedOnes(revoked) {
  return revoked.map((one) => h("p", { class: "quiet small" }, `${one.holder}的${one.award}证书已经作废，编号 ${one.code}。原因：${one.why}。`));
}

function hostCertificates({ id, rehearsal, certificates: { made, due, differ, revoked } }, resource, news) {
  if (rehearsal) return null;
  const make = button(made.length ? "补做证书" : `做证书（${due.length} 张）`, async () => {
    make.disabled = true;
    try {
      const now = await post(`/contests/${id}/certificates`, { person: login() });
      resource.set({ ...resource.data, certificates: now });
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      make.disabled = false;
      show(news, trouble.kind === "refused" ? trouble.message : "没有网，请稍后再点。");
    }
  });
  const missing = due.length > 0 && differ;
  return h("section", { class: "card" }, h("h2", null, "荣誉证书"),
    !due.length && h("p", { class: "quiet" }, "没有人得奖：得分要大于 0，名次在奖项的名额以内。"),
    made.length + revoked.length > 0 && missing && h("p", { class: "notice" }, "成绩复核后名次变了：对不上的证书已经作废，查验时看得到。请补做新的。"),
    h("ul", { class: "drill-list" }, made.map((one) => h("li", null, h("span", null, `${one.award}　${one.holder}`, h("span", { class: "quiet small" }, ` 编号 ${one.code}`)),
      h("div", { class: "buttons" }, linkButton("下载", `${API}/${id}/certificates/${one.id}.pdf`, "button-quiet"), linkButton("Word 文档", `${API}/${id}/certificates/${one.id}.docx`, "button-quiet")))),
    missing && due.filter((one) => !made.some((row) => row.holder === one.holder && row.award === one.award && row.rank === one.rank))
      .map((one) => h("li", null, `${one.award}　${one.holder}（第 ${one.rank} 名），还没有做`))),
    h("div", { class: "buttons" }, missing && make, made.length > 0 && [linkButton("全部下载（PDF，一人一页）", `${API}/${id}/certificates.pdf`, missing ? "button-quiet" : ""),
      linkButton("全部下载（.zip）", `${API}/${id}/certificates.zip`, "button-quiet")]),
    made.length > 0 && ["127.0.0.1", "localhost"].includes(location.hostname) && h("p", { class: "quiet small" }, "您是用本机的网址打开的，证书上印的查验网址别人打不开。请用大家都打得开的网址打开这一页再下载。"),
    revokedOnes(revoked), news);
}
