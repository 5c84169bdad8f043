"""What a protocol tells of 限时答题赛: every question of the pool, with all the answers it got on
whatever place of whoever's paper. A question's number is its place in the script, from 1."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lawlab.domain.contest_script import KIND_NAMES
from lawlab.services.contest import Loaded
from lawlab.services.contest_window import reply_of


@dataclass(frozen=True)
class PaperAnswer:
    """One answer; `milliseconds` after its person began."""

    person: int
    response: Mapping[str, Any]
    at: datetime
    right: bool
    milliseconds: int
    earned: int


def answers_by_number(loaded: Loaded) -> dict[int, list[PaperAnswer]]:
    """Number of a question → its answers as they arrived; every question is there. Those of people
    who were excluded stay, and earn nothing."""
    papers = {paper.person: paper for paper in loaded.papers}
    points = loaded.script.rounds[0].points
    found: dict[int, list[PaperAnswer]] = defaultdict(list)
    for one in sorted(loaded.stored, key=lambda stored: (stored.at, stored.person)):
        paper = papers[one.person]
        right = reply_of(loaded.questions, one).right
        counts = right and one.person not in loaded.contest.excluded
        found[paper.slots[one.turn - 1] + 1].append(
            PaperAnswer(
                one.person,
                one.response,
                one.at,
                right,
                round((one.at - paper.began_at).total_seconds() * 1000),
                points if counts else 0,
            )
        )
    return {number: found[number] for number in range(1, len(loaded.script.steps) + 1)}


def pool_questions(loaded: Loaded) -> list[dict[str, Any]]:
    """Every question of the pool, for hosts; nobody's answer in particular."""
    return [_question(loaded, *pair, None) for pair in answers_by_number(loaded).items()]


def paper_questions(loaded: Loaded, person: int) -> list[dict[str, Any]]:
    """The questions that this person was asked, in his order, with his answers; those of others'
    papers would only be in the way."""
    slots = next((paper.slots for paper in loaded.papers if paper.person == person), ())
    given = answers_by_number(loaded)
    return [
        _question(loaded, slot + 1, given[slot + 1], person) | {"number": place}
        for place, slot in enumerate(slots, 1)
    ]


def _question(
    loaded: Loaded, number: int, given: list[PaperAnswer], person: int | None
) -> dict[str, Any]:
    place = loaded.script.steps[number - 1]
    question = loaded.questions[place.slot.version_id]
    mine = next((one for one in given if one.person == person), None)
    chosen = Counter(letter for one in given for letter in one.response.get("chosen", ()))
    return {
        "turn": number,
        "number": number,
        "round": loaded.script.rounds[place.round].title,
        "kind_name": KIND_NAMES[loaded.script.rounds[place.round].kind],
        "team": "",
        "question": question.public(),
        "revealed": question.revealed(),
        "asked": sum(number - 1 in paper.slots for paper in loaded.papers),
        "answered": len(given),
        "right": sum(one.right for one in given),
        "counts": dict(sorted(chosen.items())),
        "voided": None,
        "spread": None,
        "mine": {
            "response": mine.response,
            "right": mine.right,
            "earned": mine.earned,
            "at": mine.at.isoformat(timespec="milliseconds"),
            "seconds": round(mine.milliseconds / 1000, 1),
        }
        if mine
        else None,
    }
