"""Chinese and Arabic numbers: reading and writing them, and finding the quantities of a text.

It decides when two texts name the same quantity (三十日 = 30天); what follows from that is the
bank's business.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}

CHINESE = "".join(_DIGITS) + "".join(_SMALL) + "".join(_BIG)
"""Every character of a Chinese number, for use inside a regular expression's brackets."""

Quantity = tuple[Decimal, str]
"""A value and its unit (`日`, `元`, `%` …); the unit is empty for a bare number."""

_SAME_UNIT = {"天": "日", "个月": "月", "周岁": "岁", "星期": "周", "个工作日": "工作日"}
_UNITS = (
    "个工作日|工作日|个月|小时|分钟|秒|周岁|星期|平方米|公里|公斤|毫克|克|米"
    "|年|月|日|天|周|岁|元|倍|人|次(?!性)|户|级|%"
)
_NUMBER = rf"\d+(?:\.\d+)?[万亿]*|[{CHINESE}]+"
_MEASURED = re.compile(
    rf"(?<![第数几\d.{CHINESE}])(?:(?P<low>{_NUMBER})(?P<low_unit>{_UNITS})?[至到~～—–-]+)?"
    rf"(?P<high>{_NUMBER})余? ?(?P<unit>{_UNITS})"
)
_BARE = re.compile(r"(?<![第\d.])(?!0\d)\d+(?:\.\d+)?[万亿]*(?!\d)")
_ANY = re.compile(_NUMBER)
_ORDINARY = re.compile(r"(?:[上下同每某]|任何)一[级次人户]")
"""上一级 and 同一人 count nothing."""
_LIST_MARK = re.compile(r"[①-⑳]|[(（]\d{1,2}[)）]|(?:^|(?<=[\n。;；:：]))\s*\d{1,2}[.．、](?!\d)")


def to_int(text: str) -> int:
    """The value of `三十一`, `一百零五`, `二〇二二`, `两千`, `二十万`, `31` or `３１`.

    Raises ValueError when the text is anything else.
    """
    text = unicodedata.normalize("NFKC", text.strip())
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or set(text) - set(CHINESE):
        raise ValueError(f"not a number: {text!r}")
    if set(text) <= set(_DIGITS):
        return int("".join(str(_DIGITS[c]) for c in text))
    return _grouped(text)


def to_chinese(number: int) -> str:
    """`三十一` for 31, as statutes write article numbers (1 to 9999)."""
    if not 1 <= number <= 9999:
        raise ValueError(f"not between 1 and 9999: {number}")
    text, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += ("零" if gap else "") + "零一二三四五六七八九"[digit] + name
        gap = bool(text) and digit == 0
    return text[1:] if 10 <= number <= 19 else text


def quantities(text: str) -> set[Quantity]:
    """What a text commits itself to: numbers with a unit of time, money, age, times …, and every
    number in Arabic digits. Ordinals (第三十一条), list marks ((1), ①, 1.), names such as 干部001
    and 一 in ordinary words are not quantities."""
    text = _plain(text)
    found: set[Quantity] = set()

    def take(match: re.Match[str]) -> str:
        unit = match["unit"]
        # 三至五年 is in years throughout, 六个月至三年 is not.
        for number, own in ((match["low"], match["low_unit"] or unit), (match["high"], unit)):
            if number:
                found.add((_value(number), _SAME_UNIT.get(own, own)))
        return " "

    rest = _MEASURED.sub(take, text)
    return found | {(_value(number), "") for number in _BARE.findall(rest)}


def values(text: str) -> set[Decimal]:
    """Every number of a text, whatever its unit."""
    return {_value(number) for number in _ANY.findall(_plain(text))}


def missing_quantities(claim: str, source: str) -> list[str]:
    """The quantities of `claim` that `source` does not state, written for people (`30日`)."""
    return _written(quantities(claim) - _stated(claim, source))


def stated_quantities(claim: str, source: str) -> list[str]:
    """The quantities of `claim` that `source` states as well, written for people (`30日`)."""
    return _written(_stated(claim, source))


def _stated(claim: str, source: str) -> set[Quantity]:
    measured, any_value = quantities(source), values(source)
    return {
        (value, unit)
        for value, unit in quantities(claim)
        if ((value, unit) in measured if unit else value in any_value)
    }


def _written(found: set[Quantity]) -> list[str]:
    return [f"{value:f}{unit}" for value, unit in sorted(found)]


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", _LIST_MARK.sub(" ", text))
    text = _ORDINARY.sub(" ", text)
    return re.sub(rf"百分之({_NUMBER})", lambda m: f" {_value(m[1])}%", text)


def _value(text: str) -> Decimal:
    arabic = re.match(r"\d+(?:\.\d+)?", text)
    if arabic is None:
        return Decimal(to_int(text))
    value = Decimal(arabic[0])
    for big in text[arabic.end() :]:
        value *= _BIG[big]
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _grouped(text: str) -> int:
    total = part = 0
    digit = None
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
        elif c in _SMALL:
            part += (digit or 1) * _SMALL[c]
            digit = None
        else:
            part += digit or 0
            # 一万亿: the larger unit multiplies all before it.
            if total and _BIG[c] > total:
                total, part = (total + part) * _BIG[c], 0
            else:
                total, part = total + (part or 1) * _BIG[c], 0
            digit = None
    return total + part + (digit or 0)
