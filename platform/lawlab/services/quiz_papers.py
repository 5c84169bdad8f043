"""What trainers do with a quiz: build it from a blueprint, open it, release its marks.

Nothing here knows nbgrader; `lawlab.grading` does its side of each step around these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.audit import COMMAND, SYSTEM
from lawlab.domain.blueprint import Blueprint, Mode
from lawlab.domain.paper import TooFew
from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict
from lawlab.services import jobs
from lawlab.services.audit import note
from lawlab.services.makeup import expected_at_opening
from lawlab.services.memory import remember_released
from lawlab.services.own_papers import own_paper
from lawlab.services.quiz_grades import missing_marks, score_released, scores_of, ungraded
from lawlab.services.quizzes import freeze
from lawlab.store.content import out_of_use
from lawlab.store.engine import writing
from lawlab.store.quizzes import find_quiz, paper_questions
from lawlab.store.tables import Quiz, Sitting


@dataclass(frozen=True)
class Paper:
    """A drawn paper with its questions, as the grader needs it."""

    assignment: str
    title: str
    minutes: int
    pass_mark: float
    partial: bool
    slots: list[dict[str, Any]]
    questions: dict[str, Question]
    """By slot, as marking sees them; empty where each person draws."""
    drawn: dict[str, QuestionType] = field(default_factory=dict)
    """Slot → what each person's own question there is, where each draws."""
    full: frozenset[str] = frozenset()
    """Slots whose points everybody gets."""
    closes_at: datetime | None = None
    late_points: float = 0.0
    """What handing in after `closes_at` costs."""
    mock: bool = False


@dataclass(frozen=True)
class QuizLine:
    """One quiz in `lawlab quiz list`."""

    assignment: str
    title: str
    state: str
    questions: int
    sitting: int
    handed_in: int
    ungraded: int
    missing_marks: int


def paper_of(session: Session, assignment: str) -> Paper:
    """The stored paper of a quiz. Raises NotFound `no_quiz`."""
    quiz = find_quiz(session, assignment)
    blueprint = Blueprint.from_json(quiz.blueprint)
    own = blueprint.mode is Mode.DRAWN
    types = [section.type for section in blueprint.sections]
    return Paper(
        quiz.assignment,
        quiz.title,
        quiz.minutes,
        quiz.pass_mark,
        blueprint.partial,
        list(quiz.paper),
        {} if own else paper_questions(session, quiz.paper, quiz.corrections),
        {slot["slot"]: types[slot["section"]] for slot in quiz.paper} if own else {},
        frozenset() if own else full_slots(quiz.paper, quiz.corrections),
        blueprint.closes_at,
        blueprint.late_points,
        blueprint.mock,
    )


def own_paper_of(session: Session, quiz: Quiz, sitting: Sitting) -> Paper | None:
    """The paper that this attempt drew for itself; None where everybody has the same questions."""
    if sitting.paper is None or quiz.blueprint.get("mode") != Mode.DRAWN:
        return None
    return Paper(
        quiz.assignment,
        quiz.title,
        quiz.minutes,
        quiz.pass_mark,
        bool(quiz.blueprint.get("partial", False)),
        list(sitting.paper),
        paper_questions(session, sitting.paper, quiz.corrections),
        full=full_slots(sitting.paper, quiz.corrections),
    )


def full_slots(
    paper: Sequence[Mapping[str, Any]], corrections: Mapping[str, Any]
) -> frozenset[str]:
    """The slots whose item was corrected to full points for everybody."""
    return frozenset(
        slot["slot"] for slot in paper if corrections.get(slot["item"], {}).get("full")
    )


def check_paper(session: Session, assignment: str) -> Quiz:
    """The quiz, when it is open already or may be opened. Raises Conflict `paper_out_of_use`, and
    for a make-up exam as `expected_at_opening`."""
    quiz = find_quiz(session, assignment)
    if quiz.state == "built":
        _refuse_out_of_use(session, quiz)
        expected_at_opening(session, quiz)
    return quiz


def ask_open(session: Session, assignment: str, now: datetime, by: str = COMMAND) -> None:
    """Leave the opening to the grader: a job, for callers that must not run nbgrader."""
    writing(session)
    _check_built(check_paper(session, assignment))
    jobs.ask(session, "open", assignment, now)
    note(session, now, by, "quiz.open", assignment, step="asked")
    session.commit()


def open_quiz(session: Session, assignment: str, now: datetime) -> Quiz:
    """Let learners start. Call it after nbgrader has released the assignment; a repeat changes
    nothing. Raises Conflict `quiz_exists` when the marks are out, `paper_out_of_use` when one of
    its questions was withdrawn or went stale since the paper was drawn; for a make-up exam as
    `expected_at_opening`."""
    writing(session)
    quiz = check_paper(session, assignment)
    if quiz.state == "released":
        _check_built(quiz)
    if quiz.state == "built":
        quiz.state, quiz.opened_at, quiz.expected = "open", now, expected_at_opening(session, quiz)
        note(session, now, SYSTEM, "quiz.open", assignment, step="opened", expected=quiz.expected)
    session.commit()
    return quiz


def release_quiz(
    session: Session, assignment: str, now: datetime, *, force: bool = False, by: str = COMMAND
) -> Quiz:
    """Show learners their marks, the right answers and the articles. A repeat changes nothing.

    Raises Conflict `not_ready`, naming what is missing, unless `force`; with it, whoever is still
    answering is handed in at once, and later marks appear as they come.
    """
    writing(session)
    quiz = find_quiz(session, assignment)
    if quiz.state == "built":
        raise Conflict("quiz_not_open", f"测验“{quiz.title}”还没有开放，没有成绩可以公布。")
    answering = _answering(session, assignment)
    if quiz.state == "open" and not force:
        _refuse_unready(session, quiz, len(answering))
    for sitting in answering:
        freeze(session, quiz, sitting, now)
    if quiz.state == "open":
        quiz.state, quiz.released_at = "released", now
        score_released(session, assignment, now)
        session.flush()
        remember_released(session, quiz)
        forced = [sitting.id for sitting in answering]
        scores = scores_of(session, assignment)
        note(session, now, by, "quiz.release", assignment, handed_in=forced, scores=scores)
    session.commit()
    return quiz


def quiz_lines(session: Session) -> list[QuizLine]:
    """All quizzes with the counts a trainer asks for, newest first."""
    lines = []
    for quiz in session.scalars(select(Quiz).order_by(Quiz.built_at.desc(), Quiz.assignment)):
        done = Sitting.handed_in_at.is_not(None)
        sitting, handed_in = session.execute(
            select(
                func.count(Sitting.id).filter(~done),
                func.count(Sitting.id).filter(done, Sitting.counts),
            ).where(Sitting.assignment == quiz.assignment)
        ).one()
        lines.append(
            QuizLine(
                quiz.assignment,
                quiz.title,
                quiz.state,
                len(quiz.paper),
                sitting,
                handed_in,
                to_grade(session, quiz),
                missing_marks(session, quiz.assignment),
            )
        )
    return lines


def handed_in_sittings(session: Session, assignment: str) -> list[int]:
    """Ids of the handed-in sittings that count, oldest first."""
    return list(
        session.scalars(
            select(Sitting.id)
            .where(
                Sitting.assignment == assignment,
                Sitting.handed_in_at.is_not(None),
                Sitting.counts.is_(True),
            )
            .order_by(Sitting.handed_in_at, Sitting.id)
        )
    )


def ask_grading(
    session: Session, assignment: str, now: datetime, *, again: bool = False
) -> set[str]:
    """Queue at once what is not graded, or all that was handed in with `again`; returns the
    subjects of the jobs of everybody who handed in. Raises Conflict `mock_exam`: it is marked
    without the gradebook."""
    writing(session)
    quiz = find_quiz(session, assignment)
    if _is_mock(quiz):
        raise Conflict("mock_exam", f"“{quiz.title}”是模拟考试，交卷时已经判好，不用再判。")
    subjects = {str(sitting) for sitting in handed_in_sittings(session, assignment)}
    states = jobs.states(session, "hand_in", subjects)
    marks = jobs.states(session, "mark", subjects)
    for subject in sorted(subjects, key=int):
        if again or states.get(subject) != "done":
            jobs.ask(session, "hand_in", subject, now)
        if marks.get(subject) == "failed":
            jobs.ask(session, "mark", subject, now)
    session.commit()
    return subjects


def _is_mock(quiz: Quiz) -> bool:
    return bool(quiz.blueprint.get("mock", False))


def to_grade(session: Session, quiz: Quiz) -> int:
    """How many hand-ins wait for the grader; none of a mock exam do."""
    return 0 if _is_mock(quiz) else ungraded(session, quiz.assignment)


def _check_built(quiz: Quiz) -> None:
    if quiz.state != "built":
        raise Conflict("quiz_exists", f"测验“{quiz.title}”已经开放过。")


def _refuse_out_of_use(session: Session, quiz: Quiz) -> None:
    out = out_of_use(session)
    blueprint = Blueprint.from_json(quiz.blueprint)
    try:
        if blueprint.mode is Mode.DRAWN:
            own_paper(session, quiz, blueprint, "", 1, out)
    except TooFew as error:
        raise Conflict(
            "paper_out_of_use",
            f"组卷以后有题撤下或条文已变，“{quiz.title}”抽不出试卷了：{error}"
            "请用同一个编号重新组卷，再开放。",
        ) from error
    if gone := [str(slot["item"]) for slot in quiz.paper if slot.get("item") in out]:
        raise Conflict(
            "paper_out_of_use",
            f"测验“{quiz.title}”的试卷里有已经撤下或条文已变的题：{'、'.join(gone)}。"
            "请用同一个编号重新组卷，再开放。",
            items=gone,
        )


def _answering(session: Session, assignment: str) -> list[Sitting]:
    return list(
        session.scalars(
            select(Sitting)
            .where(Sitting.assignment == assignment, Sitting.handed_in_at.is_(None))
            .order_by(Sitting.person_id)
        )
    )


def _refuse_unready(session: Session, quiz: Quiz, answering: int) -> None:
    counts = {
        "还有 {} 人正在答题": answering,
        "还有 {} 份答卷没有判完": to_grade(session, quiz),
        "还有 {} 份答卷的案例题没有评分": missing_marks(session, quiz.assignment),
    }
    reasons = [text.format(count) for text, count in counts.items() if count]
    if not handed_in_sittings(session, quiz.assignment):
        reasons.append("还没有人交卷，公布之后谁也不能再参加")
    if reasons:
        raise Conflict(
            "not_ready",
            f"测验“{quiz.title}”还不能公布成绩：{'；'.join(reasons)}。请等判完、评完再公布。",
            reasons=reasons,
        )
