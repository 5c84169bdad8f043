/** Handing in: all answers first, then once more until it is done. */
import { backoff } from "./api.js";
import { flush, pending } from "./outbox.js";

/** True when all answers of a place have arrived within `limit` ms. */
export async function settled(place, limit = 5000) {
  const end = performance.now() + limit;
  flush();
  while (pending(place).size && performance.now() < end) {
    await new Promise((wake) => setTimeout(wake, 100));
  }
  return pending(place).size === 0;
}

/**
 * Do `act` until it is done or refused. Each time that something hinders it, `on.tell(trouble)` hears of it,
 * and the next try is made only while `on.going()`; what hindered it last is thrown then.
 */
export async function untilDone(act, on) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (trouble) {
      if (trouble.kind !== "offline") throw trouble;
      on.tell(trouble);
      await new Promise((wake) => setTimeout(wake, backoff(tries, trouble)));
      if (!on.going()) throw trouble;
    }
  }
}
