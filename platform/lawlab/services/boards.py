"""The boards: 干部职工, 法律明白人, units and cohorts, over a day, a week, a year or all time, by
phase or in total. Read from lines that are kept (`services.board_keeping`); nothing is counted."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.board import PersonRow, UnitRow, rank_people, rank_units
from lawlab.domain.board_spans import PHASE_NAMES, SPAN_NAMES, masked, spans_on
from lawlab.errors import NotFound
from lawlab.services.board_keeping import bring_boards_in_step
from lawlab.services.sessions import Caller
from lawlab.store.boards import (
    board_rules,
    group_sums,
    own_line,
    rank_of,
    scores_revision,
    top_lines,
    unit_key_of,
    unit_names,
    weights_of,
)
from lawlab.store.statutes import china_day

GROUPS = {"staff": "干部职工", "villager": "法律明白人", "unit": "单位", "cohort": "两类人员"}
TOP = 50
PARTS = {
    "learn": "lesson",
    "quiz": "quiz",
    "meet": "activity",
    "drill": "drill",
    "contest": "contest",
}
"""Part of a person's points → how the sources of its scores begin."""
_MASK = secrets.token_bytes(16)
"""Turns numbers of people into marks that tell nothing, as long as this process lives."""


def board(
    session: Session,
    caller: Caller,
    now: dt.datetime,
    group: str = "staff",
    span: str = "all",
    phase: str = "total",
) -> dict[str, Any]:
    """One board as memberships stand now: the TOP best, and the caller's own line where he is not
    among them. People without points are not ranked; a unit's figure counts them as members.

    Whoever is no trainer sees others' names masked when the town says so; instead of the number of
    their person these rows have a mark. Raises NotFound `no_board`.
    """
    require_known(group, GROUPS, "榜")
    require_known(span, SPAN_NAMES, "时段")
    require_known(phase, PHASE_NAMES, "类别")
    bring_boards_in_step(session, now)
    called = spans_on(china_day(now))[span]
    rules = board_rules(session)
    hidden = bool(rules and rules.masked) and not is_trusted(caller)
    found = {
        "group": group,
        "span": span,
        "phase": phase,
        "revision": scores_revision(session),
        "as_of": now.isoformat(),
        "weights": vars(weights_of(rules)),
        "masked": hidden,
    }
    if group in ("unit", "cohort"):
        rows, own = _groups(session, caller, china_day(now), called, group, phase)
        return found | {"rows": rows, "own": own}
    rows, own = _people(session, caller, called, group, phase, hidden=hidden)
    return found | {"rows": rows, "own": own}


def is_trusted(caller: Caller) -> bool:
    """Whether somebody sees every name, and what everybody earned."""
    return bool(caller.roles & {"trainer", "admin"})


def require_known(value: str, known: dict[str, str], what: str) -> None:
    """Raises NotFound `no_board` that names what there is."""
    if value not in known:
        raise NotFound("no_board", f"没有“{value}”这个{what}，可看：{'、'.join(known.values())}。")


def _people(
    session: Session, caller: Caller, span: str, cohort: str, phase: str, *, hidden: bool
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    lines = top_lines(session, span, cohort, phase, TOP)
    ranked = rank_people(_person_row(line, phase) for line in lines)
    by_login = {line.login: line for line in lines}
    if hidden:  # nothing is to be read from the order of those who share a rank
        ranked.sort(key=lambda row: (row.rank, _mark(by_login[row.login][0].person_id)))
    shown = [_shown(row, by_login[row.login], caller, hidden) for row in ranked]
    if any(row["mine"] for row in shown):
        return shown, None
    mine = own_line(session, span, cohort, caller.person_id)
    if mine is None or getattr(mine[0], phase) <= 0:
        return shown, None
    row = _person_row(mine, phase)
    rank = rank_of(session, span, cohort, phase, row.points)
    return shown, _shown(row, mine, caller, hidden) | {"rank": rank}


def _person_row(line: Any, phase: str) -> PersonRow:
    row, login, name, unit = line
    parts = {name: row.parts.get(kind, 0.0) for name, kind in PARTS.items()}
    return PersonRow(login, name, unit, getattr(row, phase), **parts)


def _shown(row: PersonRow, line: Any, caller: Caller, hidden: bool) -> dict[str, Any]:
    kept = line[0]
    mine = row.login == caller.login
    told = vars(row) | {
        "id": kept.person_id,
        "mine": mine,
        "phases": {name: getattr(kept, name) for name in ("learn", "drill", "compete")},
    }
    if mine or not hidden:
        return told
    return told | {"id": _mark(kept.person_id), "login": None, "name": masked(row.name)}


def _mark(person_id: int) -> str:
    """By this a page knows a masked row again, and nobody else its person."""
    return hashlib.blake2b(str(person_id).encode(), key=_MASK, digest_size=8).hexdigest()


def _groups(
    session: Session, caller: Caller, day: dt.date, span: str, kind: str, phase: str
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    sums = group_sums(session, span, kind, phase)
    # By their keys first: of a thousand units only those that are shown need their names.
    ranked = rank_units(
        UnitRow(one.key, one.members, one.participants, round(one.points / one.members, 2))
        for one in sums
    )
    own_unit = unit_key_of(session, caller.person_id, day) if kind == "unit" else None
    top = ranked[:TOP]
    mine = [row for row in ranked[TOP:] if row.unit == own_unit]
    names = unit_names(session, [row.unit for row in [*top, *mine]]) if kind == "unit" else GROUPS
    shown = [
        vars(row)
        | {
            "unit": names[row.unit],
            "participation": row.participation,
            "mine": row.unit == own_unit,
        }
        for row in [*top, *mine]
    ]
    in_order = sorted(shown[: len(top)], key=lambda row: (row["rank"], row["unit"]))
    return in_order, shown[-1] if mine else None
