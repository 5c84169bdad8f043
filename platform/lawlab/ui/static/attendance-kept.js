/** Signatures stay on the phone until the server has them, even when the page is closed. */
import { me } from "./api.js";
import { keep, recall } from "./memory.js";

const slotOf = async (meeting) => `lawlab.signatures.${(await me()).login}.${meeting.id}`;

/** Send a signature: {login, image, key}. It is forgotten here once the server has it, or refused it. */
export async function sendSignature(meeting, one) {
  const slot = await slotOf(meeting);
  const kept = recall(slot) || [];
  if (!kept.some(({ key }) => key === one.key)) keep(slot, [...kept, one]);
  await meeting.say("signature", { person: one.login, image: one.image, key: one.key }, [one.login], "present");
  const rest = (recall(slot) || []).filter(({ key }) => key !== one.key);
  keep(slot, rest.length ? rest : null);
}

/** Send what an earlier visit left on this phone; any page of the activity does it. */
export async function resumeSignatures(meeting) {
  for (const one of recall(await slotOf(meeting)) || []) sendSignature(meeting, one);
}
