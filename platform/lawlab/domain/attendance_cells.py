"""How a time and a status in a list of attendance are read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from lawlab.domain.attendance import Status
from lawlab.domain.roster_cells import cell_text

STATUS_WORDS: Mapping[Status, tuple[str, ...]] = {
    Status.PRESENT: (
        *("出勤", "已出勤", "到", "已到", "到场", "到会", "参加", "已参加", "参会", "已参会"),
        *("正常", "已签到", "签到", "签到成功", "已打卡", "打卡成功", "正常打卡", "准时"),
        *("√", "✓", "✔", "☑", "是"),
    ),
    Status.LATE: ("迟到", "晚到", "严重迟到", "迟到签到", "已迟到"),
    Status.EXCUSED: (
        *("请假", "已请假", "事假", "病假", "公假", "年假", "产假", "婚假", "丧假", "调休"),
        *("出差", "公出", "因公外出", "因公请假"),
    ),
    Status.ABSENT: (
        *("缺勤", "未到", "缺席", "未签到", "未打卡", "缺卡", "旷工", "旷课", "未参加", "未参会"),
        *("未到场", "未到会", "未出勤", "无故缺席", "×", "✗", "✘", "╳", "x", "X", "否"),
    ),
}
_STATUS_OF = {_word: _status for _status, _words in STATUS_WORDS.items() for _word in _words}

DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?[T\s]*")
CLOCK = re.compile(
    r"(上午|下午|晚上|早上|中午)?\s*(\d{1,2})\s*(?:[时点]|:(?=\s*\d))\s*"
    r"(?:(\d{1,2})\s*分?(?::?\s*(\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(AM|PM)?",
    re.IGNORECASE,
)
AFTERNOON = ("下午", "晚上", "中午", "PM")
FIRST_YEAR = 1905
"""A sheet keeps a time without a day as one of the days from which it counts."""


def read_status(text: str) -> Status | None:
    """The status that a word of a list means; None for words that nobody here knows."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFC", text))
    plain = re.sub(r"[(（].*[)）]$", "", plain)
    if re.fullmatch(r"(严重)?迟到\d+(分钟|分|小时)?(\d+分钟?)?", plain):
        return Status.LATE
    return _STATUS_OF.get(plain)


def read_time(cell: Any, starts: dt.datetime) -> dt.datetime:
    """The moment that a cell means, in the zone of `starts`; one without a day is of that day.

    Raises ValueError whose sentence tells what to mend.
    """
    try:
        return _of_that_day(_moment(cell, starts), starts)
    except _OtherDayError:
        raise
    except (ValueError, OverflowError):
        shown = unicodedata.normalize("NFKC", cell_text(cell))[:20]
        raise ValueError(
            f"签到时间“{shown}”看不懂，应写成 09:12 或者 {starts:%Y-%m-%d} 09:12。"
        ) from None


class _OtherDayError(ValueError):
    """The time is readable and of another day."""


def _moment(cell: Any, starts: dt.datetime) -> dt.datetime:
    midnight = dt.datetime.combine(starts.date(), dt.time(), starts.tzinfo)
    if isinstance(cell, dt.datetime) and cell.year < FIRST_YEAR:
        cell = cell.time()
    if isinstance(cell, dt.datetime):
        # A sheet keeps a day as a fraction, which may miss a whole second by little.
        second = (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0)
        return second.replace(tzinfo=starts.tzinfo)
    if isinstance(cell, dt.timedelta):
        return midnight + cell
    if isinstance(cell, dt.time):
        return dt.datetime.combine(midnight, cell.replace(microsecond=0), starts.tzinfo)
    return _read(unicodedata.normalize("NFKC", cell_text(cell)), starts)


def _read(text: str, starts: dt.datetime) -> dt.datetime:
    day = starts.date()
    found = DAY.match(text)
    rest = text
    if found:
        year, month, number = found.groups()
        day = dt.date(int(year or starts.year), int(month), int(number))
        rest = text[found.end() :]
    clock = CLOCK.fullmatch(rest.strip())
    if clock is None:
        raise ValueError(text)
    before, hour, minute, second, after = clock.groups()
    hours = int(hour)
    late = (before or (after or "").upper()) in AFTERNOON
    if late and hours < 12 and not (before == "中午" and hours == 11):
        hours += 12
    moment = dt.time(hours, int(minute or 0), int(second or 0))
    return dt.datetime.combine(day, moment, starts.tzinfo)


def _of_that_day(at: dt.datetime, starts: dt.datetime) -> dt.datetime:
    if at.date() != starts.date():
        raise _OtherDayError(
            f"签到时间 {at:%Y-%m-%d %H:%M} 不是活动那天（{starts:%Y-%m-%d}）的，"
            "请核对后改好或者删去。"
        )
    return at
