"""Answers given in practice: which ones are taken, and what follows from them. Steps of
`services.answers`, in its transaction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.domain.statute import ArticleRef
from lawlab.errors import Conflict, NotFound
from lawlab.services import chain, duels
from lawlab.services.drill_days import today_card, update_day
from lawlab.services.lesson_contents import lessons_of_law
from lawlab.services.mastery import update_mastery_score
from lawlab.services.memory import Review, remember, seconds_since_practice
from lawlab.services.progress import lesson_address
from lawlab.store.content import courses
from lawlab.store.drill import characters
from lawlab.store.people import lock_people
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, ContentState, DrillDay, DrillItem, Memory

GAMES = {"chain": chain, "duel": duels}


def take_turn(session: Session, person_id: int, place: str) -> None:
    """Count one person's answers one after another, so that totals never miss a sibling; in a duel
    those of both, because the last answer earns both something."""
    people = {person_id}
    duel = place.removeprefix("drill:duel/")
    if duel != place and duel.isdecimal() and len(duel) <= 9:
        both = duels.players(session, int(duel))
        people |= both if person_id in both else set()
    lock_people(session, people)


def check(session: Session, answer: Answer, question: Question, name: str) -> None:
    """Refuse what practice does not ask. `name`: the place behind `drill:`.

    Raises NotFound `no_item`, `no_place`; Conflict `not_now` when a game asks something else.
    """
    mode, _, rest = name.partition("/")
    if mode in GAMES:
        if not rest.isdecimal() or len(rest) > 9:
            raise NotFound("no_place", "没有这一局，答案没有保存。")
        facts = (answer.person_id, answer.item_version_id, answer.received_at)
        GAMES[mode].check(session, int(rest), *facts)
        return
    if mode not in ("daily", "practice"):
        raise NotFound("no_place", f"没有“drill:{name[:40]}”这个地方，答案没有保存。")
    # Whatever else the banks hold (a quiz not yet given) tells nobody its key here.
    known = session.get(DrillItem, question.id) is not None
    if question.manual or not known:
        raise NotFound("no_item", "这道题已经不在练习里了，请做下一题。")
    if session.get(ContentState, ("item", question.id)) is not None:
        raise Conflict("withdrawn", "这道题刚刚撤下了，不用做，请做下一题。")


def told(
    session: Session, answer: Answer, question: Question, right: bool, name: str
) -> dict[str, Any]:
    """What follows from a marked answer: memory, the day with its points, the game."""
    seconds = seconds_since_practice(session, answer)
    review = Review(question.id, right, answer.received_at, characters(question), seconds)
    remember(session, answer.person_id, review)
    before = session.get(DrillDay, (answer.person_id, china_day(answer.received_at)))
    was_done = before is not None and before.done_at is not None
    day = update_day(session, answer.person_id, answer.received_at)
    if day.done_at is not None and not was_done:
        update_mastery_score(session, answer.person_id, answer.received_at)
    mode, _, rest = name.partition("/")
    game = None
    if mode in GAMES:
        facts = (int(rest), answer.person_id, answer.item_version_id, right, answer.received_at)
        game = GAMES[mode].answered(session, *facts)
    return _told(session, answer, question, game)


def told_again(session: Session, answer: Answer, name: str) -> dict[str, Any]:
    """The same for a repeat, as things stand now."""
    mode, _, rest = name.partition("/")
    game = None
    if mode in GAMES:
        game = GAMES[mode].state_after(session, int(rest), answer.person_id, answer.received_at)
    question = Question.from_json(answer.item_version.body)
    return _told(session, answer, question, game)


def _told(
    session: Session, answer: Answer, question: Question, game: dict[str, Any] | None
) -> dict[str, Any]:
    memory = session.get(Memory, (answer.person_id, question.id))
    return {
        "drill": {
            "next_on": memory.due.isoformat() if memory else None,
            "in_book": memory is not None and memory.in_book,
            "today": today_card(session, answer.person_id, answer.received_at),
        },
        "game": game,
        "lessons": lessons_of(session, question),
    }


def lessons_of(session: Session, question: Question) -> list[dict[str, str]]:
    """The lessons that treat the first article of a question, at most three."""
    if not question.articles:
        return []
    ref = ArticleRef.parse(question.articles[0])
    found = lessons_of_law(session, courses(session), ref.law).get(ref, [])
    return [
        {
            "title": row.title,
            "url": lesson_address(shelf.slug, row.lesson),
            "course": shelf.title,
        }
        for shelf, row in found[:3]
    ]
