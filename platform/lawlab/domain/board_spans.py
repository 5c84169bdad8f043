"""The spans of time for which there are boards, in the town's days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lawlab.domain.practice import week_of

ALL = "all"
SPAN_NAMES = {"day": "今天", "week": "本周", "year": "今年", ALL: "全部"}
PHASES = ("learn", "drill", "compete")
PHASE_NAMES = {"total": "总分", "learn": "大学习", "drill": "大练兵", "compete": "大比武"}


@dataclass(frozen=True)
class Weights:
    """By how much each phase counts in the total."""

    learn: float = 1.0
    drill: float = 1.0
    compete: float = 1.0

    def total(self, learn: float, drill: float, compete: float) -> float:
        """To two decimals, like points themselves."""
        return round(self.learn * learn + self.drill * drill + self.compete * compete, 2)


def spans_on(day: dt.date) -> dict[str, str]:
    """Name of a span → how it is called on a day: {"day": "2026-11-26", "week": "2026-W48", …}."""
    return {"day": day.isoformat(), "week": week_of(day), "year": str(day.year), ALL: ALL}


def spans_of(earned: dt.date, day: dt.date) -> list[str]:
    """Those spans of `day` into which something falls that was earned on another day."""
    then, now = spans_on(earned), spans_on(day)
    return [now[name] for name in now if then[name] == now[name]]


def earned_on(
    points: float, last: dt.date, earlier: Mapping[dt.date, float]
) -> dict[dt.date, float]:
    """On which days points were earned: `earlier` is what was earned before the `last` day that
    changed them; the rest was earned on that. What was lost again was earned last."""
    left = points
    days = {}
    for day in sorted(one for one in earlier if one < last):
        if part := round(min(earlier[day], left), 2):
            days[day] = part
        left -= part
    if left := round(left, 2):
        days[last] = left
    return days


def earlier_after(
    earlier: Mapping[dt.date, float],
    before: tuple[float, dt.date],
    after: tuple[float, dt.date],
) -> dict[dt.date, float]:
    """What of points was earned before the day of their newest change; `before` and `after` that
    are (points, day of the change)."""
    (old, old_day), (new, day) = before, after
    known = earned_on(old, old_day, earlier) if day > old_day else earlier
    return {one: part for one, part in earned_on(new, day, known).items() if one < day}


def earlier_by(steps: Iterable[tuple[float, dt.date]]) -> dict[dt.date, float]:
    """What of points was earned before the day of their newest change, by all changes: (points,
    day) in their order."""
    earlier: dict[dt.date, float] = {}
    before: tuple[float, dt.date] | None = None
    for step in steps:
        if before is not None:
            earlier = earlier_after(earlier, before, step)
        before = step
    return earlier


def masked(name: str) -> str:
    """A name of which only the first character is told: 干＊＊."""
    return name[:1] + "＊" * max(1, min(2, len(name) - 1))
