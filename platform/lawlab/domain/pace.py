"""How fast somebody may go on asking: a bucket that fills steadily, and from which each act takes.

Far above what a person does at a screen; it stops a program that does nothing but ask.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass
class Buckets:
    """A bucket for each of many. Times are seconds of a clock that never goes back."""

    rate: float
    """What fills up in a second."""
    burst: float
    """What a full one holds: so much may be done at once after a pause."""
    most: int = 20_000
    """Of so many the level is remembered; who is forgotten has a full one."""
    _levels: dict[Hashable, tuple[float, float]] = field(default_factory=dict)

    def take(self, who: Hashable, now: float, cost: float = 1.0) -> float:
        """Take `cost`, and return 0; or take nothing, and return the seconds until it is there."""
        level, since = self._levels.pop(who, (self.burst, now))
        level = min(self.burst, level + max(0.0, now - since) * self.rate)
        wait = max(0.0, (cost - level) / self.rate)
        self._levels[who] = (level if wait else level - cost, now)
        if len(self._levels) > self.most:
            del self._levels[next(iter(self._levels))]  # who has asked nothing for longest
        return wait
