"""What happened in a contest, in words: for the host's log and the protocol."""

from __future__ import annotations

from typing import Any

from lawlab.domain.contest_events import Did, Event
from lawlab.services.contest import Loaded

_PLAIN = {
    Did.OPEN: "开放入场",
    Did.ARM: "宣布开始抢答",
    Did.PAUSE: "暂停",
    Did.RESUME: "继续",
    Did.CLOSE: "停止答题",
    Did.BOARD: "展示排名",
    Did.FINISH: "比赛结束",
}


def event_text(loaded: Loaded, event: Event) -> str:
    """One event as a sentence without its time."""
    if plain := _PLAIN.get(event.kind):
        return plain
    data = event.data
    match event.kind:
        case Did.START:
            entered = sum(map(len, data["entered"].values()))
            return "比赛开始" + (f"，登记参赛 {entered} 人" if entered else "")
        case Did.SHOW:
            whose = f"，由{data['team']}答" if data.get("team") else ""
            stake = f"，{data['stake']} 分题" if data.get("stake") else ""
            return f"出第 {data['step'] + 1} 题{whose}{stake}"
        case Did.BUZZ:
            tied = "（同时到达，抽签决定）" if _tied(data) else ""
            return f"{data['team']}抢到，按的是{_name(loaded, data['person'])}{tied}"
        case Did.FALSE_START:
            return f"{data['team']}抢早了，这道题不能再抢，按的是{_name(loaded, data['person'])}"
        case Did.REVEAL:
            return f"公布{_of_turn(loaded, data)}的答案"
        case Did.EXTEND:
            return f"加时 {data['seconds']} 秒"
        case Did.VOID:
            return f"作废{_of_turn(loaded, data)}，原因：{data['reason']}"
        case Did.UNVOID:
            return f"恢复{_of_turn(loaded, data)}，原因：{data['reason']}"
        case Did.EXCLUDE:
            return f"取消{_name(loaded, data['person'])}的资格，原因：{data['reason']}"
        case Did.INCLUDE:
            return f"恢复{_name(loaded, data['person'])}的资格，原因：{data['reason']}"
        case Did.ADD:
            return f"加入{_name(loaded, data['person'])}"
        case _:
            undone = next(one for one in loaded.contest.events if one.seq == data["seq"])
            return f"撤回：{event_text(loaded, undone)}"


def _name(loaded: Loaded, person: int) -> str:
    card = loaded.people.get(person)
    return card.name if card else f"编号 {person}"


def _of_turn(loaded: Loaded, data: Any) -> str:
    for event in loaded.contest.events:
        if event.kind is Did.SHOW and event.data["turn"] == data["turn"]:
            return f"第 {event.data['step'] + 1} 题"
    return ""


def _tied(data: Any) -> bool:
    first = min(one["at"] for one in data["candidates"])[:23]
    teams = {one["team"] for one in data["candidates"] if one["at"][:23] == first}
    return len(teams) > 1
