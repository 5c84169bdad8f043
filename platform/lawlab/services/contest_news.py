"""What another process stored of a contest since this one looked: events, and answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.contest_events import Did, Event
from lawlab.services.contest import named_in
from lawlab.store.contests import (
    Card,
    StoredAnswer,
    answers_of_turns,
    cards_of,
    contest_standing,
    events_of_contest,
)
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer


@dataclass(frozen=True)
class News:
    """`answers` are all of the turns asked about and of those shown since; `stored` is how many the
    contest has in all. `cards` are people who were not known."""

    standing: tuple[int, str, int]
    events: Sequence[Event]
    answers: Sequence[StoredAnswer]
    stored: int
    cards: Mapping[int, Card]


def contest_news(
    session: Session,
    contest_id: int,
    seq: int,
    turn: int,
    people: Collection[int],
    now: datetime,
) -> News | None:
    """What came after event `seq`, with the answers from `turn` on; None for a contest that was
    deleted. Everything that was stored before the newest of these events is among the answers."""
    standing = contest_standing(session, contest_id)
    if standing is None:
        return None
    events = events_of_contest(session, contest_id, after=seq) if standing[0] > seq else []
    turns = {turn, *(one.data["turn"] for one in events if one.kind is Did.SHOW)} - {0}
    answers = answers_of_turns(session, contest_id, turns)
    named = named_in(events) | {one.person for one in answers}
    cards = cards_of(session, unknown, china_day(now)) if (unknown := named - set(people)) else {}
    query = select(func.count()).where(Answer.contest_id == contest_id)
    return News(standing, events, answers, session.scalar(query) or 0, cards)
