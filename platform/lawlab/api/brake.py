"""How often somebody may guess: the six digits of a meeting, or the code of a certificate. Kept in
this process: after a restart he may guess anew, which gains him a handful of tries among millions.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from lawlab.errors import TooMany

TRIES = 6
WITHIN = timedelta(minutes=1)
MOST_PEOPLE = 10_000
SENTENCE = "数字输错的次数多了，请过 {} 秒再试，或者扫屏幕上的二维码。"
VERIFY_TRIES = 60
"""Of wrong codes of certificates, from one address: a hall that shares one may check its own."""
VERIFY_SENTENCE = "输错的编号多了，请过 {} 秒再试，或者扫证书上的二维码。"


class CodeBrake:
    """Counts wrong codes: of digits by person, never by address, for a hall shares one."""

    def __init__(self, tries: int = TRIES, sentence: str = SENTENCE) -> None:
        self._tries, self._sentence = tries, sentence
        self._wrong: dict[int | str, deque[datetime]] = {}

    def take(self, person: int | str, now: datetime) -> int:
        """Count a try before it is looked at, so that a hundred at once are not all free; returns
        how many are left. Raises TooMany `too_many` with the seconds to wait."""
        wrong = self._recent(person, now)
        if len(wrong) >= self._tries:
            wait = max(1, round((wrong[0] + WITHIN - now).total_seconds()))
            raise TooMany("too_many", self._sentence.format(wait), retry_after=wait)
        wrong.append(now)
        if len(self._wrong) > MOST_PEOPLE:
            self._wrong.pop(next(iter(self._wrong)))
        return self._tries - len(wrong)

    def give_back(self, person: int | str) -> None:
        """The try was no wrong guess after all."""
        if wrong := self._wrong.get(person):
            wrong.pop()

    def _recent(self, person: int | str, now: datetime) -> deque[datetime]:
        wrong = self._wrong.setdefault(person, deque(maxlen=self._tries))
        while wrong and wrong[0] <= now - WITHIN:
            wrong.popleft()
        return wrong
