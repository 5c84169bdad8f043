"""What contestants and hosts see of 限时答题赛, as JSON. No key leaves before the contest's end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.contest_script import FORMAT_NAMES, rules
from lawlab.domain.contest_window import (
    Paper,
    Standing,
    is_running,
    standing,
)
from lawlab.domain.question import Question
from lawlab.services.contest_window import Setting, reply_of, setting_of, why_not
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.content import item_versions
from lawlab.store.contest_papers import answered_counts, paper_of, papers_of_contest
from lawlab.store.contests import StoredAnswer, answers_of_contest, cards_of, expected_in_contest
from lawlab.store.statutes import china_day
from lawlab.store.tables import ContestResult


def window_view(session: Session, caller: Caller, contest_id: int, now: datetime) -> dict[str, Any]:
    """All that the caller's page shows. Questions come without keys while he answers, then not at
    all; the result with keys comes after the contest's end, but for `withheld` questions that he is
    being asked elsewhere. Raises NotFound `no_contest`."""
    setting = setting_of(session, contest_id)
    row, window = setting.row, setting.window
    paper = paper_of(session, contest_id, caller.person_id)
    answers = _own_answers(session, contest_id, caller.person_id)
    state = standing(row.state, window, paper, len(answers), now)
    why, sentence = why_not(session, setting, caller.person_id, now)
    asked = _questions(session, setting, paper)
    ended = paper is not None and row.state == "finished"
    review = _review(session, setting, caller, asked, answers, now) if ended else []
    return {
        "id": row.id,
        "title": row.title,
        "rehearsal": row.rehearsal,
        "format_name": FORMAT_NAMES[setting.script.format],
        "contest_state": row.state,
        "state": state.value,
        "server_time": now.isoformat(),
        "rules": rules(setting.script),
        "opens_at": window.opens_at.isoformat(),
        "closes_at": window.closes_at.isoformat(),
        "minutes": window.minutes,
        "count": window.count,
        "points": setting.points,
        "me": {"may_answer": not why, "why": why, "sentence": sentence},
        "began_at": paper.began_at.isoformat() if paper else None,
        "deadline": paper.deadline.isoformat() if paper else None,
        "left_ms": _left_ms(paper, now) if paper and state is Standing.RUNNING else 0,
        "answered": len(answers),
        "handed_in": paper is not None and paper.finished_at is not None,
        "questions": [
            question.public() | {"place": place, "answered": _answered(answers.get(place))}
            for place, question in asked.items()
        ]
        if state is Standing.RUNNING
        else [],
        "result": _result(session, setting, caller) if ended else None,
        "review": review,
        "withheld": len(asked) - len(review) if ended else 0,
    }


def host_panel(session: Session, contest_id: int, now: datetime) -> dict[str, Any]:
    """How far everybody is, whoever began last first; no answers. Raises NotFound `no_contest`."""
    setting = setting_of(session, contest_id)
    papers = papers_of_contest(session, contest_id)
    counts = answered_counts(session, contest_id)
    day = china_day(setting.row.opened_at or now)
    expected = expected_in_contest(session, setting.script, day).keys() | setting.contest.added
    cards = cards_of(session, [paper.person for paper in papers], day)
    lines: list[dict[str, Any]] = []
    for paper in reversed(papers):
        card, answered = cards[paper.person], counts.get(paper.person, 0)
        running = setting.row.state == "open" and is_running(paper, answered, now)
        lines.append(
            {
                "login": card.login,
                "name": card.name,
                "unit": card.unit,
                "began_at": paper.began_at.isoformat(),
                "answered": answered,
                "running": running,
                "left_ms": _left_ms(paper, now) if running else 0,
                "excluded": paper.person in setting.contest.excluded,
            }
        )
    running_now = sum(line["running"] for line in lines)
    return {
        "server_time": now.isoformat(),
        "opens_at": setting.window.opens_at.isoformat(),
        "closes_at": setting.window.closes_at.isoformat(),
        "count": setting.window.count,
        "expected": len(expected),
        "began": len(lines),
        "running": running_now,
        "finished": len(lines) - running_now,
        "people": lines,
    }


def _own_answers(session: Session, contest_id: int, person: int) -> dict[int, StoredAnswer]:
    return {one.turn: one for one in answers_of_contest(session, contest_id, person)}


def _questions(session: Session, setting: Setting, paper: Paper | None) -> dict[int, Question]:
    """Place on the paper → what is asked there."""
    if paper is None:
        return {}
    steps = setting.script.steps
    wanted = [steps[position].slot.version_id for position in paper.slots]
    found = item_versions(session, set(wanted))
    return {place: found[version][1] for place, version in enumerate(wanted, 1)}


def _left_ms(paper: Paper, now: datetime) -> int:
    return max(0, round((paper.deadline - now).total_seconds() * 1000))


def _answered(one: StoredAnswer | None) -> dict[str, Any] | None:
    return {"response": one.response, "at": one.at.isoformat()} if one else None


def _result(session: Session, setting: Setting, caller: Caller) -> dict[str, Any] | None:
    """None for whoever was excluded."""
    row = session.get(ContestResult, (setting.row.id, caller.person_id))
    if row is None:
        return None
    people = select(func.count()).where(
        ContestResult.contest_id == setting.row.id, ContestResult.answered > 0
    )
    return {
        "points": row.points,
        "most": setting.window.count * setting.points,
        "right": row.right,
        "answered": row.answered,
        "seconds": round(row.milliseconds / 1000, 1),
        "rank": row.rank if row.answered else None,
        "of": session.scalar(people),
    }


def _review(
    session: Session,
    setting: Setting,
    caller: Caller,
    asked: Mapping[int, Question],
    answers: Mapping[int, StoredAnswer],
    now: datetime,
) -> list[dict[str, Any]]:
    closed = items_being_answered(session, caller.person_id, now)
    return [
        _reviewed(setting, place, question, answers.get(place))
        for place, question in asked.items()
        if question.id not in closed
    ]


def _reviewed(
    setting: Setting, place: int, question: Question, one: StoredAnswer | None
) -> dict[str, Any]:
    right = one is not None and reply_of({one.version_id: question}, one).right
    return {
        "place": place,
        "question": question.public(),
        "response": one.response if one else None,
        "right": right,
        "earned": setting.points if right else 0,
        "revealed": question.revealed(),
    }
