/** What stands in the editor of a contest: from a stored plan, and back to one. */
import { chinese } from "./dom.js";

const MOST = 1000000;
const HOURS_MS = 8 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

/** A round as it begins. */
export const FIRST = { kind: "all", seconds: 20, points: 100, count: 10 };
const AWARDS = [{ name: "一等奖", count: 1 }, { name: "二等奖", count: 2 }, { name: "三等奖", count: 3 }];

/** 第一轮 for the first. */
export const roundTitle = (n) => `第${chinese(n + 1)}轮`;

/** A round without questions. */
export function newRound(n, { kind, seconds, points } = FIRST) {
  return { kind, title: roundTitle(n), seconds, points, items: [] };
}

/** The plan of a new contest with one round of these questions. */
export const newPlan = (title, items) => ({ title, format: "person", awards: AWARDS, rounds: [{ ...newRound(0), items }] });

/** Whether being fast earns more when the host says nothing: not where only villagers come. */
export const usualSpeed = (cohorts) => cohorts.join() !== "villager";

/** A moment as the town's clock writes it: ["2026-11-24", "14:30"], whatever the PC's zone is. */
const local = (iso) => new Date(Date.parse(iso) + HOURS_MS).toISOString().slice(0, 16).split("T");

/** The values of the editor. `window` is kept while another format is chosen, and so are the teams. */
export function fromPlan(plan) {
  const { title, format, speed, cohorts, units, teams, awards, rounds, window } = structuredClone(plan);
  const [opensDay, opensTime] = window ? local(window.opens_at) : ["", "08:00"];
  const [closesDay, closesTime] = window ? local(window.closes_at) : ["", "22:00"];
  return { title, format, speed, byHand: format !== "window" && speed !== usualSpeed(cohorts), cohorts, units, teams, awards, rounds,
    window: { opensDay, opensTime, closesDay, closesTime, minutes: window?.minutes ?? 20, count: window?.count ?? 10 } };
}

/** A window that nobody has set yet is open from today for a week. */
export function suggestWindow(values, now) {
  const day = (days) => local(new Date(now + days * DAY_MS).toISOString())[0];
  values.opensDay = values.opensDay || day(0);
  values.closesDay = values.closesDay || day(7);
}

/** A number as it was typed; what is none is sent as 0, and refused with the field's own words. */
const number = (value) => Math.max(-MOST, Math.min(MOST, Math.round(Number(value)))) || 0;

/** The plan that is sent. */
export function toPlan(form) {
  const { opensDay, opensTime, closesDay, closesTime, minutes, count } = form.window;
  const at = (day, time) => `${day}T${time}:00+08:00`;
  const whole = opensDay && opensTime && closesDay && closesTime;
  return {
    title: form.title.trim(), format: form.format, speed: form.speed, cohorts: form.cohorts, units: form.units,
    teams: form.teams.map(({ name, members }) => ({ name: name.trim(), members })),
    awards: form.awards.map(({ name, count: many }) => ({ name: name.trim(), count: number(many) })),
    window: form.format === "window" && whole ? { opens_at: at(opensDay, opensTime), closes_at: at(closesDay, closesTime), minutes: number(minutes), count: number(count) } : null,
    rounds: form.rounds.map(({ kind, title, seconds, points, items }) => ({ kind, title: title.trim(), seconds: number(seconds), points: number(points), items })),
  };
}

/** Everything that the editor says and would save, for comparing. */
export const said = (form) => JSON.stringify(toPlan(form));

/** Teams of the units that were chosen (none: of all), each with its first people. */
export function teamsByUnit(people, units, chosen, many) {
  const wanted = chosen.length ? units.filter(({ id }) => chosen.includes(id)) : units;
  return wanted.map(({ name }) => ({ name: name.slice(0, 30), members: people.filter(({ unit }) => unit === name).slice(0, many).map(({ login }) => login) }))
    .filter(({ members }) => members.length);
}
