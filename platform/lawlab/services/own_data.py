"""What somebody may have of himself (查阅、复制): everything, as JSON and as sheets, and nothing
that tells him a key before its time."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from lawlab.domain.audit import action_name, actor_name
from lawlab.services.audit import note_alone
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.services.sheets import fill
from lawlab.store.own_data import KINDS, Kind
from lawlab.store.tables import (
    Activity,
    Answer,
    Attachment,
    Contest,
    ItemVersion,
    Mark,
    Memory,
    Quiz,
    Unit,
)

JSON_NAME, SHEETS_NAME = "我的数据.json", "我的数据.xlsx"
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}
LONGEST_CELL = 30_000
TITLES: dict[str, tuple[Any, Any]] = {
    "activity_id": (Activity.id, Activity.title),
    "assignment": (Quiz.assignment, Quiz.title),
    "contest_id": (Contest.id, Contest.title),
    "item_version_id": (ItemVersion.id, ItemVersion.item),
    "unit_id": (Unit.id, Unit.name),
}
"""Column → what its number is called."""


def own_data(session: Session, caller: Caller, now: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    """Title → rows, each by the names of its columns, oldest first. What he answers right now, or
    what a contest asks, comes without whether it was right."""
    closed = items_being_answered(session, caller.person_id, now)
    return {kind.title: _rows(session, kind, caller, closed) for kind in KINDS}


def counts(session: Session, caller: Caller, now: dt.datetime) -> dict[str, int]:
    """Title → how many rows there are, for the page; empty kinds are left out."""
    found = own_data(session, caller, now)
    return {title: len(rows) for title, rows in found.items() if rows}


def own_file(session: Session, caller: Caller, now: dt.datetime, zone: dt.tzinfo) -> bytes:
    """Everything as one zip: JSON, sheets, and pictures. That it was taken is noted."""
    note_alone(session, now, caller.login, "data.own", caller.login)
    found = own_data(session, caller, now)
    about = {"platform": "法治练兵场", "made_at": now.isoformat(), "login": caller.login}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps({"about": about, "data": found}, ensure_ascii=False, indent=1)
        archive.writestr(JSON_NAME, text.encode("utf-8", "replace"))
        archive.writestr(SHEETS_NAME, _sheets(found, zone))
        for picture in session.scalars(
            select(Attachment)
            .where(Attachment.person_id == caller.person_id)
            .options(undefer(Attachment.content))
        ):
            name = f"图片/{picture.id}{SUFFIXES.get(picture.media_type, '')}"
            archive.writestr(name, picture.content)
    return packed.getvalue()


def _rows(session: Session, kind: Kind, caller: Caller, closed: set[str]) -> list[dict[str, Any]]:
    columns = [getattr(kind.table, name) for name in kind.columns]
    query = select(*columns).where(kind.where(caller.person_id, caller.login))
    if kind.table is Mark and closed:
        query = query.where(
            Mark.answer_id.not_in(
                select(Answer.id)
                .join(ItemVersion, ItemVersion.id == Answer.item_version_id)
                .where(Answer.person_id == caller.person_id, ItemVersion.item.in_(closed))
            )
        )
    if kind.table is Memory and closed:
        query = query.where(Memory.item.not_in(closed))
    query = query.order_by(*kind.table.__mapper__.primary_key)
    rows = [dict(zip(kind.columns, row, strict=True)) for row in session.execute(query)]
    for name, (number, title) in TITLES.items():
        if name in kind.columns:
            _call(session, rows, name, number, title)
    return [
        {kind.columns[name]: _plain(name, value) for name, value in row.items()} for row in rows
    ]


def _call(
    session: Session, rows: Iterable[dict[str, Any]], name: str, number: Any, title: Any
) -> None:
    used = {row[name] for row in rows if row[name] is not None}
    ordered = sorted(used)
    known: dict[Any, str] = {}
    for start in range(0, len(ordered), 500):
        some = ordered[start : start + 500]
        known |= dict(iter(session.execute(select(number, title).where(number.in_(some)))))
    for row in rows:
        if row[name] in known:
            row[name] = f"{known[row[name]]}（{row[name]}）"


def _plain(name: str, value: Any) -> Any:
    if name == "action":
        return action_name(value)
    if name == "actor":
        return actor_name(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return value


def _sheets(found: Mapping[str, list[dict[str, Any]]], zone: dt.tzinfo) -> bytes:
    book = Workbook()
    del book[book.sheetnames[0]]
    for title, rows in found.items():
        if not rows:
            continue
        head = list(rows[0])
        sheet = book.create_sheet(title)
        fill(sheet, [head, *([_cell(row[name], zone) for name in head] for row in rows)])
        sheet.freeze_panes = "A2"
        for column in range(1, len(head) + 1):
            sheet.column_dimensions[sheet.cell(1, column).column_letter].width = 20
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cell(value: Any, zone: dt.tzinfo) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict | list):
        return _clean(json.dumps(value, ensure_ascii=False))
    if isinstance(value, str):
        return _moment(value, zone)
    return value


def _moment(text: str, zone: dt.tzinfo) -> str:
    """A time as the town's clocks show it; any other text as it is."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return _clean(text)
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at.tzinfo else text


def _clean(text: str) -> str:
    """Without what no sheet holds: control characters, half a character, more than fits."""
    return "".join(one for one in text[:LONGEST_CELL] if one.isprintable() or one == "\n")
