/**
 * Reading aloud with the device's own Chinese voice, and the player at the foot of the screen.
 * Text is spoken sentence by sentence: phones stop long texts and cannot really pause.
 */
import { button, h, show } from "./dom.js";

const VOICE_WAIT_MS = 2000;
let run = null;
let player = null;

/** True when the browser can speak at all; whether in Chinese shows only when asked. */
export const canSpeak = () => "speechSynthesis" in window;

/**
 * Read these elements (or {node, text}) aloud from the first, each one marked while it is read.
 * Where there is no Chinese voice the player says what to do.
 */
export async function readAloud(nodes) {
  stop();
  const mine = (run = { parts: sentences(nodes), at: 0, paused: false, voice: null });
  mine.voice = await chineseVoice();
  if (run !== mine) return;
  if (mine.voice) speak();
  else explain();
}

/** Stop reading and put the player away. */
export function stop() {
  if (run) mark(null);
  run = null;
  if (canSpeak()) speechSynthesis.cancel();
  player?.remove();
  player = null;
}

function sentences(nodes) {
  return nodes.flatMap((one, index) => {
    const node = one.node || one;
    const text = (one.text || node.textContent).replace(/\s+/g, " ").trim();
    const pieces = text.match(/[^。\uff01\uff1f\uff1b!?;]+[。\uff01\uff1f\uff1b!?;]*/g) || [];
    return pieces.map((piece) => ({ node, index, text: piece }));
  });
}

async function chineseVoice() {
  if (!canSpeak()) return null;
  const find = () => {
    const voices = speechSynthesis.getVoices();
    const tongue = (voice) => voice.lang.replace("_", "-").toLowerCase();
    return voices.find((voice) => /^(zh-cn|zh-hans|cmn)/.test(tongue(voice)))
      || voices.find((voice) => /^zh/.test(tongue(voice)));
  };
  // Browsers fill the list only after the first question.
  const end = Date.now() + VOICE_WAIT_MS;
  while (!find() && Date.now() < end) await new Promise((wake) => setTimeout(wake, 100));
  return find() || null;
}

function speak() {
  const mine = run;
  const part = mine.parts[mine.at];
  if (!part) {
    stop();
    return;
  }
  const utterance = new SpeechSynthesisUtterance(part.text);
  utterance.voice = mine.voice;
  utterance.lang = mine.voice.lang;
  utterance.rate = 0.9;
  utterance.onend = () => {
    if (run !== mine || mine.paused) return;
    mine.at += 1;
    speak();
  };
  utterance.onerror = () => {
    if (run === mine && !mine.paused) pause();
  };
  // Some browsers drop an utterance that nothing refers to, and its end is never told.
  mine.utterance = utterance;
  mark(part.node);
  controls();
  speechSynthesis.speak(utterance);
}

// Android treats pause() as an end, so a pause is a stop that remembers its sentence.
function pause() {
  run.paused = true;
  speechSynthesis.cancel();
  controls();
}

function goOn() {
  run.paused = false;
  speak();
}

function mark(node) {
  const before = document.querySelector(".is-spoken");
  if (before === node) return;
  before?.classList.remove("is-spoken");
  node?.classList.add("is-spoken");
  const gentle = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  node?.scrollIntoView({ block: "center", behavior: gentle ? "smooth" : "auto" });
}

function controls() {
  const { paused, parts, at } = run;
  // The player is filled again at each sentence; a finger or key on its button must stay there.
  const held = player?.contains(document.activeElement);
  const main = button(paused ? "继续" : "暂停", paused ? goOn : pause);
  const total = parts[parts.length - 1].index + 1;
  openPlayer(h("p", null, `${paused ? "已暂停" : "正在朗读"} ${parts[at].index + 1}/${total} 段`),
    main, button("停止", stop, "button-quiet"));
  if (held) main.focus();
}

function explain() {
  openPlayer(h("p", { class: "notice-text", role: "status" }, advice(navigator.userAgent)),
    button("知道了", stop));
}

function advice(device) {
  if (!canSpeak()) return "这个浏览器不能朗读。请点右上角菜单，选“在浏览器打开”，再点朗读。";
  const where = /iPhone|iPad/.test(device) ? "手机“设置 → 辅助功能 → 朗读内容 → 声音”里下载中文声音"
    : /Windows/.test(device) ? "电脑“设置 → 时间和语言 → 语音”里添加中文语音"
      : "手机“设置 → 语言 → 文字转语音”里装中文语音";
  return `这台设备还没有中文语音，读不出来。请在${where}，再回到这里点朗读。`;
}

function openPlayer(...children) {
  if (!player) {
    player = h("div", { class: "player", role: "region", "aria-label": "朗读" });
    document.body.append(player);
  }
  show(player, ...children);
}

window.addEventListener("pagehide", stop);
// A locked phone goes silent without saying so; coming back shows 继续 instead of a dead 暂停.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && run?.voice && !run.paused) pause();
});
