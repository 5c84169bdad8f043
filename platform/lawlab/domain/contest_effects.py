"""How each event changes the state of a contest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from lawlab.domain.contest_buzzer import take_arm, take_buzz, take_false_start
from lawlab.domain.contest_events import Did, Event, Turn

if TYPE_CHECKING:
    from lawlab.domain.contest import Contest


def _open(contest: Contest, _event: Event) -> None:
    contest.phase = "lobby"


def _start(contest: Contest, event: Event) -> None:
    contest.phase = "started"
    contest.enter(event.data["entered"])


def _show(contest: Contest, event: Event) -> None:
    contest.phase = "question"
    place = contest.script.steps[event.data["step"]]
    shown = contest.script.rounds[place.round]
    contest.turns.append(
        Turn(
            event.data["turn"],
            event.data["step"],
            shown,
            datetime.fromisoformat(event.data["opens_at"]),
            contest.out(shown.kind, place.round),
            team=event.data.get("team", ""),
            stake=event.data.get("stake", 0),
        )
    )


def _turn(contest: Contest, event: Event) -> Turn:
    return contest.find_turn(event.data["turn"])


def _pause(contest: Contest, event: Event) -> None:
    _turn(contest, event).pauses.append((event.at, None))


def _resume(contest: Contest, event: Event) -> None:
    pauses = _turn(contest, event).pauses
    pauses[-1] = (pauses[-1][0], event.at)


def _extend(contest: Contest, event: Event) -> None:
    turn = _turn(contest, event)
    turn.extra_ms += event.data["over_ms"] + event.data["seconds"] * 1000
    turn.closed_at = None


def _close(contest: Contest, event: Event) -> None:
    turn = _turn(contest, event)
    _end_pause(turn, event.at)
    turn.closed_at = event.at


def _reveal(contest: Contest, event: Event) -> None:
    contest.phase = "revealed"
    turn = _turn(contest, event)
    _end_pause(turn, event.at)
    turn.revealed, turn.spread = True, event.data["spread"]


def _end_pause(turn: Turn, at: datetime) -> None:
    if turn.paused:
        turn.pauses[-1] = (turn.pauses[-1][0], at)


def _board(contest: Contest, _event: Event) -> None:
    contest.phase = "board"


def _void(contest: Contest, event: Event) -> None:
    _turn(contest, event).voided = event.data["reason"]


def _unvoid(contest: Contest, event: Event) -> None:
    _turn(contest, event).voided = None


def _exclude(contest: Contest, event: Event) -> None:
    contest.excluded[event.data["person"]] = event.data["reason"]


def _include(contest: Contest, event: Event) -> None:
    contest.excluded.pop(event.data["person"], None)


def _add(contest: Contest, event: Event) -> None:
    contest.added.add(event.data["person"])


def _finish(contest: Contest, _event: Event) -> None:
    contest.phase = "finished"


TAKEN: dict[Did, Callable[[Contest, Event], None]] = {
    Did.OPEN: _open,
    Did.START: _start,
    Did.SHOW: _show,
    Did.ARM: take_arm,
    Did.BUZZ: take_buzz,
    Did.FALSE_START: take_false_start,
    Did.PAUSE: _pause,
    Did.RESUME: _resume,
    Did.EXTEND: _extend,
    Did.CLOSE: _close,
    Did.REVEAL: _reveal,
    Did.BOARD: _board,
    Did.VOID: _void,
    Did.UNVOID: _unvoid,
    Did.EXCLUDE: _exclude,
    Did.INCLUDE: _include,
    Did.ADD: _add,
    Did.FINISH: _finish,
}
"""Of every kind but undo, after which everything is made anew."""
