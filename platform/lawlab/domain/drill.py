"""When to ask a question again. The only place that knows the `fsrs` library.

Everything counts in the town's days: whoever practises at eight in the evening and at eight the
next morning has slept over it. So a day stands for its noon, and two answers on one day are close.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from fsrs import Card, Rating, Scheduler, State

RETENTION = 0.9
"""The share of questions that one should still know when they are asked again."""
SLOW_BASE_S, SLOW_PER_CHARACTER_S, AWAY_S = 20.0, 0.3, 300.0
_DECAY = -Scheduler().parameters[20]
_FACTOR = 0.9 ** (1 / _DECAY) - 1
_FUZZ = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, float("inf"), 0.05))
"""From, to (days) and share, as FSRS spreads intervals; ours goes where the load is least."""


@dataclass(frozen=True)
class Plan:
    """What the town decides. `contest`: the day everybody learns for; no interval ends after it
    while it lies ahead. `holidays`: days on which nothing falls due. `steps`: minutes after which a
    new or forgotten question is asked once more on the same day (the library's default is 1 and 10
    for new, 10 for forgotten ones)."""

    contest: dt.date | None = None
    holidays: frozenset[dt.date] = frozenset()
    retention: float = RETENTION
    new_steps: tuple[int, ...] = ()
    again_steps: tuple[int, ...] = ()


@dataclass(frozen=True)
class Memory:
    """What one person remembers of one question. `stability`: days until the chance to know it has
    sunk to 90 %; `difficulty` 1 to 10; `state` and `step` as in FSRS."""

    stability: float
    difficulty: float
    last: dt.date
    due: dt.date
    reviews: int = 1
    lapses: int = 0
    state: int = State.Review.value
    step: int | None = None


def rating_of(right: bool, seconds: float | None, characters: int) -> Rating:
    """How well a question was known. `seconds`: since the person's answer before it, by the
    server's clock, None when there was none; `characters`: how long the question is.

    Wrong → Again, right → Good, right but slow → Hard. Who was away for longer than AWAY_S did
    something else meanwhile: that says nothing. Nobody says of himself that it was easy.
    """
    if not right:
        return Rating.Again
    slow = SLOW_BASE_S + SLOW_PER_CHARACTER_S * characters
    if seconds is not None and slow < seconds <= AWAY_S:
        return Rating.Hard
    return Rating.Good


def review(
    memory: Memory | None,
    rating: Rating,
    day: dt.date,
    plan: Plan,
    load: Callable[[dt.date], int] = lambda day: 0,
) -> Memory:
    """The memory after one answer on `day`; None stands for a question never seen.

    `load` says how much falls due on a day already: within the spread of FSRS the emptiest day is
    taken, never a holiday, never after the contest. An answer dated before the last one (it came
    late) counts as of the same day.
    """
    day = max(day, memory.last) if memory else day
    card, _ = _scheduler(plan, _longest(day, plan)).review_card(
        _card(memory, day), rating, _noon(day)
    )
    assert card.stability is not None
    assert card.difficulty is not None
    return Memory(
        stability=card.stability,
        difficulty=card.difficulty,
        last=day,
        due=_due(day, (card.due - _noon(day)).days, plan, load),
        reviews=(memory.reviews if memory else 0) + 1,
        lapses=(memory.lapses if memory else 0)
        + (rating is Rating.Again and memory is not None and memory.state == State.Review.value),
        state=card.state.value,
        step=card.step,
    )


def recall(memory: Memory, day: dt.date) -> float:
    """The chance (0 to 1) that the person knows it on `day`; before the last answer, as on it."""
    return recall_of(memory.stability, memory.last, day)


def recall_of(stability: float, last: dt.date, day: dt.date) -> float:
    """The same of a memory that is not at hand as a whole: FSRS's own curve, without its objects,
    because whole towns are asked about."""
    return float((1 + _FACTOR * max(0, (day - last).days) / stability) ** _DECAY)


def _due(day: dt.date, interval: int, plan: Plan, load: Callable[[dt.date], int]) -> dt.date:
    if interval < 1:
        return day
    latest = day + dt.timedelta(days=_longest(day, plan))
    spread = sum(share * max(0.0, min(interval, to) - start) for start, to, share in _FUZZ)
    spread = int(spread + 1) if interval >= 3 else 0
    around = sorted(range(-spread, spread + 1), key=lambda shift: (abs(shift), shift))
    days = [day + dt.timedelta(days=max(1, interval + shift)) for shift in around]
    open_days = [one for one in days if one <= latest and one not in plan.holidays]
    if open_days:
        return min(open_days, key=load)  # of equals the one nearest to the interval
    return _working(min(day + dt.timedelta(days=interval), latest), plan, latest)


def _working(day: dt.date, plan: Plan, latest: dt.date) -> dt.date:
    """The first day from `day` on that is no holiday; up to a year, and not after the contest."""
    for ahead in range(366):
        one = day + dt.timedelta(days=ahead)
        if one > latest:
            break
        if one not in plan.holidays:
            return one
    return min(day, latest)


def _longest(day: dt.date, plan: Plan) -> int:
    """No interval may be longer than this many days."""
    if plan.contest is None or plan.contest <= day:
        return 36_500
    return (plan.contest - day).days


def _noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def _card(memory: Memory | None, day: dt.date) -> Card:
    # The id is given: without one the library sleeps until the clock has moved on.
    if memory is None:
        return Card(card_id=0, due=_noon(day))
    return Card(
        0,
        State(memory.state),
        memory.step,
        memory.stability,
        memory.difficulty,
        _noon(memory.due),
        _noon(memory.last),
    )


@lru_cache(maxsize=512)
def _scheduler(plan: Plan, longest: int) -> Scheduler:
    return Scheduler(
        desired_retention=plan.retention,
        learning_steps=[dt.timedelta(minutes=one) for one in plan.new_steps],
        relearning_steps=[dt.timedelta(minutes=one) for one in plan.again_steps],
        maximum_interval=longest,
        enable_fuzzing=False,
    )
