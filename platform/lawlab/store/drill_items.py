"""Queries for what practice may ask: the pool without what is out of use, and what somebody has
never been asked."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from lawlab.store.tables import ContentState, DrillItem, Memory

FEW = 200
"""So many unseen questions are read at once, wherever they stand."""


@dataclass(frozen=True)
class Unseen:
    """What somebody has never been asked: how many questions of each course, and the first of
    them, item and version, in the order in which he meets them."""

    counts: dict[str, int]
    first: list[tuple[str, int]]


def in_use() -> tuple[ColumnElement[bool], ...]:
    """Leaves out what was withdrawn or went stale since the pool was made."""
    return (~exists().where(ContentState.kind == "item", ContentState.name == DrillItem.item),)


def pool() -> Select[Any]:
    """Item and version of everything that practice may ask now."""
    query: Any = select(DrillItem.item, DrillItem.item_version_id)
    return query.where(*in_use())  # type: ignore[no-any-return]


def memory_of(person_id: int) -> tuple[Any, ColumnElement[bool]]:
    """To join a pool with what somebody remembers of it."""
    return Memory, (Memory.item == DrillItem.item) & (Memory.person_id == person_id)


def unseen_of(person_id: int) -> Select[Any]:
    """What somebody has never been asked."""
    return pool().where(~_met(person_id))


def unseen(session: Session, person_id: int, order: Sequence[str], most: int) -> Unseen:
    """What somebody has never been asked, at most `most` of it as items, course by course in
    `order`."""
    query = unseen_of(person_id)
    if _few_left(session, person_id):
        # They may stand anywhere: looking for them course by course would pass all the others.
        rows = session.execute(query.add_columns(DrillItem.course, DrillItem.position)).all()
        place = {course: n for n, course in enumerate(order)}
        known = [row for row in rows if row.course in place]
        known.sort(key=lambda row: (place[row.course], row.position))
        first = [(row.item, row.item_version_id) for row in known[:most]]
        return Unseen(dict(Counter(row.course for row in rows)), first)
    begins = session.execute(
        query.with_only_columns(
            DrillItem.course, func.count(), func.min(DrillItem.position)
        ).group_by(DrillItem.course)
    )
    courses = {course: (count, begin) for course, count, begin in begins}
    first = []
    for course in (one for one in order if one in courses):
        if len(first) >= most:
            break
        count, begin = courses[course]
        of_course = (
            query.where(DrillItem.course == course, DrillItem.position >= begin)
            .order_by(DrillItem.position)
            .limit(min(count, most - len(first)))
        )
        first += [(item, version_id) for item, version_id in session.execute(of_course)]
    return Unseen({course: count for course, (count, _) in courses.items()}, first)


def met_by_course(session: Session, person_id: int, day: dt.date) -> dict[str, int]:
    """Course → how many of its questions somebody met for the first time on a day."""
    rows = session.execute(
        select(DrillItem.course, func.count())
        .join(*memory_of(person_id))
        .where(Memory.first == day)
        .group_by(DrillItem.course)
    )
    return dict(iter(rows))


def _met(person_id: int) -> ColumnElement[bool]:
    return exists().where(Memory.person_id == person_id, Memory.item == DrillItem.item)


def _few_left(session: Session, person_id: int) -> bool:
    """Whether somebody may have met all but a few; two counts of an index."""
    met = select(func.count()).select_from(Memory).where(Memory.person_id == person_id)
    size = session.scalar(select(func.count()).select_from(DrillItem)) or 0
    return size - (session.scalar(met) or 0) <= FEW
