/** What the pieces of a seat share. */
import { h, number, sign } from "./dom.js";

export const PAGE = "/services/learn/contest";

const stampOf = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** "14:03:05" in the town's time. */
export const stamp = (iso) => stampOf.format(new Date(iso));

/** Where somebody stands, in words; "" before he has answered anything. */
export const standing = ({ points, rank, of }) => (rank ? `${number(points)} 分，第 ${rank} 名（共 ${of} 人）` : "");

/** What a person is told who may not answer. */
export const notMine = (sentence) => h("p", { class: "notice" }, sign("wait"), " ", sentence);

/** The link to everything that is known after a contest. */
export const resultUrl = (id) => `${PAGE}/${id}/result`;
