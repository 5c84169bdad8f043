"""What is written in a blank, by its meaning: 三十日, 30日 and 三十天 are one answer."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from lawlab.domain.numerals import CHINESE, to_int

_NUMBER = rf"(?:\d+(?:\.\d+)?[百千万亿]*|[{CHINESE}]+)"
_PART = re.compile(rf"百分之(?P<percent>{_NUMBER})|(?P<low>{_NUMBER})分之(?P<high>{_NUMBER})")
_UNITS = {
    "个工作日": "工作日",
    "工作日": "工作日",
    "个星期": "周",
    "星期": "周",
    "周岁": "岁",
    "个月": "个月",
    "个小时": "小时",
    "小时": "小时",
    "钟头": "小时",
    "分钟": "分钟",
    "周": "周",
    "岁": "岁",
    "天": "日",
    "日": "日",
    "年": "年",
    "元": "元",
    "块钱": "元",
    "块": "元",
    "倍": "倍",
    "次": "次",
    "人": "人",
    "户": "户",
    "%": "%",
    "/": "/",
}
_MEASURED = re.compile(
    rf"(?<![第数月{CHINESE}\d])(?P<number>{_NUMBER})(?P<unit>{'|'.join(_UNITS)})(?![龄份代])"
)
"""Never a day of a month (十月一日) nor an ordinal."""


def meaning(text: str) -> str:
    """The same for two texts that say the same quantity, else the text as it is. `text` has no
    spaces and half-width digits. 三月 (March) is not 三个月, and 三十日内 is not 三十日."""
    text = _PART.sub(_portion, text)
    text = _MEASURED.sub(_measured, text)
    value = _value(text)
    return text if value is None else _plain(value)


def _measured(match: re.Match[str]) -> str:
    value = _value(match["number"])
    return match.group() if value is None else _plain(value) + _UNITS[match["unit"]]


def _portion(match: re.Match[str]) -> str:
    if match["percent"]:
        value = _value(match["percent"])
        return match.group() if value is None else f"{_plain(value)}%"
    low, high = _value(match["low"]), _value(match["high"])
    return match.group() if low is None or high is None else f"{_plain(high)}/{_plain(low)}"


def _value(text: str) -> Fraction | None:
    """The value of a number in Chinese or Arabic digits, or of both mixed (5万); None of anything
    else."""
    mixed = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿]*)", text)
    try:
        if not mixed:
            return Fraction(to_int(text))
        value = Fraction(Decimal(mixed[1]))
        for power in mixed[2]:
            value *= {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[power]
    except ValueError:
        return None
    return value


def _plain(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
