/** What the pieces of the console share. */
import { ask, fault, field } from "./desk.js";
import { button, h, sign } from "./dom.js";
import { movement, points } from "./stage-parts.js";

document.head.append(h("link", { rel: "stylesheet", href: new URL("./host.css", import.meta.url).href }));

export const HOST = "/services/learn/host";
const WHY = {
  void: ["题目有错", "读题有误", "设备出了问题"],
  unvoid: ["复核后题目没有错", "点错了"],
  exclude: ["请人代答", "用了别人的账号", "本人退出"],
  include: ["复核后恢复", "点错了"],
};

/** Say whether something can be pressed; what cannot keeps its place and the focus. */
export const able = (node, yes) => node.setAttribute("aria-disabled", String(!yes));

/** A button that does nothing while it cannot be pressed. */
export function action(word, act, kind = "button-quiet") {
  const node = button(word, () => node.getAttribute("aria-disabled") !== "true" && act(), kind);
  return node;
}

/** Ask for the reason of `command`, with usual ones to tap; then `act(reason)`. */
export function askReason(command, title, text, done, act) {
  const reason = h("input", { maxlength: 200, autocomplete: "off" });
  const usual = WHY[command].map((word) => button(word, () => {
    reason.value = word;
  }, "button-quiet button-small"));
  return ask(title, text, {
    action: done, decline: "不改", fields: [field("原因", reason, "赛后大家都能查到。"), h("div", { class: "buttons" }, usual)],
    act: async () => {
      if (!reason.value.trim()) throw fault("请写明原因，或者点一个。");
      await act(reason.value.trim());
    },
  });
}

/** A board of persons or teams. */
export function boardRows(lines) {
  return h("ol", { class: "host-rows" }, lines.map((line) => h("li", null, h("b", null, line.rank),
    h("span", null, line.name || line.team, line.unit && h("span", { class: "quiet small" }, ` ${line.unit}`)),
    h("span", { class: "quiet host-moved" }, movement(line.moved)), h("b", null, points(line.points)))));
}

/** Whether the page hears the server. */
export function linkWords(link) {
  if (link === "live") return [sign("right"), " 已连接"];
  if (link === "polling") return [sign("wait"), " 网络不让长连接，每两秒更新一次"];
  if (link === "lost") return [sign("wait"), " 正在重连，比赛照常进行，计时以服务器为准"];
  return [sign("wait"), " 正在连接…"];
}
