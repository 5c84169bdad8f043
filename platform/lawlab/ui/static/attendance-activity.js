/** One activity for trainers: its facts, what to do, who is there by unit, and everybody to mark. */
import { eventsDialog } from "./attendance-events.js";
import { dropUnsigned, namesOf, resumeSignatures } from "./attendance-kept.js";
import { LeaveBox } from "./attendance-leave.js";
import { cancelActivity, restoreActivities } from "./attendance-list.js";
import { Meeting } from "./attendance-meeting.js";
import { activityPage, PAGE, PHASES, span, stateTag, there, update } from "./attendance-parts.js";
import { PeopleList } from "./attendance-people.js";
import { WalkInBox } from "./attendance-walk-ins.js";
import { button, clock, h, linkButton, moment, show, sign } from "./dom.js";
import { ask, deskPlaceholder, fault, field, toast } from "./desk.js";
import { Resource, signInNotice } from "./resource.js";

export class ActivityPage {
  constructor(root, id) {
    this.root = root;
    this.meeting = new Meeting(id);
    this.meeting.watch(() => this.render());
  }

  render() {
    const { meeting } = this;
    if (!meeting.board) {
      show(this.root, deskPlaceholder(meeting.resource, "活动"));
      return;
    }
    if (!this.head) this.frame();
    this.nameTopics();
    const { activity, counts, units } = meeting.board;
    const { plan } = meeting;
    document.title = activity.title;
    update(this.head, [activity, plan, meeting.begun], () => this.heading(activity, plan));
    update(this.facts, [activity, plan, this.topics], () => facts(activity, plan, this.topics || []));
    showNotices(this.news, meeting);
    update(this.numbers, counts, () => numbers(counts));
    update(this.units, units, () => unitRows(units, (unit) => this.people.only(unit)));
    this.leave.render();
    this.walkIns.render();
    this.people.render();
  }

  frame() {
    resumeSignatures(this.meeting);
    this.head = h("div", null);
    this.facts = h("dl", { class: "law-facts activity-facts" });
    this.news = h("div", { class: "item-news" });
    this.numbers = h("ul", { class: "activity-numbers" });
    this.units = h("div", { class: "unit-board" });
    const boxes = [h("div", null), h("div", null), h("div", null)];
    this.leave = new LeaveBox(boxes[0], this.meeting);
    this.walkIns = new WalkInBox(boxes[1], this.meeting);
    this.people = new PeopleList(boxes[2], this.meeting);
    show(this.root, h("a", { class: "back-link", href: PAGE }, "‹ 全部活动"), this.head,
      h("details", { class: "rare" }, h("summary", null, "内容、应参加的单位和签到规则"), this.facts), this.news, this.numbers, boxes[0], boxes[1],
      h("h2", { class: "section-title" }, "各单位"), this.units, h("h2", { class: "section-title" }, "名单"), boxes[2]);
  }

  /** The names of courses, and where each topic is read, as learners see them. */
  nameTopics() {
    const asked = JSON.stringify(this.meeting.plan.topics);
    if (asked === this.asked || asked === "[]") return;
    this.asked = asked;
    const page = Resource.of(`/activities/${this.meeting.id}`);
    page.watch(() => {
      if (!page.data || this.topics === page.data.topics) return;
      this.topics = page.data.topics;
      this.render();
    });
  }

  heading(activity, plan) {
    const { state } = activity;
    const { may_change: mine } = plan;
    const alive = state !== "cancelled";
    const open = alive && !activity.closed_at && state !== "over";
    const page = (view) => activityPage(activity.id, view);
    const main = [open && linkButton(activity.online ? "开始活动" : "开始签到", page("sign")),
      open && mine && this.meeting.begun && button("结束签到", () => this.close(), "button-quiet"),
      alive && mine && activity.closed_at && Date.parse(activity.ends_at) > Date.parse(this.meeting.board.server_time) && button("重新打开签到", () => this.reopen(), "button-quiet"),
      !alive && mine && button("恢复活动", () => restoreActivities([activity.id], () => this.meeting.reload()))];
    const more = [open && mine && linkButton("修改", page("edit"), "button-quiet button-small"), linkButton("复制", `${PAGE}/new?copy=${activity.id}`, "button-quiet button-small"),
      linkButton("签到表", page("sheet"), "button-quiet button-small"), alive && linkButton("导入", page("import"), "button-quiet button-small"),
      button("记录", () => eventsDialog(activity), "button-quiet button-small"),
      alive && !activity.closed_at && mine && button("取消活动", () => this.cancel(), "button-quiet button-small")];
    return [h("div", { class: "desk-head activity-head" }, h("h1", null, activity.title), h("div", { class: "buttons" }, main.filter(Boolean))),
      h("p", { class: "activity-when" }, stateTag(activity), ` ${[span(activity), activity.online ? "线上" : "", activity.place].filter(Boolean).join(" · ")}`),
      !alive && h("p", { class: "notice" }, sign("wrong"), ` 已取消：${activity.cancel_reason}`),
      activity.closed_at && h("p", { class: "notice" }, sign("right"), ` ${moment(activity.closed_at)} 结束签到，没有签到的记了缺勤。以后的更正要写原因。`),
      h("div", { class: "buttons activity-more" }, more.filter(Boolean))];
  }

  cancel() {
    const { id, title, series } = this.meeting.plan;
    return cancelActivity({ id, title, series }, () => this.meeting.reload());
  }

  async close() {
    const { meeting } = this;
    const { people, activity } = meeting.board;
    const unmarked = people.filter((one) => one.expected && !meeting.statusOf(one)).length;
    const rest = unmarked ? `还有 ${unmarked} 人没有签到，会记缺勤。` : "应到的人都有了登记。";
    const done = await askWhenArrived(meeting, "结束签到", `${rest}结束以后大家不能再自己签到；活动没有散，还能重新打开。`, { act: () => meeting.tell("close", {}) });
    if (done) toast(`“${activity.title}”的签到已结束。`);
  }

  async reopen() {
    const reason = h("input", { maxlength: 200, autocomplete: "off", placeholder: "如 点早了" });
    const done = await askWhenArrived(this.meeting, "重新打开签到", "自动记的缺勤会撤回，大家又能自己签到。", { action: "重新打开", fields: [field("原因", reason)], check: () => {
      if (reason.value.trim().length < 2) throw fault("请写原因，2 个字以上。");
    }, act: () => this.meeting.tell("reopen", { reason: reason.value.trim() }) });
    if (done) toast("签到又打开了。");
  }
}

/** Ask, and act when all that is on its way has arrived, so that the close counts it; who gives up meanwhile does nothing. */
async function askWhenArrived(meeting, title, text, { action = title, fields = [], check = () => {}, act }) {
  const hint = h("p", { class: "notice", role: "status" });
  const draw = () => {
    hint.hidden = !meeting.sending;
    show(hint, sign("wait"), ` 还有${meeting.sending}个登记正在上传，传完才能${action}。`);
  };
  let given = false;
  meeting.addEventListener("change", draw);
  draw();
  const done = await ask(title, text, { action, fields: [...fields, hint], act: async () => {
    check();
    await meeting.arrived();
    meeting.removeEventListener("change", draw);
    if (!given) await act();
  } });
  given = true;
  meeting.removeEventListener("change", draw);
  return done;
}

/** Say, where `part` stands, what keeps the page from showing how it is now, or what was done from arriving. */
export function showNotices(part, meeting) {
  const { stuck, waiting, behind, signedOut, stopped, unsent, unsigned } = meeting;
  update(part, [stuck, (stuck || signedOut) && waiting.size, behind, behind && meeting.board.server_time, signedOut, stopped, unsent, [...unsigned]], () => [
    unsent && h("p", { class: "notice notice-bad", role: "alert" }, sign("wrong"), ` ${unsent}`),
    unsigned.size > 0 && unsignedNotice(meeting), standing(meeting)]);
}

function unsignedNotice(meeting) {
  const left = [...meeting.unsigned.values()];
  const why = [...new Set(left.map(({ message }) => message))].join("");
  return h("div", { class: "notice notice-bad", role: "alert" },
    h("p", null, sign("wrong"), ` ${namesOf(meeting, left.map(({ login }) => login))}的签名还没有存上。${why}`),
    h("p", null, "签名留在这台设备上；重新打开签到以后，会自动补上。"),
    h("div", { class: "buttons" }, button("不要这些签名了", () => ask("不要这些签名了", "这台设备上没有存上的签名会删掉，找不回来。", { action: "删掉", act: () => dropUnsigned(meeting) }), "button-quiet button-small")));
}

function standing(meeting) {
  const many = meeting.waiting.size;
  if (meeting.stopped) return h("p", { class: "notice notice-bad", role: "alert" }, sign("wrong"), " 这个浏览器里现在登录的是另一位，登记不再送出。请刷新这一页。");
  if (meeting.signedOut) return signInNotice(`登录已过期，请重新登录后继续。${many ? `有 ${many} 人的登记还没有送到，登录以后请对一对名单。` : ""}`);
  if (meeting.stuck) {
    return h("p", { class: "notice", role: "status" }, sign("wait"), many ? ` 网络不稳，${many} 人的登记还没有送到，正在重试。请不要关掉这一页。` : " 网络不稳，刚才的操作还没有送到，正在重试。请不要关掉这一页。");
  }
  return meeting.behind && h("p", { class: "notice", role: "status" }, sign("wait"), ` 网络不稳，下面是 ${clock(meeting.board.server_time)} 的情况，正在重试。`);
}

function facts(activity, plan, topics) {
  const link = ({ title, url }) => (url ? h("a", { href: url, rel: "noopener noreferrer" }, title) : title);
  const lines = [["阶段", Object.fromEntries(PHASES)[activity.phase]], ["组织", activity.organizer || "镇里"], ["应参加", activity.units.join("、")],
    ["学什么", topics.flatMap((one, n) => [n > 0 && "；", link(one)])],
    ["材料", plan.materials.flatMap((one, n) => [n > 0 && "；", link(one)])],
    ["说明", plan.note], ["签到", `${clock(activity.opens_at)} 起，到 ${clock(activity.present_until)} 算出勤，到 ${clock(activity.late_until)} 算迟到`]];
  return lines.filter(([, what]) => what?.length).map(([word, what]) => [h("dt", null, word), h("dd", null, what)]);
}

/** The figures of an activity: [word, number] as tiles. */
function numbers(counts) {
  const tiles = [["应到", counts.expected], ["已到", there(counts)], ["迟到", counts.late], ["请假", counts.excused], ["缺勤", counts.absent], ["未签到", counts.unmarked],
    ["旁听", counts.guests], ["还没对上人", counts.walk_ins]];
  return tiles.filter(([word, many], n) => n < 2 || word === "未签到" || many).map(([word, many]) => h("li", null, h("b", null, String(many)), h("span", null, word)));
}

function unitRows(units, choose) {
  return units.map((unit) => h("button", { type: "button", class: `unit-tile ${unit.expected && there(unit) === unit.expected ? "is-full" : ""}`, onclick: () => choose(unit.unit) },
    h("span", { class: "unit-name" }, unit.unit), h("b", null, `${there(unit)}/${unit.expected}`),
    h("span", { class: "quiet small" }, unit.unmarked ? `${unit.unmarked} 人未签到` : unit.expected ? "都有登记" : "没有应到的人")));
}
