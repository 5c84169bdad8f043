/** 记录: everything that was said of who was there, by whom and when; nothing is ever taken out. */
import { eventsOf } from "./attendance-list.js";
import { STATUS_NAMES, WAYS } from "./attendance-parts.js";
import { attempt } from "./desk.js";
import { button, h, moment } from "./dom.js";

const KINDS = { check_in: "签到", mark: "登记", unmark: "撤销登记", leave: "请假", close: "结束签到" };
const LATE_MS = 60000;
/** Who says what nobody said. */
const SYSTEM = "system";

/** Show the record of an activity. */
export async function eventsDialog({ id, title }) {
  const events = await attempt(() => eventsOf(id));
  if (!events) return;
  const dialog = h("dialog", { class: "ask ask-wide", "aria-label": "记录", onclose: () => dialog.remove() }, h("h2", null, `“${title}”的记录`),
    events.length ? h("ol", { class: "event-list" }, events.map(line)) : h("p", { class: "quiet" }, "还没有记录。有人签到或者登记以后，这里一条一条写着。"),
    h("div", { class: "buttons ask-buttons" }, button("关闭", () => dialog.close(), "button-quiet")));
  document.body.append(dialog);
  dialog.showModal();
}

function line({ at, received_at: received, person, kind, status, way, by, by_name: name, reason }) {
  const who = by === person.login ? "本人" : by === SYSTEM ? "平台" : name;
  const late = Date.parse(received) - Date.parse(at) > LATE_MS;
  return h("li", null, h("span", { class: "nowrap quiet small" }, moment(at)), " ", h("b", null, person.name), ` ${who} ${KINDS[kind]}`,
    status ? `：${STATUS_NAMES[status]}` : kind === "leave" ? "：取消" : "", `（${WAYS[way] || way}）`,
    reason && `，${reason}`, late && h("span", { class: "quiet small" }, ` ${moment(received)} 才送到`));
}
