"""Papers of one's own: drawn or shuffled for one attempt of one person."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.blueprint import Blueprint, Candidate, Mode
from lawlab.domain.paper import TooFew, draw_own, shuffled
from lawlab.errors import Conflict
from lawlab.store.content import out_of_use
from lawlab.store.quizzes import attempts_of, item_questions, paper_of_sitting, paper_questions
from lawlab.store.tables import Person, Quiz


def own_paper(
    session: Session, quiz: Quiz, blueprint: Blueprint, login: str, attempt: int, without: set[str]
) -> list[dict[str, Any]] | None:
    """The paper of one attempt; None: the quiz's own as it is. `without`: items that it must not
    have where each person draws. Raises TooFew."""
    if blueprint.mode is Mode.FIXED:
        return None
    person = login if attempt == 1 else f"{login}/{attempt}"
    if blueprint.mode is Mode.SHUFFLED:
        return shuffled(blueprint, quiz.paper, paper_questions(session, quiz.paper), person)
    found = item_questions(session, {one for pool in blueprint.pools for one in pool})
    held = [
        [Candidate(found[one], one[1]) for one in pool if one in found and one[0] not in without]
        for pool in blueprint.pools
    ]
    return draw_own(blueprint, quiz.paper, held, person)


def had_before(session: Session, blueprint: Blueprint, person_id: int) -> set[str]:
    """The items that a person had in the quiz which this one repeats."""
    first = session.get(Quiz, blueprint.makeup_of)
    if first is None:
        return set()
    return {
        str(slot["item"])
        for one in attempts_of(session, first.assignment, person_id)
        for slot in paper_of_sitting(first, one)
    }


def paper_for(
    session: Session, quiz: Quiz, blueprint: Blueprint, person_id: int, attempt: int
) -> list[dict[str, Any]] | None:
    """The paper of an attempt that begins now: without what is out of use, and without what this
    person had in the quiz which this one repeats. Raises Conflict `paper_too_few`."""
    login = session.get_one(Person, person_id).login
    without = set(out_of_use(session)) | had_before(session, blueprint, person_id)
    try:
        return own_paper(session, quiz, blueprint, login, attempt, without)
    except TooFew as error:
        raise Conflict(
            "paper_too_few",
            f"“{quiz.title}”现在组不出您的试卷，请告诉教员：{error}",
        ) from error
