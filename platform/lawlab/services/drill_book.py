"""The wrong-question book (错题本) and the favourites (收藏) of one person."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from lawlab.domain.practice import LEAVES_BOOK
from lawlab.domain.question import Question
from lawlab.errors import NotFound
from lawlab.services.confirmations import confirmed_days, item_digest
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.drill import REVEALING
from lawlab.store.drill_items import pool
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, Course, DrillItem, Favourite, ItemVersion, Mark, Memory

MOST = 200
"""Questions in one list; whoever has more practises them course by course."""


def book(
    session: Session, caller: Caller, kind: str, course: str, now: dt.datetime
) -> dict[str, Any]:
    """What somebody got wrong and does not know again yet (`wrong`), or what he keeps
    (`favourite`), the latest first; with the newest answer that he was told the key of."""
    query = _listed(caller.person_id, kind)
    titles = dict(iter(session.execute(select(Course.slug, Course.title))))
    counts = session.execute(
        query.with_only_columns(DrillItem.course, func.count()).group_by(DrillItem.course)
    )
    courses = [
        {"slug": slug, "title": titles.get(slug, slug), "count": count} for slug, count in counts
    ]
    if course:
        query = query.where(DrillItem.course == course)
    newest = Memory.last_wrong_at if kind == "wrong" else Favourite.since
    rows = session.execute(
        query.with_only_columns(DrillItem, ItemVersion, Memory, Favourite.item)
        .order_by(newest.desc(), DrillItem.item)
        .limit(MOST)
    ).all()
    closed = items_being_answered(session, caller.person_id, now)
    given = _newest_answers(session, caller.person_id, {row[0].item for row in rows} - closed)
    questions = {row[1].id: Question.from_json(row[1].body) for row in rows}
    days = confirmed_days(session, filter(None, map(item_digest, questions.values())))
    return {
        "items": [
            _entry(pool, version, questions[version.id], memory, kept is not None)
            | {
                "title": titles.get(pool.course, pool.course),
                "answered": _answered(questions[version.id], given.get(pool.item), days),
            }
            for pool, version, memory, kept in rows
        ],
        "total": sum(one["count"] for one in courses),
        "courses": courses,
    }


def favour(session: Session, caller: Caller, item: str, on: bool, now: dt.datetime) -> int:
    """Keep a question, or no longer; a repeat changes nothing. How many are kept now.

    Raises NotFound `no_item`.
    """
    writing(session)
    row = session.get(Favourite, (caller.person_id, item))
    if on and row is None:
        if session.get(DrillItem, item) is None:
            session.rollback()
            raise NotFound("no_item", "这道题已经不在练习里了，不能收藏。")
        session.add(Favourite(person_id=caller.person_id, item=item, since=now))
    elif not on and row is not None:
        session.delete(row)
    session.flush()
    count = session.scalar(
        select(func.count()).select_from(Favourite).where(Favourite.person_id == caller.person_id)
    )
    session.commit()
    return count or 0


def _listed(person_id: int, kind: str) -> Select[Any]:
    mine = (Memory.item == DrillItem.item) & (Memory.person_id == person_id)
    kept = (Favourite.item == DrillItem.item) & (Favourite.person_id == person_id)
    query: Select[Any] = pool().join(ItemVersion, ItemVersion.id == DrillItem.item_version_id)
    if kind == "wrong":
        return query.join(Memory, mine).outerjoin(Favourite, kept).where(Memory.in_book)
    return query.join(Favourite, kept).outerjoin(Memory, mine)


def _newest_answers(
    session: Session, person_id: int, items: set[str]
) -> dict[str, tuple[dict[str, Any], bool, ItemVersion]]:
    """Item → the newest answer whose key the person was told at once."""
    rows = session.execute(
        select(ItemVersion, Answer.place, Answer.response, Mark.points, Mark.max_points)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(Answer.person_id == person_id, ItemVersion.item.in_(items))
        .order_by(Answer.id, Mark.id)
    )
    return {
        version.item: (response, points >= most, version)
        for version, place, response, points, most in rows
        if place.startswith(REVEALING)
    }


def _entry(
    pool: DrillItem, version: ItemVersion, question: Question, memory: Memory | None, kept: bool
) -> dict[str, Any]:
    return {
        "item": question.public() | {"version": version.version},
        "course": pool.course,
        "made": pool.made,
        "wrongs": memory.wrongs if memory else 0,
        "last_wrong_at": memory.last_wrong_at.isoformat()
        if memory and memory.last_wrong_at
        else None,
        "rights_since": memory.rights_since if memory else 0,
        "needs": LEAVES_BOOK,
        "favourite": kept,
        "due": memory.due.isoformat() if memory else None,
    }


def _answered(
    question: Question,
    given: tuple[dict[str, Any], bool, ItemVersion] | None,
    days: dict[str, str],
) -> dict[str, Any] | None:
    """As answered, with the key of that version; None before any answer, and while the question is
    in a quiz that the person is answering."""
    if given is None:
        return None
    response, right, version = given
    told = Question.from_json(version.body)
    confirmed = days.get(item_digest(question) or "", "")
    return {
        "response": response,
        "right": right,
        "question": told.public(),
        "revealed": told.revealed() | {"confirmed": confirmed},
    }
