"""How long questions take to reach the phones: from their sending to the word of each phone that it
has one, by the server's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class Delivery:
    """Of the question that was sent last; phones that come back later are not measured."""

    def __init__(self) -> None:
        self._turn = 0
        self._sent: datetime | None = None
        self._took: dict[int, int] = {}

    def sent(self, turn: int, now: datetime) -> None:
        """A question goes out now."""
        self._turn, self._sent, self._took = turn, now, {}

    def got(self, turn: int, person: int, now: datetime) -> None:
        """Somebody's phone has it."""
        if turn == self._turn and self._sent is not None:
            took = round((now - self._sent).total_seconds() * 1000)
            self._took.setdefault(person, took)

    def spread(self, turn: int) -> dict[str, Any] | None:
        """Milliseconds that it took, over all phones; None when nothing was measured."""
        if turn != self._turn or not self._took:
            return None
        times = sorted(self._took.values())
        return {
            "people": len(times),
            "fastest_ms": times[0],
            "p50_ms": times[len(times) // 2],
            "p99_ms": times[max(0, int(len(times) * 0.99) - 1)],
            "slowest_ms": times[-1],
        }
