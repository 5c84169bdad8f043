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

    def take(self, person: int, now: datetime) -> int:
        """Count a try before it is looked at, so that a hundred at once are not all free; returns
        how many are left. Raises TooMany `too_many` with the seconds to wait."""
        wrong = self._recent(person, now)
        if len(wrong) >= TRIES:
            wait = max(1, round((wrong[0] + WITHIN - now).total_seconds()))
            raise TooMany(
                "too_many",
                f"数字输错的次数多了，请过 {wait} 秒再试，或者扫屏幕上的二维码。",
                retry_after=wait,
            )
        wrong.append(now)
        if len(self._wrong) > MOST_PEOPLE:
            self._wrong.pop(next(iter(self._wrong)))
        return TRIES - len(wrong)

    def give_back(self, person: int) -> None:
        """The try was no wrong guess after all."""
        if wrong := self._wrong.get(person):
            wrong.pop()

    def _recent(self, person: int, now: datetime) -> deque[datetime]:
        wrong = self._wrong.setdefault(person, deque(maxlen=TRIES))
        while wrong and wrong[0] <= now - WITHIN:
            wrong.popleft()
        return wrong
