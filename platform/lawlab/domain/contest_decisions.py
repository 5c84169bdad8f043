"""What a command leads to in a contest: the data of its event, or a refusal with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lawlab.domain.contest_buzzer import decide_arm, decide_buzz, decide_false_start
from lawlab.domain.contest_events import Did, Turn
from lawlab.domain.contest_script import FOR_TEAMS, STAKES, Format, Kind
from lawlab.errors import Conflict, LawlabError

if TYPE_CHECKING:
    from lawlab.domain.contest import Contest

LEAD = timedelta(milliseconds=500)
"""From the broadcast of a question to the beginning of its time, so that a slow network costs
nobody a part of it."""
MOST_EXTENSION_S = 600
REASON_LIMIT = 200

Decision = Callable[["Contest", datetime, Mapping[str, Any]], Mapping[str, Any]]


def require_phase(contest: Contest, *phases: str) -> None:
    if contest.phase not in phases:
        raise Conflict("not_now", "比赛已经走到别的一步了，请看现在的画面再点。")


def _open_turn(contest: Contest) -> Turn:
    require_phase(contest, "question")
    assert contest.turn is not None
    return contest.turn


def _open(contest: Contest, _at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    require_phase(contest, "draft")
    return {}


def _start(contest: Contest, _at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    require_phase(contest, "lobby")
    if contest.script.format is Format.WINDOW:
        raise Conflict("not_now", "限时答题赛不用开始：到了时间，大家各自开始。")
    return {"entered": {team: sorted(people) for team, people in data["entered"].items()}}


def _show(contest: Contest, at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    require_phase(contest, "started", "revealed", "board")
    step = contest.next_step
    if step is None:
        raise Conflict("no_question", "题目已经全部出完了，可以结束比赛。")
    shown: dict[str, Any] = {
        "turn": contest.last_number() + 1,
        "step": step,
        "opens_at": (at + LEAD).isoformat(),
    }
    place = contest.script.steps[step]
    kind = contest.script.rounds[place.round].kind
    teams = [team.name for team in contest.script.teams]
    if kind in (Kind.TURN, Kind.RISK):
        team = data.get("team") or teams[(place.number - 1) % len(teams)]
        if team not in teams:
            raise LawlabError("no_team", f"没有“{team}”这个队，可选：{'、'.join(teams)}。")
        shown["team"] = team
    if kind is Kind.RISK:
        if data.get("stake") not in STAKES:
            stakes = "、".join(map(str, STAKES))
            raise LawlabError("bad_stake", f"请先选 {shown['team']} 队要答多少分的题：{stakes}。")
        shown["stake"] = data["stake"]
    return shown


def _pause(contest: Contest, at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = _open_turn(contest)
    if turn.paused:
        raise Conflict("paused", "已经暂停了。")
    if not turn.left(at):
        raise Conflict("over", "这道题的时间已经到了，不用暂停。")
    return {"turn": turn.number}


def _resume(contest: Contest, _at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = _open_turn(contest)
    if not turn.paused:
        raise Conflict("not_paused", "比赛没有暂停。")
    return {"turn": turn.number}


def _extend(contest: Contest, at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = _open_turn(contest)
    seconds = data.get("seconds")
    if type(seconds) is not int or not 1 <= seconds <= MOST_EXTENSION_S:
        raise LawlabError("bad_seconds", f"加时应在 1 到 {MOST_EXTENSION_S} 秒之间。")
    # Of a question that was over or stopped, from now on so many seconds: what passed is not given
    # again, and what was left when it was stopped is not either.
    gone = turn.elapsed(at) - turn.limit_ms - turn.extra_ms
    over = gone if turn.closed_at is not None else max(0, gone)
    return {"turn": turn.number, "seconds": seconds, "over_ms": over}


def _close(contest: Contest, _at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = _open_turn(contest)
    if turn.closed_at is not None:
        raise Conflict("closed", "已经停止答题了。")
    return {"turn": turn.number}


def _reveal(contest: Contest, at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = _open_turn(contest)
    if turn.left(at) and turn.round.kind not in FOR_TEAMS:
        raise Conflict("still_open", "还在答题。要提前公布，请先点“停止答题”。")
    return {"turn": turn.number, "spread": data.get("spread")}


def _board(contest: Contest, _at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    require_phase(contest, "revealed")
    return {}


def _void(contest: Contest, _at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = contest.find_turn(data.get("turn"))
    if turn.voided is not None:
        raise Conflict("voided", "这道题已经作废了。")
    return {"turn": turn.number, "reason": _reason(data)}


def _unvoid(contest: Contest, _at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    turn = contest.find_turn(data.get("turn"))
    if turn.voided is None:
        raise Conflict("not_voided", "这道题没有作废。")
    return {"turn": turn.number, "reason": _reason(data)}


def _exclude(contest: Contest, _at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if data.get("person") in contest.excluded:
        raise Conflict("excluded", "这一位已经取消资格了。")
    return {"person": data["person"], "reason": _reason(data)}


def _include(contest: Contest, _at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    if data.get("person") not in contest.excluded:
        raise Conflict("not_excluded", "这一位没有取消资格。")
    return {"person": data["person"], "reason": _reason(data)}


def _add(contest: Contest, _at: datetime, data: Mapping[str, Any]) -> Mapping[str, Any]:
    window = ("lobby",) if contest.script.window else ()
    require_phase(contest, "started", "question", "revealed", "board", *window)
    return {"person": data["person"]}


def _undo(contest: Contest, _at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    event = contest.undoable()
    if event is None:
        raise Conflict("nothing_to_undo", "没有可以撤回的步骤。")
    return {"seq": event.seq}


def _finish(contest: Contest, _at: datetime, _data: Mapping[str, Any]) -> Mapping[str, Any]:
    window = contest.script.format is Format.WINDOW
    require_phase(contest, *(("lobby",) if window else ("started", "revealed", "board")))
    return {}


def _reason(data: Mapping[str, Any]) -> str:
    reason = data.get("reason")
    if not isinstance(reason, str) or not reason.strip() or len(reason) > REASON_LIMIT:
        raise LawlabError("no_reason", f"请写明原因，最多 {REASON_LIMIT} 个字；赛后大家都能查到。")
    return reason.strip()


DECISIONS: dict[Did, Decision] = {
    Did.OPEN: _open,
    Did.START: _start,
    Did.SHOW: _show,
    Did.ARM: decide_arm,
    Did.BUZZ: decide_buzz,
    Did.FALSE_START: decide_false_start,
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
    Did.UNDO: _undo,
    Did.FINISH: _finish,
}
