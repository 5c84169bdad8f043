"""What happens in a contest: the events that are stored, and what follows from one of them for a
turn. A turn is one showing of one question; a question shown again after an undo is a new turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lawlab.domain.contest_script import Round


class Did(StrEnum):
    """Kinds of events. The data of each stands behind it."""

    OPEN = "open"
    START = "start"  # entered: {team: [person id]}; in a contest of persons the team is ""
    SHOW = "show"  # turn, step, opens_at; of a team's question team; of 风险题 also stake
    ARM = "arm"
    BUZZ = "buzz"  # turn, team, person, candidates: [{team, person, at}]
    FALSE_START = "false_start"  # turn, team, person
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"  # turn, seconds
    CLOSE = "close"  # turn
    REVEAL = "reveal"  # turn, spread: what delivery took, or null
    BOARD = "board"
    VOID = "void"  # turn, reason
    UNVOID = "unvoid"  # turn, reason
    EXCLUDE = "exclude"  # person, reason
    INCLUDE = "include"  # person, reason
    ADD = "add"  # person
    UNDO = "undo"  # seq: of the event that no longer holds
    FINISH = "finish"


AFTER_THE_END = (Did.VOID, Did.UNVOID, Did.EXCLUDE, Did.INCLUDE)
"""Objections (申诉) are decided after the end too."""
NOT_UNDONE = (Did.OPEN, Did.FINISH, Did.UNDO)


@dataclass(frozen=True)
class Event:
    """One thing that happened, by the server's time. `seq` counts from 1 in a contest."""

    seq: int
    kind: Did
    at: datetime
    by: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """An answer that was accepted."""

    turn: int
    person: int
    at: datetime
    right: bool


@dataclass
class Turn:
    """One showing of a question."""

    number: int
    step: int
    round: Round
    opens_at: datetime
    """When its time begins; for 抢答 set anew by the buzz."""
    barred: frozenset[int]
    """Who was out when it was shown."""
    team: str = ""
    stake: int = 0
    extra_ms: int = 0
    armed_at: datetime | None = None
    buzzed: bool = False
    locked: set[str] = field(default_factory=set)
    """Teams that pressed too early, or were wrong already."""
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    closed_at: datetime | None = None
    revealed: bool = False
    voided: str | None = None
    """Why it does not count."""
    spread: Mapping[str, Any] | None = None

    @property
    def limit_ms(self) -> int:
        """What it was announced with."""
        return self.round.seconds * 1000

    def elapsed(self, at: datetime) -> int:
        """Milliseconds of its time gone by `at`, without pauses; negative before it begins."""
        gone = (at - self.opens_at).total_seconds()
        for begun, ended in self.pauses:
            begun, ended = max(begun, self.opens_at), min(ended or at, at)
            gone -= max(0.0, (ended - begun).total_seconds())
        return round(gone * 1000)

    def left(self, at: datetime) -> int:
        """Milliseconds left; 0 when it is over."""
        if self.closed_at is not None or self.revealed:
            return 0
        total = self.limit_ms + self.extra_ms
        return max(0, min(total, total - self.elapsed(at)))

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None
