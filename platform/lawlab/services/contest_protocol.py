"""The protocol of a contest (赛事记录): every decision and answer, as far as somebody may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.contest_events import Did, Turn
from lawlab.domain.contest_script import FOR_TEAMS, FORMAT_NAMES, KIND_NAMES, rules
from lawlab.errors import Conflict, NotFound
from lawlab.services.contest import Loaded, load
from lawlab.services.contest_window_protocol import (
    PaperAnswer,
    answers_by_number,
    paper_questions,
    pool_questions,
)
from lawlab.services.contest_words import event_text
from lawlab.services.sessions import Caller

UNDONE = "主持人撤回了这一次出题"
NOT_YET = "比赛结束以后才能看赛事记录。"


def loaded_protocol(session: Session, contest_id: int, now: datetime) -> Loaded:
    """A finished contest. Raises NotFound `no_contest`; Conflict `not_finished`."""
    loaded = load(session, contest_id, now)
    if loaded.row.state != "finished":
        raise Conflict("not_finished", NOT_YET)
    return loaded


def protocol(
    loaded: Loaded, caller: Caller, *, host: bool, closed: Collection[str] = ()
) -> dict[str, Any]:
    """What somebody may see: results, questions with their keys, what the host did; of answers his
    own. Hosts see sign-in names too. `closed`: items whose keys he must not see now."""
    contest = loaded.contest
    people = loaded.results()
    questions = questions_of(loaded, caller.person_id, host=host)
    told = [one for one in questions if one["question"]["id"] not in closed]
    return {
        "id": loaded.row.id,
        "title": loaded.row.title,
        "rehearsal": loaded.row.rehearsal,
        "format": loaded.script.format.value,
        "format_name": FORMAT_NAMES[loaded.script.format],
        "opened_at": _iso(loaded.row.opened_at),
        "finished_at": _iso(loaded.row.finished_at),
        "rules": rules(loaded.script),
        "host": host,
        "people": [
            {
                "rank": row.rank,
                "name": loaded.people[row.person].name,
                "unit": loaded.people[row.person].unit,
                "points": row.points,
                "right": row.right,
                "answered": row.answered,
                "seconds": round(row.milliseconds / 1000, 1),
                "mine": row.person == caller.person_id,
                **({"login": loaded.people[row.person].login} if host else {}),
            }
            for row in people
            if row.answered
        ],
        "teams": [vars(row) for row in contest.teams(people)],
        "excluded": [
            {"name": loaded.people[one].name, "reason": reason}
            for one, reason in contest.excluded.items()
        ],
        "questions": told,
        "withheld": len(questions) - len(told),
        "log": [
            {"seq": event.seq, "at": event.at.isoformat(), "text": event_text(loaded, event),
             "by": event.by}
            for event in contest.events
        ],
    }  # fmt: skip


def questions_of(loaded: Loaded, person: int, *, host: bool) -> list[dict[str, Any]]:
    """The questions with their keys, how they were answered, and what this person answered. Of a
    window contest a host sees the whole pool, everybody else his own paper."""
    if loaded.script.window:
        return pool_questions(loaded) if host else paper_questions(loaded, person)
    return [_question(loaded, turn, person) for turn in _turns(loaded)]


def answers_to(loaded: Loaded, number: int) -> list[dict[str, Any]]:
    """Every answer to one question as they arrived, for hosts. Raises NotFound `no_turn`."""
    for turn, lines in every_answer(loaded):
        if turn == number:
            return lines
    raise NotFound("no_turn", "没有这道题，或者它已经撤回了。")


def every_answer(loaded: Loaded) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Each question's `turn` as in `questions_of`, with its answers as they arrived."""
    if loaded.script.window:
        given: Iterable[tuple[int, list[PaperAnswer]]] = answers_by_number(loaded).items()
    else:
        given = ((turn.number, _answers_in(loaded, turn)) for turn in _turns(loaded))
    for number, answers in given:
        yield (
            number,
            [
                {
                    "login": loaded.people[one.person].login,
                    "name": loaded.people[one.person].name,
                    "unit": loaded.people[one.person].unit,
                    "answer": answer_text(one.response),
                    "right": one.right,
                    "earned": one.earned,
                    "at": one.at.isoformat(timespec="milliseconds"),
                    "milliseconds": one.milliseconds,
                }
                for one in answers
            ],
        )


def _turns(loaded: Loaded) -> list[Turn]:
    """Every turn in order; those that were undone when somebody had answered stand among them as
    voided ones, so that no answer is missing."""
    contest, script = loaded.contest, loaded.script
    turns = {turn.number: turn for turn in contest.turns}
    for event in contest.events:
        if event.kind is not Did.SHOW or event.data["turn"] in turns:
            continue
        number, step = event.data["turn"], event.data["step"]
        if contest.given[number]:
            shown = script.rounds[script.steps[step].round]
            opens_at = datetime.fromisoformat(event.data["opens_at"])
            team = event.data.get("team", "")
            turns[number] = Turn(
                number, step, shown, opens_at, frozenset(), team=team, voided=UNDONE
            )
    return [turns[number] for number in sorted(turns)]


def _answers_in(loaded: Loaded, turn: Turn) -> list[PaperAnswer]:
    given = loaded.contest.given[turn.number].values()
    return [
        PaperAnswer(
            one.person,
            loaded.responses[turn.number][one.person],
            one.at,
            one.right,
            max(0, turn.elapsed(one.at)),
            earned_by(loaded, turn, one.person),
        )
        for one in sorted(given, key=lambda one: (one.at, one.person))
    ]


def earned_by(loaded: Loaded, turn: Turn, person: int) -> int:
    """What an answer earned its person, or in a question for teams his team."""
    contest = loaded.contest
    if turn.round.kind not in FOR_TEAMS:
        return contest.earned(turn, person)
    counted = contest.team_answer(turn)
    return contest.team_earned(turn) if counted and counted.person == person else 0


def answer_text(response: Mapping[str, Any]) -> str:
    """A response in a line."""
    return "、".join(map(str, response.get("chosen") or response.get("filled") or []))


def choice_counts(loaded: Loaded, turn: Turn) -> dict[str, int]:
    """Option → how many chose it."""
    responses = loaded.responses.get(turn.number, {}).values()
    return dict(sorted(Counter(one for r in responses for one in r.get("chosen", ())).items()))


def _question(loaded: Loaded, turn: Turn, person: int) -> dict[str, Any]:
    place = loaded.script.steps[turn.step]
    question = loaded.questions[place.slot.version_id]
    given = loaded.contest.given[turn.number]
    mine = given.get(person)
    return {
        "turn": turn.number,
        "number": turn.step + 1,
        "round": turn.round.title,
        "kind_name": KIND_NAMES[turn.round.kind],
        "team": turn.team,
        "question": question.public(),
        "revealed": question.revealed(),
        "answered": len(given),
        "right": sum(one.right for one in given.values()),
        "counts": choice_counts(loaded, turn),
        "voided": turn.voided,
        "spread": turn.spread,
        "mine": {
            "response": loaded.responses[turn.number][person],
            "right": mine.right,
            "earned": earned_by(loaded, turn, person),
            "at": mine.at.isoformat(timespec="milliseconds"),
            "seconds": round(max(0, turn.elapsed(mine.at)) / 1000, 1),
        }
        if mine
        else None,
    }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
