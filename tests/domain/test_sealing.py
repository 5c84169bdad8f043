"""The chain of seals, without a database: any history, any change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.sealing import (
    Digest,
    Link,
    Part,
    forge,
    grouped,
    link_breaks,
    part_break,
    read_head,
    read_written,
    row_bytes,
    written_line,
)
from lawlab.domain.sealing_words import break_text, daily_page

START = dt.datetime(2022, 12, 5, 2, tzinfo=dt.UTC)
Record = tuple[int, str, dict[str, Any] | None]
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.datetimes())
DETAIL = st.none() | st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=4))
HISTORY = st.lists(
    st.lists(st.tuples(st.text(max_size=6), DETAIL), min_size=1, max_size=4),
    min_size=1,
    max_size=6,
)


def part_of(records: list[Record], upto: int) -> Part:
    total = Digest()
    for record in records:
        total.add(record)
    return total.part(upto)


def chain_of(history: list[list[Record]]) -> list[Link]:
    links: list[Link] = []
    upto = 0
    for minute, records in enumerate(history):
        upto += len(records)
        at = START + dt.timedelta(minutes=minute)
        head = links[-1].head if links else ""
        links.append(forge(minute + 1, at, {"answers": part_of(records, upto)}, head))
    return links


def numbered(history: list[list[tuple[str, dict[str, Any] | None]]]) -> list[list[Record]]:
    count = iter(range(1, 1000))
    return [[(next(count), *record) for record in minute] for minute in history]


def breaks(links: list[Link], history: list[list[Record]]) -> list[tuple[int, str]]:
    """(link, kind) of all that a look finds."""
    found = []
    before: Link | None = None
    for link, records in zip(links, history, strict=True):
        found += [(one.number, one.kind) for one in link_breaks(link, before)]
        part = part_of(records, int(link.parts["answers"].upto or 0))
        if one := part_break(link, before, "answers", part):
            found.append((one.number, one.kind))
        before = link
    return found


@given(HISTORY, st.data())
def test_any_single_change_is_found_where_it_was_made(
    plain: list[list[tuple[str, dict[str, Any] | None]]], data: st.DataObject
) -> None:
    history = numbered(plain)
    links = chain_of(history)
    assert breaks(links, history) == []
    minute = data.draw(st.integers(0, len(history) - 1))
    place = data.draw(st.integers(0, len(history[minute]) - 1))
    number, text, detail = history[minute][place]
    what = data.draw(st.sampled_from(["changed", "missing", "added"]))
    altered = [list(records) for records in history]
    if what == "changed":
        altered[minute][place] = (number, text + "x", detail)
    elif what == "missing":
        del altered[minute][place]
    else:
        altered[minute].insert(place, (number, text, detail))
    assert breaks(links, altered) == [(minute + 1, what)]


@given(HISTORY, st.data())
def test_a_chain_rewritten_from_a_change_on_has_other_heads(
    plain: list[list[tuple[str, dict[str, Any] | None]]], data: st.DataObject
) -> None:
    history = numbered(plain)
    links = chain_of(history)
    minute = data.draw(st.integers(0, len(history) - 1))
    number, text, detail = history[minute][0]
    history[minute][0] = (number, text + "x", detail)
    rewritten = chain_of(history)
    assert breaks(rewritten, history) == []
    for before, after in zip(links[minute:], rewritten[minute:], strict=True):
        assert before.head != after.head


def test_a_link_that_is_gone_or_altered_is_found() -> None:
    links = chain_of(numbered([[("a", None)], [("b", None)], [("c", None)]]))
    [gone] = link_breaks(links[2], links[0])
    assert (gone.number, gone.kind) == (2, "link_missing")
    later = links[1].at + dt.timedelta(seconds=1)
    altered = Link(2, later, links[1].parts, links[1].digest, links[1].head)
    [changed] = link_breaks(altered, links[0])
    assert changed.kind == "link_changed"
    assert "本身被改过" in break_text(changed, dt.UTC)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_records_that_differ_are_lines_that_differ(one: list[Any], other: list[Any]) -> None:
    def plain(values: list[Any]) -> list[Any]:
        return [
            v.replace(tzinfo=dt.UTC).isoformat() if isinstance(v, dt.datetime) else v
            for v in values
        ]

    aware = [
        [v.replace(tzinfo=dt.UTC) if isinstance(v, dt.datetime) else v for v in values]
        for values in (one, other)
    ]
    same = [repr(v) for v in plain(one)] == [repr(v) for v in plain(other)]
    assert (row_bytes(aware[0]) == row_bytes(aware[1])) == same
    assert row_bytes(aware[0]).count(b"\n") == 1


def test_a_time_is_the_same_in_every_zone_and_a_strange_value_is_refused() -> None:
    town = dt.timezone(dt.timedelta(hours=8))
    assert row_bytes([START]) == row_bytes([START.astimezone(town)])
    with pytest.raises(TypeError, match="bytes"):
        row_bytes([b"picture"])


def test_half_a_character_and_no_number_can_be_sealed() -> None:
    assert row_bytes([{"text": "\ud83d"}]) == b'[{"text":"\\ud83d"}]\n'
    assert row_bytes([float("nan")]) == b"[NaN]\n"


def test_a_head_is_read_as_it_is_printed_or_its_beginning() -> None:
    [link] = chain_of([[(1, "a", None)]])
    assert read_head(grouped(link.head)) == link.head
    assert read_head(" ".join(grouped(link.head).split("-")[:4])) == link.head[:16]
    assert read_head(link.head[:15]) is None
    assert read_head("第一组") is None


def test_written_lines_are_read_whatever_stands_before_them() -> None:
    [link] = chain_of([[(1, "a", None)]])
    line = written_line(link)
    lines = ["# 存证", "", line, f"Dec  5 10:00:00 host lawlab-audit[7]: {line}", "什么也不是"]
    assert read_written(lines) == ({1: link.head}, [5])


def test_the_daily_page_holds_the_head_and_a_place_to_sign() -> None:
    [link] = chain_of([[(1, "a", None)]])
    page = daily_page("大河镇", START.date(), {"停用": 2, "组卷": 1}, link, dt.UTC)
    assert "操作记录：3 条" in page
    assert "签名：" in page
    for group in grouped(link.head).split("-"):
        assert group in page
    assert "还没有封存过" in daily_page("大河镇", START.date(), {}, None, dt.UTC)
