"""Daily practice (每日一练): how far somebody is, and what he is asked next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from lawlab.domain.practice import RECENT, new_per_day, new_today
from lawlab.domain.question import Question
from lawlab.services.drill_days import today_card, week
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.drill import holiday_names, newest_plan
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    ContentState,
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
    points = session.scalar(
        select(Score.points).where(Score.person_id == person, Score.source == f"drill:day/{day}")
    )
    return {
        "day": day.isoformat(),
        **today_card(session, person, now),
        "holiday": holiday_names(plan).get(day),
        "contest": _contest(plan, day),
        "due": _count(session, due_of(person, day)),
        "new": min(_new_left(session, person, day)[1], _count(session, unseen_of(person))),
        "book": _count(session, pool().join(*_memory(person)).where(Memory.in_book)),
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
    today, in the order that `practice.new_before_due` decides; then once more what was wrong today;
    then what falls due next. `without`: what the page has already.

    Never what is out of use or what the person is answering in a quiz.
    """
    day, person = china_day(now), caller.person_id
    count = min(count, MOST)
    closed = items_being_answered(session, person, now) | set(without)
    # Whatever is closed may stand in front.
    most = count + len(closed)
    fresh = _unseen(session, person, most)
    first, left = _new_left(session, person, day, sum(item in without for item, _ in fresh))
    fresh = [row for row in fresh if row[0] not in closed]
    found: dict[str, Asked] = {}

    def take(rows: Iterable[tuple[str, int]], why: str) -> bool:
        """Whether there are enough."""
        for item, version_id in rows:
            if len(found) < count and item not in closed:
                found.setdefault(item, Asked(item, version_id, why))
        return len(found) >= count

    mine = pool().join(*_memory(person)).order_by(Memory.due, Memory.item).limit(most)
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
    ids = {one.version_id for one in asked}
    rows = session.execute(
        select(ItemVersion.id, ItemVersion.version, ItemVersion.body).where(ItemVersion.id.in_(ids))
    )
    versions = {row: (version, Question.from_json(body)) for row, version, body in rows}
    pool = {
        row.item: row
        for row in session.scalars(
            select(DrillItem).where(DrillItem.item.in_({one.item for one in asked}))
        )
    }
    kept = set(
        session.scalars(select(Favourite.item).where(Favourite.person_id == caller.person_id))
    )
    shown = []
    for one in asked:
        version, question = versions[one.version_id]
        shown.append(
            question.public()
            | {
                "version": version,
                "made": pool[one.item].made,
                "course": pool[one.item].course,
                "why": one.why,
                "favourite": one.item in kept,
                "place": place,
            }
        )
    return shown


def _new_left(session: Session, person_id: int, day: dt.date, held: int = 0) -> tuple[int, int]:
    """How many questions somebody meets today for the first time before what is due, and how many
    in all, besides those that he has met today and `held`, which his page holds unanswered."""
    plan = newest_plan(session)
    told = plan.goals if plan else {}
    goals = {course: dt.date.fromisoformat(one) for course, one in told.items()}
    unseen: dict[str, int] = {}
    if goals or (plan and plan.contest):
        query = unseen_of(person_id).with_only_columns(DrillItem.course, func.count())
        unseen = dict(iter(session.execute(query.group_by(DrillItem.course))))
    contest = plan.contest if plan else None
    wanted = new_per_day(unseen, goals, contest, day, holiday_names(plan))
    met = select(func.count()).select_from(Memory)
    gone = held + (
        session.scalar(met.where(Memory.person_id == person_id, Memory.first == day)) or 0
    )
    first, most = new_today(wanted, *_kept(session, person_id))
    return max(0, first - gone), max(0, most - gone)


def due_of(person_id: int, day: dt.date) -> Select[Any]:
    """What is due for somebody on a day."""
    return pool().join(*_memory(person_id)).where(Memory.due <= day)


def unseen_of(person_id: int) -> Select[Any]:
    """What somebody has never been asked."""
    return pool().where(~_met(person_id))


def in_use() -> tuple[ColumnElement[bool], ...]:
    """Leaves out what was withdrawn or went stale since the pool was made."""
    return (~exists().where(ContentState.kind == "item", ContentState.name == DrillItem.item),)


def pool() -> Select[Any]:
    """Item and version of everything that practice may ask now."""
    query: Any = select(DrillItem.item, DrillItem.item_version_id)
    return query.where(*in_use())  # type: ignore[no-any-return]


def _memory(person_id: int) -> tuple[Any, ColumnElement[bool]]:
    return Memory, (Memory.item == DrillItem.item) & (Memory.person_id == person_id)


def _met(person_id: int) -> ColumnElement[bool]:
    return exists().where(Memory.person_id == person_id, Memory.item == DrillItem.item)


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


def _unseen(session: Session, person_id: int, most: int) -> list[tuple[str, int]]:
    """What somebody has never been asked: first of the courses that he has begun, in their order,
    then of the others."""
    lessons = session.scalars(
        select(Score.source).where(Score.person_id == person_id, Score.source.startswith("lesson:"))
    )
    begun = {source.removeprefix("lesson:").partition("/")[0] for source in lessons}
    order = list(session.scalars(select(Course.slug).order_by(Course.position, Course.slug)))
    found: list[tuple[str, int]] = []
    for course in sorted(order, key=lambda slug: slug not in begun):
        if len(found) >= most:
            break
        query = unseen_of(person_id).where(DrillItem.course == course)
        found += _rows(session, query.order_by(DrillItem.position).limit(most - len(found)))
    return found


def _contest(plan: DrillPlan | None, day: dt.date) -> dict[str, Any] | None:
    if plan is None or plan.contest is None or plan.contest < day:
        return None
    return {"day": plan.contest.isoformat(), "left": (plan.contest - day).days}


def _count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0
