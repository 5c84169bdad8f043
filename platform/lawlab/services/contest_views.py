"""What phones, the projector and the host see of a contest, as JSON. Whoever sees the key before
the reveal is the host."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from lawlab.domain.contest_events import Turn
from lawlab.domain.contest_scoring import PersonResult, TeamResult
from lawlab.domain.contest_script import FOR_TEAMS, FORMAT_NAMES, KIND_NAMES, Format, Kind, rules
from lawlab.domain.question import Question
from lawlab.services.contest import Loaded

TOP = 10
T = TypeVar("T")


@dataclass(frozen=True)
class Standing:
    """Who stands where after the questions whose result is known."""

    people: list[PersonResult]
    by_person: Mapping[int, PersonResult]
    before: Mapping[int, int]
    """Person → rank before the last of these questions."""
    teams: list[TeamResult]
    team_ranks_before: Mapping[str, int]


class Views:
    """The views of one contest. What only changes with an event is made once for each."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._made: dict[str, tuple[int, Any]] = {}

    def standing(self) -> Standing:
        """Results so far; people who answered nothing do not stand in it."""
        return self._once("standing", self._standing)

    def shared(self, now: datetime) -> dict[str, Any]:
        """What everybody may see."""
        contest, row = self.loaded.contest, self.loaded.row
        cancelled = row.state == "cancelled"
        phase = "cancelled" if cancelled else contest.phase
        before = phase in ("draft", "lobby", "started")
        return {
            "type": "state",
            "id": row.id,
            "seq": contest.seq,
            "title": row.title,
            "rehearsal": row.rehearsal,
            "format": self.loaded.script.format.value,
            "format_name": FORMAT_NAMES[self.loaded.script.format],
            "phase": phase,
            "server_time": now.isoformat(),
            "rules": rules(self.loaded.script) if before else [],
            "progress": self._progress(),
            "question": self._question(now) if phase in ("question", "revealed") else None,
            "reveal": self._once("reveal", self._reveal) if phase == "revealed" else None,
            "board": self._once("board", self._board) if phase in ("board", "finished") else None,
        }

    def seat(self, person: int, now: datetime) -> dict[str, Any]:
        """What one person's phone shows."""
        view = self.shared(now)
        if view["board"] is not None:
            people = [line | {"mine": line["mine"] == person} for line in view["board"]["people"]]
            view["board"] = view["board"] | {"people": people}
        turn = self.loaded.contest.turn
        if view["question"] and view["question"]["buzzer"] and turn:
            mine = self.loaded.contest.team_of(person) in turn.locked
            view["question"]["buzzer"]["mine_locked"] = mine
        return view | {"me": self._me(person)}

    def seat_texts(self, people: Sequence[int], now: datetime) -> list[str]:
        """`seat` of each of these people as JSON; what is the same for all is written once."""
        turn = self.loaded.contest.turn
        phase = self.loaded.contest.phase
        buzzer = phase == "question" and turn is not None and turn.round.kind is Kind.BUZZER
        if buzzer or phase in ("board", "finished"):
            return [json.dumps(self.seat(one, now), ensure_ascii=False) for one in people]
        shared = json.dumps(self.shared(now), ensure_ascii=False)[:-1]
        mine = (json.dumps(self._me(one), ensure_ascii=False) for one in people)
        return [f'{shared}, "me": {me}}}' for me in mine]

    def person_lines(self, rows: Iterable[PersonResult]) -> list[dict[str, Any]]:
        """Lines of a board of persons; `mine` holds the person's id until it is known for whom."""
        standing = self.standing()
        return [
            {
                "rank": row.rank,
                "name": self.loaded.people[row.person].name,
                "unit": self.loaded.people[row.person].unit,
                "points": row.points,
                "mine": row.person,
                "moved": standing.before.get(row.person, row.rank) - row.rank,
            }
            for row in rows
        ]

    def team_lines(self) -> list[dict[str, Any]]:
        standing = self.standing()
        return [
            {
                "rank": row.rank,
                "team": row.team,
                "points": row.points,
                "members": row.members,
                "present": row.present,
                "moved": standing.team_ranks_before.get(row.team, row.rank) - row.rank,
            }
            for row in standing.teams
        ]

    # ---- parts ----

    def _once(self, name: str, make: Callable[[], T]) -> T:
        seq, made = self._made.get(name, (-1, None))
        if seq != self.loaded.contest.seq:
            made = make()
            self._made[name] = (self.loaded.contest.seq, made)
        result: T = made
        return result

    def _standing(self) -> Standing:
        contest = self.loaded.contest
        people = self.loaded.results()
        before = [] if self.loaded.script.window else contest.people(but_last=True)
        return Standing(
            [row for row in people if row.answered],
            {row.person: row for row in people},
            {row.person: row.rank for row in before if row.answered},
            contest.teams(people),
            {row.team: row.rank for row in contest.teams(before, but_last=True)},
        )

    def _progress(self) -> dict[str, Any] | None:
        contest, script = self.loaded.contest, self.loaded.script
        if contest.turn is None:
            return None
        place = script.steps[contest.turn.step]
        kind = contest.turn.round.kind
        return {
            "number": contest.turn.step + 1,
            "of": len(script.steps),
            "round": contest.turn.round.title,
            "round_number": place.round + 1,
            "rounds": len(script.rounds),
            "kind": kind.value,
            "kind_name": KIND_NAMES[kind],
        }

    def question_of(self, turn: Turn) -> Question:
        return self.loaded.questions[self.loaded.script.steps[turn.step].slot.version_id]

    def _question(self, now: datetime) -> dict[str, Any] | None:
        turn = self.loaded.contest.turn
        if turn is None:
            return None
        waits = turn.round.kind is Kind.BUZZER and not turn.buzzed
        total = turn.limit_ms + turn.extra_ms
        left = total if waits else turn.left(now)
        return self.question_of(turn).public() | {
            "turn": turn.number,
            "seconds": turn.round.seconds,
            "points": turn.stake or turn.round.points,
            "opens_at": turn.opens_at.isoformat(),
            "total_ms": total,
            "left_ms": left,
            "paused": turn.paused,
            "closed": turn.closed_at is not None,
            "over": not left,
            "team": turn.team,
            "stake": turn.stake,
            "buzzer": {
                "armed": turn.armed_at is not None,
                "team": turn.team,
                "locked": sorted(turn.locked),
                "mine_locked": False,
            }
            if turn.round.kind is Kind.BUZZER
            else None,
        }

    def _reveal(self) -> dict[str, Any] | None:
        turn = self.loaded.contest.turn
        if turn is None:
            return None
        given = self.loaded.contest.given[turn.number]
        counts = Counter(
            letter
            for response in self.loaded.responses.get(turn.number, {}).values()
            for letter in response.get("chosen", ())
        )
        return self.question_of(turn).revealed() | {
            "voided": turn.voided,
            "counts": dict(sorted(counts.items())),
            "answered": len(given),
            "right": sum(one.right for one in given.values()),
            "team": self._team_reveal(turn) if turn.round.kind in FOR_TEAMS else None,
        }

    def _team_reveal(self, turn: Turn) -> dict[str, Any]:
        """What a question brought the team it was for; "" when nobody pressed."""
        answer = self.loaded.contest.team_answer(turn)
        return {
            "team": turn.team,
            "answered": answer is not None,
            "right": answer is not None and answer.right,
            "earned": self.loaded.contest.team_earned(turn),
        }

    def _board(self) -> dict[str, Any]:
        standing = self.standing()
        return {"people": self.person_lines(standing.people[:TOP]), "teams": self.team_lines()}

    def _me(self, person: int) -> dict[str, Any]:
        contest, standing = self.loaded.contest, self.standing()
        why, sentence = self._why(person)
        turn = contest.turn if contest.phase in ("question", "revealed") else None
        given = contest.given[turn.number].get(person) if turn else None
        told = given is not None and turn is not None and turn.revealed
        mine = standing.by_person.get(person)
        return {
            "may_answer": not why,
            "why": why,
            "sentence": sentence,
            "team": contest.team_of(person),
            "answered": {
                "response": self.loaded.responses[given.turn][person],
                "at": given.at.isoformat(),
            }
            if given
            else None,
            "right": given.right if told and given else None,
            "earned": contest.earned(turn, person) if told and turn else None,
            "points": mine.points if mine else 0,
            "rank": mine.rank if mine and mine.answered else None,
            "of": len(standing.people),
            "seconds": round(mine.milliseconds / 1000, 1) if mine else 0,
        }

    def _why(self, person: int) -> tuple[str, str]:
        contest, script = self.loaded.contest, self.loaded.script
        if person not in self.loaded.expected and person not in contest.added:
            return "not_expected", "您不在这场比武的名单里，可以观看。要参加请找主持人。"
        if script.format is Format.WINDOW or contest.phase not in ("question", "revealed"):
            why = "excluded" if person in contest.excluded else ""
        else:
            why = contest.may_answer(person)
        turn = contest.turn
        if why == "not_your_team" and turn and turn.round.kind in FOR_TEAMS:
            if turn.round.kind is Kind.BUZZER and not turn.buzzed and contest.team_of(person):
                return "", ""
            return why, f"这道题由{turn.team}答。" if turn.team else "这一轮由台上的队答。"
        return why, contest.sentence(why)
