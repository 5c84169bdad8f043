/** Word from the server that a board or an activity has changed, by WebSocket, or by asking while there is none. */
import { backoff, onReturn, renew } from "./api.js";

const ASK_MS = 10000;
const SIGNED_OUT = 4401;

/**
 * Call `changed(revision)` at each word of the server about a topic ("board", "activity:5"), and
 * `changed()` every ten seconds while no socket holds. `signedOut` is called when the person has
 * to sign in again.
 */
export function listen(changed, signedOut, topic = "board") {
  let socket = null;
  let tries = 0;
  let timer = 0;
  const holds = () => socket?.readyState === WebSocket.OPEN;

  function connect() {
    clearTimeout(timer);
    if (socket && socket.readyState <= WebSocket.OPEN) return;
    socket = new WebSocket(`${location.origin.replace("http", "ws")}/services/api/live?topic=${encodeURIComponent(topic)}`);
    socket.onmessage = ({ data }) => {
      tries = 0;
      const word = JSON.parse(data);
      if (word.type === "board" || word.type === "activity") changed(word.revision);
    };
    socket.onclose = lost;
  }

  async function lost({ code }) {
    try {
      if (code === SIGNED_OUT) await renew();
    } catch (trouble) {
      if (trouble.kind === "signed_out") {
        signedOut();
        return;
      }
    }
    timer = setTimeout(connect, backoff(tries));
    tries += 1;
  }

  setInterval(() => {
    if (!holds() && document.visibilityState === "visible") changed();
  }, ASK_MS);
  onReturn(() => {
    tries = 0;
    connect();
  });
  connect();
}
