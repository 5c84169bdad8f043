"""The plan of a study activity as a trainer fills it in: what may stand in it, how it repeats."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lawlab.domain.attendance import PHASE_NAMES, Rules
from lawlab.domain.statute import ArticleRef
from lawlab.errors import LawlabError

MOST_HOURS = 12
MOST_LISTED = 20
MOST_TIMES = 24
MOST_MINUTES = 240
AHEAD = timedelta(days=731)
EVERY = ("week", "two_weeks", "month")


@dataclass(frozen=True)
class Plan:
    """Times are aware. `units` and `organizer` are ids, `people` and `trainers` sign-in names;
    `topics` and `materials` as in the table `activities`."""

    title: str
    phase: str
    place: str
    starts_at: datetime
    ends_at: datetime
    online: bool = False
    organizer: int | None = None
    units: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    trainers: tuple[str, ...] = ()
    topics: tuple[Mapping[str, str], ...] = ()
    materials: tuple[Mapping[str, str], ...] = ()
    note: str = ""
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True)
class Repeat:
    """How often, and how many in all."""

    every: str
    times: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field of the form."""

    field: str
    text: str


def plan_faults(plan: Plan, now: datetime, repeat: Repeat | None = None) -> list[Fault]:
    """Everything that is wrong with a plan in itself; who exists is not asked here."""
    return [Fault(name, text) for name, text in _faults(plan, now, repeat)]


def _faults(plan: Plan, now: datetime, repeat: Repeat | None) -> Iterator[tuple[str, str]]:
    if not 2 <= len(plan.title.strip()) <= 80:
        yield "title", "请写活动名称，2 到 80 个字。"
    if plan.phase not in PHASE_NAMES:
        yield "phase", f"阶段应为 {'、'.join(PHASE_NAMES.values())} 之一。"
    if not plan.online and not plan.place.strip():
        yield "place", "请写地点，如“镇政府三楼会议室”。"
    if len(plan.place) > 80:
        yield "place", f"地点有 {len(plan.place)} 个字，最多 80 个。"
    if plan.ends_at <= plan.starts_at:
        yield "ends_at", "结束时间应在开始时间之后。"
    elif plan.ends_at - plan.starts_at > timedelta(hours=MOST_HOURS):
        yield "ends_at", f"一场活动最长 {MOST_HOURS} 小时，几天的培训请分天建立。"
    if plan.starts_at.year < 2000 or plan.starts_at > now + AHEAD:
        yield "starts_at", "开始时间应在 2000 年以后、两年以内。"
    if not plan.units and not plan.people:
        yield "units", "请选应参加的单位，或者加上参加的人。"
    if len(plan.note) > 500:
        yield "note", f"说明有 {len(plan.note)} 个字，最多 500 个。"
    yield from _listed(plan)
    yield from _rules(plan.rules)
    if repeat is not None:
        if repeat.every not in EVERY:
            yield "repeat", "重复应为每周、每两周或每月。"
        if not 2 <= repeat.times <= MOST_TIMES:
            yield "repeat", f"一共应为 2 到 {MOST_TIMES} 场，现在是 {repeat.times} 场。"


def _listed(plan: Plan) -> Iterator[tuple[str, str]]:
    if len(plan.topics) > MOST_LISTED:
        yield "topics", f"学习内容最多 {MOST_LISTED} 项。"
    for topic in plan.topics:
        if not topic["ref"].strip() or len(topic["ref"]) > 80:
            yield "topics", "每项学习内容要有 1 到 80 个字。"
        if topic["kind"] == "article":
            try:
                ArticleRef.parse(topic["ref"])
            except LawlabError as error:
                yield "topics", error.sentence
    if len(plan.materials) > MOST_LISTED:
        yield "materials", f"材料最多 {MOST_LISTED} 份。"
    for one in plan.materials:
        if not 1 <= len(one["title"].strip()) <= 80:
            yield "materials", "每份材料要有名称，最多 80 个字。"
        if not _address(one["url"]):
            yield "materials", f"“{one['url'][:40]}”不是网址，应以 http:// 、https:// 或 / 开头。"


def _address(url: str) -> bool:
    if not url:
        return True
    own = url.startswith("/") and not url.startswith(("//", "/\\"))
    return (
        len(url) <= 300 and url.isprintable() and (own or url.startswith(("http://", "https://")))
    )


def _rules(rules: Rules) -> Iterator[tuple[str, str]]:
    minutes = (rules.opens_minutes, rules.present_minutes, rules.late_minutes)
    if not all(0 <= one <= MOST_MINUTES for one in minutes):
        yield "rules", f"签到规则里的分钟数应在 0 到 {MOST_MINUTES} 之间。"
    if rules.present_minutes > rules.late_minutes:
        yield "rules", "算出勤的时间不能长于算迟到的时间。"


def occurrences(
    starts: datetime, ends: datetime, repeat: Repeat | None, zone: ZoneInfo
) -> Sequence[tuple[datetime, datetime]]:
    """Start and end of each activity of a series, at the same time of the town's day. A month that
    has no such day takes its last."""
    if repeat is None:
        return [(starts, ends)]
    first, length = starts.astimezone(zone), ends - starts
    found = []
    for number in range(repeat.times):
        if repeat.every == "month":
            year, month = divmod(first.month - 1 + number, 12)
            year, month = first.year + year, month + 1
            day = min(first.day, calendar.monthrange(year, month)[1])
            begin = first.replace(year=year, month=month, day=day)
        else:
            weeks = number * (2 if repeat.every == "two_weeks" else 1)
            begin = first + timedelta(weeks=weeks)
        found.append((begin, begin + length))
    return found
