"""Rules of 挑战答题 (until the first wrong answer) and 双人对战 (two people, one paper)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

QUESTIONS = 5
"""Of a duel."""
LASTS = dt.timedelta(days=3)
"""So long both have for a duel."""
MOST_OPEN = 5
"""Duels that one person may have begun and not finished."""
LONGEST_S = 120
"""Seconds that one question of a duel costs at most: whoever was called away has not lost."""


@dataclass(frozen=True)
class Side:
    """What one of the two did. `finished`: answered everything."""

    right: int
    milliseconds: int
    finished: bool


def outcome(challenger: Side, opponent: Side, over: bool) -> str | None:
    """`challenger`, `opponent` or `draw`; None while it goes on. More right answers win, then less
    time in whole seconds. When the time for it is `over`, whoever finished beats who did not; when
    neither did, there is nothing to win: `none`."""
    if challenger.finished and opponent.finished:
        return _better(challenger, opponent)
    if not over:
        return None
    if challenger.finished == opponent.finished:
        return "none"
    return "challenger" if challenger.finished else "opponent"


def question_time(dealt: dt.datetime, answered: dt.datetime) -> int:
    """Milliseconds of one question, by the server's clock; at most LONGEST_S seconds."""
    milliseconds = int((answered - dealt).total_seconds() * 1000)
    return max(0, min(LONGEST_S * 1000, milliseconds))


def _better(challenger: Side, opponent: Side) -> str:
    mine = (challenger.right, -(challenger.milliseconds // 1000))
    theirs = (opponent.right, -(opponent.milliseconds // 1000))
    if mine == theirs:
        return "draw"
    return "challenger" if mine > theirs else "opponent"
