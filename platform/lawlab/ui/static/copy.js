/** Putting text on the clipboard, also where there is no https, which the newer clipboard needs. */
import { show } from "./dom.js";

const COPIED_MS = 2500;

/** Copy a text and say on the pressed button whether it worked. */
export function copyText(pressed, text) {
  const area = document.createElement("textarea");
  area.className = "only-read";
  area.readOnly = true;
  area.value = text;
  pressed.after(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  pressed.focus({ preventScroll: true });
  show(pressed, done ? "已复制" : "请长按文字复制");
  setTimeout(() => show(pressed, "复制"), COPIED_MS);
}
