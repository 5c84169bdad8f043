/** One contestant's seat: what the server says is on, shown as it comes. */
import { SeatSocket } from "./contest-answers.js";
import { h, show } from "./dom.js";

export function open(root, [id]) {
  show(root, h("p", { class: "quiet", role: "status" }, "正在进入比武…"));
  return new SeatSocket(id, {});
}
