"""Who gets which award (一等奖 …): by rank, so many of the first, and all who share a rank."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from lawlab.domain.contest_script import Award
from lawlab.domain.numerals import to_chinese

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Of the codes of certificates; without signs that look like others (I, L, O, 0, 1)."""
CODE_LENGTH = 12


def awarded(ranks: Iterable[tuple[int, float]], awards: Sequence[Award]) -> list[str]:
    """For each (rank, points) the name of the award, or "". A rank says how many are better, so
    whoever shares one gets the same; nothing for nothing."""
    limits = []
    places = 0
    for award in awards:
        places += award.count
        limits.append((places, award.name))
    return [
        next((name for most, name in limits if points > 0 and rank <= most), "")
        for rank, points in ranks
    ]


def chinese_date(day: date) -> str:
    """As certificates and decrees are dated: 二〇二六年十二月四日."""
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    return f"{year}年{to_chinese(day.month)}月{to_chinese(day.day)}日"


def grouped(code: str) -> str:
    """As it is printed: ABCD-EFGH-JKMN."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(text: str) -> str | None:
    """A code as somebody typed it, or None for what cannot be one."""
    plain = re.sub(r"[\s\-－—–]", "", text).upper()
    known = len(plain) == CODE_LENGTH and all(sign in ALPHABET for sign in plain)
    return plain if known else None
