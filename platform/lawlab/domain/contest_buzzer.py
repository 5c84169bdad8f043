"""抢答: who pressed first. Arrival at the server decides; within one millisecond a draw does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lawlab.domain.contest_events import Event, Turn
from lawlab.domain.contest_script import Kind
from lawlab.errors import Conflict

if TYPE_CHECKING:
    from lawlab.domain.contest import Contest

TIE_WAIT_S = 0.03
"""So long presses are collected after the first before it is decided."""
ANSWER_LEAD = timedelta(milliseconds=500)
_MILLISECOND = timedelta(milliseconds=1)


def first_of(presses: Sequence[Mapping[str, Any]], draw: float) -> Mapping[str, Any]:
    """The press that wins: `{team, person, at}` each. Of those in the earliest millisecond `draw`
    (0 ≤ draw < 1) picks one; of one team only its own first press counts."""
    times = [datetime.fromisoformat(one["at"]) for one in presses]
    ms = [(time - datetime.min.replace(tzinfo=time.tzinfo)) // _MILLISECOND for time in times]
    tied: dict[str, Mapping[str, Any]] = {}
    for one, at in sorted(zip(presses, ms, strict=True), key=lambda pair: pair[0]["at"]):
        if at == min(ms):
            tied.setdefault(one["team"], one)
    teams = sorted(tied)
    return tied[teams[int(draw * len(teams))]]


def may_press(contest: Contest, person: int) -> Turn:
    """The question that somebody may press for. Raises Conflict `no_buzzer`, `not_your_team`,
    `locked`, `buzzed`."""
    turn = contest.turn
    if contest.phase != "question" or turn is None or turn.round.kind is not Kind.BUZZER:
        raise Conflict("no_buzzer", "现在不是抢答。")
    team = contest.team_of(person)
    if not team or person in contest.excluded:
        raise Conflict("not_your_team", "您不在台上的队里，不能抢答。")
    if turn.closed_at is not None:
        raise Conflict("no_buzzer", "这道题已经停止抢答了。")
    if team in turn.locked:
        raise Conflict("locked", "您的队这道题不能再抢了。")
    if turn.buzzed:
        raise Conflict("buzzed", f"{turn.team}先抢到了。")
    return turn


def decide_arm(contest: Contest, at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = contest.turn
    if contest.phase != "question" or turn is None or turn.round.kind is not Kind.BUZZER:
        raise Conflict("not_now", "现在不是抢答题。")
    if turn.armed_at is not None and not turn.buzzed:
        raise Conflict("armed", "抢答已经开始了。")
    answer = contest.team_answer(turn) if turn.buzzed else None
    if turn.buzzed and answer is None and turn.left(at):
        raise Conflict("answering", f"{turn.team}正在答，请等他们答完。")
    if answer is not None and answer.right:
        raise Conflict("answered", f"{turn.team}已经答对了，请公布答案。")
    return {"turn": turn.number}


def decide_buzz(contest: Contest, at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = contest.turn
    if turn is None or turn.number != data["turn"] or turn.buzzed or turn.armed_at is None:
        raise Conflict("buzzed", "已经有队抢到了。")
    presses = [one for one in data["candidates"] if one["team"] not in turn.locked]
    if not presses:
        raise Conflict("locked", "抢早了的队这道题不能再抢。")
    winner = first_of(presses, data["draw"])
    return {
        "turn": turn.number,
        "team": winner["team"],
        "person": winner["person"],
        "candidates": presses,
        "draw": data["draw"],
        "opens_at": (at + ANSWER_LEAD).isoformat(),
    }


def decide_false_start(
    contest: Contest, _at: datetime, data: Mapping[str, Any]
) -> Mapping[str, Any]:
    turn = may_press(contest, data["person"])
    return {
        "turn": turn.number,
        "team": contest.team_of(data["person"]),
        "person": data["person"],
    }


def take_arm(contest: Contest, event: Event) -> None:
    turn = contest.find_turn(event.data["turn"])
    if turn.buzzed:
        # 转抢: the team that was wrong or silent has had its chance.
        turn.locked.add(turn.team)
    turn.armed_at, turn.team, turn.buzzed, turn.pauses = event.at, "", False, []
    turn.extra_ms, turn.closed_at = 0, None


def take_buzz(contest: Contest, event: Event) -> None:
    turn = contest.find_turn(event.data["turn"])
    turn.team, turn.buzzed = event.data["team"], True
    turn.opens_at = datetime.fromisoformat(event.data["opens_at"])


def take_false_start(contest: Contest, event: Event) -> None:
    contest.find_turn(event.data["turn"]).locked.add(event.data["team"])
