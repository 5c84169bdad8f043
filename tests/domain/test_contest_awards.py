"""Awards by rank, dates and codes of certificates."""

from __future__ import annotations

import datetime as dt

import pytest

from lawlab.domain.contest_awards import ALPHABET, awarded, chinese_date, grouped, read_code
from lawlab.domain.contest_script import Award

AWARDS = (Award("一等奖", 1), Award("二等奖", 2))


def test_whoever_shares_a_rank_gets_the_same() -> None:
    assert awarded([(1, 9), (2, 8), (3, 7), (4, 6)], AWARDS) == ["一等奖", "二等奖", "二等奖", ""]
    assert awarded([(1, 9), (1, 9), (3, 7), (3, 7)], AWARDS) == [
        "一等奖",
        "一等奖",
        "二等奖",
        "二等奖",
    ]
    assert awarded([(1, 0), (1, 0)], AWARDS) == ["", ""]


def test_dates_are_written_as_on_certificates() -> None:
    assert chinese_date(dt.date(2026, 12, 4)) == "二〇二六年十二月四日"
    assert chinese_date(dt.date(2030, 10, 31)) == "二〇三〇年十月三十一日"


@pytest.mark.parametrize("typed", ["abcd-efgh-jkmn", "ABCDEFGHJKMN", " abcd efgh－jkmn "])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "ABCDEFGHJKMN"
    assert grouped("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"


def test_what_cannot_be_a_code_is_none() -> None:
    assert [read_code(text) for text in ("", "ABCD", "ABCDEFGHJKM0", "证书")] == [None] * 4
    assert not set("ILO01") & set(ALPHABET)
