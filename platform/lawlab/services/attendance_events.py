"""What is said of people at an activity, and what follows: how they stand, and their points.

All of it happens under the lock of the activity (`find_activity(…, lock=True)` after `writing`),
so that of two who speak at once the second knows what the first said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Event, Kind, Rules, Way, cards_needed, standing, was_there
from lawlab.services.audit import note
from lawlab.store.attendance import (
    Expected,
    activity_day,
    answered_cards,
    as_event,
    cards_over,
    events_of,
    expected_people,
    find_activity,
    people_on,
)
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Activity,
    Attendance,
    AttendanceEvent,
    PresenceCard,
    Score,
)

SYSTEM = "system"
"""Who says what nobody said: the close."""


@dataclass(frozen=True)
class Saying:
    """One event to be. `key` makes a repeat harmless; `at` is the time that counts."""

    person_id: int
    key: str
    kind: Kind
    status: str | None
    way: Way
    at: datetime
    by: str
    reason: str = ""
    device: str | None = None


def say(session: Session, activity: Activity, saying: Saying, now: datetime) -> bool:
    """Add one event and bring standing and points in step; no commit. False when its key had been
    said before."""
    return bool(say_all(session, activity, [saying], now))


def say_all(
    session: Session, activity: Activity, sayings: Sequence[Saying], now: datetime
) -> list[Saying]:
    """Add events and bring standing and points in step; no commit. Returns those that are new."""
    keys = {saying.key for saying in sayings}
    known = set(
        session.scalars(
            select(AttendanceEvent.key).where(
                AttendanceEvent.activity_id == activity.id, AttendanceEvent.key.in_(keys)
            )
        )
    )
    new = []
    for saying in sayings:
        if saying.key not in known:
            known.add(saying.key)
            new.append(saying)
    session.add_all(
        AttendanceEvent(
            activity_id=activity.id,
            person_id=saying.person_id,
            key=saying.key,
            kind=saying.kind.value,
            status=saying.status,
            way=saying.way.value,
            at=saying.at,
            received_at=now,
            by=saying.by,
            reason=saying.reason,
            device=saying.device,
        )
        for saying in new
    )
    session.flush()
    bring_in_step(session, activity, {saying.person_id for saying in new}, now)
    return new


def close_activity(session: Session, activity_id: int, now: datetime, by: str = SYSTEM) -> bool:
    """Close an activity: whoever is expected and of whom nothing else is said is absent, in one
    transaction. False when it was closed or cancelled before. `by` is who closed it early."""
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    if activity.closed_at or activity.cancelled_at:
        session.rollback()
        return False
    at = min(now, activity.ends_at)
    expected = expected_people(session, activity)
    activity.closed_at = now
    note(session, now, by, "activity.close", f"activity:{activity.id}", expected=len(expected))
    stamp = f"{now.timestamp():.6f}"
    sayings = [
        Saying(person, f"close:{person}:{stamp}", Kind.CLOSE, "absent", Way.CLOSE, at, by)
        for person in expected
    ]
    say_all(session, activity, sayings, now)
    # Guests of an online activity, too, are judged by the cards now.
    bring_in_step(session, activity, set(events_of(session, activity.id)), now)
    session.commit()
    return True


def overdue(session: Session, now: datetime) -> list[int]:
    """Activities whose end has passed and that are still to be closed."""
    return list(
        session.scalars(
            select(Activity.id)
            .where(
                Activity.closed_at.is_(None),
                Activity.cancelled_at.is_(None),
                Activity.ends_at <= now,
            )
            .order_by(Activity.ends_at)
        )
    )


def bring_in_step(
    session: Session,
    activity: Activity,
    people: Collection[int],
    now: datetime,
    came: Mapping[int, datetime] | None = None,
) -> None:
    """Make `attendances` and `scores` of these people what the events say; no commit. Points change
    `now`, or, by `came`, when the event came that decides."""
    if not people:
        return
    rows = _rows(session, activity, people)
    have = {
        row.person_id: row
        for row in session.scalars(
            select(Attendance).where(
                Attendance.activity_id == activity.id, Attendance.person_id.in_(people)
            )
        )
    }
    scores = {
        score.person_id: score
        for score in session.scalars(
            select(Score).where(
                Score.source == score_source(activity.id), Score.person_id.in_(people)
            )
        )
    }
    rules = Rules.from_json(activity.rules)
    for person in sorted(people):
        row, old = rows.get(person), have.get(person)
        if row is None:
            if old is not None:
                session.delete(old)
        elif old is None:
            session.add(row)
        else:
            for name in ("unit_id", "expected", "status", "way", "at", "event_id"):
                setattr(old, name, getattr(row, name))
        counts = row is not None and activity.cancelled_at is None
        points = rules.points_of(row.status) if row is not None and counts else 0.0
        there = row is not None and counts and was_there(row.status)
        at = now if came is None or row is None else came.get(row.event_id, now)
        _score(session, activity, person, scores.get(person), (points, there), at)
    session.flush()


def recompute_activity(session: Session, activity_id: int, now: datetime) -> None:
    """In the caller's transaction: make what is kept of one activity anew from its events. Points
    that were wrong are earned on the day of the event that decides."""
    activity = find_activity(session, activity_id, lock=True)
    kept = select(Attendance.person_id).where(Attendance.activity_id == activity_id)
    scored = select(Score.person_id).where(Score.source == score_source(activity_id))
    people = {*events_of(session, activity_id), *session.scalars(kept), *session.scalars(scored)}
    received = select(AttendanceEvent.id, AttendanceEvent.received_at)
    came = session.execute(received.where(AttendanceEvent.activity_id == activity_id))
    bring_in_step(session, activity, people, now, dict(iter(came)))


def recompute_attendance(session: Session) -> dict[tuple[int, int], tuple[str, bool, float]]:
    """(activity, person) → status, whether he was expected, and points, from the events alone: what
    `attendances` and `scores` must equal."""
    found = {}
    for activity in session.scalars(select(Activity)):
        rules = Rules.from_json(activity.rules)
        for person, row in _rows(session, activity, set(events_of(session, activity.id))).items():
            points = 0.0 if activity.cancelled_at else rules.points_of(row.status)
            found[activity.id, person] = row.status, row.expected, points
    return found


def score_source(activity_id: int) -> str:
    """The source of an activity's points in `scores`."""
    return f"activity:{activity_id}"


def _score(
    session: Session,
    activity: Activity,
    person: int,
    score: Score | None,
    standing: tuple[float, bool],
    now: datetime,
) -> None:
    if score is None:
        if standing == (0.0, False):
            return
        score = Score(
            person_id=person,
            source=score_source(activity.id),
            phase=activity.phase,
            points=-1,
            completed=False,
            changed_at=now,
        )
        session.add(score)
    if (score.points, score.completed, score.phase) != (*standing, activity.phase):
        score.points, score.completed = standing
        score.phase = activity.phase
        score.changed_at = now


def _rows(session: Session, activity: Activity, people: Collection[int]) -> dict[int, Attendance]:
    """Person → the row that the events give; nothing for those of whom nothing holds."""
    events = events_of(session, activity.id, people)
    expected = expected_people(session, activity, people)
    others = set(people) - set(expected)
    guests = people_on(session, activity_day(activity), others) if others else {}
    enough = _enough_cards(session, activity, events)
    rows = {}
    for person, said in events.items():
        decides = standing(map(as_event, said), enough_cards=enough.get(person, True))
        if decides is None or decides.status is None:
            continue
        who: Expected | None = expected.get(person) or guests.get(person)
        rows[person] = Attendance(
            activity_id=activity.id,
            person_id=person,
            unit_id=who.unit_id if who else None,
            expected=_expected(activity, said, person in expected),
            status=decides.status,
            way=decides.way,
            at=decides.at,
            event_id=decides.id,
        )
    return rows


def _expected(activity: Activity, said: Iterable[AttendanceEvent], now_expected: bool) -> bool:
    """After the close it stays as it was then, whatever becomes of memberships."""
    if activity.closed_at is None:
        return now_expected
    closes = [event for event in said if event.kind == Kind.CLOSE]
    return bool(closes) and closes[-1].status is not None


def _enough_cards(
    session: Session,
    activity: Activity,
    events: Mapping[int, Sequence[AttendanceEvent]],
) -> dict[int, bool]:
    """Person → whether he answered enough cards of an online activity. While it goes on everybody
    who came in counts as there; the close decides."""
    if not activity.online or activity.closed_at is None:
        return {}
    cards = cards_over(session, activity.id, activity.closed_at)
    answered = answered_cards(session, activity.id, set(events))
    return {
        person: _answered_enough(cards, answered.get(person, set()), list(map(as_event, said)))
        for person, said in events.items()
    }


def _answered_enough(
    cards: Sequence[PresenceCard], answered: Collection[int], said: Sequence[Event]
) -> bool:
    came = min((event.at for event in said if event.kind == Kind.CHECK_IN), default=None)
    shown = [card.id for card in cards if came is not None and card.until > came]
    return len(set(shown) & set(answered)) >= cards_needed(len(shown))
