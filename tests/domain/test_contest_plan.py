"""Plans of contests: every fault with its field, the script they make, drawing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from lawlab.domain.contest_draw import InBank, Wish, draw
from lawlab.domain.contest_plan import (
    Plan,
    PlannedRound,
    PlannedTeam,
    minutes_of,
    plan_faults,
    round_title,
    script_of,
    usual_speed,
)
from lawlab.domain.contest_script import (
    MOST_POINTS,
    MOST_SECONDS,
    Award,
    Format,
    Kind,
    Slot,
    Team,
    Window,
)
from lawlab.domain.question import Question, QuestionType

NOON = dt.datetime(2026, 12, 4, 4, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def one_round(*items: str, **facts: Any) -> PlannedRound:
    usual = PlannedRound(Kind.ALL, "第一轮", 20, 100, items or ("a-1", "a-2", "a-3"))
    return replace(usual, **facts)


def plan_of(**facts: Any) -> Plan:
    usual = Plan("比武", Format.PERSON, (one_round(),), awards=(Award("一等奖", 1),))
    return replace(usual, **facts)


def seated(*teams: PlannedTeam, **facts: Any) -> Plan:
    both = (PlannedTeam("红队", ("s001",)), PlannedTeam("蓝队", ("s002", "s003")))
    return plan_of(format=Format.SEATED, teams=teams or both, **facts)


def windowed(**facts: Any) -> Plan:
    window = replace(Window(NOON, NOON + HOUR, 20, 3), **facts)
    return plan_of(format=Format.WINDOW, window=window)


def fields(plan: Plan) -> list[str]:
    return [fault.field for fault in plan_faults(plan)]


@pytest.mark.parametrize(
    "plan",
    [
        plan_of(),
        plan_of(format=Format.TEAM, title="二字"),
        plan_of(title="字" * 80, cohorts=("staff", "villager")),
        plan_of(rounds=(one_round(seconds=5, points=1), one_round("b", seconds=MOST_SECONDS))),
        plan_of(rounds=(one_round(points=MOST_POINTS, kind=Kind.ELIMINATION),)),
        plan_of(rounds=tuple(one_round(f"a-{n}") for n in range(20))),
        plan_of(rounds=(one_round(*(f"a-{n}" for n in range(100))),)),
        seated(),
        seated(rounds=(one_round(kind=Kind.RISK), one_round("b", kind=Kind.BUZZER))),
        windowed(),
        windowed(minutes=180, count=1),
    ],
)
def test_a_good_plan_has_no_faults(plan: Plan) -> None:
    assert plan_faults(plan) == []


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (plan_of(title=" 比 "), "title"),
        (plan_of(title="字" * 81), "title"),
        (plan_of(cohorts=("child",)), "cohorts"),
        (plan_of(rounds=()), "rounds"),
        (plan_of(rounds=tuple(one_round(f"a-{n}") for n in range(21))), "rounds"),
        (plan_of(rounds=(one_round(*(f"a-{n}" for n in range(101))),)), "rounds"),
        (plan_of(rounds=(one_round(title=" "),)), "rounds/0/title"),
        (plan_of(rounds=(one_round(seconds=4),)), "rounds/0/seconds"),
        (plan_of(rounds=(one_round(seconds=MOST_SECONDS + 1),)), "rounds/0/seconds"),
        (plan_of(rounds=(one_round(points=0),)), "rounds/0/points"),
        (plan_of(rounds=(one_round(points=MOST_POINTS + 1),)), "rounds/0/points"),
        (plan_of(rounds=(one_round(), one_round("b", items=()))), "rounds/1/items"),
        (plan_of(rounds=(one_round("a", "b", "a"),)), "rounds/0/items/2"),
        (plan_of(rounds=(one_round("a"), one_round("b", "a"))), "rounds/1/items/1"),
        (plan_of(rounds=(one_round(kind=Kind.TURN),)), "rounds/0/kind"),
        (plan_of(format=Format.TEAM, rounds=(one_round(kind=Kind.BUZZER),)), "rounds/0/kind"),
        (seated(PlannedTeam("红队", ("s001",))), "teams"),
        (seated(*(PlannedTeam(f"{n} 队", (f"s{n}",)) for n in range(21))), "teams"),
        (seated(PlannedTeam("红队", ("s001",)), PlannedTeam("蓝队")), "teams/1"),
        (seated(PlannedTeam("红队", ("s001",)), PlannedTeam(" ", ("s002",))), "teams/1"),
        (seated(PlannedTeam("红队", ("s001",)), PlannedTeam("红队", ("s002",))), "teams/1"),
        (seated(PlannedTeam("红队", ("s001",)), PlannedTeam("蓝队", ("s001",))), "teams/1"),
        (windowed(closes_at=NOON), "window"),
        (windowed(minutes=0), "window"),
        (windowed(minutes=181), "window"),
        (windowed(count=0), "window"),
        (windowed(count=4), "window"),
        (plan_of(format=Format.WINDOW), "window"),
        (replace(windowed(), rounds=(one_round(), one_round("b"))), "rounds"),
        (replace(windowed(), rounds=(one_round(kind=Kind.ELIMINATION),)), "rounds"),
        (plan_of(awards=(Award(" ", 1),)), "awards"),
        (plan_of(awards=(Award("一等奖", 0),)), "awards"),
        (plan_of(awards=(Award("一等奖", 1), Award("一等奖", 2))), "awards"),
        (plan_of(awards=tuple(Award(f"{n} 等奖", 1) for n in range(11))), "awards"),
    ],
)
def test_each_fault_names_its_field_and_nothing_else_is_wrong(plan: Plan, field: str) -> None:
    assert fields(plan) == [field]


def test_all_faults_come_together_and_say_where() -> None:
    plan = plan_of(title="", rounds=(one_round("a", seconds=1), one_round("b", "a", points=0)))
    found = {fault.field: fault.text for fault in plan_faults(plan)}
    assert list(found) == ["title", "rounds/0/seconds", "rounds/1/points", "rounds/1/items/1"]
    assert "第一轮第 1 题" in found["rounds/1/items/1"]


def test_teams_and_window_count_only_in_contests_that_have_them() -> None:
    other = plan_of(teams=(PlannedTeam("", ("s001",)),), window=Window(NOON, NOON, 0, 0))
    assert plan_faults(other) == []
    assert other.logins == []
    script = script_of(other, {}, {})
    assert script.teams == ()
    assert script.window is None


def test_a_script_has_what_exists_in_the_order_of_the_plan() -> None:
    slots = {item: Slot(item, 2, n) for n, item in enumerate(("a-3", "a-1"), 7)}
    script = script_of(seated(), slots, {"s001": 1, "s003": 3})
    assert [slot.version_id for slot in script.rounds[0].slots] == [8, 7]
    assert script.teams == (Team("红队", (1,)), Team("蓝队", (3,)))


@pytest.mark.parametrize(
    ("cohorts", "given", "speed"),
    [
        (("villager",), None, False),
        (("villager",), True, True),
        ((), None, True),
        (("staff", "villager"), None, True),
        (("staff",), False, False),
    ],
)
def test_speed_is_off_where_only_villagers_come_unless_the_host_says_so(
    cohorts: tuple[str, ...], given: bool | None, speed: bool
) -> None:
    assert script_of(plan_of(cohorts=cohorts, speed=given), {}, {}).speed is speed
    assert given is not None or usual_speed(cohorts) is speed
    assert script_of(replace(windowed(), cohorts=cohorts, speed=given), {}, {}).speed is False


def test_the_estimate_counts_questions_and_what_comes_between() -> None:
    slots = {f"a-{n}": Slot(f"a-{n}", 1, n) for n in range(1, 4)}
    assert minutes_of(script_of(plan_of(), slots, {})) == 3  # 60 s and three times 40 s
    assert minutes_of(script_of(windowed(), slots, {})) == 20
    assert [round_title(n) for n in (1, 10, 20)] == ["第一轮", "第十轮", "第二十轮"]


# ---- drawing ----


def in_bank(item: str, *, bank: str = "atf", kind: str = "single", level: int = 2) -> InBank:
    options = {"A": "是", "B": "否"} if kind == "single" else {}
    question = Question(
        item, QuestionType(kind), "题？", options, "A", "因为。", ("某法#1",), "因为", level
    )
    return InBank(bank, 1, int(item.split("-")[1]), question)


HELD = [
    *(in_bank(f"atf-{n}", level=1 + n % 3) for n in range(12)),
    *(in_bank(f"civ-{n}", bank="civ", kind="judge") for n in range(5)),
]


def drawn(count: int = 4, used: dict[str, dt.datetime] | None = None, **wish: Any) -> list[str]:
    found = draw(HELD, Wish(count, wish.pop("seed", "1"), **wish), used or {})
    return [one.question.id for one in found.questions]


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    assert drawn() == drawn()
    assert len(set(drawn())) == 4
    assert len({tuple(drawn(seed=str(n))) for n in range(8)}) > 1


def test_a_draw_keeps_to_what_was_asked_for_easy_ones_first() -> None:
    assert {item[:3] for item in drawn(5, banks=["civ"])} == {"civ"}
    assert {item[:3] for item in drawn(5, types=["judge"])} == {"civ"}
    of_level = {one.question.id: one.question.difficulty for one in HELD}
    assert {of_level[item] for item in drawn(4, difficulties=[3])} == {3}
    levels = [of_level[item] for item in drawn(12, banks=["atf"])]
    assert levels == sorted(levels)
    assert not set(drawn(8, without=drawn(9))) & set(drawn(9))


def test_too_few_are_said_and_drawn() -> None:
    found = draw(HELD, Wish(9, "1", banks=["civ"], without=["civ-0", "atf-1"]), {})
    assert len(found.questions) == 4
    assert "符合条件的只有 5 题，其中 1 题这场比武已经有了" in found.note
    assert draw(HELD, Wish(5, "1", banks=["civ"]), {}).note == ""
    assert "没有符合条件的题" in draw(HELD, Wish(1, "1", banks=["none"]), {}).note
    everything = [one.question.id for one in HELD]
    none = draw(HELD, Wish(1, "1", without=everything), {})
    assert none.questions == ()
    assert "17 题都已经在这场比武里" in none.note


def test_what_was_used_lately_comes_last_and_the_longest_ago_first() -> None:
    used = {f"civ-{n}": NOON + n * HOUR for n in range(1, 5)}
    assert drawn(1, used, banks=["civ"]) == ["civ-0"]
    found = draw(HELD, Wish(3, "1", banks=["civ"]), used)
    assert {one.question.id for one in found.questions} == {"civ-0", "civ-1", "civ-2"}
    assert "没有用过的只有 1 题，另外 2 题" in found.note
