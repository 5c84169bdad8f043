"""The live contest as a state machine: events in the order of their numbers, and answers, make the
state; the same events and answers make it again. Time is an argument and the server's.

`decide` says what a command leads to, or refuses; `apply` changes the state. Nothing is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from lawlab.domain.contest_decisions import DECISIONS
from lawlab.domain.contest_effects import TAKEN
from lawlab.domain.contest_events import AFTER_THE_END, NOT_UNDONE, Did, Event, Given, Turn
from lawlab.domain.contest_scoring import (
    PersonResult,
    TeamResult,
    answer_points,
    ranked_people,
    team_results,
)
from lawlab.domain.contest_script import FOR_TEAMS, Kind, Script
from lawlab.errors import Conflict

_WHY_NOT = {
    "excluded": "主持人取消了您的比赛资格，有疑问请找主持人。",
    "out": "这一轮您已经退出了，请看大屏幕。",
    "not_your_team": "这道题不是您的队答，请看大屏幕。",
}


class Contest:
    """State of one contest. `phase` is one of: draft, lobby, started, question, revealed, board,
    finished; between the end of a question's time and its reveal it is still `question`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.events: list[Event] = []
        self.given: dict[int, dict[int, Given]] = defaultdict(dict)
        """Turn → person → his answer; also of turns that were undone."""
        self._begin()

    @classmethod
    def replay(cls, script: Script, events: Iterable[Event], given: Iterable[Given]) -> Contest:
        """The contest as it stands after these."""
        contest = cls(script)
        contest.events = list(events)
        for one in given:
            contest.given[one.turn][one.person] = one
        contest._fold()
        return contest

    # ---- what holds now ----

    @property
    def seq(self) -> int:
        """Of the newest event; 0 before the first."""
        return self.events[-1].seq if self.events else 0

    @property
    def turn(self) -> Turn | None:
        """The question that is or was on the screen last."""
        return self.turns[-1] if self.turns else None

    @property
    def next_step(self) -> int | None:
        """Which question of the script comes next; None after the last."""
        following = self.turns[-1].step + 1 if self.turns else 0
        return following if following < len(self.script.steps) else None

    def team_of(self, person: int) -> str:
        """His seated team, else the one he was entered for; "" for none."""
        return self._seats.get(person) or self._entered_team.get(person, "")

    def out(self, kind: Kind, round_number: int) -> frozenset[int]:
        """Who may no longer answer in a round."""
        if kind not in (Kind.ELIMINATION, Kind.UNTIL_WRONG):
            return frozenset()
        gone: set[int] = set()
        for turn in self.turns:
            number = self.script.steps[turn.step].round
            same = turn.round.kind is kind and (kind is Kind.ELIMINATION or number == round_number)
            if not same or not turn.revealed or turn.voided is not None:
                continue
            right = {one.person for one in self.given[turn.number].values() if one.right}
            # When nobody was right, the question was too hard, not everybody too weak.
            if right - turn.barred or kind is Kind.UNTIL_WRONG:
                gone |= self._people() - right - turn.barred
        return frozenset(gone)

    def may_answer(self, person: int) -> str:
        """ "" or why somebody may not answer the question on the screen: `excluded`, `out`,
        `not_your_team`."""
        turn = self.turn
        if person in self.excluded:
            return "excluded"
        if turn is None:
            return ""
        if turn.round.kind in FOR_TEAMS:
            own = self.team_of(person)
            return "" if own and own == turn.team else "not_your_team"
        return "out" if person in turn.barred else ""

    def sentence(self, why: str) -> str:
        """What is said to somebody who may not answer; "" for whoever may."""
        return _WHY_NOT.get(why, "")

    def check_answer(self, turn_number: int, person: int, at: datetime) -> None:
        """Refuse an answer that arrived at `at` when it cannot count. Raises Conflict
        `not_this_question`, `not_open`, `late`, `paused`, `excluded`, `out`, `not_your_team`."""
        turn = self.turn
        if self.phase != "question" or turn is None or turn.number != turn_number:
            raise Conflict("not_this_question", "这道题已经过去了，请看现在的题。")
        if why := self.may_answer(person):
            raise Conflict(why, _WHY_NOT[why])
        if turn.round.kind is Kind.BUZZER and not turn.buzzed:
            raise Conflict("not_open", "还没有队抢到，请先抢答。")
        if turn.closed_at is not None and at >= turn.closed_at:
            raise Conflict("late", "答题已经结束，没有来得及。")
        if turn.paused:
            raise Conflict("paused", "主持人暂停了比赛，请等一下再答。")
        elapsed = turn.elapsed(at)
        if elapsed < 0:
            raise Conflict("not_open", "这道题还没有开始，请等一下。")
        if elapsed > turn.limit_ms + turn.extra_ms:
            raise Conflict("late", "时间到了，没有来得及。")

    def check_arrival(self, turn_number: int, at: datetime) -> None:
        """Refuse an answer that arrived after its question had ended, whatever is on the screen by
        now. Raises Conflict `not_this_question`, `late`."""
        turn = next((one for one in self.turns if one.number == turn_number), None)
        if turn is None:
            raise Conflict("not_this_question", "这道题已经过去了，请看现在的题。")
        if turn.closed_at is not None and at >= turn.closed_at:
            raise Conflict("late", "答题已经结束，没有来得及。")
        if turn.elapsed(at) > turn.limit_ms + turn.extra_ms:
            raise Conflict("late", "时间到了，没有来得及。")

    # ---- results ----

    def earned(self, turn: Turn, person: int) -> int:
        """What one person earned with one question of a round for everybody."""
        one = self.given[turn.number].get(person)
        if one is None or not one.right or turn.voided is not None or person in turn.barred:
            return 0
        if turn.round.kind in FOR_TEAMS:
            return 0
        speed = self.script.speed and turn.round.kind is not Kind.UNTIL_WRONG
        elapsed = turn.elapsed(one.at)
        return answer_points(turn.round.points, turn.round.seconds, elapsed, speed=speed)

    def team_answer(self, turn: Turn) -> Given | None:
        """In a question for one team: the first answer that one of its members gave."""
        mine = [one for one in self.given[turn.number].values() if self._counts_for(one, turn)]
        return min(mine, key=lambda one: (one.at, one.person), default=None)

    def team_earned(self, turn: Turn) -> int:
        """What a question brought the team it was for; below 0 only in 风险题."""
        if turn.voided is not None or not turn.revealed or turn.round.kind not in FOR_TEAMS:
            return 0
        answer = self.team_answer(turn)
        right = answer is not None and answer.right
        if turn.round.kind is Kind.RISK:
            return turn.stake if right else -turn.stake
        return turn.round.points if right else 0

    def counting(self) -> list[Turn]:
        """The questions whose result is known and that were not voided."""
        return [turn for turn in self.turns if turn.revealed and turn.voided is None]

    def _counting(self, but_last: bool) -> list[Turn]:
        last = self.turns[-1] if but_last and self.turns else None
        return [turn for turn in self.counting() if turn is not last]

    def people(self, *, but_last: bool = False) -> list[PersonResult]:
        """Everybody who was entered, added, or answered, by rank; nobody who was excluded.
        `but_last`: as it stood before the last question."""
        turns = [turn for turn in self._counting(but_last) if turn.round.kind not in FOR_TEAMS]
        rows = []
        for person in self._people() - self.excluded.keys():
            points = right = answered = milliseconds = 0
            for turn in turns:
                one = self.given[turn.number].get(person)
                if one is None:
                    milliseconds += turn.limit_ms
                    continue
                answered += 1
                right += one.right
                milliseconds += max(0, min(turn.elapsed(one.at), turn.limit_ms))
                points += self.earned(turn, person)
            team = self.team_of(person)
            rows.append(PersonResult(person, points, right, answered, milliseconds, team))
        return ranked_people(rows)

    def teams(
        self, people: Iterable[PersonResult] | None = None, *, but_last: bool = False
    ) -> list[TeamResult]:
        """Teams by rank, with these results of `people()`; none in a contest of persons."""
        entered = {team: members for team, members in self.entered.items() if team}
        seated = {team.name: 0 for team in self.script.teams}
        for turn in self._counting(but_last):
            if turn.team in seated:
                seated[turn.team] += self.team_earned(turn)
        if not entered and not seated:
            return []
        if people is None:
            people = self.people(but_last=but_last)
        return team_results(people, entered, seated)

    def most_points(self) -> int:
        """What one person could have earned so far."""
        return sum(one.round.points for one in self.counting() if one.round.kind not in FOR_TEAMS)

    # ---- commands ----

    def decide(self, kind: Did, at: datetime, by: str, data: Mapping[str, Any]) -> Event:
        """The event that a command leads to. Raises Conflict or LawlabError with a sentence for the
        host; nothing changes."""
        if self.phase == "finished" and kind not in AFTER_THE_END:
            raise Conflict("finished", "比赛已经结束。")
        decided = DECISIONS[kind](self, at, data)
        return Event(self.seq + 1, kind, at, by, decided)

    def apply(self, event: Event) -> None:
        """Take an event that was stored."""
        self.events.append(event)
        if event.kind is Did.UNDO:
            self._fold()
        else:
            TAKEN[event.kind](self, event)

    def take_answer(self, given: Given) -> None:
        """Take an answer that was stored; a second one of the same person changes nothing."""
        self.given[given.turn].setdefault(given.person, given)

    def undoable(self) -> Event | None:
        """What undo would take back now."""
        undone = {event.data["seq"] for event in self.events if event.kind is Did.UNDO}
        for event in reversed(self.events):
            if event.kind is Did.FINISH:
                return None
            if event.kind not in NOT_UNDONE and event.seq not in undone:
                return event
        return None

    # ---- folding ----

    def _begin(self) -> None:
        self.phase = "draft"
        self.entered: dict[str, tuple[int, ...]] = {}
        self.added: set[int] = set()
        self.excluded: dict[int, str] = {}
        self.turns: list[Turn] = []
        self._entered_team: dict[int, str] = {}
        self._seats = {one: team.name for team in self.script.teams for one in team.members}

    def _fold(self) -> None:
        self._begin()
        undone = {event.data["seq"] for event in self.events if event.kind is Did.UNDO}
        for event in self.events:
            if event.kind is not Did.UNDO and event.seq not in undone:
                TAKEN[event.kind](self, event)

    def enter(self, entered: Mapping[str, Iterable[int]]) -> None:
        """Who takes part, by team, as it stood before the start."""
        self.entered = {team: tuple(people) for team, people in entered.items()}
        self._entered_team = {one: team for team, people in entered.items() for one in people}

    def find_turn(self, number: object) -> Turn:
        """Raises Conflict `no_turn`."""
        for turn in self.turns:
            if turn.number == number:
                return turn
        raise Conflict("no_turn", "没有这道题，或者它已经撤回了。请刷新页面再看。")

    def last_number(self) -> int:
        """Of the newest turn ever shown, undone or not."""
        shown = [event.data["turn"] for event in self.events if event.kind is Did.SHOW]
        return max(shown, default=0)

    def _people(self) -> set[int]:
        """Whoever was entered, added, or answered a question that still counts as shown."""
        found = set(self._entered_team) | self.added
        for turn in self.turns:
            if turn.round.kind not in FOR_TEAMS:
                found |= self.given[turn.number].keys()
        return found

    def _counts_for(self, one: Given, turn: Turn) -> bool:
        return one.person not in self.excluded and self.team_of(one.person) == turn.team
