/** The console of a running contest: what comes next is one button. */
import { show } from "./dom.js";

export function open(root, id) {
  show(root, `比武 ${id}`);
}
