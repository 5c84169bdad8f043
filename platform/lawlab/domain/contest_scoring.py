"""What an answer in a contest is worth, and who stands where (conventions C1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import TypeVar


@dataclass(frozen=True)
class PersonResult:
    """One person. `milliseconds` is the time over all counted questions; one without an answer
    counts with its whole time, so that silence is never fast."""

    person: int
    points: int
    right: int
    answered: int
    milliseconds: int
    team: str = ""
    rank: int = 0


@dataclass(frozen=True)
class TeamResult:
    """One team or unit: `points` to two decimals. `members` are those entered before the start,
    `present` those of them who answered something."""

    team: str
    points: float
    members: int
    present: int
    milliseconds: int
    rank: int = 0


def answer_points(points: int, seconds: int, milliseconds: int, *, speed: bool) -> int:
    """A right answer in time: round(P·(0.5+0.5·(1−t/T))), half a point up; without `speed` all of
    P. `milliseconds` beyond the time (the host extended it) count as the whole time."""
    if not speed:
        return points
    share = min(1.0, max(0.0, milliseconds / (seconds * 1000)))
    return floor(points * (0.5 + 0.5 * (1 - share)) + 0.5)


def ranked_people(rows: Iterable[PersonResult]) -> list[PersonResult]:
    """Most points first, then least time, then a shared rank (1, 2, 2, 4)."""
    ordered = sorted(rows, key=lambda row: (-row.points, row.milliseconds, row.person))
    return _ranked(ordered)


def team_results(
    people: Iterable[PersonResult],
    entered: Mapping[str, Sequence[int]],
    seated: Mapping[str, int],
) -> list[TeamResult]:
    """Teams by what their members entered before the start earned, divided by how many these are,
    and by what a team earned on the stage. `seated` names every seated team."""
    by_person = {row.person: row for row in people}
    rows = []
    for team in dict.fromkeys([*entered, *seated]):
        members = entered.get(team, ())
        found = [by_person[one] for one in members if one in by_person]
        mean = sum(row.points for row in found) / len(members) if members else 0.0
        time = sum(row.milliseconds for row in found)
        rows.append(
            TeamResult(
                team,
                round(mean + seated.get(team, 0), 2),
                len(members),
                sum(row.answered > 0 for row in found),
                round(time / len(found)) if found else 0,
            )
        )
    return _ranked(sorted(rows, key=lambda row: (-row.points, row.milliseconds, row.team)))


Row = TypeVar("Row", PersonResult, TeamResult)


def _ranked(ordered: Sequence[Row]) -> list[Row]:
    ranked: list[Row] = []
    for position, row in enumerate(ordered, 1):
        before = ranked[-1] if ranked else None
        same = before and (before.points, before.milliseconds) == (row.points, row.milliseconds)
        ranked.append(replace(row, rank=before.rank if before and same else position))
    return ranked
