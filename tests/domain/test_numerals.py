"""Numbers as statutes and questions write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.numerals import (
    missing_quantities,
    quantities,
    stated_quantities,
    to_chinese,
    to_int,
    values,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("三十一", 31),
        ("一百", 100),
        ("一百零五", 105),
        ("一百一十", 110),
        ("一千零一", 1001),
        ("一千零一十", 1010),
        ("一千二百六十", 1260),
        ("两千", 2000),
        ("二〇二二", 2022),
        ("二十万", 200_000),
        ("一万五千", 15_000),
        ("三千五百万", 35_000_000),
        ("一亿二千万", 120_000_000),
        ("31", 31),
        ("３１", 31),
    ],
)
def test_a_number_is_read(text: str, number: int) -> None:
    assert to_int(text) == number


@pytest.mark.parametrize("text", ["", "条", "三十一条", "-3", "3.5"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        to_int(text)


@given(st.integers(1, 9999))
def test_each_article_number_survives_writing_and_reading(number: int) -> None:
    assert to_int(to_chinese(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (101, "一百零一"),
        (111, "一百一十一"),
        (1260, "一千二百六十"),
    ],
)
def test_numbers_are_written_as_statutes_write_them(number: int, text: str) -> None:
    assert to_chinese(number) == text


@pytest.mark.parametrize("number", [0, 10_000])
def test_no_number_beyond_the_bounds_is_written(number: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 9999"):
        to_chinese(number)


def pairs(text: str) -> set[tuple[str, str]]:
    return {(f"{value:f}", unit) for value, unit in quantities(text)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("自收到之日起三十日内", {("30", "日")}),
        ("30 天内", {("30", "日")}),
        ("30天内", {("30", "日")}),
        ("六个月", {("6", "月")}),
        ("十五日以下拘留", {("15", "日")}),
        ("处二十万元以下罚款", {("200000", "元")}),
        ("20万元", {("200000", "元")}),
        ("2.5万元", {("25000", "元")}),
        ("一倍以上十倍以下", {("1", "倍"), ("10", "倍")}),
        ("三至七年", {("3", "年"), ("7", "年")}),
        ("3-7年", {("3", "年"), ("7", "年")}),
        ("三个月至六个月", {("3", "月"), ("6", "月")}),
        ("六个月至三年以内", {("6", "月"), ("3", "年")}),
        ("年满十八周岁", {("18", "岁")}),
        ("百分之三十", {("30", "%")}),
        ("30%", {("30", "%")}),
        ("2022年12月1日", {("2022", "年"), ("12", "月"), ("1", "日")}),
        ("拨打96110", {("96110", "")}),
        ("二十四小时", {("24", "小时")}),
        ("干部001收到0元", {("0", "元")}),
    ],
)
def test_quantities_are_found(text: str, found: set[tuple[str, str]]) -> None:
    assert pairs(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "依照第三十一条第一款",
        "第31条",
        "任何单位和个人",
        "一般应当统一办理",
        "一次性缴清",
        "数十元",
        "(1)停止转账。(2)报警。",
        "①停止转账",
        "1. 停止转账\n2. 报警",
        "第一次",
        "对上一级监察委员会负责",
        "同一户里的任何一人",
    ],
)
def test_ordinals_list_marks_and_words_are_no_quantities(text: str) -> None:
    assert pairs(text) == set()


def test_the_same_time_limit_in_other_words_is_not_missing() -> None:
    assert missing_quantities("30天内提出", "可以自知道之日起三十日内提出") == []


@pytest.mark.parametrize(
    ("claim", "source", "missing"),
    [
        ("六十日内提出", "三十日内提出", ["60日"]),
        ("三十年", "三十日", ["30年"]),
        ("罚款5万元", "处五千元以下罚款", ["50000元"]),
        ("拨打96110", "拨打电话", ["96110"]),
    ],
)
def test_another_time_limit_is_missing(claim: str, source: str, missing: list[str]) -> None:
    assert missing_quantities(claim, source) == missing


def test_a_bare_number_may_have_any_unit_in_the_source() -> None:
    assert missing_quantities("不超过3张", "不得超过三张") == []
    assert values("三张") == {Decimal(3)}


@pytest.mark.parametrize(
    ("claim", "source", "stated"),
    [
        ("30天内提出", "自知道之日起三十日内", ["30日"]),
        ("三十年", "三十日", []),
        ("不超过3张", "不得超过三张", ["3"]),
        ("五日，并罚二百元", "五日以上十日以下，并处五百元罚款", ["5日"]),
    ],
)
def test_what_the_source_states_as_well(claim: str, source: str, stated: list[str]) -> None:
    assert stated_quantities(claim, source) == stated
