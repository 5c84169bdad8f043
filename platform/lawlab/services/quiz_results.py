"""What came out of a quiz: who was expected and passed, and which questions tell people apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.blueprint import Blueprint
from lawlab.domain.item_statistics import (
    Answer,
    Attempt,
    ItemStatistics,
    PaperStatistics,
    item_statistics,
    paper_statistics,
)
from lawlab.domain.marking import JUDGEMENTS
from lawlab.domain.question import MANUAL, Question, QuestionType
from lawlab.domain.quiz_report import ExpectedPerson, QuizReport, quiz_report
from lawlab.errors import Conflict
from lawlab.services.quiz_grades import passed
from lawlab.store.people import all_people, roles_of
from lawlab.store.quizzes import find_quiz, paper_questions
from lawlab.store.statutes import china_day
from lawlab.store.tables import CohortMembership, Grade, Person, Quiz, Sitting, UnitMembership


@dataclass(frozen=True)
class QuizResults:
    """A quiz's report as of now. `day`: the day it was opened, at which `people` were expected."""

    assignment: str
    title: str
    day: date
    people: tuple[ExpectedPerson, ...]
    report: QuizReport


@dataclass(frozen=True)
class QuizStatistics:
    """How the questions did. `questions`: item → the newest of its versions on the papers."""

    attempts: int
    items: tuple[ItemStatistics, ...]
    paper: PaperStatistics
    questions: dict[str, Question]


def quiz_results(session: Session, assignment: str) -> QuizResults:
    """Everybody who was a learner in a cohort on the day the quiz opened, by unit, with what they
    earned. Whoever has not handed in counts as absent; trainers who tried the quiz do not count.

    Raises NotFound `no_quiz`, Conflict `quiz_not_open` before anybody could take it.
    """
    quiz = find_quiz(session, assignment)
    if quiz.opened_at is None:
        raise Conflict("quiz_not_open", f"测验“{quiz.title}”还没有开放，没有成绩。")
    people = expected_people(session, quiz)
    day = china_day(quiz.opened_at)
    return QuizResults(assignment, quiz.title, day, people, quiz_report(people))


def expected_people(session: Session, quiz: Quiz) -> tuple[ExpectedPerson, ...]:
    """Those people of an opened quiz, by unit. The attempt that counts is their result."""
    assert quiz.opened_at is not None
    day = china_day(quiz.opened_at)
    taken = {
        sitting.person_id: grade_of(quiz, sitting, grade)
        for sitting, grade in session.execute(
            select(Sitting, Grade)
            .outerjoin(Grade, Grade.sitting_id == Sitting.id)
            .where(
                Sitting.assignment == quiz.assignment,
                Sitting.counts,
                Sitting.handed_in_at.is_not(None),
            )
        )
    }
    rows = [
        (_unit(person, day), _expected(quiz, person, day, taken))
        for person in all_people(session)
        if (quiz.expected is None or person.id in quiz.expected) and _was_expected(person, day)
    ]
    rows.sort(key=lambda row: (row[0] is None, row[0] or 0, row[1].login))
    return tuple(person for _, person in rows)


def quiz_statistics(session: Session, assignment: str) -> QuizStatistics:
    """The statistics of a quiz's questions over the graded attempts that count.

    Raises NotFound `no_quiz`.
    """
    quiz = find_quiz(session, assignment)
    rows = session.execute(
        select(Sitting, Grade)
        .join(Grade, Grade.sitting_id == Sitting.id)
        .where(Sitting.assignment == assignment, Sitting.counts)
        .order_by(Sitting.id)
    ).all()
    attempts = [_attempt(quiz, sitting, grade) for sitting, grade in rows]
    papers = [quiz.paper, *(one.paper for one, _ in rows if one.paper)]
    questions = _questions(session, papers, quiz.corrections)
    options = {item: found for item, one in questions.items() if (found := _options(one))}
    return QuizStatistics(
        len(attempts),
        tuple(item_statistics(attempts, options)),
        paper_statistics(attempts),
        questions,
    )


def _was_expected(person: Person, day: date) -> bool:
    left = person.disabled_at
    return (
        "learner" in roles_of(person)
        and bool(_cohorts(person, day))
        and (left is None or china_day(left) > day)
    )


def _expected(
    quiz: Quiz, person: Person, day: date, taken: Mapping[int, Grade | None]
) -> ExpectedPerson:
    share: float | None = None
    result: bool | None = None
    if person.id in taken:
        share = 0.0  # handed in; until it is graded nothing is settled
        if (grade := taken[person.id]) is not None:
            share = grade.score / grade.max_score if grade.max_score else 0.0
            result = passed(quiz, grade)
    units = [one for one in person.units if _holds(one, day)]
    unit = units[-1].unit.name if units else None
    return ExpectedPerson(
        person.login, person.full_name, unit, _cohorts(person, day), share, result
    )


def grade_of(quiz: Quiz, sitting: Sitting, grade: Grade | None) -> Grade | None:
    """A sitting's grade; of a mock exam, which no gradebook knows, what it earned of the points
    that need no person."""
    if not quiz.blueprint.get("mock", False):
        return grade
    sections = Blueprint.from_json(quiz.blueprint).sections
    full = sum(one.count * one.points for one in sections if one.type not in MANUAL)
    return Grade(score=sitting.auto_points or 0.0, max_score=full, needs_manual=False)


def _unit(person: Person, day: date) -> int | None:
    return next((one.unit_id for one in reversed(person.units) if _holds(one, day)), None)


def _cohorts(person: Person, day: date) -> tuple[str, ...]:
    return tuple(sorted({one.cohort for one in person.cohorts if _holds(one, day)}))


def _holds(membership: UnitMembership | CohortMembership, day: date) -> bool:
    return membership.since <= day and (membership.until is None or membership.until > day)


def _attempt(quiz: Quiz, sitting: Sitting, grade: Grade) -> Attempt:
    responses = sitting.responses or {}
    return {
        slot["item"]: Answer(
            grade.slots.get(slot["slot"], {}).get("points"),
            float(slot["points"]),
            responses.get(slot["slot"]),
        )
        for slot in sitting.paper or quiz.paper
    }


def _questions(
    session: Session, papers: Iterable[Sequence[Mapping[str, Any]]], corrections: Mapping[str, Any]
) -> dict[str, Question]:
    """Item → its question as it is marked now, of all papers together."""
    drawn = {
        (slot["item"], slot["version"]) for paper in papers for slot in paper if "item" in slot
    }
    slots = [
        {"slot": f"{item}/{version}", "item": item, "version": version}
        for item, version in sorted(drawn)
    ]
    found = paper_questions(session, slots, corrections)
    return {slot["item"]: found[slot["slot"]] for slot in slots}


def _options(question: Question) -> tuple[str, ...]:
    if question.type is QuestionType.JUDGE:
        return JUDGEMENTS
    if question.type in (QuestionType.SINGLE, QuestionType.MULTIPLE):
        return tuple(question.options)
    return ()
