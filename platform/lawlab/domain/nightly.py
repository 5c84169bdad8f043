"""When the nightly backup is due, how it is named, and which old ones go. Pure: `now` is the town's
own time, an aware one, and may jump.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

RETRY = dt.timedelta(hours=1)
"""So long after a night that failed it is tried again."""
WRONG_CLOCK = dt.timedelta(hours=12)
"""A clock that stands behind the newest backup for so long was wrong when that was made."""
OLD = dt.timedelta(days=2)
"""A newest backup that is older is a fault."""
_NAME = re.compile(r"lawlab-(\d{4}-\d{2}-\d{2})\.tar\.gz")


@dataclass(frozen=True)
class Made:
    """The newest nightly backup. `copied`: the file in the folder that the admin named, or ""."""

    night: dt.date
    at: dt.datetime
    file: str
    size: int
    seconds: float
    sha256: str
    copied: str = ""


@dataclass(frozen=True)
class Nightly:
    """What is known of the nightly backups: since when they are made, for which nights there are
    some, and what went wrong at the last attempt."""

    since: dt.datetime
    nights: tuple[dt.date, ...] = ()
    made: Made | None = None
    tried_at: dt.datetime | None = None
    faults: tuple[str, ...] = ()
    behind_since: dt.datetime | None = None
    """When the clock was first seen to stand behind the newest backup."""

    def to_json(self) -> dict[str, Any]:
        made = self.made and vars(self.made) | {
            "night": self.made.night.isoformat(),
            "at": self.made.at.isoformat(),
        }
        return {
            "since": self.since.isoformat(),
            "nights": [night.isoformat() for night in self.nights],
            "made": made,
            "tried_at": self.tried_at and self.tried_at.isoformat(),
            "faults": list(self.faults),
            "behind_since": self.behind_since and self.behind_since.isoformat(),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Nightly:
        """Raises KeyError, TypeError or ValueError for what `to_json` did not make."""
        made = data["made"]
        if made is not None:
            made = Made(
                **made
                | {
                    "night": dt.date.fromisoformat(made["night"]),
                    "at": dt.datetime.fromisoformat(made["at"]),
                }
            )
        return cls(
            since=dt.datetime.fromisoformat(data["since"]),
            nights=tuple(map(dt.date.fromisoformat, data["nights"])),
            made=made,
            tried_at=_time(data["tried_at"]),
            faults=tuple(data["faults"]),
            behind_since=_time(data["behind_since"]),
        )


def file_name(night: dt.date) -> str:
    return f"lawlab-{night}.tar.gz"


def night_in(name: str) -> dt.date | None:
    """The night of a backup by its file's name; None: no nightly backup."""
    found = _NAME.fullmatch(name)
    try:
        return dt.date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def night_of(now: dt.datetime, hour: int) -> dt.date:
    """The night whose hour struck last."""
    return now.date() if now.hour >= hour else now.date() - dt.timedelta(days=1)


def looked(state: Nightly, now: dt.datetime, hour: int) -> Nightly:
    """The state after a look at the clock: of a clock that was wrong nothing is believed."""
    if state.since > now:
        state = replace(state, since=now)
    made = state.made
    if made is None or made.at <= now:
        return replace(state, behind_since=None)
    behind = state.behind_since
    if behind is None or behind > now:
        return replace(state, behind_since=now)
    if now - behind < WRONG_CLOCK:
        return state
    # A night that had not begun when the clock was put right has no backup in truth.
    true = tuple(one for one in state.nights if one <= night_of(behind, hour))
    return replace(state, nights=true, made=replace(made, at=behind), behind_since=None)


def due(state: Nightly, now: dt.datetime, hour: int) -> dt.date | None:
    """The night for which a backup is to be made now: the last that began, when it has none. Of
    nights that were missed only that one can be made up."""
    if _too_soon(state, now):
        return None
    night = night_of(now, hour)
    begun = dt.datetime.combine(night, dt.time(hour), now.tzinfo)
    return night if begun >= state.since and night not in state.nights else None


def copy_due(state: Nightly, now: dt.datetime) -> bool:
    """Whether the newest backup still has to be copied, and it is time to try."""
    return state.made is not None and not state.made.copied and not _too_soon(state, now)


def superfluous(names: Iterable[str], keep: int, newest: dt.date) -> list[str]:
    """Which nightly backups go, so that `keep` are left: the oldest, but first of all those of days
    after the `newest`, which a wrong clock named. Other files are nobody's business."""
    nights = {name: night for name in names if (night := night_in(name)) is not None}
    ordered = sorted(nights, key=lambda name: (nights[name] <= newest, nights[name]))
    return ordered[: max(0, len(ordered) - keep)]


def _too_soon(state: Nightly, now: dt.datetime) -> bool:
    waited = now - state.tried_at if state.faults and state.tried_at else RETRY
    return dt.timedelta(0) <= waited < RETRY


def _time(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
