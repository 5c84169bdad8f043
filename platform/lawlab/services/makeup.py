"""Make-up exams (补考): who may take one, decided when it is opened."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.blueprint import Blueprint
from lawlab.domain.paper import TooFew
from lawlab.errors import Conflict
from lawlab.services.own_papers import had_before, own_paper
from lawlab.services.quiz_results import expected_people
from lawlab.store.content import out_of_use
from lawlab.store.quizzes import find_quiz
from lawlab.store.tables import Person, Quiz


def expected_at_opening(session: Session, quiz: Quiz) -> list[int] | None:
    """Ids of those who failed or missed the quiz that this one repeats; None when it repeats none.

    Raises Conflict `first_not_released` while that is unknown, `nobody_expected` when all have
    passed, `paper_too_few` when somebody's own paper cannot be drawn.
    """
    blueprint = Blueprint.from_json(quiz.blueprint)
    if not blueprint.makeup_of:
        return None
    first = find_quiz(session, blueprint.makeup_of)
    if first.state != "released":
        raise Conflict(
            "first_not_released",
            f"“{first.title}”的成绩还没有公布，还不知道谁要补考。请先公布，再开放“{quiz.title}”。",
        )
    people = expected_people(session, first)
    again = {one.login for one in people if one.share is None or one.passed is False}
    rows = session.execute(select(Person.id, Person.login).where(Person.login.in_(again)))
    expected = {login: person_id for person_id, login in rows}
    if not expected:
        raise Conflict("nobody_expected", f"“{first.title}”没有人要补考，应考的都已及格。")
    _refuse_too_few(session, quiz, blueprint, sorted(expected.items()))
    return sorted(expected.values())


def _refuse_too_few(
    session: Session, quiz: Quiz, blueprint: Blueprint, expected: Iterable[tuple[str, int]]
) -> None:
    out = set(out_of_use(session))
    for login, person_id in expected:
        without = out | had_before(session, blueprint, person_id)
        try:
            own_paper(session, quiz, blueprint, login, 1, without)
        except TooFew as error:
            raise Conflict(
                "paper_too_few",
                f"去掉上次考过的题以后，{login} 的试卷组不出来：{error}"
                "请减少题数，或者换一个题库。",
            ) from error
