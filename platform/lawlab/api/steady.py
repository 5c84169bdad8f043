"""A clock that does not jump while something is being timed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Steady:
    """Tells the time of `wall`; while `holds()`, it goes on from there by `ticks`, the seconds of a
    clock that nobody sets, though somebody sets the other one meanwhile."""

    def __init__(self, wall: Callable[[], datetime], ticks: Callable[[], float]) -> None:
        self._wall = wall
        self._ticks = ticks
        self._since: tuple[datetime, float] | None = None
        self.holds: Callable[[], bool] = lambda: False

    def __call__(self) -> datetime:
        if not self.holds():
            self._since = None
            return self._wall()
        if self._since is None:
            self._since = self._wall(), self._ticks()
        at, tick = self._since
        return at + timedelta(seconds=self._ticks() - tick)
