"""What the other API processes know of a contest that no table does: who has it open there, who
pressed, and how long questions took to their phones."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

Word = Mapping[str, Any]
SILENT_S = 5.0
"""A process that says nothing for so long has nobody here any more."""
BEAT_S = 2.0
"""How often each says who is here, though nothing changed."""
SOME = 500
"""People in one word: it may have 8,000 bytes."""


class Elsewhere:
    """Of one contest: `say` reaches the other processes."""

    def __init__(self, say: Callable[[Word], None], now: Callable[[], float] = time.monotonic):
        self._say = say
        self._now = now
        self._there: dict[str, tuple[float, str, set[int]]] = {}
        """Process → when it was last heard, which list that was, and who is on it."""
        self._said: frozenset[int] = frozenset()
        self._said_at = 0.0
        self._took: dict[int, int] = {}
        self.ask()

    def ask(self) -> None:
        """Have the others say who is here."""
        self._say({"kind": "who"})

    def present(self) -> set[int]:
        """Who has the seat page open at the other processes."""
        oldest = self._now() - SILENT_S
        return {
            person for at, _, people in self._there.values() if at > oldest for person in people
        }

    def tell_present(self, here: frozenset[int], *, anyway: bool = False) -> None:
        """Say who is here, when that changed or was not said lately."""
        now = self._now()
        if here == self._said and now - self._said_at < BEAT_S and not anyway:
            return
        self._said, self._said_at = here, now
        number = secrets.token_hex(3)
        for some in _some(sorted(here)):
            self._say({"kind": "here", "list": number, "people": some})

    def hear_present(self, word: Word) -> None:
        """Another process said who is there; long lists come in several words."""
        process = word["from"]
        _, number, people = self._there.get(process, (0.0, "", set()))
        if number != word["list"]:
            people = set()
        self._there[process] = self._now(), word["list"], people | set(word["people"])

    def took(self, person: int, milliseconds: int) -> None:
        """A phone here has the question; told with the next `tell_took`."""
        self._took[person] = milliseconds

    def tell_took(self, turn: int) -> None:
        took, self._took = list(self._took.items()), {}
        for some in _some(took) if took else ():
            self._say({"kind": "got", "turn": turn, "took": some})


def _some(everything: Sequence[Any]) -> Iterator[Collection[Any]]:
    """In pieces; an empty list is one."""
    for start in range(0, max(1, len(everything)), SOME):
        yield everything[start : start + SOME]
