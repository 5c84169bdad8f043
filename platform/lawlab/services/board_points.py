"""What earned somebody's points: every source with its title and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import (
    PHASE_NAMES,
    PHASES,
    SPAN_NAMES,
    spans_of,
    spans_on,
)
from lawlab.errors import NotFound
from lawlab.services.boards import is_trusted, require_known
from lawlab.services.sessions import Caller
from lawlab.store.boards import Earned, board_rules, earned_by, is_on_a_board
from lawlab.store.content import courses
from lawlab.store.statutes import china_day
from lawlab.store.tables import Activity, Contest, Person, Quiz

_OF_PRACTICE = {"day": "每日一练", "chain": "挑战答题", "duel": "双人对战", "mastery": "记住的法条"}


def points_of(
    session: Session, caller: Caller, person_id: int, span: str, now: dt.datetime
) -> dict[str, Any]:
    """The sums of one person by phase in a span, and, for himself and for trainers, every source,
    the newest first. Others are told of whoever is on a board, and of nobody when the town masks
    names: rows then have no number of a person. Raises NotFound `no_board`, `no_person`."""
    day = china_day(now)
    require_known(span, SPAN_NAMES, "时段")
    called = spans_on(day)[span]
    person = session.get(Person, person_id)
    open_to = person_id == caller.person_id or is_trusted(caller)
    if person is None or not (open_to or _is_shown(session, person_id)):
        raise NotFound("no_person", "排行榜上没有这个人，请刷新排行榜。")
    found = []
    for one in earned_by(session, [person_id]):
        inside = {on: part for on, part in one.days.items() if called in spans_of(on, day)}
        if inside:
            found.append(replace(one, days=inside))
    found.sort(key=lambda one: one.source)
    found.sort(key=lambda one: max(one.days), reverse=True)
    sums = dict.fromkeys(PHASES, 0.0)
    for one in found:
        sums[one.phase] += sum(one.days.values())
    return {
        "person": person_id,
        "name": person.full_name,
        "phases": [
            {"phase": phase, "name": PHASE_NAMES[phase], "points": round(value, 2)}
            for phase, value in sums.items()
        ],
        "sources": _named(session, found) if open_to else None,
    }


def _is_shown(session: Session, person_id: int) -> bool:
    rules = board_rules(session)
    return not (rules and rules.masked) and is_on_a_board(session, person_id)


def _named(session: Session, found: list[Earned]) -> list[dict[str, Any]]:
    titles = _titles(session, [one.source for one in found])
    return [
        {
            "title": titles[one.source],
            "phase": one.phase,
            "points": round(sum(one.days.values()), 2),
            "day": max(one.days).isoformat(),
        }
        for one in found
    ]


def _titles(session: Session, sources: list[str]) -> dict[str, str]:
    kinds: dict[str, set[str]] = {}
    for source in sources:
        kind, _, name = source.partition(":")
        kinds.setdefault(kind, set()).add(name)
    found: dict[str, str] = {}
    if "lesson" in kinds:
        for course in courses(session):
            for lesson in course.lessons:
                found[f"lesson:{course.slug}/{lesson.lesson}"] = f"{course.title}：{lesson.title}"
    quizzes = select(Quiz.assignment, Quiz.title).where(
        Quiz.assignment.in_(kinds.get("quiz", set()))
    )
    found |= {f"quiz:{name}": title for name, title in session.execute(quizzes)}
    for kind, table in (("activity", Activity), ("contest", Contest)):
        ids = [int(name) for name in kinds.get(kind, ()) if name.isdecimal()]
        query = select(table.id, table.title).where(table.id.in_(ids))
        found |= {f"{kind}:{number}": title for number, title in session.execute(query)}
    return {source: found.get(source) or _practice(source) for source in sources}


def _practice(source: str) -> str:
    """Practice by its kind; whatever is no longer there, by what it was."""
    kind, _, name = source.partition(":")
    if kind == "drill":
        return _OF_PRACTICE.get(name.partition("/")[0], "练习")
    return {"lesson": "课时", "quiz": "测验", "activity": "活动", "contest": "比武"}.get(kind, kind)
