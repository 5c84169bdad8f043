"""The state machine of a contest, over chosen and over random histories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lawlab.domain.contest import Contest
from lawlab.domain.contest_buzzer import first_of, may_press
from lawlab.domain.contest_events import Did, Given
from lawlab.domain.contest_scoring import PersonResult, answer_points, ranked_people, team_results
from lawlab.domain.contest_script import FOR_TEAMS, Format, Kind, Round, Script, Slot, Team, rules
from lawlab.errors import Conflict, LawlabError

BEGIN = dt.datetime(2026, 12, 4, 7, 0, tzinfo=dt.UTC)
PEOPLE = (1, 2, 3, 4, 5)
TEAMS = (Team("红队", (1, 2)), Team("蓝队", (3,)))


def make_round(kind: Kind = Kind.ALL, count: int = 3, seconds: int = 20) -> Round:
    slots = tuple(Slot(f"{kind}-{n}", 1, n) for n in range(count))
    return Round(kind, "第一轮", seconds, 100, slots)


class Stage:
    """A contest with a clock, driven as the server drives it."""

    def __init__(self, *rounds: Round, format: Format = Format.PERSON, speed: bool = True) -> None:
        teams = TEAMS if format is Format.SEATED else ()
        self.script = Script(format, rounds or (make_round(),), speed, teams=teams)
        self.contest = Contest(self.script)
        self.now = BEGIN

    def do(self, kind: Did, **data: Any) -> None:
        self.contest.apply(self.contest.decide(kind, self.now, "t01", data))

    def wait(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    def begin(self, entered: Mapping[str, list[int]] | None = None) -> None:
        self.do(Did.OPEN)
        self.do(Did.START, entered=entered or {})

    def show(self, **data: Any) -> int:
        self.do(Did.SHOW, **data)
        self.wait(0.5)
        assert self.contest.turn is not None
        return self.contest.turn.number

    def answer(self, person: int, right: bool = True, after: float = 0.0) -> None:
        turn = self.contest.turn
        assert turn is not None
        at = self.now + dt.timedelta(seconds=after)
        self.contest.check_answer(turn.number, person, at)
        self.contest.take_answer(Given(turn.number, person, at, right))

    def reveal(self) -> None:
        self.wait(60)
        self.do(Did.REVEAL)

    def points(self) -> dict[int, int]:
        return {row.person: row.points for row in self.contest.people()}


@pytest.mark.parametrize(
    ("milliseconds", "points"),
    [(0, 1000), (2000, 967), (15_000, 750), (30_000, 500), (31_000, 500)],
)
def test_points_follow_the_published_formula(milliseconds: int, points: int) -> None:
    """The checks of Kahoot's formula: t=2, T=30 → 967; T/2 → 750; T → 500."""
    assert answer_points(1000, 30, milliseconds, speed=True) == points
    assert answer_points(1000, 30, milliseconds, speed=False) == 1000


@given(st.integers(1, 1000), st.integers(1, 600), st.integers(-10, 700_000))
def test_a_right_answer_earns_between_half_and_all(points: int, seconds: int, ms: int) -> None:
    earned = answer_points(points, seconds, ms, speed=True)
    assert points / 2 - 0.5 <= earned <= points
    assert earned >= answer_points(points, seconds, ms + 1, speed=True)


def test_ties_go_by_time_and_then_share_a_rank() -> None:
    rows = [
        PersonResult(1, 200, 2, 2, 9000),
        PersonResult(2, 300, 3, 3, 9000),
        PersonResult(3, 200, 2, 2, 8000),
        PersonResult(4, 200, 2, 2, 9000),
        PersonResult(5, 0, 0, 1, 1),
    ]
    ranks = [(row.person, row.rank) for row in ranked_people(rows)]
    assert ranks == [(2, 1), (3, 2), (1, 3), (4, 3), (5, 5)]


def test_sending_only_the_best_gains_a_unit_nothing() -> None:
    people = [PersonResult(1, 300, 3, 3, 1), PersonResult(2, 100, 1, 3, 1)]
    whole = team_results(people, {"甲村": [1, 2]}, {})
    best = team_results(people[:1], {"甲村": [1, 2]}, {})
    assert [row.points for row in whole] == [200]
    assert [(row.points, row.members, row.present) for row in best] == [(150, 2, 1)]


def test_an_answer_counts_from_the_beginning_to_the_end_of_the_time() -> None:
    stage = Stage()
    stage.begin()
    stage.do(Did.SHOW)
    with pytest.raises(Conflict) as early:
        stage.answer(1)
    assert early.value.code == "not_open"
    stage.wait(0.5)
    stage.answer(1, after=20)  # to the last moment
    with pytest.raises(Conflict) as late:
        stage.answer(2, after=20.001)
    assert late.value.code == "late"
    stage.reveal()
    assert stage.points() == {1: 50}


def test_a_pause_costs_nobody_his_time() -> None:
    stage = Stage()
    stage.begin()
    stage.show()
    stage.wait(5)
    stage.do(Did.PAUSE)
    stage.wait(300)
    with pytest.raises(Conflict):
        stage.answer(1)
    stage.do(Did.RESUME)
    stage.wait(5)
    stage.answer(1)
    stage.reveal()
    assert stage.points() == {1: 75}  # 10 of 20 seconds


def test_a_question_that_was_over_may_be_extended() -> None:
    stage = Stage()
    stage.begin()
    stage.show()
    stage.wait(35)
    stage.do(Did.EXTEND, seconds=10)
    assert stage.contest.turn is not None
    assert stage.contest.turn.left(stage.now) == 10_000
    stage.answer(1, after=10)
    stage.reveal()
    assert stage.points() == {1: 50}


def test_a_question_that_was_stopped_gets_just_the_seconds_given() -> None:
    stage = Stage()
    stage.begin()
    stage.show()
    stage.wait(5)
    stage.do(Did.CLOSE)
    stage.wait(3)
    stage.do(Did.EXTEND, seconds=10)
    assert stage.contest.turn is not None
    assert stage.contest.turn.left(stage.now) == 10_000
    stage.do(Did.EXTEND, seconds=10)  # while it runs, so many more
    assert stage.contest.turn.left(stage.now) == 20_000


def test_who_is_wrong_or_silent_is_out_unless_everybody_was() -> None:
    stage = Stage(make_round(Kind.ELIMINATION, 4))
    stage.begin({"": [1, 2, 3]})
    stage.show()
    for person in (1, 2, 3):
        stage.answer(person, right=False)
    stage.reveal()
    stage.show()  # nobody was right: nobody is out
    stage.answer(1)
    stage.answer(2)
    stage.reveal()
    stage.show()
    with pytest.raises(Conflict) as out:
        stage.answer(3)
    assert out.value.code == "out"
    stage.answer(1)
    stage.answer(2, right=False)
    stage.reveal()
    stage.do(Did.VOID, turn=3, reason="有争议")
    stage.show()
    stage.answer(2)  # what was voided put nobody out
    with pytest.raises(Conflict):
        stage.answer(3)


def test_until_wrong_ends_with_its_round() -> None:
    stage = Stage(make_round(Kind.UNTIL_WRONG, 2), make_round(Kind.UNTIL_WRONG, 1))
    stage.begin()
    stage.show()
    stage.answer(1, right=False)
    stage.answer(2)
    stage.reveal()
    stage.show()
    with pytest.raises(Conflict):
        stage.answer(1)
    stage.reveal()
    stage.show()
    stage.answer(1)
    stage.reveal()
    assert stage.points()[1] == 100


def test_the_first_press_wins_and_a_draw_decides_within_a_millisecond() -> None:
    at = "2026-12-04T07:00:00.{}+00:00"
    press = [
        {"team": "红队", "person": 1, "at": at.format("123900")},
        {"team": "蓝队", "person": 3, "at": at.format("123100")},
        {"team": "黄队", "person": 4, "at": at.format("124000")},
    ]
    assert {first_of(press, draw)["team"] for draw in (0.0, 0.49)} == {"红队"}
    assert {first_of(press, draw)["team"] for draw in (0.5, 0.999)} == {"蓝队"}
    press[0]["at"] = at.format("122000")
    assert first_of(press, 0.9)["team"] == "红队"


def test_after_a_wrong_answer_the_others_may_press() -> None:
    stage = Stage(make_round(Kind.BUZZER, 2), format=Format.SEATED)
    stage.begin()
    turn = stage.show()
    with pytest.raises(Conflict) as audience:
        may_press(stage.contest, 5)
    assert audience.value.code == "not_your_team"
    stage.do(Did.ARM)
    press = {"team": "红队", "person": 1, "at": stage.now.isoformat()}
    stage.do(Did.BUZZ, turn=turn, candidates=[press], draw=0.0)
    stage.wait(1)
    with pytest.raises(Conflict) as busy:
        stage.do(Did.ARM)
    assert busy.value.code == "answering"
    stage.answer(2, right=False)  # any member may
    stage.do(Did.ARM)
    with pytest.raises(Conflict):
        may_press(stage.contest, 1)
    press = {"team": "蓝队", "person": 3, "at": stage.now.isoformat()}
    stage.do(Did.BUZZ, turn=turn, candidates=[press], draw=0.0)
    stage.wait(1)
    stage.answer(3)
    stage.do(Did.REVEAL)
    assert {row.team: row.points for row in stage.contest.teams()} == {"蓝队": 100, "红队": 0}
    assert stage.points() == {}


def test_what_is_one_teams_is_answered_by_nobody_else() -> None:
    stage = Stage(make_round(Kind.TURN, 2), format=Format.SEATED)
    stage.begin()
    stage.show()
    for stranger in (3, 5):
        with pytest.raises(Conflict) as refused:
            stage.answer(stranger)
        assert refused.value.code == "not_your_team"
    stage.answer(2)
    stage.answer(1, right=False, after=0.1)  # the first answer of the team counts
    stage.do(Did.REVEAL)
    stage.show()
    stage.answer(3, right=False)
    stage.do(Did.REVEAL)
    assert {row.team: row.points for row in stage.contest.teams()} == {"红队": 100, "蓝队": 0}
    assert stage.points() == {}  # what a team earns is not its members'


def test_rules_say_what_holds() -> None:
    plain = rules(Script(Format.PERSON, (make_round(),)))
    fast = rules(Script(Format.TEAM, (make_round(), make_round(Kind.ELIMINATION)), True))
    assert any("快慢一样" in one for one in plain)
    assert any("越快越多" in one for one in fast)
    assert any("除以人数" in one for one in fast)
    assert any("淘汰赛" in one for one in fast)


KINDS = st.sampled_from([Kind.ALL, Kind.ELIMINATION, Kind.UNTIL_WRONG, *FOR_TEAMS])


class Histories(RuleBasedStateMachine):
    """Whatever host and people do, in whatever order: the state stays true."""

    @initialize(kinds=st.lists(KINDS, min_size=1, max_size=3), speed=st.booleans())
    def begin(self, kinds: list[Kind], speed: bool) -> None:
        made = tuple(make_round(kind, 2) for kind in kinds)
        self.stage = Stage(*made, format=Format.SEATED, speed=speed)
        self.stage.begin({"甲村": [1, 2], "乙村": [3, 4]})

    def attempt(self, kind: Did, **data: Any) -> None:
        before = self.stage.contest.seq
        try:
            self.stage.do(kind, **data)
        except LawlabError:
            assert self.stage.contest.seq == before

    @rule(seconds=st.floats(0, 30))
    def wait(self, seconds: float) -> None:
        self.stage.wait(seconds)

    @rule(kind=st.sampled_from([Did.PAUSE, Did.RESUME, Did.CLOSE, Did.REVEAL, Did.BOARD, Did.ARM]))
    def press(self, kind: Did) -> None:
        self.attempt(kind)

    @rule()
    def undo(self) -> None:
        live = self.stage.contest
        undone = live.undoable()
        self.attempt(Did.UNDO)
        gone = {event.data["seq"] for event in live.events if event.kind is Did.UNDO}
        assert undone is None or undone.seq in gone
        # As if it had never happened.
        kept = [one for one in live.events if one.kind is not Did.UNDO and one.seq not in gone]
        answers = [one for turn in live.given.values() for one in turn.values()]
        without = Contest.replay(self.stage.script, kept, answers)
        assert (without.phase, without.turns) == (live.phase, live.turns)
        assert (without.excluded, without.added) == (live.excluded, live.added)
        assert without.people() == live.people()

    @rule(stake=st.sampled_from([10, 30, 7]))
    def show(self, stake: int) -> None:
        self.attempt(Did.SHOW, stake=stake)

    @rule(seconds=st.integers(-1, 700))
    def extend(self, seconds: int) -> None:
        self.attempt(Did.EXTEND, seconds=seconds)

    @rule(turn=st.integers(1, 6), kind=st.sampled_from([Did.VOID, Did.UNVOID]))
    def judge(self, turn: int, kind: Did) -> None:
        self.attempt(kind, turn=turn, reason="复核")

    @rule(person=st.sampled_from(PEOPLE), kind=st.sampled_from([Did.EXCLUDE, Did.INCLUDE, Did.ADD]))
    def seat(self, person: int, kind: Did) -> None:
        self.attempt(kind, person=person, reason="核实")

    @rule(person=st.sampled_from(PEOPLE), right=st.booleans())
    def answer(self, person: int, right: bool) -> None:
        turn = self.stage.contest.turn
        if turn is None or person in self.stage.contest.given[turn.number]:
            return
        try:
            self.stage.answer(person, right)
        except Conflict:
            assert person not in self.stage.contest.given[turn.number]

    @rule(person=st.sampled_from(PEOPLE))
    def buzz(self, person: int) -> None:
        try:
            turn = may_press(self.stage.contest, person)
        except Conflict:
            return
        press = {"team": self.stage.contest.team_of(person), "person": person}
        press["at"] = self.stage.now.isoformat()
        self.attempt(Did.BUZZ, turn=turn.number, candidates=[press], draw=0.0)

    @rule()
    def finish(self) -> None:
        if len(self.stage.contest.events) > 12:
            self.attempt(Did.FINISH)

    @invariant()
    def no_score_without_an_answer(self) -> None:
        if not hasattr(self, "stage"):
            return
        contest = self.stage.contest
        for row in contest.people():
            turns = [turn for turn in contest.counting() if turn.round.kind not in FOR_TEAMS]
            mine = [contest.given[turn.number].get(row.person) for turn in turns]
            assert row.answered == sum(one is not None for one in mine)
            assert row.right == sum(one.right for one in mine if one)
            assert row.points == sum(contest.earned(turn, row.person) for turn in turns)
            assert 0 <= row.points <= 100 * row.right
            assert row.person not in contest.excluded

    @invariant()
    def teams_have_what_their_people_and_turns_brought(self) -> None:
        if not hasattr(self, "stage"):
            return
        contest = self.stage.contest
        points = {row.person: row.points for row in contest.people()}
        for row in contest.teams():
            members = contest.entered.get(row.team, ())
            mean = sum(points.get(one, 0) for one in members) / len(members) if members else 0
            seated = sum(contest.team_earned(t) for t in contest.turns if t.team == row.team)
            assert row.points == round(mean + seated, 2)
            risk = [t.stake for t in contest.counting() if t.team == row.team and t.stake]
            assert row.points >= -sum(risk)

    @invariant()
    def replay_equals_live(self) -> None:
        if not hasattr(self, "stage"):
            return
        live = self.stage.contest
        answers = [one for turn in live.given.values() for one in turn.values()]
        again = Contest.replay(self.stage.script, live.events, reversed(answers))
        assert again.phase == live.phase
        assert again.turns == live.turns
        assert again.people() == live.people()
        assert again.teams() == live.teams()
        assert again.undoable() == live.undoable()
        assert (again.excluded, again.added) == (live.excluded, live.added)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
