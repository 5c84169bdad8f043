"""Daily practice (每日一练): how far somebody is, and what he is asked next."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lawlab.domain.practice import RECENT, most_new, new_per_day, new_today
from lawlab.domain.question import Question
from lawlab.services.drill_days import today_card, week
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.content import MADE_BANK
from lawlab.store.drill import holiday_names, newest_plan
from lawlab.store.drill_items import memory_of, met_by_course, pool, unseen
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    Course,
    DrillItem,
    DrillPlan,
    Favourite,
    ItemVersion,
    Memory,
    Score,
)

MOST = 30
"""Questions in one reply."""
DAILY = "drill:daily"


@dataclass(frozen=True)
class Asked:
    """A question that is asked now, and why: `due`, `again`, `new`, `ahead` or `asked`."""

    item: str
    version_id: int
    why: str


def drill_state(session: Session, caller: Caller, now: dt.datetime) -> dict[str, Any]:
    """What the page of practice shows first."""
    day, person = china_day(now), caller.person_id
    plan = newest_plan(session)
    never = unseen(session, person, (), 0).counts
    mine = pool().join(*memory_of(person))
    points = session.scalar(
        select(Score.points).where(Score.person_id == person, Score.source == f"drill:day/{day}")
    )
    return {
        "day": day.isoformat(),
        **today_card(session, person, now),
        "holiday": holiday_names(plan).get(day),
        "contest": _contest(plan, day),
        "due": _count(session, mine.where(Memory.due <= day)),
        "new": min(_new_left(session, person, day, never)[1], sum(never.values())),
        "book": _count(session, mine.where(Memory.in_book)),
        "favourites": session.scalar(
            select(func.count()).select_from(Favourite).where(Favourite.person_id == person)
        ),
        "week": week(session, person, now),
        "points_today": points or 0.0,
        "server_time": now.isoformat(),
    }


def next_items(
    session: Session, caller: Caller, now: dt.datetime, count: int, without: Collection[str] = ()
) -> list[Asked]:
    """What the daily practice asks next: what is due, the oldest promise first, and what is new
    today, in the order that `practice.new_today` decides; then once more what was wrong today;
    then what falls due next. `without`: what the page has already.

    Never what is out of use or what the person is answering in a quiz.
    """
    day, person = china_day(now), caller.person_id
    count = min(count, MOST)
    closed = items_being_answered(session, person, now) | set(without)
    # Whatever is closed may stand in front.
    most = count + len(closed)
    never = unseen(session, person, _order(session, person), most)
    held = sum(item in without for item, _ in never.first)
    first, left = _new_left(session, person, day, never.counts, held)
    fresh = [row for row in never.first if row[0] not in closed]
    found: dict[str, Asked] = {}

    def take(rows: Iterable[tuple[str, int]], why: str) -> bool:
        """Whether there are enough."""
        for item, version_id in rows:
            if len(found) < count and item not in closed:
                found.setdefault(item, Asked(item, version_id, why))
        return len(found) >= count

    mine = pool().join(*memory_of(person)).order_by(Memory.due, Memory.item).limit(most)
    wrong_today = (Memory.last == day) & ~Memory.last_right
    _ = (
        take(fresh[:first], "new")
        or take(_rows(session, mine.where(Memory.due <= day)), "due")
        or take(fresh[first:left], "new")
        or take(_rows(session, mine.where(wrong_today)), "again")
        or take(_rows(session, mine.where(Memory.due > day, Memory.last < day)), "ahead")
        or take(fresh, "new")
    )
    return list(found.values())


def shown_items(
    session: Session, caller: Caller, asked: Sequence[Asked], place: str
) -> list[dict[str, Any]]:
    """The questions as a page may have them before they are answered: no key, no article."""
    rows = session.execute(
        select(ItemVersion, DrillItem.course)
        .outerjoin(DrillItem, DrillItem.item == ItemVersion.item)
        .where(ItemVersion.id.in_({one.version_id for one in asked}))
    )
    versions = {version.id: (version, course) for version, course in rows}
    favourites = select(Favourite.item).where(
        Favourite.person_id == caller.person_id, Favourite.item.in_({one.item for one in asked})
    )
    kept = set(session.scalars(favourites))
    shown = []
    for one in asked:
        version, course = versions[one.version_id]
        shown.append(
            Question.from_json(version.body).public()
            | {
                "version": version.version,
                "made": version.bank == MADE_BANK,
                # A game goes on with a question that has left the pool meanwhile.
                "course": course or "",
                "why": one.why,
                "favourite": one.item in kept,
                "place": place,
            }
        )
    return shown


def _new_left(
    session: Session, person_id: int, day: dt.date, never: Mapping[str, int], held: int = 0
) -> tuple[int, int]:
    """How many questions somebody meets today for the first time before what is due, and how many
    in all, besides those that he has met today and `held`, which his page holds unanswered.
    `never`: how many of each course he has never been asked."""
    plan = newest_plan(session)
    goals = plan.goals.items() if plan else ()
    met = met_by_course(session, person_id, day)
    # As they were this morning: what is met today makes the day's share no smaller.
    morning = Counter(never) + Counter(met)
    until = {course: dt.date.fromisoformat(goal) for course, goal in goals}
    contest = plan.contest if plan and plan.contest and plan.contest >= day else None
    rest = holiday_names(plan)
    wanted = new_per_day(morning, until, contest, day, rest)
    limit = most_new(morning.total(), contest, day, rest)
    first, most = new_today(wanted, *_kept(session, person_id), limit)
    gone = held + sum(met.values())
    return max(0, first - gone), max(0, most - gone)


def _rows(session: Session, query: Select[Any]) -> list[tuple[str, int]]:
    return [(item, version_id) for item, version_id in session.execute(query)]


def _kept(session: Session, person_id: int) -> tuple[int, int]:
    """Of somebody's last repeated questions, how many he knew, and how many they are."""
    last = session.scalars(
        select(Memory.last_right)
        .where(Memory.person_id == person_id, Memory.reviews > 1)
        .order_by(Memory.last.desc(), Memory.item)
        .limit(RECENT)
    ).all()
    return sum(last), len(last)


def _order(session: Session, person_id: int) -> list[str]:
    """All courses: first those that somebody has begun, each in the town's order."""
    lessons = session.scalars(
        select(Score.source).where(Score.person_id == person_id, Score.source.startswith("lesson:"))
    )
    begun = {source.removeprefix("lesson:").partition("/")[0] for source in lessons}
    order = session.scalars(select(Course.slug).order_by(Course.position, Course.slug))
    return sorted(order, key=lambda slug: slug not in begun)


def _contest(plan: DrillPlan | None, day: dt.date) -> dict[str, Any] | None:
    if plan is None or plan.contest is None or plan.contest < day:
        return None
    return {"day": plan.contest.isoformat(), "left": (plan.contest - day).days}


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
