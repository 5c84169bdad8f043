"""专项练习: practice of a course, a chapter, an article or a type; in order with a bookmark, or
mixed; everything, only what was wrong, only favourites, only what was never asked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from lawlab.domain.question import TYPE_NAMES, QuestionType
from lawlab.services.drill import MOST, Asked
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.drill_items import in_use, pool, unseen_of
from lawlab.store.tables import Answer, Course, DrillItem, Favourite, ItemVersion, Memory

RESUMED = 4
"""So many things begun are offered to go on with."""


@dataclass(frozen=True)
class Scope:
    """What is practised. Empty: everything. `source`: `all`, `wrong`, `favourite` or `unseen`;
    `sequence`: in the order of the law, going on where one stopped."""

    course: str = ""
    chapter: str = ""
    article: str = ""
    type: str = ""
    source: str = "all"
    sequence: bool = False

    @property
    def place(self) -> str:
        """Where its answers stand. Chapters have long names: their digest stands for them."""
        parts = [
            self.course[:40],
            hashlib.sha256(self.chapter.encode()).hexdigest()[:8] if self.chapter else "",
            self.article[:30],
            self.type,
            self.source,
            "sequence" if self.sequence else "mixed",
        ]
        return "drill:practice/" + "~".join(parts)


def practice_items(
    session: Session,
    caller: Caller,
    scope: Scope,
    now: dt.datetime,
    count: int,
    without: Collection[str] = (),
    *,
    anew: bool = False,
) -> tuple[list[Asked], int]:
    """What comes next, and how many questions the scope has. In order: behind the last one that was
    answered, unless `anew`; mixed: what was asked longest ago first, never asked before that."""
    query = _of(caller.person_id, scope)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    closed = items_being_answered(session, caller.person_id, now) | set(without)
    if scope.sequence:
        after = None if anew else _bookmark(session, caller.person_id, scope)
        if after is not None:
            query = query.where(tuple_(DrillItem.course, DrillItem.position) > after)
        query = query.order_by(DrillItem.course, DrillItem.position)
    else:
        mine = (Memory.item == DrillItem.item) & (Memory.person_id == caller.person_id)
        if scope.source != "wrong":
            query = query.outerjoin(Memory, mine)
        query = query.order_by(Memory.last.is_not(None), Memory.last, DrillItem.position)
    rows = session.execute(query.limit(min(count, MOST) + len(closed)))
    found = [Asked(item, version, "asked") for item, version in rows if item not in closed]
    return found[: min(count, MOST)], total


def scopes(session: Session, caller: Caller) -> dict[str, Any]:
    """Everything that can be practised, with how far the person is."""
    mine = (Memory.item == DrillItem.item) & (Memory.person_id == caller.person_id)
    rows = session.execute(
        select(
            DrillItem.course,
            DrillItem.chapter,
            func.count(),
            func.count(Memory.item),
            func.count(Memory.item).filter(Memory.last_right),
        )
        .outerjoin(Memory, mine)
        .where(*in_use())
        .group_by(DrillItem.course, DrillItem.chapter)
        .order_by(DrillItem.course, func.min(DrillItem.position))
    ).all()
    chapters: dict[str, list[dict[str, Any]]] = {}
    totals: dict[str, list[int]] = {}
    for course, chapter, items, answered, right in rows:
        chapters.setdefault(course, []).append(
            {"chapter": chapter, "items": items, "answered": answered}
        )
        sums = totals.setdefault(course, [0, 0, 0])
        for n, value in enumerate((items, answered, right)):
            sums[n] += value
    order = session.execute(
        select(Course.slug, Course.title).order_by(Course.position, Course.slug)
    )
    titles = {slug: title for slug, title in order if slug in totals}
    types = session.execute(
        select(DrillItem.type, func.count()).where(*in_use()).group_by(DrillItem.type)
    )
    counted = dict(iter(types))
    return {
        "courses": [
            {
                "slug": slug,
                "title": title,
                "items": totals[slug][0],
                "answered": totals[slug][1],
                "right_last": totals[slug][2],
                "chapters": chapters[slug],
            }
            for slug, title in titles.items()
        ],
        "types": [
            {"type": kind.value, "name": TYPE_NAMES[kind], "items": counted[kind.value]}
            for kind in QuestionType
            if kind.value in counted
        ],
        "resume": _resume(session, caller.person_id, titles, totals),
    }


def _of(person_id: int, scope: Scope) -> Select[Any]:
    query = pool()
    if scope.source == "unseen":
        query = unseen_of(person_id)
    elif scope.source == "wrong":
        mine = (Memory.item == DrillItem.item) & (Memory.person_id == person_id)
        query = query.join(Memory, mine).where(Memory.in_book)
    elif scope.source == "favourite":
        kept = (Favourite.item == DrillItem.item) & (Favourite.person_id == person_id)
        query = query.join(Favourite, kept)
    for column, value in (
        (DrillItem.course, scope.course),
        (DrillItem.chapter, scope.chapter),
        (DrillItem.article, scope.article),
        (DrillItem.type, scope.type),
    ):
        if value:
            query = query.where(column == value)
    return query


def _bookmark(session: Session, person_id: int, scope: Scope) -> tuple[str, int] | None:
    row = session.execute(
        select(DrillItem.course, DrillItem.position)
        .join(ItemVersion, ItemVersion.item == DrillItem.item)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .where(Answer.person_id == person_id, Answer.place == scope.place)
        .order_by(Answer.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def _resume(
    session: Session, person_id: int, titles: dict[str, str], totals: dict[str, list[int]]
) -> list[dict[str, Any]]:
    """The courses that somebody goes through in order, the latest first."""
    places = {Scope(course=course, sequence=True).place: course for course in titles}
    rows = session.scalars(
        select(Answer.place)
        .where(Answer.person_id == person_id, Answer.place.in_(places))
        .group_by(Answer.place)
        .order_by(func.max(Answer.id).desc())
    )
    shown = []
    for place in rows:
        course = places[place]
        mark = _bookmark(session, person_id, Scope(course=course, sequence=True))
        if mark is None or mark[1] >= totals[course][0]:
            continue  # at the end
        shown.append(
            {
                "place": place,
                "title": titles[course],
                "query": f"course={course}&order=sequence",
                "answered": mark[1],
                "items": totals[course][0],
            }
        )
    return shown[:RESUMED]
