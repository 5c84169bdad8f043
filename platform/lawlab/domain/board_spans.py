"""The spans of time for which there are boards, in the town's days."""

from __future__ import annotations

import datetime as dt
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


def masked(name: str) -> str:
    """A name of which only the first character is told: 干＊＊."""
    return name[:1] + "＊" * max(1, min(2, len(name) - 1))
