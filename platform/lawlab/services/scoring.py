"""Progress in lessons and the points that boards add up; kept in step, recomputable from zero."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lawlab.domain.points import lesson_points
from lawlab.services.score_days import Step, lost_days, remake_score, sources_with_days
from lawlab.store.content import LessonRow, lesson, lessons_with_card, out_of_use
from lawlab.store.tables import Answer, ItemVersion, Mark, Person, Score


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

    @property
    def points(self) -> float:
        wrong = self.answered - self.right
        return lesson_points([True] * self.right + [False] * wrong, self.total)

    @property
    def standing(self) -> tuple[float, int, bool]:
        """What a row of `scores` keeps of it."""
        return self.points, self.answered, self.complete


def card_answers(
    session: Session, person_id: int, place: str, *, newest: bool = False
) -> dict[str, CardAnswer]:
    """Item → the first answer that a person gave in `place` (it counts), or the `newest` one."""
    found: dict[str, CardAnswer] = {}
    for given in _marked(session, Answer.person_id == person_id, Answer.place == place):
        if given.item not in found or newest:
            found[given.item] = given
    return found


def card_answers_everywhere(session: Session, person_id: int) -> dict[str, dict[str, CardAnswer]]:
    """Place → item → the first answer, over all lessons of one person, in one query."""
    found: dict[str, dict[str, CardAnswer]] = {}
    lessons = Answer.place.startswith("lesson:")
    for given in _marked(session, Answer.person_id == person_id, lessons):
        found.setdefault(given.answer.place, {}).setdefault(given.item, given)
    return found


def answered_versions(session: Session, person_id: int) -> set[int]:
    """The versions of items that one person has answered in lessons."""
    rows = session.scalars(
        select(Answer.item_version_id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(Answer.person_id == person_id, Answer.place.startswith("lesson:"))
    )
    return set(rows)


def counted_cards(
    cards: Sequence[str], answered: Collection[str], out: Collection[str]
) -> list[str]:
    """The cards of a lesson that count for one person: those in use, and those he answered before
    they went `out` of use. So nobody loses points, and everybody can still complete the lesson."""
    return [card for card in cards if card in answered or card not in out]


def _marked(session: Session, *where: ColumnElement[bool]) -> Iterator[CardAnswer]:
    """Marked answers in the order given, each once with its first mark."""
    rows = session.execute(
        select(ItemVersion.item, Answer, Mark)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .join(Mark, Mark.answer_id == Answer.id)
        .where(*where)
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
    return _progress(card_answers(session, person_id, place), cards, out_of_use(session))


def update_lesson_score(
    session: Session, person_id: int, place: str, cards: Sequence[str], now: datetime
) -> LessonProgress:
    """Bring one person's points for one lesson in step with his answers; returns how far he is."""
    given = card_answers(session, person_id, place)
    progress = _progress(given, cards, out_of_use(session))
    _store_score(session, person_id, place, progress, now)
    session.flush()
    return progress


def update_scores_with_card(session: Session, item: str, now: datetime) -> None:
    """Bring everybody's points in step for the lessons that have `item` among their cards."""
    for row in lessons_with_card(session, item):
        update_scores_of_lesson(session, row, now)


def update_scores_of_lesson(session: Session, row: LessonRow, now: datetime) -> None:
    """Bring everybody's points for one lesson in step with its current cards."""
    out = out_of_use(session)
    place = f"lesson:{row.course}/{row.lesson}"
    answered = select(Answer.person_id).where(Answer.place == place)
    # Whoever is answering now is counted before or after, never half.
    session.scalars(
        select(Person.id).where(Person.id.in_(answered)).order_by(Person.id).with_for_update()
    ).all()
    everybody: dict[int, dict[str, CardAnswer]] = {}
    for given in _marked(session, Answer.place == place):
        everybody.setdefault(given.answer.person_id, {}).setdefault(given.item, given)
    for person_id in sorted(everybody):
        progress = _progress(everybody[person_id], row.cards, out)
        _store_score(session, person_id, place, progress, now)
    session.flush()


def _progress(
    given: dict[str, CardAnswer], cards: Sequence[str], out: Collection[str]
) -> LessonProgress:
    rights = [given[card].right for card in cards if card in given]
    return LessonProgress(len(rights), sum(rights), len(counted_cards(cards, given, out)))


def _store_score(
    session: Session, person_id: int, place: str, progress: LessonProgress, now: datetime
) -> None:
    score = session.get(Score, (person_id, place))
    if score is None:
        score = Score(person_id=person_id, source=place, phase="learn", points=-1, changed_at=now)
        session.add(score)
    if _standing(score) != progress.standing:
        score.points, score.answered, score.completed = progress.standing
        score.changed_at = now


def _standing(score: Score) -> tuple[float, int, bool]:
    return score.points, score.answered, score.completed


def recompute_lessons_of(session: Session, person_id: int) -> None:
    """In the caller's transaction: make one person's points for all lessons anew; those that were
    wrong are earned on the days of his answers."""
    session.get(Person, person_id, with_for_update=True)
    out = out_of_use(session)
    everywhere = card_answers_everywhere(session, person_id)
    with_days = sources_with_days(session, person_id)
    kept = select(Score).where(Score.person_id == person_id, Score.source.startswith("lesson:"))
    for score in session.scalars(kept):
        if score.source not in everywhere:
            session.delete(score)
    for place, given in everywhere.items():
        course, _, stem = place.removeprefix("lesson:").partition("/")
        cards = lesson(session, course, stem).cards
        progress = _progress(given, cards, out)
        stored = session.get(Score, (person_id, place))
        steps = _steps(given, cards, progress.total)
        wrong = stored is None or _standing(stored) != progress.standing
        if wrong or lost_days(steps, place, with_days):
            made = Score(person_id=person_id, source=place, phase="learn")
            made.points, made.answered, made.completed = progress.standing
            remake_score(session, made, steps)
    session.flush()


def _steps(given: dict[str, CardAnswer], cards: Sequence[str], total: int) -> list[Step]:
    """How the points grew with each answer, by today's cards. Answers to others earned nothing, and
    yet it was the newest that changed the score."""
    steps = []
    answered = right = 0
    for item, one in given.items():
        answered += item in cards
        right += item in cards and one.right
        points = LessonProgress(answered, right, total).points
        steps.append((points, one.answer.received_at))
    return steps


def recompute_lesson_scores(session: Session) -> dict[tuple[int, str], float]:
    """(person id, place) → points of every lesson, from answers alone; what `scores` must equal."""
    points: dict[tuple[int, str], float] = {}
    out = out_of_use(session)
    for person_id in session.scalars(select(Answer.person_id).distinct()):
        for place, given in card_answers_everywhere(session, person_id).items():
            course, _, stem = place.removeprefix("lesson:").partition("/")
            cards = lesson(session, course, stem).cards
            points[person_id, place] = _progress(given, cards, out).points
    return points
