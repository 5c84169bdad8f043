"""Leaderboards: what they are made of, kept so that opening one asks for nothing but its lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, delete, event, insert, inspect, select
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from lawlab.domain.board_spans import earlier_after
from lawlab.domain.statute import CHINA_TIME
from lawlab.store.tables.base import Base
from lawlab.store.tables.derived import Score, ScoreDay
from lawlab.store.tables.people import CohortMembership, Person, UnitMembership


class BoardRules(Base):
    """What the town decided about its boards. Append-only; the newest holds."""

    __tablename__ = "board_rules"
    id: Mapped[int] = mapped_column(primary_key=True)
    learn: Mapped[float]
    """By how much points of 大学习 count in the total; so for the other two."""
    drill: Mapped[float]
    compete: Mapped[float]
    masked: Mapped[bool]
    """Whether learners see others' names only as 干＊＊."""
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[dt.datetime]


class BoardChange(Base):
    """Somebody whose lines are not in step yet: written with whatever changed, gone when they are.
    Appended and never updated, so that writers do not wait for each other."""

    __tablename__ = "board_changes"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class BoardRow(Base):
    """What one person earned in a span of time, in one cohort; derived from `scores`. In the span
    `all` everybody who is expected has a row, in the others whoever earned something."""

    __tablename__ = "board_rows"
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    """`all`, or as "2026", "2026-W48", "2026-11-26"."""
    cohort: Mapped[str] = mapped_column(String(20), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    learn: Mapped[float]
    drill: Mapped[float]
    compete: Mapped[float]
    total: Mapped[float]
    parts: Mapped[dict[str, Any]]
    """How the sources begin (`lesson`, `quiz`, …) → points."""
    __table_args__ = (
        Index("ix_board_rows_total", "span", "cohort", "total", "person_id"),
        Index("ix_board_rows_learn", "span", "cohort", "learn", "person_id"),
        Index("ix_board_rows_drill", "span", "cohort", "drill", "person_id"),
        Index("ix_board_rows_compete", "span", "cohort", "compete", "person_id"),
        Index("ix_board_rows_person", "person_id"),
    )


class BoardGroup(Base):
    """What a unit or a cohort earned in a span, added up; derived from `board_rows`."""

    __tablename__ = "board_groups"
    span: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    """`unit` or `cohort`."""
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    """The unit's id, or the cohort."""
    members: Mapped[int]
    """Who is expected; counted in the span `all` only."""
    participants: Mapped[int]
    learn: Mapped[float]
    drill: Mapped[float]
    compete: Mapped[float]
    total: Mapped[float]


def _note(person_of: str) -> Any:
    def note(_mapper: Mapper[Any], connection: Connection, row: Any) -> None:
        person = getattr(row, person_of)
        connection.execute(insert(BoardChange), {"person_id": person})

    return note


def _keep_earlier_days(_mapper: Mapper[Any], connection: Connection, score: Score) -> None:
    before = {
        name: (inspect(score).attrs[name].history.deleted or [getattr(score, name)])[0]
        for name in ("points", "changed_at")
    }
    old_day, day = (
        at.astimezone(CHINA_TIME).date() for at in (before["changed_at"], score.changed_at)
    )
    if day == old_day and score.points >= before["points"]:
        return  # nearly always: nothing is asked for
    own = (ScoreDay.person_id == score.person_id, ScoreDay.source == score.source)
    earlier = dict(iter(connection.execute(select(ScoreDay.day, ScoreDay.points).where(*own))))
    kept = earlier_after(earlier, (before["points"], old_day), (score.points, day))
    if stale := [one for one in earlier if kept.get(one) != earlier[one]]:
        connection.execute(delete(ScoreDay).where(*own, ScoreDay.day.in_(stale)))
    key = {"person_id": score.person_id, "source": score.source}
    if new := [
        key | {"day": one, "points": kept[one]} for one in kept if kept[one] != earlier.get(one)
    ]:
        connection.execute(insert(ScoreDay), new)


def _drop_earlier_days(_mapper: Mapper[Any], connection: Connection, score: Score) -> None:
    own = (ScoreDay.person_id == score.person_id, ScoreDay.source == score.source)
    connection.execute(delete(ScoreDay).where(*own))


# Whatever writes a score or a membership, boards follow: no writer can forget it.
event.listen(Score, "after_update", _keep_earlier_days)
event.listen(Score, "after_delete", _drop_earlier_days)
for _table, _person in (
    (Score, "person_id"),
    (CohortMembership, "person_id"),
    (UnitMembership, "person_id"),
    (Person, "id"),
):
    for _kind in ("after_insert", "after_update", "after_delete"):
        if _table is not Person or _kind == "after_update":
            event.listen(_table, _kind, _note(_person))
