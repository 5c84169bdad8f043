"""When a night's backup is due, whatever the clock does, and which old ones go."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.nightly import (
    RETRY,
    Made,
    Nightly,
    copy_due,
    due,
    file_name,
    looked,
    night_in,
    night_of,
    superfluous,
)

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 2


def at(text: str) -> dt.datetime:
    """ "11-26 02:00", as the clock in the town shows it."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


class Watcher:
    """What the program does at each look, without the backup itself."""

    def __init__(self, since: str) -> None:
        self.state = Nightly(since=at(since))
        self.made: list[tuple[str, str]] = []

    def look(self, text: str, *, fails: bool = False) -> None:
        now = at(text)
        self.state = looked(self.state, now, HOUR)
        night = due(self.state, now, HOUR)
        if night is None:
            return
        self.state = replace(self.state, tried_at=now, faults=("满了。",) if fails else ())
        if not fails:
            self.made.append((f"{night:%m-%d}", text))
            nights = tuple(sorted({*self.state.nights, night}))
            newest = Made(night, now, file_name(night), 1, 1.0, "")
            self.state = replace(self.state, nights=nights, made=newest)

    def day(self, day: int, *hours: int) -> None:
        for hour in hours or range(24):
            for minute in (0, 30):
                self.look(f"11-{day:02} {hour:02}:{minute:02}")


def test_one_a_night_at_its_hour() -> None:
    watcher = Watcher("11-20 10:00")
    for day in (21, 22, 23):
        watcher.day(day)
    assert watcher.made == [
        ("11-21", "11-21 02:00"),
        ("11-22", "11-22 02:00"),
        ("11-23", "11-23 02:00"),
    ]


def test_the_first_night_is_the_one_after_the_installation() -> None:
    watcher = Watcher("11-20 01:00")
    watcher.look("11-20 01:30")
    assert watcher.made == []
    watcher.look("11-20 02:00")
    assert watcher.made == [("11-20", "11-20 02:00")]


def test_missed_nights_are_made_up_at_once_and_only_the_last() -> None:
    watcher = Watcher("11-20 10:00")
    watcher.day(21)
    watcher.look("11-25 08:00")
    watcher.look("11-25 08:01")
    watcher.look("11-26 02:00")
    assert watcher.made[1:] == [("11-25", "11-25 08:00"), ("11-26", "11-26 02:00")]


@pytest.mark.parametrize("back", ["11-22 01:30", "11-21 20:00", "11-20 10:30", "11-01 10:00"])
def test_a_clock_that_jumps_back_makes_no_second_one(back: str) -> None:
    watcher = Watcher("11-20 10:00")
    for day in (21, 22):
        watcher.day(day, 2, 3)
    watcher.look(back)
    watcher.look("11-22 04:00")
    watcher.day(22)
    assert [night for night, _ in watcher.made].count("11-22") == 1
    assert [night for night, _ in watcher.made].count("11-21") == 1
    watcher.day(23)
    assert watcher.made[-1] == ("11-23", "11-23 02:00")


@pytest.mark.parametrize("wrong", ["11-23 02:10", "11-23 23:00", "12-30 05:00"])
def test_a_clock_that_was_ahead_costs_no_night(wrong: str) -> None:
    watcher = Watcher("11-20 10:00")
    watcher.day(21)
    watcher.day(22, 2)
    watcher.look(wrong)
    for day in (22, 23, 24, 25):
        watcher.day(day, *(hour for hour in range(24) if day > 22 or hour > 2))
    right = [text[:5] for night, text in watcher.made if text != wrong]
    assert right == ["11-21", "11-22", "11-23", "11-24", "11-25"]


def test_since_in_the_future_is_not_believed() -> None:
    watcher = Watcher("12-30 10:00")
    watcher.look("11-20 10:00")
    watcher.look("11-21 02:00")
    assert watcher.made == [("11-21", "11-21 02:00")]


def test_a_restart_makes_no_second_one() -> None:
    watcher = Watcher("11-20 10:00")
    watcher.day(21, 2)
    watcher.state = Nightly.from_json(json.loads(json.dumps(watcher.state.to_json())))
    watcher.day(21)
    assert len(watcher.made) == 1


def test_what_failed_is_tried_again_after_a_while() -> None:
    watcher = Watcher("11-20 10:00")
    watcher.look("11-21 02:00", fails=True)
    watcher.look("11-21 02:59")
    assert watcher.made == []
    watcher.look("11-21 03:00")
    assert watcher.made == [("11-21", "11-21 03:00")]
    now = at("11-21 03:00")
    assert copy_due(watcher.state, now)
    waits = replace(watcher.state, tried_at=now, faults=("没插。",))
    assert not copy_due(waits, now + RETRY / 2)
    assert copy_due(waits, now + RETRY)
    made = watcher.state.made
    assert made is not None
    done = replace(watcher.state, made=replace(made, copied="/盘/x"))
    assert not copy_due(done, now)


def test_names() -> None:
    night = night_of(at("11-26 01:59"), HOUR)
    assert (night, file_name(night)) == (dt.date(2026, 11, 25), "lawlab-2026-11-25.tar.gz")
    assert night_in(file_name(night)) == night
    for name in ("lawlab-2026-13-01.tar.gz", "lawlab-2026-11-25.tar", "x-2026-11-25.tar.gz", ""):
        assert night_in(name) is None


@given(
    st.sets(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), min_size=1), st.integers(1, 20)
)
def test_the_newest_stay_and_strangers_too(nights: set[dt.date], keep: int) -> None:
    names = [*map(file_name, nights), "last.json", "升级前.tar.gz"]
    newest = max(nights)
    gone = superfluous(names, keep, newest)
    assert set(gone) == {file_name(night) for night in sorted(nights)[:-keep]}
    # What a wrong clock named goes before anything else, and never the one that was just made.
    middle = sorted(nights)[len(nights) // 2]
    left = set(map(file_name, nights)) - set(superfluous(names, keep, middle))
    assert file_name(middle) in left
    assert len(left) == min(keep, len(nights))
