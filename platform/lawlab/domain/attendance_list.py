"""A list of who was at an activity, from the rows of a sheet to checked lines: a paper list that
was typed up, or what another system exports. All faults are found together.

An empty cell says nothing, and a row that gives neither a time nor a status changes nothing.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lawlab.domain.attendance import Outside, Status, Times, status_at
from lawlab.domain.attendance_cells import STATUS_WORDS, read_status, read_time
from lawlab.domain.attendance_names import Listed, Match, People
from lawlab.domain.roster import HEADER_WITHIN, MOST_COLUMNS, MOST_ROWS, Fault
from lawlab.domain.roster_cells import cell_text

HEADERS: Mapping[str, tuple[str, ...]] = {
    "login": ("登录名", "账号", "帐号", "用户名", "登录账号", "用户ID"),
    "full_name": (
        "姓名",
        "名字",
        "真实姓名",
        "成员姓名",
        "人员姓名",
        "签到人",
        "参会人",
        "参会人员",
    ),
    "phone": ("手机号", "手机", "手机尾号", "手机号码", "手机后四位", "尾号", "联系电话", "电话"),
    "unit": ("单位", "部门", "村(社区)", "村", "社区", "单位名称", "所在单位", "所属部门"),
    "time": (
        *("签到时间", "打卡时间", "到场时间", "到会时间", "入会时间", "首次入会时间", "加入时间"),
        *("实际打卡时间", "上班1打卡时间", "上班打卡时间", "最早打卡时间", "最早"),
    ),
    "status": (
        *("状态", "考勤结果", "签到状态", "打卡结果", "考勤状态", "出勤状态", "出勤情况"),
        *("签到结果", "签到情况", "到会情况", "打卡状态", "上班1打卡结果", "上班打卡结果"),
    ),
    "note": ("备注", "说明"),
}
WEAK: Mapping[str, tuple[str, ...]] = {
    "full_name": ("用户昵称", "昵称", "成员名称", "参会者", "成员"),
    "time": ("时间", "打卡", "签到"),
    "status": ("结果", "出勤", "考勤"),
}
"""These mean it only where no other column does."""
PERSON = ("login", "full_name", "phone")
SUMS = ("合计", "总计", "小计", "汇总")
NOTHING = ("", "-", "--", "—", "/", "\\", "无")


@dataclass(frozen=True)
class Line:
    """What one row says of one person. Without a status it says nothing of him."""

    row: int
    person: Listed
    text: str
    """The row in its own words."""
    status: Status | None
    at: dt.datetime | None
    note: str = ""


@dataclass(frozen=True)
class AttendanceList:
    """The readable rows and every fault."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def read_list(
    table: Sequence[Sequence[Any]], people: Sequence[Listed], when: Times, zone: dt.tzinfo
) -> AttendanceList:
    """Check a sheet as it lies in the file: `table[0]` is row 1. Times are those of `zone`, and one
    without a day is of the activity's. Never raises for bad content."""
    if len(table) > MOST_ROWS + HEADER_WITHIN:
        return _refuse(0, f"行数太多，一次最多导入 {MOST_ROWS} 行，请分成几个文件。")
    head, columns = _find_header(table)
    if head is None:
        return _refuse(
            0,
            f"前 {HEADER_WITHIN} 行里没有找到表头。表头应有“姓名”（“登录名”“手机尾号”也可以），"
            "还要有“签到时间”或者“状态”。",
        )
    faults = _repeated(head, table[head], columns)
    if not {"time", "status"} & set(columns.values()):
        faults.append(
            Fault(head + 1, "表头里没有“签到时间”，也没有“状态”，看不出谁到了。请加上一列。")
        )
    if faults:
        return AttendanceList((), tuple(faults))
    reader = _Reader(People(people), when, zone)
    lines = []
    for number, cells in enumerate(table[head + 1 :], start=head + 2):
        said = {
            field: cells[index]
            for index, field in columns.items()
            if index < len(cells) and cell_text(cells[index]) not in NOTHING
        }
        line = reader.read(number, said)
        if line is not None:
            lines.append(line)
    if not lines and not reader.faults:
        return _refuse(head + 1, "表头下面没有人员。")
    return AttendanceList(tuple(lines), tuple(reader.faults))


class _Reader:
    """Reads the rows of one list, one after another."""

    def __init__(self, people: People, when: Times, zone: dt.tzinfo) -> None:
        self.people, self.when, self.zone = people, when, zone
        self.faults: list[Fault] = []
        self.first: dict[int, int] = {}

    def read(self, row: int, said: Mapping[str, Any]) -> Line | None:
        if not (said.keys() - {"note"}) or cell_text(said.get("full_name")) in SUMS:
            return None
        faults: list[str] = []
        match = self._person(said, faults)
        status, at = self._standing(said, faults)
        if match is not None:
            first = self.first.setdefault(match.person_id, row)
            if first != row:
                faults.append(f"{match.name}（{match.login}）和第 {first} 行重复，请只留一行。")
        self.faults += [Fault(row, text) for text in faults]
        if faults or match is None:
            return None
        text = " ".join(
            _shown(said[field]) for field in (*PERSON, "time", "status") if field in said
        )
        return Line(row, match, text, status, at, cell_text(said.get("note"))[:200])

    def _person(self, said: Mapping[str, Any], faults: list[str]) -> Listed | None:
        words = {field: cell_text(said.get(field)) for field in (*PERSON, "unit")}
        if not any(words[field] for field in PERSON):
            faults.append("没有写是谁，请写姓名、登录名或者手机尾号。")
            return None
        found: Match = self.people.find(**words)
        if found.fault:
            faults.append(found.fault)
        return found.person

    def _standing(
        self, said: Mapping[str, Any], faults: list[str]
    ) -> tuple[Status | None, dt.datetime | None]:
        status: Status | None = None
        cell = said.get("time")
        word = cell_text(said.get("status"))
        if not word and isinstance(cell, str) and read_status(cell) is not None:
            word, cell = cell, None  # 缺卡 stands where a time would
        if word:
            status = read_status(word)
            if status is None:
                allowed = "、".join(words[0] for words in STATUS_WORDS.values())
                faults.append(f"状态“{word[:20]}”看不懂，应为 {allowed}。")
                return None, None
        if cell is None:
            return status, None
        try:
            at = read_time(cell, self.when.starts.astimezone(self.zone))
        except ValueError as error:
            faults.append(str(error))
            return None, None
        return status or self._status_of(at, faults), at

    def _status_of(self, at: dt.datetime, faults: list[str]) -> Status | None:
        found = status_at(self.when, at)
        if found is Outside.EARLY:
            return Status.PRESENT
        if isinstance(found, Outside):
            until = self.when.late_until.astimezone(self.zone)
            faults.append(
                f"签到时间 {at:%H:%M} 在 {until:%H:%M} 以后，签到已经截止。"
                "请在“状态”列写明是 迟到 还是 缺勤。"
            )
            return None
        return found


def _refuse(row: int, text: str) -> AttendanceList:
    return AttendanceList((), (Fault(row, text),))


def _find_header(table: Sequence[Sequence[Any]]) -> tuple[int | None, dict[int, str]]:
    for number, cells in enumerate(table[:HEADER_WITHIN]):
        keys = [_header_key(cell) for cell in cells[:MOST_COLUMNS]]
        columns = {index: _FIELD_OF[key] for index, key in enumerate(keys) if key in _FIELD_OF}
        for index, key in enumerate(keys):
            weak = _WEAK_OF.get(key)
            if weak is not None and weak not in columns.values():
                columns[index] = weak
        fields = set(columns.values())
        if fields & set(PERSON) and len(fields) >= 2:
            return number, columns
    return None, {}


def _header_key(cell: Any) -> str:
    plain = re.sub(r"[\s*:]", "", unicodedata.normalize("NFKC", cell_text(cell)))
    # A remark in brackets belongs to the name only where it is known with it.
    return plain if plain in _FIELD_OF else re.sub(r"\([^()]*\)$", "", plain)


_FIELD_OF = {_name: _field for _field, _names in HEADERS.items() for _name in _names}
_WEAK_OF = {_name: _field for _field, _names in WEAK.items() for _name in _names}


def _repeated(head: int, cells: Sequence[Any], columns: Mapping[int, str]) -> list[Fault]:
    faults = []
    for field in dict.fromkeys(columns.values()):
        names = [cell_text(cells[index]) for index, known in columns.items() if known == field]
        if len(names) > 1 and field != "note":
            joined = "”和“".join(names)
            faults.append(Fault(head + 1, f"“{joined}”是同一个意思的列，请只留一列。"))
    return faults


def _shown(cell: Any) -> str:
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, dt.time):
        return f"{cell:%H:%M}"
    return cell_text(cell)[:40]
