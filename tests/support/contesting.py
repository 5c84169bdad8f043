"""A contest of a test: a script from the questions that are stored, and its row."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_script import Format, Kind, Round, Script, Slot, Team, Window
from lawlab.store.tables import Contest, ItemVersion

CHOICES = ("single", "judge", "multiple")


def slots(session: Session, count: int, skip: int = 0) -> tuple[Slot, ...]:
    """So many choice questions of the banks, by id."""
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.version, ItemVersion.id)
        .where(ItemVersion.type.in_(CHOICES))
        .order_by(ItemVersion.item, ItemVersion.version)
        .offset(skip)
        .limit(count)
    ).all()
    assert len(rows) == count
    return tuple(Slot(*row) for row in rows)


def one_round(
    session: Session,
    count: int = 3,
    *,
    kind: Kind = Kind.ALL,
    seconds: int = 20,
    points: int = 100,
    skip: int = 0,
) -> Round:
    return Round(kind, "第一轮", seconds, points, slots(session, count, skip))


def add_contest(
    session: Session,
    now: dt.datetime,
    rounds: Sequence[Round],
    *,
    format: Format = Format.PERSON,
    speed: bool = True,
    teams: Sequence[Team] = (),
    rehearsal: bool = False,
    window: Window | None = None,
) -> int:
    """Stores a draft and commits; returns its id."""
    script = Script(format, tuple(rounds), speed, teams=tuple(teams), window=window)
    row = Contest(
        key=secrets.token_urlsafe(16),
        title="宪法宣传周法律知识比武",
        rehearsal=rehearsal,
        script=script.to_json(),
        state="draft",
        made_by="t01",
        made_at=now,
    )
    session.add(row)
    session.commit()
    return row.id
