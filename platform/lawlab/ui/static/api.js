/**
 * Talking to /services/api: every request is answered, or fails with a `Trouble` that says what to
 * do about it. A session that has run out is renewed here, once for all who wait for it.
 */

const API = "/services/api";
const LIMIT_MS = 15000;

/** Things that happen to the whole page: "person-changed". */
export const page = new EventTarget();

/**
 * Why a request brought nothing. `kind`: "offline" (try again later: no network, a server that is
 * starting, a login page of some Wi-Fi), "signed_out" (the person must sign in), "refused" (final).
 */
export class Trouble extends Error {
  constructor(kind, message, code = kind, status = 0, facts = {}) {
    super(message);
    Object.assign(this, { kind, code, status, facts });
  }
}

/** Where a signed-out person goes to come back to this page. */
export const signInAddress = () => entering(location.pathname);

const entering = (next) => `${API}/enter?next=${encodeURIComponent(next)}`;

/** GET JSON. */
export const get = (path) => request("GET", path);

/** POST JSON. The same key may be posted any number of times, so a repeat is harmless. */
export const post = (path, body) => request("POST", path, body);

async function request(method, path, body) {
  try {
    return await attempt(method, path, body);
  } catch (trouble) {
    if (trouble.code === "other_person") recheck().catch(() => {});
    if (trouble.kind !== "signed_out") throw trouble;
    await renew();
    return attempt(method, path, body);
  }
}

async function attempt(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body) Object.assign(headers, { "Content-Type": "application/json", "X-Lawlab": "1" });
  // After a renewal it may be somebody else who is signed in: what this page says is not his word.
  if (body && person) headers["X-Lawlab-Person"] = person.login;
  const options = {
    method, headers, credentials: "same-origin",
    // A redirected POST would come back as a GET that looks like success, its body lost.
    redirect: "error",
    // An answer that leaves while the phone is being locked should still arrive.
    keepalive: Boolean(body) && document.visibilityState === "hidden",
    body: body && JSON.stringify(body),
  };
  const { response, data } = await fetchJson(API + path, options);
  if (response.ok && data) return data;
  if (response.status === 401) throw new Trouble("signed_out", "登录已过期。");
  // What is not our own JSON comes from a proxy, a Wi-Fi's login page or a server that is starting.
  const busy = response.status >= 500 || (response.status === 429 && data?.code !== "too_many");
  if (!data || busy) throw offline(data);
  throw new Trouble("refused", data.message || "没有成功，请刷新页面再试。", data.code || "", response.status, data);
}

async function fetchJson(address, options) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const response = await fetch(address, { ...options, signal: abort.signal });
    const text = await response.text();
    return { response, data: parse(text) };
  } catch {
    throw offline();
  } finally {
    clearTimeout(timer);
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const AWAY = { database_away: "数据库暂时连不上", database_busy: "数据库正忙", disk_full: "服务器的磁盘满了，请告诉管理员" };

/** What keeps a request from being done, to begin a sentence with: the network, or what the server says of itself. */
export const hindrance = (trouble) => AWAY[trouble?.code] || "网络不稳";

const offline = (data) => new Trouble("offline", `${hindrance(data)}，正在重试。`, AWAY[data?.code] ? data.code : "offline", 0, data || {});

let renewing = null;

/** Renew the session without leaving the page; rejects when the person has to sign in. */
export function renew() {
  renewing = renewing || enter().finally(() => { renewing = null; });
  return renewing;
}

async function enter() {
  const { response, data } = await fetchJson(entering(`${API}/me`), { credentials: "same-origin", cache: "no-store" });
  if (response.status >= 500) throw offline();
  // The Hub's sign-in page is a 200 too: only the final address tells.
  if (!response.ok || !data || new URL(response.url).pathname !== `${API}/me`) {
    throw new Trouble("signed_out", "登录已过期。");
  }
  notice(data);
}

let person = null;
let asking = null;

/** Who is signed in, asked once for the page. */
export function me() {
  asking = asking || get("/me").then(notice).catch((trouble) => {
    asking = null;
    throw trouble;
  });
  return asking;
}

/** The sign-in name this page belongs to; null until the server has said it. */
export const login = () => person && person.login;

/** Ask again who is signed in: after a lock, or when the server says that it is somebody else. */
export const recheck = async () => notice(await get("/me"));

function notice(now) {
  setClock(now.server_time);
  const before = person;
  person = person || now;
  if (before && before.login !== now.login) page.dispatchEvent(new Event("person-changed"));
  return now;
}

let server = { at: 0, time: Date.now() };

/** Take the server's time from a reply that has just arrived. */
export function setClock(iso) {
  if (iso) server = { at: performance.now(), time: Date.parse(iso) };
}

/** The server's time in milliseconds: the phone's own clock may be wrong, how it counts is not. */
export const serverNow = () => server.time + performance.now() - server.at;

/** Call `act` whenever trying again makes sense: back online, page shown again, phone unlocked. */
export function onReturn(act) {
  window.addEventListener("online", act);
  window.addEventListener("pageshow", (event) => {
    // The first one belongs to the load itself.
    if (event.persisted) act();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") act();
  });
}

/**
 * Milliseconds to wait before try number `tries`; spread, so that a hall does not retry in step. A server
 * that said when to come again is taken at its word. Never long: what comes back is used within seconds.
 */
export const backoff = (tries, trouble) =>
  (1000 * trouble?.facts?.retry_after || Math.min(6000, 1500 * 2 ** tries)) * (0.7 + 0.6 * Math.random());
