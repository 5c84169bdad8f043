/** A contest that is open for somebody, on the home page. */
import { h, linkButton } from "./dom.js";

/** Its card with the way in. */
export const openContest = ({ title, url, rehearsal }) => h("section", { class: "card due" },
  h("p", { class: "quiet small" }, rehearsal ? "正在彩排，不计成绩" : "现在可以参加比武"), h("h2", null, title),
  linkButton("进入比武", url, "button-wide"));
