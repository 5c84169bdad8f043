"""Attendance at study activities: what a time means, whose word counts, points and rates.

All times are aware and compared by the second, as a clock on the wall shows them: whoever signs in
at 09:15:00.9 signed in at 09:15:00.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    PRESENT = "present"
    LATE = "late"
    EXCUSED = "excused"
    ABSENT = "absent"


STATUS_NAMES: Mapping[str, str] = {
    Status.PRESENT: "出勤",
    Status.LATE: "迟到",
    Status.EXCUSED: "请假",
    Status.ABSENT: "缺勤",
}
PHASE_NAMES: Mapping[str, str] = {"learn": "大学习", "drill": "大练兵", "compete": "大比武"}


class Way(StrEnum):
    """How somebody came to his status."""

    QR = "qr"
    CODE = "code"
    LIST = "list"
    WALK_IN = "walk_in"
    SIGNATURE = "signature"
    ONLINE = "online"
    FILE = "file"
    LEAVE = "leave"
    CLOSE = "close"


WAY_NAMES: Mapping[str, str] = {
    Way.QR: "扫码",
    Way.CODE: "数字码",
    Way.LIST: "教员点名",
    Way.WALK_IN: "现场登记",
    Way.SIGNATURE: "签名",
    Way.ONLINE: "线上答卡",
    Way.FILE: "名单导入",
    Way.LEAVE: "请假",
    Way.CLOSE: "自动登记",
}


@dataclass(frozen=True)
class Rules:
    """When signing in counts as what, in minutes around the start; and what each status earns.

    The order of `points` is that of `Status`. An activity keeps the rules it was planned with.
    """

    opens_minutes: int = 30
    present_minutes: int = 15
    late_minutes: int = 30
    points: tuple[float, float, float, float] = (2, 1, 1, 0)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"points": list(self.points)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Rules:
        """Also of rows from before a rule existed."""
        points = stored.get("points", cls.points)
        return cls(
            stored.get("opens_minutes", cls.opens_minutes),
            stored.get("present_minutes", cls.present_minutes),
            stored.get("late_minutes", cls.late_minutes),
            (points[0], points[1], points[2], points[3]),
        )

    def points_of(self, status: str) -> float:
        """What a status earns."""
        return self.points[list(Status).index(Status(status))]

    @property
    def most(self) -> float:
        """What the best status earns."""
        return max(self.points)


@dataclass(frozen=True)
class Times:
    """The four moments of an activity at which signing in changes its meaning."""

    opens: datetime
    starts: datetime
    present_until: datetime
    late_until: datetime
    ends: datetime


def times(rules: Rules, starts: datetime, ends: datetime) -> Times:
    """`present_until` and `late_until` are the last seconds that still count, and none is after the
    end of the activity."""

    def after(minutes: int) -> datetime:
        return min(starts + timedelta(minutes=minutes), ends)

    opens = starts - timedelta(minutes=rules.opens_minutes)
    return Times(opens, starts, after(rules.present_minutes), after(rules.late_minutes), ends)


class Outside(StrEnum):
    """Why a moment is none for signing in by oneself."""

    EARLY = "early"
    OVER = "over"


def status_at(when: Times, at: datetime) -> Status | Outside:
    """What signing in at `at` counts as: the best status for which it is not too late yet."""
    second = at.replace(microsecond=0)
    if second < when.opens:
        return Outside.EARLY
    if second <= when.present_until:
        return Status.PRESENT
    if second <= when.late_until:
        return Status.LATE
    return Outside.OVER


class Kind(StrEnum):
    """What an event says."""

    CHECK_IN = "check_in"
    """The person signed in himself."""
    MARK = "mark"
    """A trainer's word."""
    UNMARK = "unmark"
    """A trainer takes his word back."""
    LEAVE = "leave"
    """Leave was approved, or (without a status) is no longer."""
    CLOSE = "close"
    """Nobody said anything until the close."""


@dataclass(frozen=True)
class Event:
    """One thing that happened to one person at one activity, in the order of `id`."""

    id: int
    kind: str
    status: str | None
    way: str
    at: datetime
    by: str = ""
    reason: str = ""


def standing(events: Iterable[Event], *, enough_cards: bool = True) -> Event | None:
    """The event that decides, None while there is none.

    A trainer's newest word comes first, until he takes it back; then the earliest time at which the
    person signed in; then approved leave; then what the close says. So a phone whose network failed
    is not absent because the close came first, and who came in spite of his leave was there.
    `enough_cards` is False for whoever answered too few cards of an online activity: his signing in
    does not count.
    """
    words: list[Event] = []
    own: list[Event] = []
    leave: Event | None = None
    close: Event | None = None
    for event in sorted(events, key=lambda one: one.id):
        if event.kind == Kind.MARK:
            words.append(event)
        elif event.kind == Kind.UNMARK:
            words = _taken_back(words, event)
        elif event.kind == Kind.CHECK_IN and event.status is not None:
            own.append(event)
        elif event.kind == Kind.LEAVE:
            leave = event if event.status else None
        elif event.kind == Kind.CLOSE:
            close = event if event.status else None
    if words:
        return words[-1]
    if own and enough_cards:
        return min(own, key=lambda one: (one.at, one.id))
    return leave or close


def _taken_back(words: list[Event], event: Event) -> list[Event]:
    """Undoing the merge of a walk-in takes back what the merge said; any other undo, everything
    that trainers said of the person."""
    if event.way != Way.WALK_IN:
        return []
    merges = [word for word in words if word.way == Way.WALK_IN]
    return [word for word in words if not merges or word is not merges[-1]]


def cards_needed(shown: int) -> int:
    """How many of the cards `shown` to somebody during an online activity he has to answer."""
    return math.ceil(shown / 2)


def was_there(status: str | None) -> bool:
    """出勤 and 迟到 are being there."""
    return status in (Status.PRESENT, Status.LATE)


@dataclass(frozen=True)
class Rate:
    """How often somebody (or a unit) was there, over activities that are closed."""

    expected: int
    there: int
    points: float
    most: float

    @property
    def share(self) -> float | None:
        """出勤率: there ÷ expected; None without any."""
        return self.there / self.expected if self.expected else None

    @property
    def score(self) -> float | None:
        """考勤得分率: points ÷ the most there was to earn; None without any."""
        return self.points / self.most if self.most else None


def rate(statuses: Sequence[tuple[str, Rules]]) -> Rate:
    """Over the activities at which one was expected: (status, rules) each."""
    return Rate(
        len(statuses),
        sum(was_there(status) for status, _ in statuses),
        sum(rules.points_of(status) for status, rules in statuses),
        sum(rules.most for _, rules in statuses),
    )


WARN_BELOW = 0.7
WARN_AFTER = 5
"""Activities; one missed meeting of one is no pattern."""


def falls_behind(found: Rate, below: float = WARN_BELOW, after: int = WARN_AFTER) -> bool:
    """Whether somebody was there less often than `below`, once he was expected `after` times."""
    return found.expected >= after and found.share is not None and found.share < below
