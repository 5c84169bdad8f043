"""What is written in a blank, by its meaning: 三十日, 30日 and 三十天 are one answer.

Only well-formed numbers are read. What could be meant otherwise (三五日, 一百五) stays as it is
written, so that it never counts for another number.
"""

from __future__ import annotations

import re
from fractions import Fraction

from lawlab.domain.numerals import CHINESE, to_chinese, to_int

_NUMBER = rf"(?:\d+(?:\.\d+)?[百千万亿]*|[{CHINESE}]+)"
_GROUPED = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)")
"""5,000: people write it where money is asked for."""
_PART = re.compile(
    rf"(?<![第数{CHINESE}\d.])(?P<whole>{_NUMBER})分之(?P<part>{_NUMBER})"
    r"|(?<![\d./])(?P<up>\d+)/(?P<down>\d+)(?![\d./])"
    r"|(?<![\d.])(?P<share>\d+(?:\.\d+)?)(?P<sign>[%‰])"
)
_BARE = {"百": "100", "千": "1000", "万": "10000"}
"""As in 百分之百; anywhere else they are no numbers."""
_DAY = re.compile(rf"(?<![第数{CHINESE}\d])(?P<month>{_NUMBER})月(?:份|(?P<day>{_NUMBER})[日号])?")
_UNITS = {
    "个工作日": "工作日",
    "工作日": "工作日",
    "个星期": "周",
    "星期": "周",
    "周岁": "岁",
    "个月": "个月",
    "个小时": "小时",
    "小时": "小时",
    "个钟头": "小时",
    "分钟": "分钟",
    "平方米": "平方米",
    "公斤": "千克",
    "千克": "千克",
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
    "个人": "人",
    "人": "人",
    "名": "人",
    "户": "户",
    "株": "株",
    "克": "克",
}
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_MEASURED = re.compile(
    rf"(?<![第数几月.{CHINESE}\d])(?:(?P<low>{_NUMBER})(?P<low_unit>{_UNIT})?[至到~—–-])?"
    rf"(?P<number>{_NUMBER})(?P<unit>{_UNIT})(?![龄份代])"
)
"""Never a day of a month (十月一日) nor an ordinal. 三至五年 is in years throughout."""
_HALF_YEAR = re.compile(rf"(?<![上下年月前后{CHINESE}\d])半年(?!度)")


def meaning(text: str) -> str:
    """The same for two texts that say the same quantity, else the text as it is. `text` has no
    spaces and half-width digits. 三月 (March) is not 三个月, and 三十日内 is not 三十日."""
    text = _GROUPED.sub(lambda match: match.group().replace(",", ""), text)
    text = _PART.sub(_portion, _HALF_YEAR.sub("6个月", text))
    text = _MEASURED.sub(_measured, _DAY.sub(_day, text))
    value = _value(text)
    return text if value is None else _written(value)


def _measured(match: re.Match[str]) -> str:
    value, unit = _value(match["number"]), _UNITS[match["unit"]]
    if value is None:
        return match.group()
    if not match["low"]:
        return _written(value) + unit
    low, low_unit = _value(match["low"]), _UNITS[match["low_unit"] or match["unit"]]
    return match.group() if low is None else f"{_written(low)}{low_unit}至{_written(value)}{unit}"


def _portion(match: re.Match[str]) -> str:
    if match["whole"]:
        whole, part = (_value(_BARE.get(match[name], match[name])) for name in ("whole", "part"))
    elif match["up"]:
        whole, part = _value(match["down"]), _value(match["up"])
    else:
        whole, part = Fraction(100 if match["sign"] == "%" else 1000), _value(match["share"])
    return match.group() if not whole or part is None else f"⟨{part / whole}⟩"


def _day(match: re.Match[str]) -> str:
    month = _value(match["month"])
    if month is None:
        return match.group()
    if not match["day"]:
        return f"{_written(month)}月"
    day = _value(match["day"])
    return match.group() if day is None else f"{_written(month)}月{_written(day)}日"


def _value(text: str) -> Fraction | None:
    """The value of a number in Chinese or Arabic digits, or of both mixed (5万); None of anything
    else."""
    mixed = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万亿]*)", text, re.ASCII)
    if mixed:
        value = Fraction(mixed[1])
        for power in mixed[2]:
            value *= {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[power]
        return value
    return Fraction(to_int(text)) if _well_formed(text) else None


def _well_formed(text: str) -> bool:
    """Whether a Chinese number can be read in one way only: as laws write it (一百零五), or as the
    digits of a year (二〇二二)."""
    if not text or set(text) - set(CHINESE):
        return False
    if not set(text) & set("十百千万亿"):
        return len(text) == 1 or len(text) > 2
    plain = text.replace("两", "二").replace("〇", "零").replace("一十", "十")
    return plain == _as_laws_write(to_int(text)).replace("一十", "十")


def _as_laws_write(number: int) -> str:
    text, gap = "", False
    for power, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group = number // power % 10**4
        if group:
            text += ("零" if text and (gap or group < 1000) else "") + to_chinese(group) + name
        gap = not group
    return text


def _written(value: Fraction) -> str:
    return str(value)
