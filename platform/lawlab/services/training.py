"""What trainers see of practice: who practises, what the town forgets, the made questions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.made_items import MODALS, TERM
from lawlab.domain.practice import streak
from lawlab.domain.question import Question
from lawlab.errors import NotFound
from lawlab.services.content_state import WITHDRAWN, clear_state, set_state
from lawlab.services.drill_plan import plan_card
from lawlab.services.drill_pool import poor_items
from lawlab.services.item_reports import BadAnswer, open_count
from lawlab.services.mastery import forgotten
from lawlab.store.content import MADE_BANK
from lawlab.store.drill import holiday_names, newest_plan
from lawlab.store.engine import writing
from lawlab.store.people import unit_names
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    Answer,
    CohortMembership,
    ContentState,
    Course,
    DrillDay,
    DrillItem,
    ItemVersion,
    Mark,
    Memory,
    Person,
    Score,
)

LISTED = 200
REASON_FEWEST, REASON_MOST = 2, 200


def training(session: Session, now: dt.datetime) -> dict[str, Any]:
    """The figures of the page: the plan, today and the week, people, what is forgotten."""
    day = china_day(now)
    people = _people(session, day, now)
    return {
        "day": day.isoformat(),
        "plan": plan_card(session),
        "courses": _courses(session),
        "today": {
            "practised": sum(one["today"] for one in people),
            "done": sum(one["done"] for one in people),
            "people": len(people),
        },
        "week": _week(session, day),
        "forgotten": forgotten(session, now),
        "people": people,
        "reports_open": open_count(session),
        "made": made_counts(session),
    }


def made_counts(session: Session) -> dict[str, int]:
    """How many made questions are asked, and how many are switched off."""
    off = set(session.scalars(_off()))
    made = session.scalar(select(func.count()).select_from(DrillItem).where(DrillItem.made)) or 0
    asked_off = session.scalar(
        select(func.count()).select_from(DrillItem).where(DrillItem.made, DrillItem.item.in_(off))
    )
    return {"items": made - (asked_off or 0), "off": len(off)}


def made_list(session: Session, state: str, course: str, article: str) -> dict[str, Any]:
    """The made questions: `on`, `off` (switched off by a trainer) or `poor` (left out by what
    people answered), with how they are answered. `article`: a part of its reference."""
    poor = poor_items(session)
    states = {
        row.name: row
        for row in session.scalars(
            select(ContentState).where(
                ContentState.kind == "item", ContentState.name.startswith("made-")
            )
        )
    }
    query = select(ItemVersion).where(ItemVersion.bank == MADE_BANK).order_by(ItemVersion.id)
    if state == "on":
        query = query.where(
            ItemVersion.item.in_(select(DrillItem.item)), ItemVersion.item.not_in(states)
        )
    else:
        query = query.where(ItemVersion.item.in_(states if state == "off" else poor))
    if course:
        query = query.where(ItemVersion.item.startswith(f"made-{course[:24]}-", autoescape=True))
    rows = [
        row
        for row in session.scalars(query)
        if not article or any(article in ref for ref in row.body["articles"])
    ]
    figures = _answers(session, {row.item for row in rows[:LISTED]})
    return {
        "items": [_made(row, states.get(row.item), poor, figures) for row in rows[:LISTED]],
        "total": len(rows),
        "counts": made_counts(session) | {"poor": len(poor)},
    }


def switch_made(
    session: Session, item: str, on: bool, reason: str, by: str, now: dt.datetime
) -> None:
    """Ask a made question again, or no longer; a repeat changes nothing.

    Raises NotFound `no_item`; BadAnswer `bad_reason`.
    """
    reason = reason.strip()
    if not on and not REASON_FEWEST <= len(reason) <= REASON_MOST:
        raise BadAnswer("bad_reason", f"请写停用的原因，{REASON_FEWEST} 到 {REASON_MOST} 个字。")
    writing(session)
    known = select(ItemVersion.id).where(ItemVersion.item == item, ItemVersion.bank == MADE_BANK)
    if session.scalar(known) is None:
        session.rollback()
        raise NotFound("no_item", f"没有编号为“{item[:60]}”的法条题。")
    if on:
        clear_state(session, "item", item, by, now)
    else:
        set_state(session, "item", item, WITHDRAWN, reason, by, now)
    session.commit()


def _made(
    row: ItemVersion,
    state: ContentState | None,
    poor: dict[str, str],
    figures: dict[str, tuple[int, int]],
) -> dict[str, Any]:
    question = Question.from_json(row.body)
    answers, right = figures.get(row.item, (0, 0))
    off = state and {"reason": state.reason, "by": state.by, "since": state.since.isoformat()}
    return {
        "id": row.item,
        "question": question.public() | question.revealed(),
        "article": question.articles[0],
        "kind": _kind(question),
        "answers": answers,
        "right_share": right / answers if answers else None,
        "off": off,
        "poor": poor.get(row.item),
    }


def _kind(question: Question) -> str:
    kind = question.tags[1]
    modal = kind == TERM and set(question.options.values()) == set(MODALS)
    return "应当、可以、不得" if modal else kind


def _answers(session: Session, items: set[str]) -> dict[str, tuple[int, int]]:
    right = func.sum(case((Mark.points >= Mark.max_points, 1), else_=0))
    rows = session.execute(
        select(ItemVersion.item, func.count(), right)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(ItemVersion.item.in_(items))
        .group_by(ItemVersion.item)
    )
    return {item: (count, hits or 0) for item, count, hits in rows}


def _courses(session: Session) -> list[dict[str, Any]]:
    made = func.sum(case((DrillItem.made, 1), else_=0))
    rows = session.execute(
        select(Course.slug, Course.title, func.count(), made)
        .join(DrillItem, DrillItem.course == Course.slug)
        .group_by(Course.slug, Course.title, Course.position)
        .order_by(Course.position, Course.slug)
    )
    return [
        {"slug": slug, "title": title, "items": items, "made": count}
        for slug, title, items, count in rows
    ]


def _week(session: Session, day: dt.date) -> list[dict[str, Any]]:
    first = day - dt.timedelta(days=6)
    rows = session.execute(
        select(DrillDay.day, func.count(), func.count(DrillDay.done_at))
        .where(DrillDay.day >= first, DrillDay.day <= day)
        .group_by(DrillDay.day)
    )
    known = {one: (practised, done) for one, practised, done in rows}
    days = [first + dt.timedelta(days=n) for n in range(7)]
    return [
        {
            "day": one.isoformat(),
            "practised": known.get(one, (0, 0))[0],
            "done": known.get(one, (0, 0))[1],
        }
        for one in days
    ]


def _people(session: Session, day: dt.date, now: dt.datetime) -> list[dict[str, Any]]:
    """Everybody who is in a cohort today, by sign-in name."""
    cohort = select(CohortMembership.person_id).where(
        CohortMembership.since <= day,
        or_(CohortMembership.until.is_(None), CohortMembership.until > day),
    )
    rows = session.scalars(
        select(Person).where(Person.active, Person.id.in_(cohort)).order_by(Person.login)
    ).all()
    holidays = holiday_names(newest_plan(session))
    practised: dict[int, set[dt.date]] = {}
    completed: dict[int, set[dt.date]] = {}
    rows_of_days = session.execute(
        select(DrillDay.person_id, DrillDay.day, DrillDay.done_at.is_not(None))
    )
    for person_id, one, complete in rows_of_days:
        practised.setdefault(person_id, set()).add(one)
        if complete:
            completed.setdefault(person_id, set()).add(one)
    book = _counts(session, select(Memory.person_id, func.count()).where(Memory.in_book))
    mastery = dict(
        iter(
            session.execute(
                select(Score.person_id, Score.points).where(Score.source == "drill:mastery")
            )
        )
    )
    units = unit_names(session, day)
    week = {day - dt.timedelta(days=n) for n in range(7)}
    lines = []
    for person in rows:
        done = completed.get(person.id, set())
        lines.append(
            {
                "login": person.login,
                "name": person.full_name,
                "unit": units.get(person.id),
                "today": day in practised.get(person.id, set()),
                "done": day in done,
                "days7": len(done & week),
                "streak": streak(done, day, holidays),
                "mastery": mastery.get(person.id, 0.0) / 100,
                "book": book.get(person.id, 0),
            }
        )
    return lines


def _counts(session: Session, query: Select[int, int]) -> dict[int, int]:
    return dict(iter(session.execute(query.group_by(Memory.person_id))))


def _off() -> Any:
    return select(ContentState.name).where(
        ContentState.kind == "item", ContentState.name.startswith("made-")
    )
