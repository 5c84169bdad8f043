/**
 * The last scan, kept on the phone until the server has answered for good: {receipt, at, person,
 * reply}. It is nobody's before somebody is signed in, and again when the phone changes hands.
 */
import { keep, recall } from "./memory.js";

const KEPT = "lawlab.checkin";
const RECEIPT_MS = 600000;

/** Keep a scan; null forgets it. */
export const keepScan = (scan) => keep(KEPT, scan);

/** What to sign in with: the scan in the address, or one of the last minutes that has no answer yet. */
export function lastScan(receipt) {
  const kept = recall(KEPT);
  if (receipt) return kept?.receipt === receipt ? kept : { receipt, at: Date.now(), person: null, reply: null };
  return kept && !kept.reply && Date.now() - kept.at < RECEIPT_MS ? kept : null;
}

/** True when a scan waits for whoever signs in next on this phone. */
export const isHandedOver = () => lastScan()?.person === null;
