/** The main button, which says what it will do, and the others beside it. */
import { ask } from "./desk.js";
import { button, h, show } from "./dom.js";
import { able, action, askReason } from "./host-parts.js";
import { forTeams, update } from "./stage-parts.js";

/** So long after its words have changed a press is not meant for the new ones. */
const SETTLE_MS = 500;

export class Actions {
  /** `console` has `view`, `commands`, and `go(command, data, seq)`. */
  constructor(console) {
    this.console = console;
    this.main = button("", (event) => this.press(event), "host-main", { onkeydown: (event) => event.repeat && [" ", "Enter"].includes(event.key) && event.preventDefault() });
    this.choices = h("div", { class: "host-choices" });
    this.node = h("div", { class: "host-actions" });
    this.seconds = seconds.map(({ kind = "button-quiet", ...one }) => Object.assign(one, { node: action("", () => one.act(this), kind) }));
    show(this.node, h("div", { class: "host-do" }, this.choices, this.main), h("div", { class: "host-seconds" }, this.seconds.map(({ node }) => node)));
  }

  get view() {
    return this.console.view;
  }

  render() {
    const { view, console: { commands } } = this;
    const { next, can } = view;
    if (this.team !== undefined && this.seq !== view.seq) this.team = this.stake = undefined;
    this.seq = view.seq;
    update(this.choices, [next?.teams, next?.team, next?.stakes, this.team, this.stake], () => this.choose(next));
    const word = !next ? view.phase === "cancelled" ? "比武已经取消" : "比赛已经结束" : this.unsaid(next) || next.label;
    if (word !== this.word) {
      // The first words of a page were not changed under anybody's finger.
      if (this.word) this.settled = performance.now() + SETTLE_MS;
      this.word = word;
      show(this.main, word);
      setTimeout(() => this.render(), SETTLE_MS + 10);
    }
    able(this.main, next && !this.unsaid(next) && !commands.busy && !this.settling);
    this.main.classList.toggle("is-busy", Boolean(commands.busy));
    for (const { node, name, open, always } of this.seconds) {
      // Where everybody begins when he likes there is no question on the screen.
      const text = (view.format !== "window" || always) && name(view);
      node.hidden = !text;
      if (text && node.textContent !== text) show(node, text);
      able(node, open(can, view) && !commands.busy);
    }
  }

  get settling() {
    return performance.now() < (this.settled || 0);
  }

  /** What has to be chosen first. */
  unsaid({ stakes, team }) {
    return stakes && !this.stake ? `请先选${this.team || team}要答多少分的题` : "";
  }

  /** Which team, and for what it plays. */
  choose(next) {
    const row = (title, all, chosen, pick, word) => all && h("div", { class: "host-choice", role: "group", "aria-label": title }, h("span", null, title),
      all.map((one) => button(word(one), () => {
        pick(one);
        this.render();
      }, "button-quiet", { "aria-pressed": String(one === chosen) })));
    if (!next) return [];
    return [
      row("哪个队答", next.teams, this.team || next.team, (one) => Object.assign(this, { team: one }), (one) => one),
      row("答多少分", next.stakes, this.stake, (one) => Object.assign(this, { team: this.team || next.team, stake: one }), (one) => `${one} 分`)];
  }

  press(event) {
    // The second click of a double click, also when it comes late.
    if (event.detail > 1 || this.main.getAttribute("aria-disabled") === "true" || this.settling) return;
    const { command } = this.view.next;
    if (command in doubts) this.doubt(command);
    else this.console.go(command, command === "show" && { team: this.team || this.view.next.team, stake: this.stake });
  }

  /** Ask first where something speaks against it now. */
  doubt(command) {
    const { seq } = this.view;
    const [title, text, word, decline] = doubts[command](this.view) || [];
    if (!title) this.console.go(command);
    else ask(title, text, { action: word, decline, act: () => this.console.commands.send(command, {}, seq) });
  }
}

const ENDS_ALL = "大家马上不能再答：答了的题算分，没答的得 0 分，没有开始的人不能再参加。请先看“各自答题”里还有没有人正在答。结束了不能撤回。";

/** What speaks against a command: the title of the question, its text, yes and no; nothing when all is well. */
const doubts = {
  start: ({ present, expected }) => present < expected
    && ["开始比赛", `现在到了 ${present} 人，应到 ${expected} 人。开始以后还可以入场，错过的题得 0 分。`, "开始比赛", "再等一等"],
  finish: ({ format, upcoming }) => ["结束比赛，宣布结果", format === "window" ? ENDS_ALL : `${upcoming ? `还有题没有出，下一题是第 ${upcoming.number} 题。` : ""}结束以后不能再出题，成绩马上算好。以后还可以作废题目，成绩会重算。`, "结束比赛", "不结束"],
  reveal: ({ progress, question: { team }, answered, can }) => forTeams(progress) && team && !answered && can.includes("close")
    && ["公布答案", `${team}还没有答，时间也没有到。`, "公布答案", "再等一等"],
};

/** The question on the screen, or the last one that was. */
const lastTurn = ({ turns }) => turns.filter(({ undone }) => !undone).at(-1);

/** Void a question, or let it count again. */
export function judge(console, { turn, number: n, voided }) {
  const command = voided === null ? "void" : "unvoid";
  const [title, text, done] = voided === null
    ? [`作废第 ${n} 题`, "谁都不得这道题的分，名次马上重算。以后可以恢复。", "作废"] : [`恢复第 ${n} 题`, "这道题重新计分，名次马上重算。", "恢复"];
  return askReason(command, title, text, done, (reason) => console.commands.send(command, { turn, reason }));
}

const seconds = [
  { name: ({ question }) => (question?.paused ? "继续" : "暂停"), open: (can) => can.includes("pause") || can.includes("resume"),
    act: ({ console, view }) => console.go(view.can.includes("resume") ? "resume" : "pause") },
  { name: () => "停止答题", open: (can) => can.includes("close"), act: ({ console }) => console.go("close") },
  ...[10, 30].map((many) => ({ name: () => `加时 ${many} 秒`, open: (can) => can.includes("extend"), act: ({ console }) => console.go("extend", { seconds: many }) })),
  { name: () => "看排名", open: (can) => can.includes("board"), act: ({ console }) => console.go("board") },
  { name: () => "直接出下一题", open: (can, { phase, upcoming }) => phase === "revealed" && can.includes("show") && upcoming?.kind !== "risk", act: ({ console }) => console.go("show") },
  { name: ({ format }) => (format === "seated" ? "让别的队再抢" : ""), open: (can, { next }) => can.includes("arm") && next?.command !== "arm", act: ({ console }) => console.go("arm") },
  { name: ({ format }) => (format === "seated" ? "公布答案" : ""), open: (can) => can.includes("reveal"), act: (actions) => actions.doubt("reveal") },
  { name: (view) => {
    const last = lastTurn(view);
    return !last ? "作废这道题" : `${last.voided === null ? "作废" : "恢复"}第 ${last.number} 题`;
  }, open: (can, view) => can.includes("void") && Boolean(lastTurn(view)), act: ({ console, view }) => judge(console, lastTurn(view)) },
  { name: () => "结束比赛", open: (can) => can.includes("finish"), act: (actions) => actions.doubt("finish") },
  { name: ({ undo }) => undo || "撤回上一步", always: true, kind: "button-quiet host-undo", open: (can) => can.includes("undo"),
    act: ({ console, view: { undo, seq } }) => ask(undo, "大家的画面马上退回这一步以前。已经交的答案都留着。", { action: "撤回", decline: "不撤回", act: () => console.commands.send("undo", {}, seq) }) },
];
