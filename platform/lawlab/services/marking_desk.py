"""What trainers do with written answers: see what waits, take the next one, look at an earlier
one, mark. Nobody is given what another is looking at, and no mark is written over unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from lawlab.domain.manual_marking import check_mark, is_held, lease_end, rubric_of, total
from lawlab.domain.question import TYPE_NAMES
from lawlab.errors import Conflict, NotFound
from lawlab.services import jobs
from lawlab.services.audit import note
from lawlab.services.marking_answers import (
    BLANK,
    MARKED,
    WAITING,
    Written,
    find_sitting,
    is_mock,
    mark_facts,
    shown,
    written_answers,
)
from lawlab.store.engine import writing
from lawlab.store.items import full_names
from lawlab.store.quizzes import find_quiz
from lawlab.store.tables import ManualMark, MarkingLease, Quiz, Sitting


@dataclass(frozen=True)
class Save:
    """A mark as the page sends it; it follows `revision`, the newest that the page has seen."""

    revision: int
    rubric: Sequence[float]
    comment: str


def overview(session: Session, assignment: str) -> dict[str, Any]:
    """The written questions of a quiz and how far each is marked. Raises NotFound `no_quiz`."""
    quiz = find_quiz(session, assignment)
    counts: dict[tuple[str, float], Counter[str]] = {}
    questions = {}
    for one in written_answers(session, quiz):
        group = (one.question.id, one.most)
        questions[group] = one.question
        counts.setdefault(group, Counter())[one.state] += 1
    handed_in = select(func.count(Sitting.id)).where(
        Sitting.assignment == assignment, Sitting.handed_in_at.is_not(None)
    )
    return {
        "assignment": assignment,
        "title": quiz.title,
        "mock": is_mock(quiz),
        "handed_in": session.scalar(handed_in),
        "questions": [
            {
                "item": item,
                "points": most,
                "type_name": TYPE_NAMES[questions[item, most].type],
                "stem": questions[item, most].stem,
                **{state: counts[item, most][state] for state in (WAITING, MARKED, BLANK)},
            }
            for item, most in sorted(counts)
        ],
    }


def answers(
    session: Session, trainer_login: str, assignment: str, item: str, now: datetime
) -> dict[str, Any]:
    """All answers to one question, to go back to one. Raises NotFound `no_quiz`."""
    quiz = find_quiz(session, assignment)
    found = written_answers(session, quiz, item)
    held = _held_by_others(session, quiz, trainer_login, now)
    return {
        "title": quiz.title,
        "answers": [
            {"code": one.code, "number": n, "state": one.state, "points": one.most}
            | {"held": (one.sitting, one.slot) in held, **mark_facts(session, one)}
            for n, one in enumerate(found, 1)
        ],
    }


def next_answer(
    session: Session,
    trainer_login: str,
    assignment: str,
    item: str,
    now: datetime,
    after: str | None = None,
) -> dict[str, Any]:
    """The next answer that nobody has marked and nobody else is looking at, behind `after` or from
    the start; it is kept for this trainer. `answer` is None when there is none.

    Raises NotFound `no_quiz`.
    """
    quiz = _begin(session, assignment)
    found = written_answers(session, quiz, item)
    held = _held_by_others(session, quiz, trainer_login, now)
    start = next((n for n, one in enumerate(found, 1) if one.code == after), 0)
    waiting = [one for one in found[start:] + found[:start] if one.state == WAITING]
    free = [one for one in waiting if (one.sitting, one.slot) not in held]
    chosen = next((one for one in free if one.code != after), next(iter(free), None))
    if chosen is not None:
        _keep(session, trainer_login, chosen, now)
    answer = None if chosen is None else shown(session, chosen, found)
    session.commit()
    return {
        "title": quiz.title,
        "answer": answer,
        "held": len(waiting) - len(free),
        **_progress(found),
    }


def one_answer(
    session: Session, trainer_login: str, assignment: str, item: str, code: str, now: datetime
) -> dict[str, Any]:
    """One answer to look at or to mark again, kept for this trainer unless another has it
    (`holder`). Asking again keeps it longer. Raises NotFound `no_quiz`, `no_answer`."""
    quiz = _begin(session, assignment)
    found = written_answers(session, quiz, item)
    chosen = next((one for one in found if one.code == code), None)
    if chosen is None:
        raise _no_answer()
    other = _holder(session, chosen, trainer_login, now)
    if other is None:
        _keep(session, trainer_login, chosen, now)
    answer = shown(session, chosen, found)
    session.commit()
    return {
        "title": quiz.title,
        "answer": answer,
        "holder": other and _name(session, other),
        **_progress(found),
    }


def save_mark(
    session: Session,
    trainer_login: str,
    assignment: str,
    item: str,
    code: str,
    given: Save,
    now: datetime,
) -> dict[str, Any]:
    """Store a mark and have the grader write it into the gradebook. A repeat of the same save
    returns what is stored.

    Raises NotFound `no_quiz`, `no_answer`; BadMark; Conflict `nothing_written`, `being_marked` or
    `marked_meanwhile` (with the `answer` as it stands now).
    """
    writing(session)
    quiz = find_quiz(session, assignment)
    sitting = find_sitting(session, quiz, item, code)
    if sitting is None:
        raise _no_answer()
    # Whoever marks the same answer at the same moment waits here, then reads what was stored.
    session.get(Sitting, sitting, with_for_update={"key_share": True}, populate_existing=True)
    found = written_answers(session, quiz, item, sitting)
    if not found:
        raise _no_answer()
    one, comment = found[0], given.comment.strip()
    if one.state == BLANK:
        raise Conflict("nothing_written", "这一份没有作答，平台已经记 0 分，不用评。")
    rubric = rubric_of(one.question, one.most)
    check_mark(rubric, given.rubric, comment)
    if _same(one.mark, trainer_login, given, comment):
        return mark_facts(session, one) | {"code": code, "state": one.state}
    if given.revision != (one.mark.revision if one.mark else 0):
        raise _marked_meanwhile(session, one)
    if other := _holder(session, one, trainer_login, now):
        raise Conflict(
            "being_marked",
            f"{_name(session, other)}正在评这一份，您的分没有保存。请先评别的。",
        )
    session.add(
        ManualMark(
            sitting_id=sitting,
            slot=one.slot,
            revision=given.revision + 1,
            rubric=[float(points) for points in given.rubric],
            points=total(rubric, given.rubric, one.most),
            comment=comment,
            marker=trainer_login,
            marked_at=now,
        )
    )
    if one.mark is not None:  # a first mark stands for itself
        facts = {
            "slot": one.slot,
            "before": one.mark.points,
            "after": total(rubric, given.rubric, one.most),
        }
        note(session, now, trainer_login, "quiz.mark", f"{assignment}#{sitting}", **facts)
    _let_go(session, trainer_login, now)
    jobs.ask(session, "mark", str(sitting), now)
    stored = written_answers(session, quiz, item, sitting)[0]
    reply = mark_facts(session, stored) | {"code": code, "state": stored.state}
    session.commit()
    return reply


def _begin(session: Session, assignment: str) -> Quiz:
    """The quiz, for one trainer after the other: two who ask at once get different answers."""
    writing(session)
    find_quiz(session, assignment)
    return session.get_one(Quiz, assignment, with_for_update={"key_share": True})


def _held_by_others(
    session: Session, quiz: Quiz, login: str, now: datetime
) -> set[tuple[int, str]]:
    leases = session.scalars(
        select(MarkingLease).join(Sitting).where(Sitting.assignment == quiz.assignment)
    )
    return {
        (lease.sitting_id, lease.slot)
        for lease in leases
        if is_held(lease.holder, lease.until, login, now)
    }


def _holder(session: Session, one: Written, login: str, now: datetime) -> str | None:
    lease = session.get(MarkingLease, (one.sitting, one.slot), populate_existing=True)
    if lease is None or not is_held(lease.holder, lease.until, login, now):
        return None
    return lease.holder


def _keep(session: Session, login: str, one: Written, now: datetime) -> None:
    """Keep one answer for a trainer and let go of any other: he looks at one at a time."""
    _let_go(session, login, now)
    session.add(
        MarkingLease(sitting_id=one.sitting, slot=one.slot, holder=login, until=lease_end(now))
    )
    session.flush()


def _let_go(session: Session, login: str, now: datetime) -> None:
    session.execute(
        delete(MarkingLease).where(or_(MarkingLease.holder == login, MarkingLease.until <= now))
    )


def _progress(found: Sequence[Written]) -> dict[str, int]:
    states = Counter(one.state for one in found)
    return {"total": len(found)} | {state: states[state] for state in (WAITING, MARKED, BLANK)}


def _same(mark: ManualMark | None, login: str, given: Save, comment: str) -> bool:
    return mark is not None and (mark.revision, mark.marker, mark.rubric, mark.comment) == (
        given.revision + 1,
        login,
        list(given.rubric),
        comment,
    )


def _marked_meanwhile(session: Session, one: Written) -> Conflict:
    mark = one.mark
    if mark is None:
        return Conflict("marked_meanwhile", "这一份的评分已经变了，请刷新页面。")
    said = f"，评语“{mark.comment}”" if mark.comment else ""
    return Conflict(
        "marked_meanwhile",
        f"{_name(session, mark.marker)}先评了这一份：{mark.points:g} 分{said}。您的分没有保存。",
        answer=mark_facts(session, one),
    )


def _name(session: Session, login: str) -> str:
    return full_names(session, [login]).get(login, login)


def _no_answer() -> NotFound:
    return NotFound("no_answer", "没有这一份回答，或者它不再计入成绩，请刷新页面。")
