"""重新评分: a key was wrong. What it may be corrected to, who gains or loses what, and the change
itself in one transaction. Nothing here knows nbgrader: the grader marks the asked hand-ins again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.marking import mark
from lawlab.domain.question import Question
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services import jobs
from lawlab.services.audit import note
from lawlab.services.memory import remember_regraded
from lawlab.services.quiz_marks import auto_marks, sum_of
from lawlab.services.quizzes import settle_attempts
from lawlab.store.engine import writing
from lawlab.store.items import full_names
from lawlab.store.quizzes import find_quiz, item_questions, paper_of_sitting
from lawlab.store.tables import ItemVersion, Person, Quiz, Regrade, Sitting

REASON_LIMIT = 200
FULL: dict[str, Any] = {"full": True}
AS_DRAWN: dict[str, Any] = {}
"""No correction: each paper is marked by the version that it was drawn with."""


class BadCorrection(LawlabError):
    """A correction or its reason that cannot be taken; the sentence says what may be."""

    status = 422


@dataclass(frozen=True)
class _Case:
    """One item of one quiz, with every version of it and all attempts that hold it."""

    quiz: Quiz
    item: str
    drawn: frozenset[int]
    """The versions on the papers."""
    questions: dict[int, Question]
    attempts: list[tuple[Sitting, Person]]
    """Those that were handed in, by sign-in name."""

    @property
    def current(self) -> dict[str, Any]:
        return dict(self.quiz.corrections.get(self.item, AS_DRAWN))

    def usable(self) -> list[int]:
        """The newer versions that ask for the same kind of response, newest first."""
        shapes = {_shape(self.questions[one]) for one in self.drawn}
        return [
            version
            for version in sorted(self.questions, reverse=True)
            if version > min(self.drawn) and {_shape(self.questions[version])} == shapes
        ]

    def plain(self, correction: Mapping[str, Any]) -> dict[str, Any]:
        """The correction as it is stored. Raises BadCorrection `bad_correction`."""
        given = dict(correction)
        if given == AS_DRAWN or ([given.get("version")] == [*self.drawn] and len(given) == 1):
            return AS_DRAWN
        if given != FULL and given not in [{"version": one} for one in self.usable()]:
            raise BadCorrection(
                "bad_correction",
                "不能这样更正：只能换成这道题题型、选项和空数都相同的新版本，"
                "或者所有人都得满分。请刷新页面再试。",
            )
        return given


def choices(session: Session, assignment: str, item: str) -> dict[str, Any]:
    """What the item can be corrected to, each with what it would change.

    Raises NotFound `no_quiz`, `no_item`; Conflict `quiz_not_open`, `marked_by_hand`.
    """
    case = _case(session, find_quiz(session, assignment), item)
    first = case.questions[min(case.drawn)]
    offered = [{"version": version} for version in case.usable()] + [FULL]
    if case.current != AS_DRAWN:
        offered.append(AS_DRAWN)
    return {
        "item": item,
        "stem": first.stem,
        "answer": first.answer,
        "current": case.current,
        "papers": len(case.attempts),
        "choices": [
            {"correction": one, **_shown(case, one), **_effect(case, one)}
            for one in offered
            if one != case.current and (one == AS_DRAWN or {one.get("version")} != case.drawn)
        ],
    }


def save(
    session: Session,
    trainer_login: str,
    assignment: str,
    item: str,
    correction: Mapping[str, Any],
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """Correct the key, note who gained or lost what, and have the papers marked again; a repeat
    changes nothing. Returns what it changed, as `choices` said before, and `saved`.

    Raises as `choices`, and BadCorrection `bad_correction`, `bad_reason`.
    """
    reason = _checked_reason(reason)
    writing(session)
    case = _case(session, _locked(session, assignment), item)
    plain = case.plain(correction)
    if plain == case.current:
        session.commit()
        return {"saved": False, **_effect(case, plain)}
    effect = _effect(case, plain)
    noted = [{key: one[key] for key in one if key != "name"} for one in effect["changes"]]
    facts = {"item": item, "before": case.current, "after": plain, "changed": len(noted)}
    note(session, now, trainer_login, "quiz.regrade", assignment, **facts)
    others = {key: one for key, one in case.quiz.corrections.items() if key != item}
    case.quiz.corrections = others | ({item: plain} if plain else {})
    session.add(
        Regrade(
            assignment=assignment,
            item=item,
            correction=plain,
            reason=reason,
            changes=noted,
            by=trainer_login,
            at=now,
        )
    )
    _remark(session, case, now)
    session.flush()
    remember_regraded(session, case.quiz)
    session.commit()
    return {"saved": True, **effect}


def history(session: Session, assignment: str) -> list[dict[str, Any]]:
    """What was corrected in a quiz, newest first."""
    rows = session.scalars(
        select(Regrade).where(Regrade.assignment == assignment).order_by(Regrade.id.desc())
    ).all()
    names = full_names(session, {row.by for row in rows})
    return [
        {
            "item": row.item,
            "correction": row.correction,
            "reason": row.reason,
            "changes": row.changes,
            "by": names.get(row.by, row.by),
            "at": row.at.isoformat(),
        }
        for row in rows
    ]


def _locked(session: Session, assignment: str) -> Quiz:
    # People as `quizzes.freeze` locks them, in the order of the automatic hand-in, before the quiz,
    # as a release does. So whoever hands in at this moment is either among the attempts read next
    # or marked by the new key.
    whose = select(Sitting.person_id).where(Sitting.assignment == assignment)
    session.execute(
        select(Person.id).where(Person.id.in_(whose)).order_by(Person.id).with_for_update()
    )
    # Whoever starts now refers to the quiz's row and need not wait.
    gentle = {"key_share": True}
    quiz = session.get(Quiz, assignment, with_for_update=gentle, populate_existing=True)
    return quiz or find_quiz(session, assignment)


def _case(session: Session, quiz: Quiz, item: str) -> _Case:
    if quiz.state == "built":
        raise Conflict(
            "quiz_not_open", f"“{quiz.title}”还没有开放。答案有误的话，请重新组卷，不用重新评分。"
        )
    sittings = session.execute(
        select(Sitting, Person)
        .join(Person, Person.id == Sitting.person_id)
        .where(Sitting.assignment == quiz.assignment)
        .order_by(Person.login, Sitting.attempt)
        .execution_options(populate_existing=True)
    ).all()
    held = [(one, person) for one, person in sittings if _slots(paper_of_sitting(quiz, one), item)]
    papers = [quiz.paper, *(paper_of_sitting(quiz, one) for one, _ in held)]
    drawn = frozenset(slot["version"] for paper in papers for slot in _slots(paper, item))
    if not drawn:
        raise NotFound("no_item", f"“{quiz.title}”的试卷里没有编号为“{item}”的题。")
    found = session.scalars(select(ItemVersion.version).where(ItemVersion.item == item))
    questions = item_questions(session, [(item, version) for version in found])
    if any(question.manual for (_, version), question in questions.items() if version in drawn):
        raise Conflict(
            "marked_by_hand",
            "案例分析题和简答题由教员评分，没有标准答案可以更正。要改分，请到“去评分”里重新给分。",
        )
    done = [(one, person) for one, person in held if one.handed_in_at is not None]
    return _Case(quiz, item, drawn, {key[1]: one for key, one in questions.items()}, done)


def _remark(session: Session, case: _Case, now: datetime) -> None:
    quiz = case.quiz
    for sitting, _ in case.attempts:
        paper = paper_of_sitting(quiz, sitting)
        sitting.auto_points = sum_of(auto_marks(session, quiz, paper, sitting.responses or {}))
    session.flush()
    jobs.hold(session, "hand_in", {str(sitting.id) for sitting, _ in case.attempts})
    for person_id in sorted({sitting.person_id for sitting, _ in case.attempts}):
        settle_attempts(session, quiz, person_id, now)
    if not quiz.blueprint.get("mock", False):
        for sitting, _ in case.attempts:
            if sitting.counts:
                jobs.ask(session, "hand_in", str(sitting.id), now)


def _effect(case: _Case, correction: Mapping[str, Any]) -> dict[str, Any]:
    changes = []
    for sitting, person in case.attempts:
        for slot in _slots(paper_of_sitting(case.quiz, sitting), case.item):
            response = (sitting.responses or {}).get(slot["slot"])
            before = _points(case, slot, response, case.current)
            after = _points(case, slot, response, correction)
            if before != after:
                changes.append(
                    {
                        "login": person.login,
                        "name": person.full_name,
                        "attempt": sitting.attempt,
                        "slot": slot["slot"],
                        "before": before,
                        "after": after,
                    }
                )
    return {
        "papers": len(case.attempts),
        "changes": changes,
        "before": sum(one["before"] for one in changes),
        "after": sum(one["after"] for one in changes),
    }


def _points(
    case: _Case, slot: Mapping[str, Any], response: Any, correction: Mapping[str, Any]
) -> float:
    marked = mark(
        case.questions[correction.get("version", slot["version"])],
        response,
        slot["points"],
        partial=bool(case.quiz.blueprint.get("partial", False)),
        full=bool(correction.get("full")),
    )
    return marked.points or 0.0


def _shown(case: _Case, correction: Mapping[str, Any]) -> dict[str, Any]:
    if correction == FULL:
        return {"name": "送分：有这道题的人都得满分"}
    if correction == AS_DRAWN:
        return {"name": "恢复原来的答案"}
    question = case.questions[correction["version"]]
    return {
        "name": f"按第 {correction['version']} 版的答案：{question.answer}",
        "version": correction["version"],
        "answer": question.answer,
        "stem": question.stem,
    }


def _slots(paper: Iterable[Mapping[str, Any]], item: str) -> list[Mapping[str, Any]]:
    return [slot for slot in paper if slot.get("item") == item]


def _shape(question: Question) -> tuple[Any, ...]:
    return question.type, tuple(sorted(question.options)), len(question.blanks)


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise BadCorrection("bad_reason", "请写明为什么要重新评分。")
    if len(reason) > REASON_LIMIT:
        raise BadCorrection(
            "bad_reason", f"原因有 {len(reason)} 个字，最多 {REASON_LIMIT} 个字，请删减。"
        )
    return reason
