"""Points put back on the days on which they were earned, as the records tell: for rows of `scores`
that were missing or wrong. Whoever earns keeps them in step by himself (`store.tables.boards`)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import earlier_by, earned_on
from lawlab.store.statutes import china_day
from lawlab.store.tables import Score, ScoreDay

Step = tuple[float, dt.datetime]
"""How many points a score had from a moment on."""


def remake_score(session: Session, score: Score, steps: Sequence[Step]) -> None:
    """In the caller's transaction: make a score anew with its days, whatever was there. `score` is
    new and tells whose it is and how it stands; `steps`, at least one and in their order, how it
    came to its points."""
    old = session.get(Score, (score.person_id, score.source))
    if old is not None:
        session.delete(old)
        session.flush()
    _drop_days(session, score.person_id, score.source)  # of one that was missing, too
    score.points = steps[-1][0]
    score.changed_at = max(at for _, at in steps)
    session.add(score)
    session.flush()
    _add_days(session, score.person_id, score.source, _earlier(steps))


def lost_days(steps: Sequence[Step], source: str, with_days: Iterable[str]) -> bool:
    """Whether a score was earned on several days and none of the earlier ones is kept. Where some
    are, they may rightly be others than `steps` tell: the cards of a lesson were changed since."""
    return source not in with_days and bool(_earlier(steps))


def sources_with_days(session: Session, person_id: int) -> set[str]:
    """Of which of somebody's scores there are earlier days."""
    own = select(ScoreDay.source).where(ScoreDay.person_id == person_id)
    return set(session.scalars(own.distinct()))


def mend_days(session: Session, person_id: int) -> None:
    """In the caller's transaction: drop what somebody's earlier days hold beyond his points."""
    scores = session.execute(
        select(Score.source, Score.points, Score.changed_at).where(Score.person_id == person_id)
    )
    known = {source: (points, china_day(at)) for source, points, at in scores}
    kept: dict[str, dict[dt.date, float]] = defaultdict(dict)
    for source, day, points in session.execute(
        select(ScoreDay.source, ScoreDay.day, ScoreDay.points).where(
            ScoreDay.person_id == person_id
        )
    ):
        kept[source][day] = points
    for source, earlier in kept.items():
        points, last = known.get(source, (0.0, dt.date.min))
        right = {day: part for day, part in earned_on(points, last, earlier).items() if day < last}
        if right != earlier:
            _drop_days(session, person_id, source)
            _add_days(session, person_id, source, right)


def _earlier(steps: Sequence[Step]) -> dict[dt.date, float]:
    # A step never lies before the one that it follows, whatever a clock said.
    times = accumulate((at for _, at in steps), max)
    return earlier_by((points, china_day(at)) for (points, _), at in zip(steps, times, strict=True))


def _drop_days(session: Session, person_id: int, source: str) -> None:
    session.execute(
        delete(ScoreDay).where(ScoreDay.person_id == person_id, ScoreDay.source == source)
    )


def _add_days(session: Session, person_id: int, source: str, earlier: dict[dt.date, float]) -> None:
    rows = [
        {"person_id": person_id, "source": source, "day": day, "points": points}
        for day, points in earlier.items()
    ]
    if rows:
        session.execute(insert(ScoreDay), rows)
