/** The question on the screen: reading, choosing, giving the answer, until the time is over. */
import { answerForm, isAnswered, kindTag, urge } from "./choices.js";
import { Buzzer } from "./contest-buzz.js";
import { notMine, stamp } from "./contest-parts.js";
import { TurnClock } from "./contest-time.js";
import { button, h, show, sign } from "./dom.js";
import { markedQuestion } from "./marked.js";

const WARN_MS = 10000;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Made once for a turn: newer word about the same question takes neither a choice nor the focus. */
export class Asked {
  constructor(view, socket) {
    this.turn = view.question.turn;
    this.socket = socket;
    this.clock = new TurnClock(() => this.draw());
    this.buzzer = new Buzzer(() => socket.buzz(this.turn));
    this.whose = h("div", { class: "contest-whose" });
    this.body = h("div", { class: "question" });
    this.state = h("p", { class: "save-state contest-state", role: "status" });
    this.warned = h("p", { class: "only-read", role: "status" });
    this.confirm = button("确定", () => this.give(), "button-wide");
    this.foot = h("div", { class: "contest-send" }, this.state, this.confirm, this.buzzer.node);
    this.node = h("section", { class: "contest-question" }, this.clock.node,
      h("div", { class: "card" }, this.whose, this.body, this.warned), this.foot);
    this.problem = "";
    this.update(view);
  }

  close() {
    this.clock.stop();
    clearTimeout(this.warning);
  }

  /** The answer as it stands on the server, or on its way there. */
  get given() {
    const kept = this.socket.kept(this.turn);
    return this.view.me.answered || (kept?.sent ? kept : null);
  }

  /** True when this person may choose now: there is an own form, not only something to read. */
  get mine() {
    const { question: { buzzer, team }, me } = this.view;
    return me.may_answer && !(buzzer && !team);
  }

  update(view) {
    this.view = view;
    this.form();
    this.tellWhose();
    this.buzzer.update(view);
    this.clock.set(view);
    this.warn();
    this.draw();
  }

  form() {
    const { question } = this.view;
    const { given } = this;
    const writes = this.mine || Boolean(given);
    // Made anew only where it shows something else: answered on another device, the turn to answer.
    if (this.body.firstChild && writes === this.writes && (!given || same(given.response, this.response))) return;
    this.writes = writes;
    this.response = given?.response || this.socket.kept(this.turn)?.response || null;
    this.fields = writes ? answerForm(question, this.response, (response) => this.choose(response)) : null;
    show(this.body, h("div", { class: "question-head" }, kindTag(question), h("span", { class: "quiet small" }, worth(question))),
      this.fields || markedQuestion(question, null, null));
  }

  tellWhose() {
    const { question: { buzzer, team, stake }, me } = this.view;
    const own = me.may_answer && team && team === me.team;
    const lost = buzzer && team && me.why === "not_your_team";
    const text = own ? `${buzzer ? "您的队抢到了！" : "轮到您的队答。"}队里先提交的为准。` : lost ? `${team}抢到了，由他们答。` : me.sentence;
    if (text === this.whoseText) return;
    this.whoseText = text;
    show(this.whose, stake > 0 && h("p", { class: "notice" }, `风险题 ${stake} 分：答对加 ${stake} 分，答错或没答扣 ${stake} 分。`),
      text && (own ? h("p", { class: "notice notice-good", role: "status" }, sign("right"), " ", text) : notMine(text)));
  }

  choose(response) {
    this.response = response;
    this.problem = "";
    this.socket.draft(this.turn, response);
    this.draw();
  }

  give() {
    if (!isAnswered(this.response)) {
      this.problem = urge(this.view.question);
      this.draw();
      this.fields.querySelector("input, textarea, button:enabled")?.focus();
      return;
    }
    this.problem = "";
    this.socket.give(this.turn, this.response);
    this.draw();
  }

  /** What became of the answer, or of the press. */
  refused({ code, message }) {
    if (this.view.question.buzzer && !this.view.question.team) this.buzzer.refused(message);
    else if (code !== "signed_out") this.problem = message;
    this.draw();
  }

  draw() {
    const { question } = this.view;
    const { begun, over } = this.clock;
    const locked = Boolean(this.given) || over || question.paused || !this.mine;
    if (this.fields) this.fields.disabled = locked;
    this.confirm.disabled = locked || !begun;
    this.confirm.hidden = !this.writes || (over && !this.given);
    show(this.confirm, this.view.me.answered ? "已提交" : this.given ? "正在提交" : "确定");
    const [text, look, mark] = this.word(begun, over);
    this.foot.hidden = this.confirm.hidden && this.buzzer.node.hidden && !text;
    if (this.state.textContent.trim() === text) return;
    this.state.className = `save-state contest-state ${look}`;
    show(this.state, mark && sign(mark), mark && " ", text);
  }

  word(begun, over) {
    const { question, me } = this.view;
    if (me.answered) return [`已收到 ${stamp(me.answered.at)}，请等公布答案`, "is-right", "right"];
    if (this.given) return this.underway();
    if (this.socket.link === "lost") return ["网络断了，正在重连…可以照样答，答案会自己送出去", "is-waiting", "wait"];
    if (!this.mine) return ["", ""];
    if (question.paused) return ["主持人暂停了比赛，时间停着，请等一下。", "is-waiting", "wait"];
    const refusal = this.problem || this.socket.kept(this.turn)?.refused;
    if (refusal && (over || this.problem)) return [refusal, "is-wrong"];
    if (over) return [`${question.closed ? "答题结束" : "时间到"}，${isAnswered(this.response) ? "选了没有点“确定”，没有提交" : "没有答"}`, "is-wrong"];
    // Beside the bar it says that this begins at once.
    return begun && isAnswered(this.response) ? ["选好了请点“确定”，点了就不能改", ""] : ["", ""];
  }

  underway() {
    const { link } = this.socket;
    if (link === "signed_out") return ["登录已过期，答案已留在手机上，重新登录后会自动送出", "is-waiting", "wait"];
    if (link === "lost") return ["网络断了，答案已留在手机上，正在重连…", "is-waiting", "wait"];
    return ["正在提交…", ""];
  }

  /** Once, for those who cannot see the bar. */
  warn() {
    clearTimeout(this.warning);
    const { still, left } = this.clock;
    if (still || left <= WARN_MS || this.given || !this.mine) return;
    this.warning = setTimeout(() => show(this.warned, !this.given && "还剩 10 秒"), left - WARN_MS);
  }
}

const worth = ({ points, buzzer, stake }) => (stake || buzzer ? "" : `${points} 分`);
