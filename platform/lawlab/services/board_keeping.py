"""Keeps the leaderboards' lines and sums in step with scores, memberships, the day and the rules.

Whatever changes one of them notes its person (`store.tables.boards`). Here the lines of these
people are made anew from what they earned; the sums of units and cohorts follow from what a line
was and is. A new day changes the lines of those alone who come or leave with it.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import Weights, spans_on
from lawlab.errors import LawlabError
from lawlab.services.audit import note
from lawlab.services.board_lines import correct_sums, renew_lines
from lawlab.store.boards import (
    Made,
    board_rules,
    come_or_go,
    earned_since,
    expected_on,
    made_for,
    mark_made,
    pending_changes,
    weights_of,
)
from lawlab.store.engine import looking_again, writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import BoardChange, BoardGroup, BoardRow, BoardRules

CHUNK = 500
"""So many people in one transaction, so that nobody who earns something waits for long."""
MOST_WEIGHT = 10.0
ONE_DAY = dt.timedelta(days=1)
PATIENCE_S = 1.0
"""So long a page waits for another thread that brings lines in step."""
_at_work = threading.Lock()


def bring_boards_in_step(session: Session, now: dt.datetime) -> int:
    """Make the lines of everybody who was noted anew; of all people, when the rules have changed.
    Returns how many lines and sums were not as they had to be. Cheap when nothing is noted.

    When another thread is at it for longer than PATIENCE_S, nothing is done: lines are read as they
    stand, and pages hear of the rest from their sockets."""
    if not _at_work.acquire(timeout=PATIENCE_S):
        return 0
    try:
        return _bring_in_step(session, now)
    finally:
        _at_work.release()


@looking_again
def _bring_in_step(session: Session, now: dt.datetime) -> int:
    day, made, rules = china_day(now), made_for(session), board_rules(session)
    if made is None or made.rules != (rules.id if rules else 0) or made.day - day > ONE_DAY:
        return make_boards(session, now)
    if made.day < day:
        _begin_day(session, now)
    changed = 0
    while pending_changes(session, 1):
        writing(session)
        # Who asked just before midnight may come just after it.
        current = made_for(session, lock=True) or made
        noted = pending_changes(session, CHUNK)
        changed += renew_lines(session, {person for _, person in noted}, max(day, current.day))
        _work_off(session, [one for one, _ in noted])
        mark_made(session, now, current)
        session.commit()
    return changed


def _begin_day(session: Session, now: dt.datetime) -> None:
    """Drop the lines of days, weeks and years that have passed, and note whoever comes or leaves
    with the new day, or was so quick that he has earned something on it already."""
    day = china_day(now)
    writing(session)
    made = made_for(session, lock=True)
    if made is None or made.day >= day:
        session.commit()
        return
    _drop_others(session, day)
    people = come_or_go(session, made.day, day) | earned_since(session, made.day + ONE_DAY)
    if people:
        session.execute(insert(BoardChange), [{"person_id": one} for one in sorted(people)])
    mark_made(session, now, Made(day, made.rules))
    session.commit()


def make_boards(session: Session, now: dt.datetime) -> int:
    """Make all lines and sums anew; returns how many were not as they had to be. Commits after each
    CHUNK people; begun anew after a crash."""
    day = china_day(now)
    writing(session)
    _drop_others(session, day)
    rules = board_rules(session)
    wanted = Made(day, rules.id if rules else 0)
    people = sorted(_everybody(session, day))
    noted = [one for one, _ in pending_changes(session)]
    session.commit()
    changed = 0
    for start in range(0, len(people), CHUNK):
        writing(session)
        made_for(session, lock=True)  # sums are read and written; another process may be at it
        changed += renew_lines(session, set(people[start : start + CHUNK]), day)
        session.commit()
    writing(session)
    made_for(session, lock=True)
    changed += correct_sums(session, list(spans_on(day).values()))
    _work_off(session, noted)
    if changed or made_for(session) != wanted:
        mark_made(session, now, wanted)
    session.commit()
    return changed


def change_rules(
    session: Session, weights: Weights, masked: bool, by: str, now: dt.datetime
) -> BoardRules:
    """Store what the town decided about its boards; lines follow with the next look. What holds
    already is not stored again. Raises LawlabError `bad_weights`."""
    for value in (weights.learn, weights.drill, weights.compete):
        if not 0 <= value <= MOST_WEIGHT:
            raise LawlabError(
                "bad_weights", f"权重 {value:g} 不对，应在 0 到 {MOST_WEIGHT:g} 之间。"
            )
    if weights == Weights(0, 0, 0):
        raise LawlabError("bad_weights", "三项权重不能都是 0，否则总分全是 0。")
    writing(session)
    before = board_rules(session)
    if before and (weights_of(before), before.masked) == (weights, masked):
        session.commit()
        return before
    row = BoardRules(masked=masked, by=by, at=now, **vars(weights))
    session.add(row)
    old = [*vars(weights_of(before)).values(), bool(before and before.masked)]
    new = [*vars(weights).values(), masked]
    note(session, now, by, "board.rules", "boards", before=old, after=new)
    session.commit()
    return row


def _drop_others(session: Session, day: dt.date) -> None:
    for table in (BoardRow, BoardGroup):
        session.execute(delete(table).where(table.span.not_in(spans_on(day).values())))


def _work_off(session: Session, noted: Sequence[int]) -> None:
    for start in range(0, len(noted), CHUNK):
        some = noted[start : start + CHUNK]
        session.execute(delete(BoardChange).where(BoardChange.id.in_(some)))


def _everybody(session: Session, day: dt.date) -> set[int]:
    stale = session.scalars(select(BoardRow.person_id).distinct())
    return set(stale) | expected_on(session, day).keys()
