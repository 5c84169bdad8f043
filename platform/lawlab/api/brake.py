"""How often somebody may guess the six digits. Kept in this process: after a restart he may guess
anew, which gains him a handful of tries among a million."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from lawlab.errors import TooMany

TRIES = 6
WITHIN = timedelta(minutes=1)
MOST_PEOPLE = 10_000


class CodeBrake:
    """Counts wrong codes by person, never by address: a hall shares one."""

    def __init__(self) -> None:
        self._wrong: dict[int, deque[datetime]] = {}

    def require(self, person: int, now: datetime) -> None:
        """Raises TooMany `too_many` with the seconds to wait."""
        wrong = self._recent(person, now)
        if len(wrong) >= TRIES:
            wait = max(1, round((wrong[0] + WITHIN - now).total_seconds()))
            raise TooMany(
                "too_many",
                f"数字输错的次数多了，请过 {wait} 秒再试，或者扫屏幕上的二维码。",
                retry_after=wait,
            )

    def note(self, person: int, now: datetime) -> int:
        """One more was wrong; returns how many tries are left."""
        wrong = self._recent(person, now)
        wrong.append(now)
        if len(self._wrong) > MOST_PEOPLE:
            self._wrong.pop(next(iter(self._wrong)))
        return max(0, TRIES - len(wrong))

    def _recent(self, person: int, now: datetime) -> deque[datetime]:
        wrong = self._wrong.setdefault(person, deque(maxlen=TRIES))
        while wrong and wrong[0] <= now - WITHIN:
            wrong.popleft()
        return wrong
