/** What stands in the form of an activity, from a plan and back to one; what is wrong before it is sent. */
import { articleRef } from "./attendance-form-law.js";

const HOURS_MS = 8 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

/** A moment as the town's clock writes it: ["2026-11-24", "14:30"], whatever the phone's zone is. */
const local = (iso) => new Date(Date.parse(iso) + HOURS_MS).toISOString().slice(0, 16).split("T");

/** The values of the form: of a plan, of a copy of it (another day), or of nothing. */
export function fromPlan(plan, { rules, me, trainers }, { copy = false }) {
  const minutes = ({ opens_minutes, present_minutes, late_minutes }) => ({ opens_minutes, present_minutes, late_minutes });
  if (!plan) {
    return { title: "", phase: "learn", day: "", starts_at: "", ends_at: "", place: "", online: false, organizer: "", units: [], people: [],
      trainers: trainers.some(({ login }) => login === me.login) ? [me.login] : [], topics: [], materials: [], note: "", rules: minutes(rules), every: "", times: "4" };
  }
  const [day, from] = local(plan.starts_at);
  const { title, phase, place, online, units, people, trainers: teach, topics, materials, note } = plan;
  return structuredClone({ title, phase, place, online, units, people, trainers: teach, topics, materials, note, rules: minutes(plan.rules), every: "", times: "4",
    day: copy ? "" : day, starts_at: from, ends_at: local(plan.ends_at)[1], organizer: plan.organizer === null ? "" : String(plan.organizer) });
}

const FIELDS = { title: "名称", phase: "阶段", day: "日期", starts_at: "开始时间", ends_at: "结束时间", place: "地点", online: "是不是线上", organizer: "组织的单位",
  units: "应参加的单位", people: "另外参加的人", trainers: "教员", topics: "学习内容", materials: "材料", note: "说明", rules: "签到规则", every: "重复", times: "一共几场" };

/** In which fields two forms of the same activity differ, in words. */
export function differences(one, other) {
  return Object.keys(FIELDS).filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name])).map((name) => FIELDS[name]);
}

/** Whatever the server cannot be asked about: what is missing, or no number. */
export function localFaults(form) {
  const faults = [];
  const say = (field, text) => faults.push({ field, text });
  const title = form.title.trim();
  if (title.length < 2) say("title", "请写活动名称，2 到 80 个字。");
  if (!form.day) say("day", "请选日期。");
  if (!form.starts_at) say("starts_at", "请写开始时间，如 14:30。");
  if (!form.ends_at) say("ends_at", "请写结束时间，如 16:00。");
  if (form.starts_at && form.ends_at && form.ends_at <= form.starts_at) say("ends_at", "结束时间应在开始时间之后。");
  if (!form.online && !form.place.trim()) say("place", "请写地点，如“镇政府三楼会议室”。");
  if (!form.units.length && !form.people.length) say("units", "请选应参加的单位，或者加上参加的人。");
  if (form.topics.some(({ ref }) => !ref.trim())) say("topics", "有一项学习内容是空的，请写上，或者去掉它。");
  for (const { kind, ref } of form.topics) {
    if (kind === "article" && ref.trim() && !articleRef(ref)) say("topics", `“${ref}”看不出是哪一条。请写成“民法典第1043条”或“民法典#1043”。`);
  }
  if (form.materials.some((one) => !one.title.trim())) say("materials", "有一份材料没有写名称。");
  const wrong = (text) => !/^\d{1,3}$/.test(String(text).trim());
  if (Object.values(form.rules).some(wrong)) say("rules", "分钟数应为 0 到 240 的整数。");
  if (form.every && (wrong(form.times) || Number(form.times) < 2 || Number(form.times) > 24)) say("repeat", "一共应为 2 到 24 场。");
  return faults;
}

/** The plan that is sent; a fresh one has its key, so that it is planned once. Call it when there are no local faults. */
export function toPlan(form, fresh) {
  const at = (time) => `${form.day}T${time}:00+08:00`;
  const plan = {
    title: form.title.trim(), phase: form.phase, place: form.place.trim(), online: form.online, organizer: form.organizer ? Number(form.organizer) : null,
    units: form.units, people: form.people, trainers: form.trainers, starts_at: at(form.starts_at), ends_at: at(form.ends_at),
    topics: form.topics.map(({ kind, ref }) => ({ kind, ref: kind === "article" ? articleRef(ref) : ref.trim() })),
    materials: form.materials.map(({ title, url }) => ({ title: title.trim(), url: url.trim() })), note: form.note.trim(),
    rules: Object.fromEntries(Object.entries(form.rules).map(([name, value]) => [name, Number(value)])),
  };
  if (!fresh) return plan;
  return { ...plan, key: form.key, repeat: form.every ? { every: form.every, times: Number(form.times) } : null };
}

/** When a series ends, in words; empty while it cannot be said. */
export function lastDay({ day, every, times }) {
  const many = Number(times);
  if (!day || !(many >= 2 && many <= 24)) return "";
  const [year, month, date] = day.split("-").map(Number);
  const first = Date.UTC(year, month - 1, date);
  const lastOfMonth = new Date(Date.UTC(year, month - 1 + many, 0)).getUTCDate();
  const last = every === "month" ? new Date(Date.UTC(year, month - 2 + many, Math.min(date, lastOfMonth)))
    : new Date(first + (many - 1) * (every === "week" ? 7 : 14) * DAY_MS);
  return `一共 ${many} 场，最后一场在 ${last.getUTCFullYear()} 年 ${last.getUTCMonth() + 1} 月 ${last.getUTCDate()} 日。每一场以后都能单独修改或取消。`;
}
