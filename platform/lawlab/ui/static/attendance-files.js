/** 签到表 as a page for the printer, and bringing a list of who came as a file. */
import { activityPage, PHASES, span, STATUS_NAMES, statusTag, WAYS } from "./attendance-parts.js";
import { back, file, signature, table } from "./attendance-records.js";
import { post } from "./api.js";
import { deskPlaceholder } from "./desk.js";
import { button, clock, focusOn, h, linkButton, moment, show, sign } from "./dom.js";
import { Resource } from "./resource.js";

const MOST_BYTES = 5 * 1024 * 1024;
const year = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", year: "numeric" });
const SHEET_HEADS = ["序号", "姓名", "单位", "状态", "时间", "方式", "备注", "签名"];

/** The sign-in sheet of one activity, black on white; its heading comes again on each printed page. */
export class PrintSheet {
  constructor(root, id) {
    this.resource = Resource.of(`/desk/attendance/sheet/${encodeURIComponent(id)}`);
    this.resource.watch(() => {
      const { data } = this.resource;
      show(root, data ? this.content(data) : deskPlaceholder(this.resource, "签到表"));
    });
  }

  content({ activity, rows, town, printed_at: printed }) {
    document.title = `${activity.title} 签到表`;
    const there = rows.filter(({ status }) => status === "present" || status === "late").length;
    const facts = [`${year.format(new Date(activity.starts_at))}${span(activity)}`, activity.place, `组织：${activity.organizer || town}`, Object.fromEntries(PHASES)[activity.phase]];
    return [h("div", { class: "sheet-tools" }, back(activityPage(activity.id), "回到活动"),
      h("div", { class: "desk-head" }, h("h1", null, "签到表"), h("div", { class: "buttons" }, button("打印", () => print()),
        h("a", { class: "button button-quiet", href: file(`sheet/${activity.id}.xlsx`), download: true }, "下载表格"))),
      h("p", { class: "quiet small" }, "用 A4 纸，竖着打。还没有签到的人，签名的格子空着，可以打印出来当场签。"),
      activity.cancelled && h("p", { class: "notice notice-bad" }, "这场活动已经取消。")),
    h("section", { class: "sign-sheet", "aria-label": "签到表" }, h("table", null,
      h("thead", null, h("tr", { class: "sign-title" }, h("th", { colspan: SHEET_HEADS.length }, h("b", null, `${activity.title} 签到表`), h("span", null, facts.join("　")))),
        h("tr", null, SHEET_HEADS.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", null, rows.map((row) => line(row, activity)))),
    h("p", { class: "sign-foot" }, h("span", null, `表上 ${rows.length} 人，到 ${there} 人。`), h("span", null, "负责人签字：＿＿＿＿＿＿＿＿"), h("span", null, `${town}，${year.format(new Date(printed))}${moment(printed)} 打印`)))];
  }
}

function line(row, activity) {
  const cells = [row.name, row.unit || "", row.status ? STATUS_NAMES[row.status] : "", row.at ? clock(row.at) : "", row.way ? WAYS[row.way] : "", row.note];
  return h("tr", null, h("td", null, String(row.number)), cells.map((text) => h("td", null, text)),
    h("td", { class: "sign-cell" }, row.signature !== null && signature(activity.id, row.signature)));
}

/** Bring a list: choose it, look at what would change, import it. With faults nothing is imported. */
export class ImportList {
  constructor(root, id) {
    this.id = id;
    this.path = `/desk/attendance/import/${encodeURIComponent(id)}`;
    this.said = h("div", { role: "status" });
    this.preview = h("div", null);
    this.input = h("input", { type: "file", class: "only-read", id: "list-file", accept: ".xlsx,.csv", onchange: () => this.choose(this.input.files[0]) });
    const drop = h("label", { class: "law-drop rec-drop", for: "list-file", ondragover: (event) => event.preventDefault(), ondrop: (event) => {
      event.preventDefault();
      this.choose(event.dataTransfer.files[0]);
    } }, h("span", { class: "button" }, "选择文件"), h("span", { class: "quiet small" }, "或者把文件拖到这里"));
    show(root, back(activityPage(id), "回到活动"), h("div", { class: "desk-head" }, h("h1", null, "导入签到名单")),
      h("section", { class: "card" }, h("p", null, "纸上的签到表，照样子录成表格；别的系统（钉钉、企业微信、腾讯会议）导出的表格，直接就能用。可以是 .xlsx 或 .csv。"),
        h("ul", null, h("li", null, "要有“姓名”，或者“登录名”“手机尾号”；同名的人再加一列“单位”。"), h("li", null, "要有“签到时间”或者“状态”。状态写 出勤、迟到、请假、缺勤。"), h("li", null, "先看会改什么，再导入；有一处问题，就什么也不改。")),
        this.input, drop, this.said, this.preview));
  }

  async choose(chosen) {
    if (!chosen) return;
    this.input.value = "";
    show(this.preview);
    if (chosen.size > MOST_BYTES) {
      this.fail(`文件有 ${(chosen.size / 1024 / 1024).toFixed(1)} MB，最大 5 MB。请只留名单那一张表。`);
      return;
    }
    try {
      this.file = { name: chosen.name.slice(-200), content: await base64(chosen) };
    } catch {
      this.fail("文件打不开，请重新选择。");
      return;
    }
    this.send(false);
  }

  fail(text, again) {
    show(this.said, h("div", { class: "notice notice-bad" }, text.split("\n").map((words) => h("p", null, words)), again && h("div", { class: "buttons" }, button("再试一次", again, "button-quiet"))));
    this.said.scrollIntoView({ block: "nearest" });
  }

  async send(apply) {
    const turn = (this.turn = (this.turn || 0) + 1);
    show(this.said, h("p", { class: "quiet" }, apply ? "正在导入…" : `正在读 ${this.file.name}…`));
    try {
      const found = await post(this.path, { ...this.file, apply });
      if (turn !== this.turn) return;
      show(this.said);
      if (apply) this.done(found);
      else this.draw(found);
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (turn !== this.turn) return;
      if (this.go) this.go.disabled = false;
      if (trouble.kind === "offline") this.fail("网络不稳，没有送到。", () => this.send(apply));
      else this.fail(trouble.message);
    }
  }

  draw(found) {
    const { rows, faults, activity } = found;
    const changes = rows.filter(({ status }) => status);
    const same = rows.filter(({ status }) => !status);
    const heading = h("h2", { class: "law-title" }, `“${activity.title}”：${this.file.name}`);
    this.go = button(`导入 ${changes.length} 人`, () => {
      this.go.disabled = true;
      this.send(true);
    });
    show(this.preview, heading, faults.length ? faultList(faults) : changes.length ? h("div", { class: "notice notice-good" }, h("p", null, sign("right"), ` 没有发现问题。会改动 ${changes.length} 人，${same.length} 人不变。`))
      : h("div", { class: "notice" }, h("p", null, "没有要改动的，不用导入。")),
    changes.length > 0 && [h("h3", null, faults.length ? "读得懂的" : "会改动的"), table("会改动的", [["行", "rec-figure"], ["姓名"], ["现在 → 以后"], ["表里写的", "wide-only"]], changes.map((row) => [String(row.row), who(row),
      h("span", { class: "rec-change" }, statusTag(row.before), " → ", statusTag(row.status)), row.text]))],
    same.length > 0 && h("details", { class: "law-more" }, h("summary", null, `不变的 ${same.length} 人`), table("不变的", [["行", "rec-figure"], ["姓名"], ["现在"], ["为什么不变"]], same.map((row) => [String(row.row), who(row), statusTag(row.before), row.why]))),
    !faults.length && changes.length > 0 && h("div", { class: "buttons law-save is-ready" }, this.go, button("不导入了", () => show(this.preview), "button-quiet")));
    focusOn(heading);
  }

  done({ rows }) {
    show(this.preview);
    const heading = h("h2", { class: "law-title" }, `已导入 ${rows.filter(({ status }) => status).length} 人`);
    show(this.said, h("div", { class: "notice notice-good" }, heading, h("p", null, "他们的登记方式是“名单导入”。同一个文件再导入一次，不会重复。"),
      h("div", { class: "buttons" }, linkButton("看签到情况", activityPage(this.id)), linkButton("看签到表", activityPage(this.id, "sheet"), "button-quiet"))));
    focusOn(heading);
  }
}

const who = ({ person }) => [h("b", null, person.name), h("span", { class: "quiet small" }, [person.login, person.unit].filter(Boolean).join(" · "))];

function faultList(faults) {
  return [h("div", { class: "notice notice-bad" }, h("p", null, sign("wrong"), ` 有 ${faults.length} 处问题，什么也没有改。请在文件里改好、存盘，再选一次。`)),
    h("ol", { class: "rec-faults" }, faults.map(({ row, text }) => h("li", null, row > 0 && h("b", null, `第 ${row} 行　`), text)))];
}

/** The content of a file as base64. */
function base64(chosen) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = fail;
    reader.readAsDataURL(chosen);
  });
}
