"""What is written in a blank counts by its meaning, and never for another number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.marking import same_blank, same_spelling
from lawlab.domain.numerals import to_chinese, values

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
        ("5,000元", "五千元"),
        ("５，０００元", "五千元"),
        ("1000000000元", "十亿元"),
        ("10500元", "一万零五百元"),
        ("一百十日", "一百一十日"),
        ("3-5年", "三至五年"),
        ("3年到5年", "三至五年"),
        ("6个月至3年", "六个月至三年"),
        ("12月4日", "十二月四日"),
        ("12月4号", "十二月四日"),
        ("3月", "三月份"),
        ("2018年", "二〇一八年"),
        ("半年", "六个月"),
        ("50%", "二分之一"),
        ("5‰", "千分之五"),
        ("100%", "百分之百"),
        ("3名", "三人"),
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
        # What is no number, or could be another one, counts for none.
        ("五三十日", "三十日"),
        ("三五日", "三十五日"),
        ("一百五日", "一百零五日"),
        ("一百五日", "一百五十日"),
        ("三百二元", "三百零二元"),
        ("上半年", "上六个月"),
        ("半年度", "六个月度"),
        ("12/4", "三"),
        ("12月4日", "12月5日"),
        ("三至五年", "三至五个月"),
        ("三至五年", "三年以上五年以下"),
        ("5,00元", "五百元"),
        ("百五十元", "五十元"),
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


NUMBERS = st.text("零〇一二两三四五六七八九十百千万亿0123456789.", min_size=1, max_size=8)


@given(NUMBERS, st.integers(1, 99_999), st.sampled_from(UNITS))
def test_what_is_no_number_counts_for_none(written: str, number: int, unit: str) -> None:
    try:
        read = values(written)
    except ValueError:
        read = set()
    if number not in read:
        assert not same_blank(written + unit, f"{number}{unit}")


@given(st.integers(0, 10**12))
def test_every_number_reads_the_same_in_digits_and_with_powers(number: int) -> None:
    if number % 10_000 == 0:
        assert same_blank(f"{number // 10_000}万元", f"{number}元")
    assert same_blank(f"{number:,}元", f"{number}元")
    assert not same_blank(f"{number}元", f"{number + 1}元")
    assert not same_blank(f"{number}元", f"{number}0元") or number == 0


TEXTS = st.text("第数三十五日天个月年元%分之零一百,，。 ａA上半至-/", max_size=10) | st.text(
    max_size=30
)


@given(TEXTS, TEXTS)
def test_whatever_was_the_same_to_the_eye_still_is(one: str, other: str) -> None:
    for text in (one, f" {one}。", one.upper()):
        if same_spelling(text, one):
            assert same_blank(text, one)
    assert same_blank(one, other) == same_blank(other, one)
