"""The plan of a contest as a host fills it in: what may stand in it, and the script it makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lawlab.domain.activity_plan import Fault
from lawlab.domain.contest_script import (
    FOR_TEAMS,
    MOST_POINTS,
    MOST_SECONDS,
    Award,
    Format,
    Kind,
    Round,
    Script,
    Slot,
    Team,
    Window,
)
from lawlab.domain.numerals import to_chinese

LONGEST_TITLE, LONGEST_ROUND, LONGEST_TEAM, LONGEST_AWARD = 80, 30, 30, 20
MOST_ROUNDS, MOST_QUESTIONS = 20, 100
LEAST_SECONDS = 5
MOST_TEAMS, MOST_MEMBERS = 20, 50
MOST_AWARDS, MOST_AWARDED = 10, 1000
MOST_MINUTES = 180
COHORTS = ("staff", "villager")
STATE_NAMES = {
    "draft": "还没有开放",
    "open": "正在进行",
    "finished": "已结束",
    "cancelled": "已取消",
}
BETWEEN_S, ROUND_S = 20, 60
"""What a question takes beside its own time (reading it out, the answer, the article), and a round
(saying how it goes, showing the board). For an estimate only."""


@dataclass(frozen=True)
class PlannedRound:
    """`items` are the ids of its questions in order."""

    kind: Kind
    title: str
    seconds: int
    points: int
    items: tuple[str, ...]


@dataclass(frozen=True)
class PlannedTeam:
    """`members` are sign-in names."""

    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """`speed` None: as usual for those who are expected. `teams` count only in seated contests,
    `window` only in a window contest."""

    title: str
    format: Format
    rounds: tuple[PlannedRound, ...]
    speed: bool | None = None
    cohorts: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    teams: tuple[PlannedTeam, ...] = ()
    awards: tuple[Award, ...] = ()
    window: Window | None = None

    @property
    def items(self) -> list[str]:
        """Every question in order."""
        return [item for one in self.rounds for item in one.items]

    @property
    def logins(self) -> list[str]:
        """Everybody who sits in a team; nobody where there are none."""
        teams = self.teams if self.format is Format.SEATED else ()
        return [login for team in teams for login in team.members]


def usual_speed(cohorts: Sequence[str]) -> bool:
    """Whether being fast earns more when the host does not say: not where only villagers come."""
    return tuple(cohorts) != ("villager",)


def round_title(number: int) -> str:
    """第一轮 for 1."""
    return f"第{to_chinese(number)}轮"


def plan_faults(plan: Plan) -> list[Fault]:
    """Everything that is wrong with a plan in itself; who and which questions exist is not asked
    here. Fields: `title`, `rounds`, `rounds/0/seconds` …, `teams/0`, `awards`, `window`,
    `cohorts`."""
    return [Fault(name, text) for name, text in _faults(plan)]


def script_of(plan: Plan, slots: Mapping[str, Slot], people: Mapping[str, int]) -> Script:
    """The script that a plan makes; questions that are not in `slots` and logins that are not in
    `people` are left out. Where each begins when he likes, being fast earns nothing."""
    seated, window = plan.format is Format.SEATED, plan.format is Format.WINDOW
    return Script(
        format=plan.format,
        rounds=tuple(
            Round(
                one.kind,
                one.title.strip(),
                one.seconds,
                one.points,
                tuple(slots[item] for item in one.items if item in slots),
            )
            for one in plan.rounds
        ),
        speed=not window and (usual_speed(plan.cohorts) if plan.speed is None else plan.speed),
        cohorts=plan.cohorts,
        units=plan.units,
        teams=tuple(
            Team(one.name.strip(), tuple(people[who] for who in one.members if who in people))
            for one in plan.teams
            if seated
        ),
        awards=tuple(Award(one.name.strip(), one.count) for one in plan.awards),
        window=plan.window if window else None,
    )


def minutes_of(script: Script) -> int:
    """About how long it takes; of a window contest, what each has."""
    if script.window:
        return script.window.minutes
    seconds = sum(ROUND_S + len(one.slots) * (one.seconds + BETWEEN_S) for one in script.rounds)
    return round(seconds / 60)


def _faults(plan: Plan) -> Iterator[tuple[str, str]]:
    if not 2 <= len(plan.title.strip()) <= LONGEST_TITLE:
        yield "title", f"请写比武名称，2 到 {LONGEST_TITLE} 个字。"
    if strange := [one for one in plan.cohorts if one not in COHORTS]:
        yield "cohorts", f"没有“{'、'.join(strange)}”这类人，请刷新页面重新选。"
    yield from _rounds(plan)
    if plan.format is Format.SEATED:
        yield from _teams(plan.teams)
    if plan.format is Format.WINDOW:
        yield from _window(plan)
    yield from _awards(plan.awards)


def _rounds(plan: Plan) -> Iterator[tuple[str, str]]:
    if not plan.rounds:
        yield "rounds", "还没有一轮，请点“加一轮”。"
    if len(plan.rounds) > MOST_ROUNDS:
        yield "rounds", f"最多 {MOST_ROUNDS} 轮，现在有 {len(plan.rounds)} 轮。"
    if len(plan.items) > MOST_QUESTIONS:
        yield "rounds", f"一场最多 {MOST_QUESTIONS} 题，现在有 {len(plan.items)} 题。"
    for n, one in enumerate(plan.rounds):
        yield from ((f"rounds/{n}/{name}", text) for name, text in _round(plan.format, one))
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for n, one in enumerate(plan.rounds):
        for number, item in enumerate(one.items):
            spoken = f"{round_title(n + 1)}第 {number + 1} 题"
            places[item].append((f"rounds/{n}/items/{number}", spoken))
    for found in places.values():
        for field, _ in found[1:]:
            yield field, f"这道题和{found[0][1]}是同一道，一场比武里只能出一次。"


def _round(format: Format, one: PlannedRound) -> Iterator[tuple[str, str]]:
    if not 1 <= len(one.title.strip()) <= LONGEST_ROUND:
        yield "title", f"请写这一轮的名称，最多 {LONGEST_ROUND} 个字。"
    if one.kind in FOR_TEAMS and format is not Format.SEATED:
        yield "kind", "必答题、抢答题、风险题由台上的队来答，只有擂台赛里有。"
    if not LEAST_SECONDS <= one.seconds <= MOST_SECONDS:
        yield "seconds", f"每题的时间应为 {LEAST_SECONDS} 到 {MOST_SECONDS} 秒。"
    if not 1 <= one.points <= MOST_POINTS:
        yield "points", f"每题的分数应为 1 到 {MOST_POINTS} 分。"
    if not one.items:
        yield "items", "这一轮还没有题，请点“抽题”，或者自己选。"


def _teams(teams: Sequence[PlannedTeam]) -> Iterator[tuple[str, str]]:
    if not 2 <= len(teams) <= MOST_TEAMS:
        yield "teams", f"擂台赛要有 2 到 {MOST_TEAMS} 个队，现在有 {len(teams)} 个。"
    names = [team.name.strip() for team in teams]
    first: dict[str, str] = {}
    for n, team in enumerate(teams):
        if not 1 <= len(names[n]) <= LONGEST_TEAM:
            yield f"teams/{n}", f"请写队名，最多 {LONGEST_TEAM} 个字。"
        elif names[n] in names[:n]:
            yield f"teams/{n}", f"已经有一个队叫“{names[n]}”，请换个队名。"
        if not 1 <= len(team.members) <= MOST_MEMBERS:
            yield f"teams/{n}", f"每队要有 1 到 {MOST_MEMBERS} 位队员。"
        if twice := [who for who in dict.fromkeys(team.members) if who in first]:
            yield f"teams/{n}", f"{'、'.join(twice)} 已经在“{first[twice[0]]}”里，只能在一个队。"
        first = dict.fromkeys(team.members, names[n]) | first


def _window(plan: Plan) -> Iterator[tuple[str, str]]:
    if len(plan.rounds) != 1 or plan.rounds[0].kind is not Kind.ALL:
        yield "rounds", "限时答题赛只有一轮“全员答题”，每人从这一轮的题里抽。"
    if plan.window is None:
        yield "window", "请写从什么时候到什么时候可以答题。"
        return
    window = plan.window
    if window.closes_at <= window.opens_at:
        yield "window", "截止时间应在开始时间之后。"
    if not 1 <= window.minutes <= MOST_MINUTES:
        yield "window", f"每人的答题时间应为 1 到 {MOST_MINUTES} 分钟。"
    held = len(plan.items)
    if held and not 1 <= window.count <= held:
        yield "window", f"每人抽的题数应为 1 到 {held}，这一轮里一共有 {held} 题。"


def _awards(awards: Sequence[Award]) -> Iterator[tuple[str, str]]:
    if len(awards) > MOST_AWARDS:
        yield "awards", f"奖项最多 {MOST_AWARDS} 种。"
    names = [award.name.strip() for award in awards]
    if any(not 1 <= len(name) <= LONGEST_AWARD for name in names):
        yield "awards", f"每种奖要有名称，最多 {LONGEST_AWARD} 个字。"
    if len(set(names)) < len(names):
        yield "awards", "有两种奖的名称一样，请改一个。"
    if any(not 1 <= award.count <= MOST_AWARDED for award in awards):
        yield "awards", f"每种奖的人数应为 1 到 {MOST_AWARDED}。"
