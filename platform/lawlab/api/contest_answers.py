"""The answers of a contest on their way into the database: those that arrive together are stored
together, and each is taken as soon as it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lawlab.api.batching import Batcher
from lawlab.api.contest_crowd import Crowd
from lawlab.api.contest_memory import Memory
from lawlab.api.contest_telling import Telling
from lawlab.domain.contest_events import Given
from lawlab.domain.marking import check_response, mark
from lawlab.services.contest import NewAnswer, store_answers
from lawlab.store.contests import StoredAnswer

MOST_AT_ONCE = 2000
"""Answers in one commit."""


class Answers:
    """Of one contest."""

    def __init__(self, memory: Memory, crowd: Crowd, telling: Telling) -> None:
        self._memory = memory
        self._crowd = crowd
        self._telling = telling
        self._keeping: dict[tuple[int, int], asyncio.Future[NewAnswer]] = {}
        """Answers that are being stored."""
        self._batcher = Batcher[NewAnswer, NewAnswer](self._store, MOST_AT_ONCE, self._stored)

    async def answer(self, person: int, turn: int, response: Any, at: datetime) -> dict[str, Any]:
        """Take an answer that arrived at `at`; returns when it is stored. A repeat gets the first
        reply. Raises Conflict as `domain.contest.check_answer`, BadResponse, Refused."""
        memory = self._memory
        contest = memory.loaded.contest
        first = False
        if person not in contest.given.get(turn, {}):
            key = (turn, person)
            keeping = self._keeping.get(key)
            if keeping is None:
                memory.require_seat(person)
                contest.check_answer(turn, person, at)
                version = memory.loaded.script.steps[contest.find_turn(turn).step].slot.version_id
                check_response(memory.loaded.questions[version], response)
                row = memory.loaded.row
                place = (row.id, row.rehearsal, turn, person)
                new = NewAnswer(*place, version, response, at, contest.seq)
                first = True
                keeping = self._keeping[key] = self._batcher.put(new)
            # Whoever hangs up meanwhile has answered all the same.
            await asyncio.shield(keeping)
        given = memory.loaded.contest.given[turn][person]
        shown = memory.loaded.contest.find_turn(turn)
        return {
            "type": "ack",
            "turn": turn,
            "response": memory.loaded.responses[turn][person],
            "at": given.at.isoformat(),
            "left_ms": max(0, shown.limit_ms + shown.extra_ms - shown.elapsed(given.at)),
            "first": first,
        }

    @property
    def on_their_way(self) -> int:
        """How many are being stored now."""
        return len(self._keeping)

    async def all_stored(self) -> None:
        """Wait until whatever has arrived by now is stored, or cannot be."""
        await asyncio.gather(*self._keeping.values(), return_exceptions=True)

    def take(self, stored: NewAnswer | StoredAnswer) -> None:
        """An answer is stored, whoever stored it."""
        loaded = self._memory.loaded
        question = loaded.questions[stored.version_id]
        right = bool(mark(question, stored.response, 1).right)
        loaded.contest.take_answer(Given(stored.turn, stored.person, stored.at, right))
        loaded.responses.setdefault(stored.turn, {}).setdefault(stored.person, stored.response)
        self._telling.count_soon()

    def _stored(self, new: NewAnswer, stored: NewAnswer | Exception) -> None:
        """Called for each answer of a batch as soon as it is stored, or cannot be."""
        del self._keeping[new.turn, new.person]
        if isinstance(stored, Exception):
            return
        self.take(stored)
        if len(self._crowd.phones_of(new.person)) > 1:
            self._telling.tell_phones(new.person)

    def _store(self, answers: Sequence[NewAnswer]) -> Sequence[NewAnswer | Exception]:
        with self._memory.sessions() as session:
            return store_answers(session, answers)
