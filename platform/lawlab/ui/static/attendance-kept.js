/** What stays on the phone: signatures until the server has them, and who had to be left unsent. */
import { login, me } from "./api.js";
import { toast } from "./desk.js";
import { keep, recall } from "./memory.js";

const MOST_NAMED = 5;
const onWay = new Set();

const slotOf = async (meeting) => `lawlab.signatures.${(await me()).login}.${meeting.id}`;
const unsentSlot = (meeting) => `lawlab.unsent.${meeting.id}`;

const nameOf = (meeting, person) => meeting.board.people.find((one) => one.login === person)?.name || person;

/** "干部001、干部002", shortened. */
export function namesOf(meeting, logins) {
  const names = [...new Set(logins)].map((one) => nameOf(meeting, one));
  return names.slice(0, MOST_NAMED).join("、") + (names.length > MOST_NAMED ? `等 ${names.length} 人` : "");
}

/** A no that waiting does not mend; a closed activity may be opened again. */
const isFinal = ({ status, code }) => [400, 422].includes(status) || (status === 404 && code !== "");

/**
 * Send a signature: {login, image, key}. It is forgotten here once the server has it or has refused
 * it for good; else it stays, and `meeting.unsigned` says why.
 */
export async function sendSignature(meeting, one) {
  const slot = await slotOf(meeting);
  const kept = recall(slot) || [];
  if (!kept.some(({ key }) => key === one.key)) keep(slot, [...kept, one]);
  if (onWay.has(one.key)) return;
  onWay.add(one.key);
  let trouble = null;
  const refused = (why) => {
    trouble = why;
  };
  const board = await meeting.say("signature", { person: one.login, image: one.image, key: one.key }, { people: [one.login], status: "present", refused });
  onWay.delete(one.key);
  meeting.unsigned.delete(one.key);
  if (board || (trouble && isFinal(trouble))) forget(slot, [one.key]);
  else if (trouble) meeting.unsigned.set(one.key, { login: one.login, message: trouble.message });
  if (trouble && isFinal(trouble)) toast(`${nameOf(meeting, one.login)}的签名没有存上：${trouble.message}`);
  meeting.changed();
}

/** Send what stays on this phone, now and whenever the activity is open again. */
export async function resumeSignatures(meeting) {
  const slot = await slotOf(meeting);
  const isOpen = () => !meeting.closed && meeting.board.activity.state !== "cancelled";
  const sendAll = () => (recall(slot) || []).forEach((one) => sendSignature(meeting, one));
  let before = isOpen();
  meeting.addEventListener("change", () => {
    const opened = isOpen() && !before;
    before = isOpen();
    if (opened) sendAll();
  });
  sendAll();
}

/** Forget the signatures that the server does not take. */
export async function dropUnsigned(meeting) {
  forget(await slotOf(meeting), [...meeting.unsigned.keys()]);
  meeting.unsigned.clear();
  meeting.changed();
}

function forget(slot, gone) {
  const rest = (recall(slot) || []).filter(({ key }) => !gone.includes(key));
  keep(slot, rest.length ? rest : null);
}

/** Remember who is left unsent because somebody else has signed in: the page is about to load for him. */
export function keepUnsent(meeting) {
  if (!meeting.sending) return;
  keep(unsentSlot(meeting), { by: login(), many: meeting.sending, names: namesOf(meeting, [...meeting.waiting.keys()]) });
}

/** Say once, on the page as it is opened next, whose session it is and what was left unsent. */
export async function takeUnsent(meeting) {
  const left = recall(unsentSlot(meeting));
  if (!left) return;
  keep(unsentSlot(meeting), null);
  const { login: now, full_name: name } = await me();
  const what = left.names ? `${left.names}的登记没有送到` : `有 ${left.many} 项操作没有送到`;
  meeting.unsent = left.by === now ? `上次换了人登录，${what}，请再登记一次。` : `现在登录的是${name}。上一位在这一页的${what}，没有记在您名下。请上一位登录后再登记。`;
  meeting.changed();
}
