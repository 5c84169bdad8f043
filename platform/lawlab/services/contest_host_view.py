"""What the host's console and the projector show of a contest besides what everybody sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lawlab.domain.contest_events import Did, Turn
from lawlab.domain.contest_script import FOR_TEAMS, KIND_NAMES, STAKES, Format, Kind
from lawlab.services.contest import Loaded
from lawlab.services.contest_list import SEAT_PAGE
from lawlab.services.contest_views import Views
from lawlab.services.contest_words import event_text
from lawlab.services.sign_screen import LOOPBACK, qr_path

LOG_LINES = 30
PODIUM = 3


@dataclass(frozen=True)
class Around:
    """What only the running process knows. `origin`: where the browser reached us."""

    present: frozenset[int] = frozenset()
    spread: dict[str, Any] | None = None
    origin: str = ""


def screen_view(views: Views, around: Around, now: datetime) -> dict[str, Any]:
    """The projector: no key before the reveal."""
    view = views.shared(now) | _around(views.loaded, around)
    if view["phase"] == "finished":
        standing = views.standing()
        people = [row for row in standing.people if row.rank <= PODIUM]
        view["podium"] = {
            "people": views.person_lines(people),
            "teams": [row for row in views.team_lines() if row["rank"] <= PODIUM],
        }
    return view


def host_view(views: Views, around: Around, now: datetime) -> dict[str, Any]:
    """The console: the key too, everybody, every question, and what may be done next."""
    loaded = views.loaded
    contest = loaded.contest
    turn = contest.turn
    undo = contest.undoable()
    shown = turn is not None and contest.phase in ("question", "revealed")
    return (
        views.shared(now)
        | _around(loaded, around)
        | {
            "next": next_command(loaded, now),
            "can": sorted(possible(loaded, now)),
            "undo": f"撤回：{event_text(loaded, undo)}" if undo else "",
            "spread": around.spread or (turn.spread if turn else None),
            "key": views.question_of(turn).revealed() if turn and shown else None,
            "upcoming": _upcoming(views),
            "turns": _turns(views),
            "excluded": [
                _person(loaded, one) | {"reason": reason}
                for one, reason in contest.excluded.items()
            ],
            "people": _people(views, around),
            "log": [
                {
                    "seq": event.seq,
                    "at": event.at.isoformat(),
                    "text": event_text(loaded, event),
                    "by": event.by,
                }
                for event in reversed(contest.events[-LOG_LINES:])
            ],
        }
    )


def next_command(loaded: Loaded, now: datetime) -> dict[str, Any] | None:
    """What the host would do next, with its words; None at the end."""
    contest = loaded.contest
    if loaded.row.state in ("cancelled", "finished"):
        return None
    match contest.phase:
        case "draft":
            return {"command": "open", "label": "开放入场"}
        case "lobby" if loaded.script.format is Format.WINDOW:
            return {"command": "finish", "label": "结束比赛"}
        case "lobby":
            return {"command": "start", "label": "开始比赛"}
        case "question":
            return _next_of_question(loaded, now)
        case "revealed":
            return {"command": "board", "label": "看排名"}
    return _next_question(loaded) or {"command": "finish", "label": "结束比赛，宣布结果"}


def _next_of_question(loaded: Loaded, now: datetime) -> dict[str, Any]:
    contest = loaded.contest
    turn = contest.turn
    assert turn is not None
    if turn.paused:
        return {"command": "resume", "label": "继续"}
    if turn.round.kind is Kind.BUZZER and turn.armed_at is None:
        return {"command": "arm", "label": "开始抢答"}
    if turn.round.kind is Kind.BUZZER and not turn.buzzed:
        return {"command": "reveal", "label": "没有人抢，公布答案"}
    if turn.left(now) and turn.round.kind not in FOR_TEAMS:
        return {"command": "close", "label": "停止答题"}
    return {"command": "reveal", "label": "公布答案"}


def _next_question(loaded: Loaded) -> dict[str, Any] | None:
    step = loaded.contest.next_step
    if step is None:
        return None
    place = loaded.script.steps[step]
    coming = loaded.script.rounds[place.round]
    found: dict[str, Any] = {"command": "show", "label": f"出第 {step + 1} 题"}
    if coming.kind in (Kind.TURN, Kind.RISK):
        teams = [team.name for team in loaded.script.teams]
        found |= {"teams": teams, "team": teams[(place.number - 1) % len(teams)]}
    if coming.kind is Kind.RISK:
        found["stakes"] = list(STAKES)
    return found


def possible(loaded: Loaded, now: datetime) -> set[str]:
    """The commands that would not be refused now."""
    contest = loaded.contest
    phase, turn = contest.phase, contest.turn
    if loaded.row.state == "cancelled":
        return set()
    if phase == "finished":
        objected = {"void", "unvoid", "exclude", "include"} if contest.turns else set()
        return {"exclude", "include"} if loaded.script.window else objected
    found = {"undo"} if contest.undoable() else set()
    if phase == "draft":
        return {"open"}
    if phase == "lobby":
        window = {"finish", "exclude", "include", "add"}
        return found | (window if loaded.script.window else {"start"})
    found |= {"exclude", "include", "add"} | ({"void", "unvoid"} if contest.turns else set())
    if phase == "question" and turn is not None:
        return found | _possible_in_question(loaded, turn, now)
    found |= {"finish"} | ({"board"} if phase == "revealed" else set())
    return found | ({"show"} if contest.next_step is not None else set())


def _possible_in_question(loaded: Loaded, turn: Turn, now: datetime) -> set[str]:
    buzzer = turn.round.kind is Kind.BUZZER
    runs = bool(turn.left(now)) and (turn.buzzed or not buzzer)
    found = {"extend"} if turn.buzzed or not buzzer else set()
    if turn.paused:
        found |= {"resume"}
    elif runs:
        found |= {"pause"}
    if runs:
        found |= {"close"}
    if not runs or turn.round.kind in FOR_TEAMS:
        found |= {"reveal"}
    if buzzer and (turn.armed_at is None or _may_arm_again(loaded, turn, now)):
        found |= {"arm"}
    return found


def _may_arm_again(loaded: Loaded, turn: Turn, now: datetime) -> bool:
    answer = loaded.contest.team_answer(turn)
    if not turn.buzzed or (answer is None and turn.left(now)):
        return False
    return answer is None or not answer.right


def _around(loaded: Loaded, around: Around) -> dict[str, Any]:
    contest = loaded.contest
    turn = contest.turn
    path = f"{SEAT_PAGE}/{loaded.row.id}"
    host = urlsplit(around.origin).netloc
    return {
        "present": len(around.present),
        "expected": len(loaded.expected | contest.added),
        "answered": len(contest.given[turn.number]) if turn else 0,
        "join_url": path,
        "short": f"{host}{path}",
        "loopback": host.startswith(LOOPBACK),
        "qr": qr_path(f"{around.origin}{path}"),
        "here": [loaded.people[one].name for one in sorted(around.present) if one in loaded.people],
    }


def _upcoming(views: Views) -> dict[str, Any] | None:
    loaded = views.loaded
    step = loaded.contest.next_step
    if step is None or loaded.script.format is Format.WINDOW:
        return None
    place = loaded.script.steps[step]
    kind = loaded.script.rounds[place.round].kind
    return {
        "number": step + 1,
        "round": loaded.script.rounds[place.round].title,
        "kind": kind.value,
        "kind_name": KIND_NAMES[kind],
        "stem": loaded.questions[place.slot.version_id].stem,
    }


def _turns(views: Views) -> list[dict[str, Any]]:
    contest = views.loaded.contest
    standing = {turn.number: turn for turn in contest.turns}
    rows = []
    for event in contest.events:
        if event.kind is not Did.SHOW:
            continue
        turn = standing.get(event.data["turn"])
        given = contest.given[event.data["turn"]].values()
        step = views.loaded.script.steps[event.data["step"]]
        rows.append(
            {
                "turn": event.data["turn"],
                "number": event.data["step"] + 1,
                "stem": views.loaded.questions[step.slot.version_id].stem,
                "answered": len(given),
                "right": sum(one.right for one in given),
                "revealed": bool(turn and turn.revealed),
                "voided": turn.voided if turn else None,
                "undone": turn is None,
            }
        )
    return rows


def _people(views: Views, around: Around) -> list[dict[str, Any]]:
    loaded = views.loaded
    contest = loaded.contest
    results = views.standing().by_person
    given = contest.given[contest.turn.number] if contest.turn else {}
    wanted = loaded.expected | contest.added | results.keys() | around.present
    rows = []
    for one in wanted & loaded.people.keys():
        mine = results.get(one)
        rows.append(
            _person(loaded, one)
            | {
                "team": contest.team_of(one),
                "present": one in around.present,
                "answered": one in given,
                "points": mine.points if mine else 0,
                "rank": mine.rank if mine and mine.answered else None,
                "guest": one not in loaded.expected and one not in contest.added,
            }
        )
    return sorted(rows, key=lambda row: row["login"])


def _person(loaded: Loaded, person: int) -> dict[str, Any]:
    card = loaded.people[person]
    return {"login": card.login, "name": card.name, "unit": card.unit}
