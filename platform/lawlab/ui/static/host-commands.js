/** What the host does, on its way to the server: one thing at a time, and nothing twice. */
import { login, post } from "./api.js";
import { newKey } from "./outbox.js";

const TRIES = 6;
const AGAIN_MS = 700;

export class Commands {
  /** `on.view()` is what the host sees, `on.take(view)` what holds now, `on.changed()` is called when `busy` changes. */
  constructor(id, on) {
    Object.assign(this, { path: `/contests/${id}/commands`, on, busy: "" });
  }

  /**
   * Do something; `seq` is that of the view in which the host decided. A lost reply is asked for
   * again with the same key. Rejects with a Trouble when it was not done; what holds is taken then too.
   */
  async send(command, data = {}, seq = this.on.view().seq) {
    if (this.busy) return;
    this.turn(command);
    try {
      this.on.take(await this.post({ person: login(), key: newKey(), seq, command, ...data }));
    } catch (trouble) {
      const { view } = trouble.facts || {};
      if (view) {
        this.on.take(view);
        trouble.message = moved(view) || trouble.message;
      } else if (trouble.kind === "offline") trouble.message = "网络不稳，没有送到。比赛照常进行，请看一下画面再点。";
      throw trouble;
    } finally {
      this.turn("");
    }
  }

  async post(body) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await post(this.path, body);
      } catch (trouble) {
        if (trouble.kind !== "offline" || tries === TRIES) throw trouble;
        await new Promise((wake) => setTimeout(wake, AGAIN_MS * tries));
      }
    }
  }

  turn(command) {
    this.busy = command;
    this.on.changed();
  }
}

/** Who was quicker, and with what. */
function moved({ log: [last] }) {
  if (!last) return "";
  const who = last.by === login() ? "您在另一页上" : last.by;
  return `您刚才点的没有做，因为画面已经变了：${who}${who && " "}${last.text}。请看现在的画面再点。`;
}
