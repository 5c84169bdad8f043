"""限时答题赛: everybody begins when he likes within a window of time, once, with questions drawn
for him, and has a fixed number of minutes. Time is an argument and the server's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lawlab.domain.contest_scoring import PersonResult
from lawlab.domain.contest_script import Window
from lawlab.domain.question import Question
from lawlab.errors import Conflict, NotFound


class Standing(StrEnum):
    """Where one person stands."""

    NOT_OPEN = "not_open"
    READY = "ready"
    """He may begin."""
    RUNNING = "running"
    DONE = "done"
    """He handed in, answered everything, or his time is over."""
    CLOSED = "closed"
    """The contest is over, or he did not begin in time."""


@dataclass(frozen=True)
class Paper:
    """What was drawn for one person: places in the script's steps, in the order in which they are
    asked; the first is place 1."""

    person: int
    began_at: datetime
    deadline: datetime
    slots: tuple[int, ...]
    finished_at: datetime | None = None
    """When he handed in himself."""


@dataclass(frozen=True)
class Reply:
    """An answer on a paper that was accepted."""

    at: datetime
    right: bool


def draw(contest_id: int, person: int, pool: Sequence[Question], count: int) -> tuple[int, ...]:
    """`count` places in the pool, in one person's order; always the same ones, in every version of
    Python. Every question is as likely as any other, and each difficulty, and each type within it,
    has its share of the pool on every paper, give or take one: nobody gets only the hard ones."""

    def mixed(what: object) -> bytes:
        return hashlib.sha256(f"contest:{contest_id}/{person}/{what}".encode()).digest()

    def level(place: int) -> tuple[int, str, bytes]:
        return pool[place].difficulty, pool[place].type, mixed(place)

    # Evenly spaced from a start of his own: what stands together in the row gets its share.
    row = sorted(range(len(pool)), key=level)
    start = int.from_bytes(mixed("start")) % len(pool)
    drawn = [row[(start + n * len(pool)) // count] for n in range(count)]
    return tuple(sorted(drawn, key=lambda place: mixed(f"order/{place}")))


def new_paper(
    contest_id: int, person: int, window: Window, pool: Sequence[Question], now: datetime
) -> Paper:
    """The paper of somebody who begins now. Raises Conflict `not_open`, `closed`."""
    if now < window.opens_at:
        raise Conflict("not_open", "还没有到开始的时间，请到时间再来。")
    if now >= window.closes_at:
        raise Conflict("closed", "已经过了截止时间，不能再开始了。")
    deadline = min(now + timedelta(minutes=window.minutes), window.closes_at)
    return Paper(person, now, deadline, draw(contest_id, person, pool, window.count))


def is_running(paper: Paper, answered: int, now: datetime) -> bool:
    """Whether its person may still answer."""
    handed_in = paper.finished_at is not None or answered >= len(paper.slots)
    return not handed_in and now <= paper.deadline


def standing(
    state: str, window: Window, paper: Paper | None, answered: int, now: datetime
) -> Standing:
    """Where somebody stands in a contest of this `state` (as stored) with so many answers."""
    if state in ("finished", "cancelled"):
        return Standing.CLOSED
    if paper is not None:
        return Standing.RUNNING if is_running(paper, answered, now) else Standing.DONE
    if state != "open" or now < window.opens_at:
        return Standing.NOT_OPEN
    return Standing.READY if now < window.closes_at else Standing.CLOSED


def check_answer(paper: Paper, place: int, at: datetime) -> int:
    """The place in the script's steps of what is asked at `place`, for an answer that arrived at
    `at`. Raises NotFound `no_place`; Conflict `handed_in`, `late`."""
    if not 1 <= place <= len(paper.slots):
        raise NotFound("no_place", f"没有第 {place} 题，您一共有 {len(paper.slots)} 题。")
    if paper.finished_at is not None:
        raise Conflict("handed_in", "您已经交卷了，这个答案没有算进去。")
    if at > paper.deadline:
        raise Conflict("late", "时间到了，已经自动交卷，这个答案没有来得及。")
    return paper.slots[place - 1]


def milliseconds_used(paper: Paper, replies: Mapping[int, Reply]) -> int:
    """From the beginning to the hand-in; to the last answer of whoever answered everything; to the
    deadline when neither came about, so that silence is never fast."""
    if len(replies) >= len(paper.slots):
        end = max(reply.at for reply in replies.values())
    else:
        end = paper.finished_at or paper.deadline
    return round((min(end, paper.deadline) - paper.began_at).total_seconds() * 1000)


def result(paper: Paper, replies: Mapping[int, Reply], points: int) -> PersonResult:
    """What a paper is worth at `points` for each right answer; `replies` by place. No rank yet."""
    right = sum(reply.right for reply in replies.values())
    used = milliseconds_used(paper, replies)
    return PersonResult(paper.person, right * points, right, len(replies), used)
