"""How long questions take to reach the phones: from their sending to the word of each phone that it
has one, by the server's clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any


class Delivery:
    """Of the question that was sent last; phones that come back later are not measured."""

    def __init__(self) -> None:
        self.turn = 0
        self._sent: datetime | None = None
        self._took: dict[int, int] = {}

    def sent(self, turn: int, now: datetime) -> None:
        """A question goes out now."""
        self.turn, self._sent, self._took = turn, now, {}

    def got(self, turn: int, person: int, now: datetime) -> int | None:
        """Somebody's phone has it: the milliseconds, None when it is not measured or was known."""
        if turn != self.turn or self._sent is None or person in self._took:
            return None
        took = round((now - self._sent).total_seconds() * 1000)
        self._took[person] = took
        return took

    def heard(self, turn: int, took: Iterable[tuple[int, int]]) -> None:
        """What another process measured."""
        if turn == self.turn:
            self._took = dict(took) | self._took

    def spread(self, turn: int) -> dict[str, Any] | None:
        """Milliseconds that it took, over all phones; None when nothing was measured."""
        if turn != self.turn or not self._took:
            return None
        times = sorted(self._took.values())
        return {
            "people": len(times),
            "fastest_ms": times[0],
            "p50_ms": times[len(times) // 2],
            "p99_ms": times[max(0, int(len(times) * 0.99) - 1)],
            "slowest_ms": times[-1],
        }
