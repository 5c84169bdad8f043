/** Where an activity is, and the ways to it; for learners' pages, without a stylesheet. */
export const HOME = "/services/learn/home";
export const CALENDAR = "/services/learn/calendar";
const CHECKIN = "/services/learn/checkin";

/** The page of one activity, or its room. */
export const pageOf = ({ id }, room = false) => `${CALENDAR}/${id}${room ? "/room" : ""}`;

/** The place in words. */
export const placeOf = ({ online, place }) => (online ? ["线上", place].filter(Boolean).join("，") : place);

/** True for 出勤 and 迟到. */
export const wasThere = ({ my }) => my?.status === "present" || my?.status === "late";

/** Where to go while an activity goes on: [word, address]; null when there is nothing to do there. */
export function wayIn(card) {
  if (card.state !== "open") return null;
  if (card.online) return ["进入线上会场", pageOf(card, true)];
  return wasThere(card) ? null : ["去签到", CHECKIN];
}
