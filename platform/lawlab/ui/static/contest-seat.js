/** One contestant's seat: what the server says is on, shown as it comes. */
import { backoff, me, onReturn } from "./api.js";
import { board, finished } from "./contest-board.js";
import { lobby } from "./contest-lobby.js";
import { PAGE } from "./contest-parts.js";
import { Asked } from "./contest-question.js";
import { revealed } from "./contest-reveal.js";
import { SeatSocket } from "./contest-answers.js";
import { button, focusOn, h, linkButton, show, sign } from "./dom.js";
import { signInNotice } from "./resource.js";

const LINKS = { lost: "网络断了，正在重连…", polling: "这里的网络慢一些，画面每两秒更新一次。" };

/** Show the seat of a contest in `root`. */
export function open(root, [id]) {
  show(root, h("p", { class: "quiet", role: "status" }, "正在进入比武…"));
  const begin = async (tries = 0) => {
    try {
      // What is kept on a shared phone is somebody's: first it must be known whose seat this is.
      await me();
    } catch (trouble) {
      if (!trouble.kind) throw trouble;
      if (trouble.kind === "signed_out") show(root, signInNotice("登录已过期，请重新登录后继续。"));
      else setTimeout(() => begin(tries + 1), backoff(tries, trouble));
      return;
    }
    new Seat(root, id);
  };
  begin();
}

class Seat {
  constructor(root, id) {
    this.root = root;
    this.head = h("div", { class: "contest-head" });
    this.link = h("div", { class: "contest-link", role: "status" });
    this.main = h("div", { class: "contest-main" }, root.firstChild);
    show(root, this.head, this.link, this.main);
    this.socket = new SeatSocket(id, {
      onState: (view) => this.take(view),
      onAck: (ack) => this.acknowledged(ack),
      onBuzz: (word) => this.asked?.buzzer.told(word),
      onRefused: (word) => this.refused(word),
      onLink: (link) => this.tell(link),
    });
    onReturn(() => this.asked?.draw());
  }

  take(view) {
    if (view.format === "window") {
      this.window(view);
      return;
    }
    const before = this.view;
    this.view = view;
    this.top(view);
    const turn = view.question?.turn;
    if (view.phase === "question" && this.asked?.turn === turn) {
      this.asked.update(view);
      return;
    }
    // What is the same is not made again: an open article stays open.
    const late = Boolean(turn && this.socket.kept(turn)?.refused);
    const key = JSON.stringify([view.phase, view.rules, turn, view.reveal, view.board, view.me, late]);
    if (key === this.key) return;
    this.key = key;
    this.draw(view, late);
    if (before?.phase !== view.phase || before.question?.turn !== turn) this.begin(Boolean(before));
  }

  draw(view, late) {
    this.asked?.close();
    this.asked = null;
    if (view.phase === "question") {
      this.asked = new Asked(view, this.socket);
      show(this.main, this.asked.node);
    } else if (view.phase === "revealed") show(this.main, revealed(view, late));
    else if (view.phase === "board") show(this.main, board(view));
    else if (view.phase === "finished") show(this.main, finished(view));
    else show(this.main, lobby(view));
    this.tell(this.socket.link);
  }

  /** Show what has just begun from its top; a question needs the whole screen. A first look is no news. */
  begin(news) {
    const top = this.head.lastChild.getBoundingClientRect().top + window.scrollY - 8;
    window.scrollTo(0, this.asked ? top : Math.min(window.scrollY, top));
    if (news) focusOn(this.main.querySelector(".stem, .verdict, h1"));
  }

  top({ title, rehearsal, progress, me: mine }) {
    const key = JSON.stringify([title, rehearsal, progress, mine.team]);
    if (key === this.topKey) return;
    this.topKey = key;
    document.title = title;
    show(this.head,
      rehearsal && h("p", { class: "notice contest-rehearsal" }, "彩排，不计成绩"),
      h("p", { class: "quiet small" }, title),
      progress && h("p", { class: "contest-progress" }, h("b", null, `第 ${progress.number} 题，共 ${progress.of} 题`), " ",
        h("span", { class: "tag" }, progress.kind_name), " ", rehearsal && h("span", { class: "tag tag-wait" }, "彩排"), " ", mine.team && h("span", { class: "tag tag-right" }, mine.team),
        progress.rounds > 1 && h("span", { class: "quiet small" }, ` ${progress.round}`)));
  }

  acknowledged({ turn, response, at }) {
    if (this.asked?.turn !== turn) return;
    const view = { ...this.view, me: { ...this.view.me, answered: { response, at } } };
    this.view = view;
    this.asked.update(view);
  }

  refused(word) {
    if (!word.turn) {
      show(this.main, h("div", { class: "notice notice-bad", role: "alert" }, h("p", null, sign("wrong"), " ", word.message),
        h("div", { class: "buttons" }, linkButton("看有哪些比武", PAGE, "button-quiet"))));
      return;
    }
    if (this.asked?.turn === word.turn) this.asked.refused(word);
    else if (this.view) this.take(this.view);
  }

  tell(link) {
    if (link === "signed_out") show(this.link, signInNotice("登录已过期，请重新登录后继续比赛。"));
    // A question says it below: nothing may move under a finger.
    else show(this.link, !this.asked && LINKS[link] && h("p", { class: link === "lost" ? "notice" : "quiet small" }, link === "lost" && [sign("wait"), " "], LINKS[link]));
    this.asked?.draw();
  }

  /** A contest that everybody begins when he likes has pages of its own. */
  async window(view) {
    this.socket.close();
    try {
      const module = await import("./contest-window.js");
      module.open(this.root, view.id, view);
    } catch {
      show(this.main, h("div", { class: "notice", role: "status" }, h("p", null, sign("wait"), " 网络不稳，这一页没有打开全。"),
        h("div", { class: "buttons" }, button("再打开一次", () => location.reload()))));
    }
  }
}
