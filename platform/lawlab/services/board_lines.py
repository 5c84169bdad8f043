"""The leaderboards' lines and the sums of units and cohorts: made from scores, stored where they
are others than before."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import ALL, PHASES, spans_of, spans_on
from lawlab.store.boards import board_rules, earned_by, expected_on, weights_of
from lawlab.store.tables import BoardGroup, BoardRow

SUMS = ("members", "participants", *PHASES, "total")
Line = tuple[str, str]
"""Span and cohort."""
Group = tuple[str, str, str]
"""Span, kind and key."""


@dataclass
class Lines:
    """What one person's lines have to say."""

    unit_id: int | None
    sums: dict[Line, dict[str, Any]] = field(default_factory=dict)


def renew_lines(session: Session, people: set[int], day: dt.date) -> int:
    """Bring these people's lines in step; returns how many lines changed."""
    if not people:
        return 0
    wanted = _wanted(session, people, day)
    rows: dict[int, dict[Line, BoardRow]] = defaultdict(dict)
    spans = list(spans_on(day).values())
    kept = select(BoardRow).where(BoardRow.person_id.in_(people), BoardRow.span.in_(spans))
    for row in session.scalars(kept.execution_options(populate_existing=True)):
        rows[row.person_id][row.span, row.cohort] = row
    shifts: dict[Group, list[float]] = defaultdict(lambda: [0.0] * 6)
    changed = 0
    for person in sorted(people):
        lines = wanted.get(person, Lines(None))
        _shift(shifts, _as_lines(rows[person].values()), -1)
        _shift(shifts, lines, 1)
        for line in rows[person].keys() - lines.sums.keys():
            session.delete(rows[person][line])
            changed += 1
        for line, sums in lines.sums.items():
            facts = {"unit_id": lines.unit_id, **sums}
            kept_line = rows[person].get(line)
            if kept_line is None:
                kept_line = BoardRow(span=line[0], cohort=line[1], person_id=person)
                session.add(kept_line)
            elif all(getattr(kept_line, name) == value for name, value in facts.items()):
                continue
            for name, value in facts.items():
                setattr(kept_line, name, value)
            changed += 1
    session.flush()
    _apply(session, shifts)
    return changed


def _wanted(session: Session, people: Iterable[int], day: dt.date) -> dict[int, Lines]:
    expected = expected_on(session, day, people)
    weights = weights_of(board_rules(session))
    earned: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in earned_by(session, expected.keys()):
        for earned_day, points in one.days.items():
            for span in spans_of(earned_day, day):
                sums = earned[one.person_id, span]
                sums[one.phase] += points
                sums[f"part:{one.source.partition(':')[0]}"] += points
    found = {}
    for person, (cohorts, unit_id) in expected.items():
        lines = found[person] = Lines(unit_id)
        for span in spans_on(day).values():
            sums = earned.get((person, span), {})
            phases = {name: round(sums.get(name, 0.0), 2) for name in PHASES}
            if span != ALL and not any(phases.values()):
                continue
            parts = {
                name.removeprefix("part:"): round(value, 2)
                for name, value in sorted(sums.items())
                if name.startswith("part:")
            }
            facts = {**phases, "total": weights.total(**phases), "parts": parts}
            lines.sums |= {(span, cohort): facts for cohort in cohorts}
    return found


def _as_lines(rows: Iterable[BoardRow]) -> Lines:
    names = (*PHASES, "total")
    lines = Lines(None)
    for row in rows:
        lines.unit_id = row.unit_id
        lines.sums[row.span, row.cohort] = {name: getattr(row, name) for name in names}
    return lines


def _shift(shifts: dict[Group, list[float]], lines: Lines, sign: int) -> None:
    """What a person's lines add to (1) or take from (-1) the sums."""
    units = set()
    for (span, cohort), sums in lines.sums.items():
        groups: list[Group] = [(span, "cohort", cohort)]
        if lines.unit_id is not None and span not in units:
            units.add(span)  # once, though he be in two cohorts
            groups.append((span, "unit", str(lines.unit_id)))
        values = [sums[name] for name in (*PHASES, "total")]
        for group in groups:
            shift = shifts[group]
            shift[0] += sign * (span == ALL)
            shift[1] += sign * any(value > 0 for value in values)
            for place, value in enumerate(values, 2):
                shift[place] += sign * value


def _apply(session: Session, shifts: dict[Group, list[float]]) -> None:
    rounded = {group: [round(value, 2) for value in shift] for group, shift in shifts.items()}
    moved = {group: shift for group, shift in rounded.items() if any(shift)}
    rows = _groups(session, {span for span, _, _ in moved}, {key for _, _, key in moved})
    for group, shift in moved.items():
        row = rows.get(group) or _new_group(session, group)
        row.members += int(shift[0])
        row.participants += int(shift[1])
        for place, name in enumerate((*PHASES, "total"), 2):
            setattr(row, name, round(getattr(row, name) + shift[place], 2))
        if not any(getattr(row, name) for name in SUMS):
            session.delete(row)  # as correct_sums has none for whom nobody adds up
    session.flush()


def correct_sums(session: Session, spans: Sequence[str]) -> int:
    """Add up all lines again; returns how many sums were wrong."""
    wanted: dict[Group, list[float]] = defaultdict(lambda: [0.0] * 6)
    columns = (BoardRow.person_id, BoardRow.unit_id, BoardRow.span, BoardRow.cohort)
    sums = (getattr(BoardRow, name) for name in (*PHASES, "total"))
    rows = select(*columns, *sums).where(BoardRow.span.in_(spans)).order_by(BoardRow.person_id)
    for _, own in groupby(session.execute(rows), key=itemgetter(0)):
        lines = Lines(None)
        for _person, unit_id, span, cohort, *values in own:
            lines.unit_id = unit_id
            lines.sums[span, cohort] = dict(zip((*PHASES, "total"), values, strict=True))
        _shift(wanted, lines, 1)
    wrong = 0
    kept = _groups(session, set(spans))
    for group in kept.keys() - wanted.keys():
        session.delete(kept[group])
        wrong += 1
    for group, values in wanted.items():
        row = kept.get(group) or _new_group(session, group)
        right = [round(values[0]), round(values[1]), *(round(value, 2) for value in values[2:])]
        if [getattr(row, name) for name in SUMS] == right:
            continue
        for name, value in zip(SUMS, right, strict=True):
            setattr(row, name, value)
        wrong += 1
    session.flush()
    return wrong


def _groups(
    session: Session, spans: Iterable[str], keys: Iterable[str] | None = None
) -> dict[Group, BoardGroup]:
    kept = select(BoardGroup).where(BoardGroup.span.in_(spans))
    if keys is not None:
        kept = kept.where(BoardGroup.key.in_(keys))
    rows = session.scalars(kept.execution_options(populate_existing=True))
    return {(row.span, row.kind, row.key): row for row in rows}


def _new_group(session: Session, group: Group) -> BoardGroup:
    span, kind, key = group
    row = BoardGroup(span=span, kind=kind, key=key, **dict.fromkeys(SUMS, 0))
    session.add(row)
    return row
