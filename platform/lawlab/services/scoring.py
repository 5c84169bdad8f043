"""Progress in lessons and the points that boards add up; kept in step, recomputable from zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lawlab.domain.points import lesson_points
from lawlab.store.content import lesson
from lawlab.store.tables import Answer, ItemVersion, Mark, Score


@dataclass(frozen=True)
class CardAnswer:
    """One answer to one check card, as it was first marked."""

    item: str
    answer: Answer
    mark: Mark

    @property
    def right(self) -> bool:
        return self.mark.points >= self.mark.max_points


@dataclass(frozen=True)
class LessonProgress:
    answered: int
    right: int
    total: int

    @property
    def complete(self) -> bool:
        return self.answered >= self.total


def card_answers(
    session: Session, person_id: int, place: str, *, newest: bool = False
) -> dict[str, CardAnswer]:
    """Item → the first answer that a person gave in `place` (it counts), or the `newest` one."""
    found: dict[str, CardAnswer] = {}
    for given in _marked(session, person_id, Answer.place == place):
        if given.item not in found or newest:
            found[given.item] = given
    return found


def card_answers_everywhere(session: Session, person_id: int) -> dict[str, dict[str, CardAnswer]]:
    """Place → item → the first answer, over all lessons of one person, in one query."""
    found: dict[str, dict[str, CardAnswer]] = {}
    for given in _marked(session, person_id, Answer.place.startswith("lesson:")):
        found.setdefault(given.answer.place, {}).setdefault(given.item, given)
    return found


def _marked(session: Session, person_id: int, where: ColumnElement[bool]) -> Iterator[CardAnswer]:
    """A person's marked answers in the order given, each once with its first mark."""
    rows = session.execute(
        select(ItemVersion.item, Answer, Mark)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(Answer.person_id == person_id, where)
        .order_by(Answer.id, Mark.id)
    )
    last = 0
    for item, answer, mark in rows:
        if answer.id != last:
            yield CardAnswer(item, answer, mark)
        last = answer.id


def lesson_progress(
    session: Session, person_id: int, place: str, cards: Sequence[str]
) -> LessonProgress:
    """How far a person is in a lesson whose current version has these `cards`."""
    given = card_answers(session, person_id, place)
    rights = [given[card].right for card in cards if card in given]
    return LessonProgress(len(rights), sum(rights), len(cards))


def update_lesson_score(
    session: Session, person_id: int, place: str, cards: Sequence[str], now: datetime
) -> LessonProgress:
    """Bring one person's points for one lesson in step with his answers; returns how far he is."""
    given = card_answers(session, person_id, place)
    rights = [given[card].right for card in cards if card in given]
    progress = LessonProgress(len(rights), sum(rights), len(cards))
    points = lesson_points(rights, len(cards))
    score = session.get(Score, (person_id, place))
    if score is None:
        score = Score(person_id=person_id, source=place, phase="learn", points=-1, changed_at=now)
        session.add(score)
    if score.points != points or score.answered != progress.answered:
        score.points = points
        score.answered = progress.answered
        score.completed = progress.complete
        score.changed_at = now
    session.flush()
    return progress


def recompute_lesson_scores(session: Session) -> dict[tuple[int, str], float]:
    """(person id, place) → points of every lesson, from answers alone; what `scores` must equal."""
    points: dict[tuple[int, str], float] = {}
    for person_id in session.scalars(select(Answer.person_id).distinct()):
        for place, given in card_answers_everywhere(session, person_id).items():
            course, _, stem = place.removeprefix("lesson:").partition("/")
            cards = lesson(session, course, stem).cards
            rights = [given[card].right for card in cards if card in given]
            points[person_id, place] = lesson_points(rights, len(cards))
    return points
