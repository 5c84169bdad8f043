"""What people remember (`memories`): kept in step with every answer whose key they were told, and
replayable from the answers alone.

A review counts when the person learns how he did: an answer in a lesson or in practice at once, one
in a quiz with its release, one in a mock exam with the hand-in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lawlab.domain import drill
from lawlab.domain.drill import Plan
from lawlab.domain.practice import LEAVES_BOOK
from lawlab.services.quiz_marks import auto_marks
from lawlab.store import drill as store
from lawlab.store.engine import writing
from lawlab.store.quizzes import paper_of_sitting, paper_questions
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, DerivedState, Memory, Person, Quiz, Sitting

RULES = 1
"""Counts changes of the rules by which memories are made; they are then made anew."""
STATE = "memories"
PRACTICE = "drill:"


@dataclass(frozen=True)
class Review:
    """One answer whose key its person has been told. `seconds`: as `drill.rating_of` wants it."""

    item: str
    right: bool
    at: dt.datetime
    characters: int = 0
    seconds: float | None = None


@dataclass(frozen=True)
class Standing:
    """A row of `memories` as values: what is remembered, and the mistakes."""

    memory: drill.Memory
    first: dt.date
    wrongs: int = 0
    last_wrong_at: dt.datetime | None = None
    rights_since: int = 0
    in_book: bool = False
    last_right: bool = True
    """How the last answer was."""

    def facts(self) -> dict[str, Any]:
        """As `memories` stores it."""
        own = {name: value for name, value in vars(self).items() if name != "memory"}
        return asdict(self.memory) | own


def remember(session: Session, person_id: int, answered: Review) -> None:
    """In the caller's transaction: bring one memory in step with an answer that was stored and
    marked there. The caller holds the lock on the person."""
    if store.quiz_since(session, person_id, answered.at):
        # It waited for the lock while keys were told: by its time it comes before them.
        recompute_memories(session, [person_id])
        return
    _remember(session, person_id, [answered])


def _remember(session: Session, person_id: int, reviews: Sequence[Review]) -> None:
    plan, due = store.drill_plan(session), store.due_counts(session, person_id)
    rows = store.memories_of(session, person_id, {one.item for one in reviews})
    for review in reviews:
        row = rows.get(review.item)
        now = _next(_standing(row) if row else None, review, plan, due)
        if row is None:
            row = rows[review.item] = Memory(person_id=person_id, item=review.item)
            session.add(row)
        for name, value in now.facts().items():
            setattr(row, name, value)
    session.flush()


def remember_sitting(session: Session, quiz: Quiz, sitting: Sitting) -> None:
    """In the caller's transaction: what somebody answered in a quiz, once he may see the keys."""
    at = store.told_at(quiz, sitting)
    if at is None:
        return
    session.get(Person, sitting.person_id, with_for_update=True)
    newest = select(func.max(Answer.received_at)).where(Answer.person_id == sitting.person_id)
    latest = session.scalar(newest)
    answered_since = latest is not None and latest > at
    if answered_since or store.quiz_since(session, sitting.person_id, at, but=quiz.assignment):
        # The server closed it later than it ended: what came after it has to follow it.
        recompute_memories(session, [sitting.person_id])
        return
    _remember(session, sitting.person_id, list(_sitting_reviews(session, quiz, sitting, at)))


def remember_released(session: Session, quiz: Quiz) -> None:
    """In the caller's transaction: the same for everybody who handed in, at the release. Of a mock
    exam everybody was told before."""
    if quiz.blueprint.get("mock"):
        return
    for sitting in session.scalars(_handed_in(quiz).order_by(Sitting.id)).all():
        remember_sitting(session, quiz, sitting)


def remember_regraded(session: Session, quiz: Quiz) -> None:
    """In the caller's transaction: a key was corrected. Whoever was told the old one is replayed,
    as if the right one had always counted."""
    sittings = session.scalars(_handed_in(quiz)).all()
    told = {one.person_id for one in sittings if store.told_at(quiz, one) is not None}
    recompute_memories(session, sorted(told))


def replay(session: Session, person_id: int, plan: Plan) -> dict[str, Standing]:
    """Item → how one person stands, from answers and quizzes alone."""
    standings: dict[str, Standing] = {}
    due: Counter[dt.date] = Counter()
    for review in _reviews(session, person_id):
        standings[review.item] = _next(standings.get(review.item), review, plan, due)
    return standings


def recompute_memories(session: Session, people: Iterable[int] | None = None) -> int:
    """In the caller's transaction: make the memories of these people (None: of everybody) anew;
    returns how many rows were not as they had to be."""
    plan = store.drill_plan(session)
    if people is None:
        people = session.scalars(select(Person.id).order_by(Person.id)).all()
    return sum(_recompute(session, person_id, plan) for person_id in people)


def bring_memories_in_step(session: Session, now: dt.datetime) -> int:
    """Make all memories anew when they were made by another plan or other rules; returns how many
    rows changed. Commits after each person, so that whoever practises meanwhile waits for a moment
    only; begun anew after a crash. Cheap when nothing changed."""
    made_by = _fingerprint(store.drill_plan(session))
    state = session.get(DerivedState, STATE)
    people = session.scalars(select(Person.id).order_by(Person.id)).all()
    session.commit()
    if state is not None and state.fingerprint == made_by:
        return 0
    changed = 0
    for person_id in people:
        writing(session)
        changed += recompute_memories(session, [person_id])
        session.commit()
    writing(session)
    # A plan that was saved meanwhile is the next one's work.
    if _fingerprint(store.drill_plan(session)) == made_by:
        note_made(session, now)
    session.commit()
    return changed


def note_made(session: Session, now: dt.datetime) -> None:
    """In the caller's transaction: note by which plan and rules all memories were made."""
    fingerprint = _fingerprint(store.drill_plan(session))
    state = session.get(DerivedState, STATE) or DerivedState(name=STATE)
    state.fingerprint, state.at = fingerprint, now
    session.add(state)


def _next(old: Standing | None, review: Review, plan: Plan, due: Counter[dt.date]) -> Standing:
    """The standing after one more review; keeps `due`, how much falls due on each day, in step."""
    if old is not None:
        due[old.memory.due] -= 1
    new = _after(old, review, plan, due)
    due[new.memory.due] += 1
    return new


def _after(old: Standing | None, review: Review, plan: Plan, due: Counter[dt.date]) -> Standing:
    day = china_day(review.at)
    rating = drill.rating_of(review.right, review.seconds, review.characters)
    memory = drill.review(old.memory if old else None, rating, day, plan, due.__getitem__)
    before = old or Standing(memory, day)
    if not review.right:
        return replace(
            before,
            memory=memory,
            wrongs=before.wrongs + 1,
            last_wrong_at=review.at,
            rights_since=0,
            in_book=True,
            last_right=False,
        )
    # Knowing it again on the day of the mistake, with the key still in mind, does not count.
    wrong_day = before.last_wrong_at and china_day(before.last_wrong_at)
    again_today = old is not None and old.last_right and day <= old.memory.last
    known = before.rights_since + (day != wrong_day and not again_today)
    return replace(
        before,
        memory=memory,
        rights_since=known,
        in_book=before.in_book and known < LEAVES_BOOK,
        last_right=True,
    )


def _reviews(session: Session, person_id: int) -> list[Review]:
    """In the order in which they counted."""
    answers = list(store.marked_answers(session, person_id))
    practised = {one.version_id for one in answers if one.place.startswith(PRACTICE)}
    lengths = store.version_lengths(session, practised)
    ordered: list[tuple[dt.datetime, Review]] = []
    latest = last_practised = dt.datetime.min.replace(tzinfo=dt.UTC)
    for one in answers:
        # Of two that came at the same moment, the one that was stored first counted first.
        latest = max(latest, one.at)
        if not one.place.startswith(PRACTICE):
            ordered.append((latest, Review(one.item, one.right, one.at)))
            continue
        seconds = _gap(one.at, last_practised)
        review = Review(one.item, one.right, one.at, lengths[one.version_id], seconds)
        ordered.append((latest, review))
        last_practised = max(last_practised, one.at)
    for quiz, sitting, at in store.told_sittings(session, person_id):
        ordered += [(at, review) for review in _sitting_reviews(session, quiz, sitting, at)]
    return [review for _, review in sorted(ordered, key=lambda pair: pair[0])]


def _gap(at: dt.datetime, before: dt.datetime) -> float | None:
    seconds = (at - before).total_seconds()
    return None if seconds > drill.AWAY_S else max(0.0, seconds)


def _sitting_reviews(
    session: Session, quiz: Quiz, sitting: Sitting, at: dt.datetime
) -> Iterator[Review]:
    """Of the slots that were answered and that a machine marks. A question for which everybody got
    full points was faulty: it says nothing."""
    paper, responses = paper_of_sitting(quiz, sitting), sitting.responses or {}
    points = auto_marks(session, quiz, paper, responses)
    questions = paper_questions(session, paper)
    for slot in paper:
        name, earned = slot["slot"], points[slot["slot"]]
        faulty = quiz.corrections.get(slot["item"], {}).get("full")
        if name in responses and earned is not None and not faulty and not questions[name].manual:
            yield Review(slot["item"], earned >= slot["points"], at)


def _recompute(session: Session, person_id: int, plan: Plan) -> int:
    session.get(Person, person_id, with_for_update=True)
    rows = store.memories_of(session, person_id)
    wanted = {item: one.facts() for item, one in replay(session, person_id, plan).items()}
    gone = rows.keys() - wanted.keys()
    if gone:
        session.execute(delete(Memory).where(Memory.person_id == person_id, Memory.item.in_(gone)))
    changed = len(gone)
    for item, facts in wanted.items():
        row = rows.get(item)
        if row is not None and store.facts_of(row) == facts:
            continue
        changed += 1
        if row is None:
            session.add(Memory(person_id=person_id, item=item, **facts))
        else:
            for name, value in facts.items():
                setattr(row, name, value)
    session.flush()
    return changed


def seconds_since_practice(session: Session, answer: Answer) -> float | None:
    """By the server's clock, since the person's answer in practice before this one; None after a
    pause that says nothing."""
    before = session.scalar(
        select(func.max(Answer.received_at)).where(
            Answer.person_id == answer.person_id,
            Answer.place.startswith(PRACTICE),
            Answer.received_at >= answer.received_at - dt.timedelta(seconds=drill.AWAY_S),
            Answer.id != answer.id,
        )
    )
    return _gap(answer.received_at, before) if before else None


def _standing(row: Memory) -> Standing:
    facts = store.facts_of(row)
    remembered = {name: facts.pop(name) for name in drill.Memory.__dataclass_fields__}
    return Standing(drill.Memory(**remembered), **facts)


def _handed_in(quiz: Quiz) -> Any:
    return select(Sitting).where(
        Sitting.assignment == quiz.assignment, Sitting.handed_in_at.is_not(None)
    )


def _fingerprint(plan: Plan) -> str:
    told = [RULES, str(plan.contest), sorted(map(str, plan.holidays)), plan.retention]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
