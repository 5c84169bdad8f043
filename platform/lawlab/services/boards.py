"""The boards: 干部职工, 法律明白人 and units, from the points that are kept in step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lawlab.domain.board import PersonRow, UnitRow, rank_people, rank_units
from lawlab.errors import NotFound
from lawlab.store.boards import member_rows, scores_revision

GROUPS = ("staff", "villager", "unit")


@dataclass(frozen=True)
class Board:
    group: str
    revision: str
    as_of: dt.datetime
    rows: list[PersonRow] | list[UnitRow]


def board(session: Session, group: str, day: dt.date, now: dt.datetime) -> Board:
    """The board of `group` (one of GROUPS) as memberships stand on `day`.

    People without points are not ranked; a unit's line counts them among its members.
    Raises NotFound `no_board`.
    """
    if group not in GROUPS:
        raise NotFound("no_board", f"没有“{group}”这个榜，可看：{'、'.join(GROUPS)}。")
    revision = scores_revision(session)
    rows: list[PersonRow] | list[UnitRow]
    if group == "unit":
        rows = rank_units(member_rows(session, day))
    else:
        rows = rank_people(row for row in member_rows(session, day, group) if row.points > 0)
    return Board(group, revision, now, rows)
