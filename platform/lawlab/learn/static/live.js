// Live pages: show the cells when Voila is ready, and say so when the page's kernel is gone.
// Voila itself says nothing then: buttons just stop answering.
"use strict";

const POLL_MS = 10000;
const AGAIN_MS = 6000;
const SELDOM_MS = 60000;
const LAST = `lawlab-again:${location.pathname}`;
const PLACE = `lawlab-place:${location.pathname}`;
const ASLEEP = "这一页休息了。您做过的都已保存。";
const BROKEN = "这一页没有完全打开。";

// Names that Voila's template and bundle call.
window.voila_heartbeat = () => {};
window.voila_process = () => {};
window.update_loading_text = () => {};
window.voila_finish = window.display_cells = showCells;

function showCells() {
  if (!window.themeLoaded) {
    window.cellLoaded = true; // the bundle calls again once the theme is there
    return;
  }
  document.getElementById("loading")?.remove();
  const cells = document.getElementById("rendered_cells");
  if (cells) cells.hidden = false;
  const place = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (place !== null) window.scrollTo(0, Number(place));
}

function notice(sentence) {
  if (document.getElementById("live-notice")) return;
  document.getElementById("loading")?.remove();
  const bar = document.createElement("div");
  bar.id = "live-notice";
  bar.className = "notice live-notice";
  bar.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = sentence;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "继续";
  button.addEventListener("click", openAgain);
  bar.append(words, button);
  document.body.append(bar);
}

function openAgain() {
  sessionStorage.setItem(PLACE, String(window.scrollY));
  location.reload();
}

// The kernel is gone, by a restart or by rest: the page opens again by itself when somebody looks at it.
// One whose kernel dies each time waits for a tap.
function asleep() {
  if (document.getElementById("live-notice")) return;
  notice(ASLEEP);
  if (Date.now() - Number(sessionStorage.getItem(LAST)) < SELDOM_MS) return;
  const comeBack = () => {
    if (document.visibilityState !== "visible") return;
    sessionStorage.setItem(LAST, String(Date.now()));
    openAgain();
  };
  // Spread, so that a hall does not come back in step.
  setTimeout(() => {
    comeBack();
    document.addEventListener("visibilitychange", comeBack);
  }, AGAIN_MS * (1 + Math.random()));
}

function token() {
  return document.cookie.match(/(?:^|;\s*)_xsrf=([^;]*)/)?.[1] ?? "";
}

async function look(config) {
  try {
    const reply = await fetch(`${config.baseUrl}api/kernels/${config.kernelId}`, {
      headers: { "X-XSRFToken": token() },
      cache: "no-store",
    });
    if (reply.status === 403 || reply.status === 404) asleep();
  } catch {
    // No network: the kernel may well be alive, so wait for the next look.
  }
}

function leave(config) {
  // Voila does this too, but only on beforeunload, which phones often skip, and only once it is up.
  const form = new FormData();
  form.append("_xsrf", token());
  navigator.sendBeacon(`${config.baseUrl}voila/api/shutdown/${config.kernelId}`, form);
}

function watchSocket() {
  const kernel = window.jupyterapp?.widgetManager?.kernel;
  if (!kernel) {
    setTimeout(watchSocket, 200);
    return;
  }
  kernel.statusChanged.connect((_, status) => {
    if (status === "dead" || status.endsWith("restarting")) asleep();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const element = document.getElementById("jupyter-config-data");
  if (!element || document.getElementById("lawlab-broken")) {
    notice(BROKEN);
    return;
  }
  const config = JSON.parse(element.textContent);
  const visible = () => document.visibilityState === "visible" && look(config);
  setInterval(visible, POLL_MS);
  document.addEventListener("visibilitychange", visible);
  window.addEventListener("pagehide", () => leave(config));
  window.addEventListener("pageshow", (event) => event.persisted && look(config));
  watchSocket();
});
