"""What earned somebody's points: every source with its title and day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import (
    PHASE_NAMES,
    PHASES,
    SPAN_NAMES,
    masked,
    spans_of,
    spans_on,
)
from lawlab.errors import NotFound
from lawlab.services.boards import is_trusted
from lawlab.services.sessions import Caller
from lawlab.store.boards import board_rules, is_on_a_board
from lawlab.store.content import courses
from lawlab.store.statutes import china_day
from lawlab.store.tables import Activity, Contest, Person, Quiz, Score

_OF_PRACTICE = {"day": "每日一练", "chain": "挑战答题", "duel": "双人对战", "mastery": "记住的法条"}


def points_of(
    session: Session, caller: Caller, person_id: int, span: str, now: dt.datetime
) -> dict[str, Any]:
    """The sums of one person by phase in a span, and, for himself and for trainers, every source,
    the newest first. Raises NotFound `no_board`, `no_person`."""
    day = china_day(now)
    if span not in SPAN_NAMES:
        raise NotFound(
            "no_board", f"没有“{span}”这个时段，可看：{'、'.join(SPAN_NAMES.values())}。"
        )
    called = spans_on(day)[span]
    person = session.get(Person, person_id)
    own = person_id == caller.person_id
    open_to = own or is_trusted(caller)
    # Whoever stands on no board is nobody's business.
    if person is None or not (open_to or is_on_a_board(session, person_id)):
        raise NotFound("no_person", "没有这个人，请刷新排行榜。")
    rules = board_rules(session)
    rows = [
        row
        for row in session.scalars(
            select(Score)
            .where(Score.person_id == person_id)
            .order_by(Score.changed_at.desc(), Score.source)
        )
        if row.points and called in spans_of(china_day(row.changed_at), day)
    ]
    sums = dict.fromkeys(PHASES, 0.0)
    for row in rows:
        sums[row.phase] += row.points
    hidden = bool(rules and rules.masked) and not open_to
    return {
        "person": person_id,
        "name": masked(person.full_name) if hidden else person.full_name,
        "phases": [
            {"phase": phase, "name": PHASE_NAMES[phase], "points": round(value, 2)}
            for phase, value in sums.items()
        ],
        "sources": _named(session, rows) if open_to else None,
    }


def _named(session: Session, rows: list[Score]) -> list[dict[str, Any]]:
    titles = _titles(session, [row.source for row in rows])
    return [
        {
            "title": titles[row.source],
            "phase": row.phase,
            "points": round(row.points, 2),
            "day": china_day(row.changed_at).isoformat(),
        }
        for row in rows
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
