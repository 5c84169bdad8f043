"""The script of a contest (大比武): rounds of questions, teams, awards, and the rules in force.

It is made before the contest and does not change while it runs; what happens is `domain.contest`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any


class Format(StrEnum):
    PERSON = "person"
    """个人赛: everybody answers, persons are ranked."""
    TEAM = "team"
    """团队赛: everybody answers for his unit; persons and units are ranked."""
    SEATED = "seated"
    """Teams on the stage: 必答, 抢答, 风险题. Rounds for everybody may stand between them."""
    WINDOW = "window"
    """Each begins when he likes within a window of time, with a paper of his own."""


class Kind(StrEnum):
    """What a round is like."""

    ALL = "all"
    ELIMINATION = "elimination"
    """Whoever is wrong or silent is out of this and later elimination rounds; when nobody was
    right, nobody is out."""
    UNTIL_WRONG = "until_wrong"
    """挑战答题: whoever is wrong or silent is out of this round."""
    TURN = "turn"
    """必答: each question is one team's."""
    BUZZER = "buzzer"
    """抢答: the first team to press answers."""
    RISK = "risk"
    """风险题: a team chooses what it plays for, and loses that when it is wrong."""


FORMAT_NAMES = {
    Format.PERSON: "个人赛",
    Format.TEAM: "团队赛",
    Format.SEATED: "擂台赛",
    Format.WINDOW: "限时答题赛",
}
KIND_NAMES = {
    Kind.ALL: "全员答题",
    Kind.ELIMINATION: "淘汰赛",
    Kind.UNTIL_WRONG: "挑战答题",
    Kind.TURN: "必答题",
    Kind.BUZZER: "抢答题",
    Kind.RISK: "风险题",
}
FOR_TEAMS = (Kind.TURN, Kind.BUZZER, Kind.RISK)
"""Rounds in which seated teams earn, not persons."""
STAKES = (10, 20, 30)
"""What a team may play for in 风险题."""
MOST_SECONDS, MOST_POINTS = 600, 1000
"""Of one question."""


@dataclass(frozen=True)
class Slot:
    """One question of a round."""

    item: str
    version: int
    version_id: int


@dataclass(frozen=True)
class Round:
    """Questions of one kind. `seconds` is what each has, `points` what each is worth (in 风险题 the
    team's choice counts instead)."""

    kind: Kind
    title: str
    seconds: int
    points: int
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Team:
    """A seated team; `members` are person ids."""

    name: str
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class Award:
    """How many of the first get which award."""

    name: str
    count: int


@dataclass(frozen=True)
class Window:
    """Of Format.WINDOW: between these times each may begin once and then has `minutes`; `count`
    questions are drawn for him from the slots of the only round."""

    opens_at: datetime
    closes_at: datetime
    minutes: int
    count: int


@dataclass(frozen=True)
class Step:
    """One question in its place of the whole script; `round` and `number` count from 0 and 1."""

    round: int
    number: int
    slot: Slot


@dataclass(frozen=True)
class Script:
    """What was planned. `speed`: whether being fast earns more. `cohorts` and `units` say who is
    expected (units: ids; none of a kind: all)."""

    format: Format
    rounds: tuple[Round, ...]
    speed: bool = False
    cohorts: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    teams: tuple[Team, ...] = ()
    awards: tuple[Award, ...] = field(
        default=(Award("一等奖", 1), Award("二等奖", 2), Award("三等奖", 3))
    )
    window: Window | None = None

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every question in order."""
        return tuple(
            Step(n, number, slot)
            for n, one in enumerate(self.rounds)
            for number, slot in enumerate(one.slots, 1)
        )

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        if self.window:
            for name in ("opens_at", "closes_at"):
                data["window"][name] = data["window"][name].isoformat()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Script:
        window = data.get("window")
        return cls(
            Format(data["format"]),
            tuple(
                Round(
                    Kind(one["kind"]),
                    one["title"],
                    one["seconds"],
                    one["points"],
                    tuple(Slot(**slot) for slot in one["slots"]),
                )
                for one in data["rounds"]
            ),
            data["speed"],
            tuple(data["cohorts"]),
            tuple(data["units"]),
            tuple(Team(one["name"], tuple(one["members"])) for one in data["teams"]),
            tuple(Award(**one) for one in data["awards"]),
            Window(
                datetime.fromisoformat(window["opens_at"]),
                datetime.fromisoformat(window["closes_at"]),
                window["minutes"],
                window["count"],
            )
            if window
            else None,
        )


def rules(script: Script) -> list[str]:
    """The rules in force, as everybody reads them before the start."""
    said = []
    kinds = {one.kind for one in script.rounds}
    if script.window:
        window = script.window
        said.append(f"开始后有 {window.minutes} 分钟，共 {window.count} 题；到时自动交卷。")
        said.append("每人只能参加一次，每题答完就定，不能再改。")
    elif script.speed:
        said.append("答对得分：越快越多，最慢也有一半；答错、没答或者超时得 0 分，不倒扣。")
    else:
        said.append("答对得这道题的全部分数，快慢一样；答错、没答或者超时得 0 分，不倒扣。")
    said.append("时间以服务器收到的时间为准。多选题要全部选对才得分。")
    if Kind.ELIMINATION in kinds:
        said.append("淘汰赛：答错或没答就退出后面的淘汰赛；如果没有人答对，谁也不淘汰。")
    if Kind.UNTIL_WRONG in kinds:
        said.append("挑战答题：一直答到第一次答错为止。")
    if Kind.TURN in kinds:
        said.append("必答题：各队轮流答，队里任何一位先提交的为准。")
    if Kind.BUZZER in kinds:
        said.append(
            "抢答题：主持人宣布开始后才能抢，先到服务器的队答；同时到的抽签；抢早了，这道题不能再抢。"
        )
    if Kind.RISK in kinds:
        stakes = "、".join(map(str, STAKES))
        said.append(f"风险题：各队选 {stakes} 分，答对加分，答错或没答扣分。")
    if script.format is Format.TEAM:
        said.append("单位得分是开赛前登记的全体参赛人员得分之和除以人数，没来的也算人数。")
    said.append("同分看总用时，用时少的在前；用时也一样就并列。")
    return said
