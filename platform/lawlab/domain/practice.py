"""Rules of daily practice: when a day is done, how long it goes on, how much is new."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

GOAL = 10
"""Different questions a day: about five minutes."""
FEWEST_NEW, MOST_NEW, USUAL_NEW = 2, 10, 5
BEFORE_CONTEST = dt.timedelta(days=30)
"""So long before the contest everything is to be met once: what is left is for keeping it."""
RECENT, KEEPS, KEEPS_WELL = 40, 0.85, 0.95
"""Whoever knew less than KEEPS of his last RECENT repeated questions gets new ones when nothing is
due; who knew KEEPS_WELL of them meets the new ones of the day first. Found by simulation:
docs/decisions/0009-drill-policy.md."""
LEAVES_BOOK = 2
"""On so many days a question of the wrong-question book has to be known before it leaves it."""


@dataclass(frozen=True)
class Given:
    """One answer in practice."""

    at: dt.datetime
    item: str
    right: bool


@dataclass(frozen=True)
class Day:
    """What was practised on one day: different questions, those whose first answer of the day was
    right, and when the goal was reached."""

    answered: int
    right: int
    done_at: dt.datetime | None


def day_of(answers: Iterable[Given], goal: int) -> Day:
    """The figures of one day from its answers, in the order given."""
    first: dict[str, bool] = {}
    done_at: dt.datetime | None = None
    for one in answers:
        first.setdefault(one.item, one.right)
        if done_at is None and 0 < goal <= len(first):
            done_at = one.at
    return Day(len(first), sum(first.values()), done_at)


def goal_of(pool: int) -> int:
    """How many different questions make a day, where there are only `pool`."""
    return min(GOAL, pool)


def streak(done: Collection[dt.date], today: dt.date, holidays: Collection[dt.date]) -> int:
    """Days in a row that were done, up to today. Holidays neither count nor break it; today, not
    yet done, does not break it."""
    if not done:
        return 0
    length, first = 0, min(done)
    day = today if today in done else today - dt.timedelta(days=1)
    while day >= first and (day in done or day in holidays):
        length += day in done
        day -= dt.timedelta(days=1)
    return length


def longest_streak(done: Iterable[dt.date], holidays: Collection[dt.date]) -> int:
    """The longest such row ever."""
    days = sorted(set(done))
    best = current = 0
    before: dt.date | None = None
    for day in days:
        between = _days_between(before, day) if before else []
        unbroken = before is not None and all(one in holidays for one in between)
        current = current + 1 if unbroken else 1
        best, before = max(best, current), day
    return best


def new_per_day(
    unseen: Mapping[str, int],
    goals: Mapping[str, dt.date],
    contest: dt.date | None,
    today: dt.date,
    holidays: Collection[dt.date],
) -> float:
    """How many questions somebody should meet for the first time on each day from today on.
    `unseen`: course → how many of its questions he has not met; `goals`: course → until when all
    are to be met, without one BEFORE_CONTEST. At least FEWEST_NEW, but it may be more than anybody
    does in a day; USUAL_NEW where there is neither goal nor contest."""
    if contest is not None and contest < today:
        contest = None  # it is over
    wanted, aimed = 0.0, False
    for course, count in unseen.items():
        goal = goals.get(course) or (contest - BEFORE_CONTEST if contest else None)
        if goal is not None:
            aimed = True
            wanted += count / max(1, working_days(today, goal, holidays))
    return max(FEWEST_NEW, wanted) if aimed else USUAL_NEW


def most_new(
    unseen: int, contest: dt.date | None, today: dt.date, holidays: Collection[dt.date]
) -> int:
    """How many questions may be new on one day at most: the whole day; half of it while the contest
    is more than BEFORE_CONTEST away and not everything can be met until then anyway. So what is due
    has its place however large the pool is."""
    far = contest is not None and contest - today > BEFORE_CONTEST
    if contest and far and unseen > GOAL * working_days(today, contest, holidays):
        return MOST_NEW // 2
    return MOST_NEW


def new_today(wanted: float, known: int, repeated: int, most: int = MOST_NEW) -> tuple[int, int]:
    """How many new questions come before what is due, and how many in all, of the `wanted` ones of
    `new_per_day`. `known` of the last `repeated` repeated questions were known. Whoever keeps what
    he learned goes on to new things; whoever does not, keeps first, but less so the fewer days are
    left for what he has never met."""
    share = (known + 3) / (repeated + 4)  # a few answers say little
    pace = min(1.0, max(0.0, (share - KEEPS) / (KEEPS_WELL - KEEPS)))
    return min(most, round(wanted * pace)), min(most, math.ceil(wanted))


def working_days(first: dt.date, last: dt.date, holidays: Collection[dt.date]) -> int:
    """Days from `first` to `last`, both counted, without holidays."""
    span = (last - first).days + 1
    return span - sum(first <= one <= last for one in set(holidays))


def week_of(day: dt.date) -> str:
    """As "2026-W48", the week of ISO 8601."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _days_between(before: dt.date, day: dt.date) -> list[dt.date]:
    return [before + dt.timedelta(days=n) for n in range(1, (day - before).days)]
