"""A roster of people: from the rows of a sheet to checked rows. All faults are found together.

An empty cell says nothing: what is already known of a person stays. What a roster changes is
decided in `roster_changes`; reading the file is left to the services.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lawlab.domain.roster_cells import READERS, cell_text

MOST_ROWS = 5000
MOST_COLUMNS = 60
HEADER_WITHIN = 10
"""A title and a note may stand above the headers, so many rows are looked at."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    "login": ("登录名", "账号", "帐号", "用户名", "登录账号", "登录帐号"),
    "full_name": ("姓名", "真实姓名", "名字"),
    "phone": ("手机号", "手机", "手机号码", "电话", "电话号码", "联系电话"),
    "unit": ("单位", "部门", "村(社区)", "村", "社区", "单位名称", "所在单位", "所属单位"),
    "unit_kind": ("单位类型", "单位类别", "单位性质"),
    "cohorts": ("类别", "人员类别", "人员类型", "身份"),
    "roles": ("角色", "平台角色"),
    "since": ("起始日期", "开始日期", "起始时间", "生效日期", "任职日期"),
}
IGNORED_HEADERS = ("序号", "状态")
"""A running number, and what our own export adds."""
LABELS = {field: names[0] for field, names in HEADERS.items()}
REQUIRED = ("login", "full_name")


@dataclass(frozen=True)
class Fault:
    """Something a person has to mend in the file."""

    row: int
    text: str

    def __str__(self) -> str:
        return f"第 {self.row} 行：{self.text}" if self.row else self.text


@dataclass(frozen=True)
class RosterRow:
    """What one row says of one person. None: it says nothing."""

    row: int
    login: str
    full_name: str
    phone: str | None = None
    unit: str | None = None
    unit_kind: str | None = None
    cohorts: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    since: date | None = None


@dataclass(frozen=True)
class Roster:
    """The readable rows, every fault, and the columns that nobody here knows."""

    rows: tuple[RosterRow, ...]
    faults: tuple[Fault, ...]
    unknown_columns: tuple[str, ...] = ()


def read_roster(table: Sequence[Sequence[Any]]) -> Roster:
    """Check a sheet as it lies in the file: `table[0]` is row 1. Never raises for bad content."""
    if len(table) > MOST_ROWS + HEADER_WITHIN:
        return _refuse(f"行数太多，一次最多导入 {MOST_ROWS} 人，请分成几个文件。")
    head, columns = _find_header(table)
    if head is None:
        wanted = "、".join(LABELS.values())
        return _refuse(f"前 {HEADER_WITHIN} 行里没有找到表头。表头应写：{wanted}。")
    faults = [
        Fault(
            head + 1,
            f"表头里没有“{LABELS[field]}”这一列（{'、'.join(HEADERS[field][1:])} 也可以）。",
        )
        for field in REQUIRED
        if field not in columns.values()
    ]
    faults += _repeated_columns(head, table[head], columns)
    unknown = tuple(
        str(cell).strip()
        for index, cell in enumerate(table[head])
        if index not in columns and cell_text(cell) not in {"", *IGNORED_HEADERS}
    )
    if faults:
        return Roster((), tuple(faults), unknown)
    rows, faults = _read_rows(table, head, columns)
    faults += _duplicates(rows)
    if not rows and not faults:
        faults = [Fault(head + 1, "表头下面没有人员。")]
    return Roster(tuple(rows), tuple(sorted(faults, key=lambda fault: fault.row)), unknown)


def guess_unit_kind(unit: str) -> str:
    """`village` for names such as 某某村, 某某社区, 某某居委会; else `department`."""
    return "village" if re.search(r"(村|社区|居委会|村委会|村民委员会)$", unit) else "department"


def _refuse(text: str) -> Roster:
    return Roster((), (Fault(0, text),))


def _find_header(table: Sequence[Sequence[Any]]) -> tuple[int | None, dict[int, str]]:
    for number, cells in enumerate(table[:HEADER_WITHIN]):
        columns = {
            index: field
            for index, cell in enumerate(cells[:MOST_COLUMNS])
            if (field := _FIELD_OF.get(_header_key(cell))) is not None
        }
        if len(set(columns.values())) >= 2:
            return number, columns
    return None, {}


def _header_key(cell: Any) -> str:
    plain = unicodedata.normalize("NFKC", cell_text(cell))
    return re.sub(r"[\s*:]|\(必填\)|\(选填\)", "", plain)


_FIELD_OF = {_name: _field for _field, _names in HEADERS.items() for _name in _names}


def _repeated_columns(head: int, cells: Sequence[Any], columns: Mapping[int, str]) -> list[Fault]:
    faults = []
    for field in dict.fromkeys(columns.values()):
        names = [cell_text(cells[index]) for index, known in columns.items() if known == field]
        if len(names) > 1:
            joined = "”和“".join(names)
            faults.append(Fault(head + 1, f"“{joined}”是同一个意思的列，请只留一列。"))
    return faults


def _read_rows(
    table: Sequence[Sequence[Any]], head: int, columns: Mapping[int, str]
) -> tuple[list[RosterRow], list[Fault]]:
    rows: list[RosterRow] = []
    faults: list[Fault] = []
    village_column = any(
        field == "unit" and _header_key(table[head][index]) in {"村(社区)", "村", "社区"}
        for index, field in columns.items()
    )
    for number, cells in enumerate(table[head + 1 :], start=head + 2):
        said = {field: cells[index] for index, field in columns.items() if index < len(cells)}
        if not any(cell_text(cell) for cell in said.values()):
            continue
        row = _read_row(number, said, faults)
        if row is not None:
            kind = row.unit_kind or ("village" if village_column and row.unit else None)
            rows.append(RosterRow(**{**row.__dict__, "unit_kind": kind}))
    return rows, faults


def _read_row(number: int, said: Mapping[str, Any], faults: list[Fault]) -> RosterRow | None:
    """One row; its faults are added to `faults`, and then there is no row."""
    before = len(faults)
    values: dict[str, Any] = {}
    for field, read in READERS.items():
        text = cell_text(said.get(field))
        if not text:
            if field in REQUIRED:
                faults.append(Fault(number, f"没有写{LABELS[field]}。"))
            continue
        try:
            values[field] = read(said[field] if field == "since" else text)
        except ValueError as error:
            faults.append(Fault(number, str(error)))
    return RosterRow(number, **values) if len(faults) == before else None


def _duplicates(rows: Sequence[RosterRow]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for row in rows:
        if row.login in first:
            faults.append(Fault(row.row, f"登录名 {row.login} 和第 {first[row.login]} 行重复。"))
        first.setdefault(row.login, row.row)
    return faults
