"""What is written in a blank counts by its meaning, and never for another number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.marking import same_blank
from lawlab.domain.numerals import to_chinese

UNITS = ["日", "个月", "年", "元", "岁", "倍", "小时", "个工作日"]


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("30日", "三十日"),
        ("三十天", "三十日"),
        (" 30 天。", "三十日"),
        ("３０日", "三十日"),
        ("5万元", "五万元"),
        ("50000元", "五万元"),
        ("5万块钱", "五万元"),
        ("3个月", "三个月"),
        ("十四岁", "十四周岁"),
        ("20%", "百分之二十"),
        ("1/2", "二分之一"),
        ("2/3", "三分之二"),
        ("10个工作日", "十个工作日"),
        ("5日以上10日以下", "五日以上十日以下"),
        ("五天以上十天以下", "五日以上十日以下"),
        ("两年", "二年"),
        ("0.5倍", "0.50倍"),
        ("12", "十二"),
        ("公安机关", "公安机关"),
    ],
)
def test_the_same_said_otherwise_is_right(written: str, spelling: str) -> None:
    assert same_blank(written, spelling)
    assert same_blank(spelling, written)


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("三月", "三个月"),
        ("三十日", "三十个工作日"),
        ("三十日内", "三十日"),
        ("三十", "三十日"),
        ("30日以上", "三十日"),
        ("十月一日", "十月1天"),
        ("第三年", "三年"),
        ("五百元", "五千元"),
        ("百分之二", "百分之二十"),
        ("1/3", "三分之二"),
        ("5日以下10日以上", "五日以上十日以下"),
        ("数十日", "几十日"),
        ("", "三十日"),
        ("统一", "统1"),
        ("一百零五日", "一百五十日"),
    ],
)
def test_what_says_something_else_is_wrong(written: str, spelling: str) -> None:
    assert not same_blank(written, spelling)
    assert not same_blank(spelling, written)


@given(
    st.integers(1, 9999), st.integers(1, 9999), st.sampled_from(UNITS), st.booleans(), st.booleans()
)
def test_two_numbers_are_never_one(
    one: int, other: int, unit: str, chinese: bool, chinese_too: bool
) -> None:
    written = (to_chinese(one) if chinese else str(one)) + unit
    spelled = (to_chinese(other) if chinese_too else str(other)) + unit
    assert same_blank(written, spelled) == (one == other)


@given(st.text(max_size=30))
def test_whatever_is_written_it_is_itself(text: str) -> None:
    assert same_blank(text, text) or not same_blank(text, "三十日")
