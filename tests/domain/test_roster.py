"""From the cells of a sheet to checked rows, with every fault and its row."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lawlab.domain.roster import RosterRow, guess_unit_kind, read_roster

HEAD = ["登录名", "姓名", "手机号", "单位", "单位类型", "类别", "角色", "起始日期"]


def make_row(**changes: Any) -> list[Any]:
    row = {
        "登录名": "s001",
        "姓名": "干部001",
        "手机号": "13900000001",
        "单位": "平安法治办公室",
        "单位类型": "部门",
        "类别": "干部职工",
        "角色": "学员",
        "起始日期": "2022-01-01",
    }
    return list((row | changes).values())


def faults_of(*rows: list[Any], head: list[Any] = HEAD) -> list[str]:
    return [str(fault) for fault in read_roster([head, *rows]).faults]


def test_a_full_row_is_read() -> None:
    roster = read_roster([HEAD, make_row()])
    assert roster.faults == ()
    assert roster.rows == (
        RosterRow(
            2,
            "s001",
            "干部001",
            "13900000001",
            "平安法治办公室",
            "department",
            frozenset({"staff"}),
            frozenset({"learner"}),
            dt.date(2022, 1, 1),
        ),
    )


@pytest.mark.parametrize(
    "head",
    [
        ["账号", "真实姓名", "电话"],
        ["用户名*", " 姓 名 ", "手机号码："],
        ["登录名（必填）", "姓名（必填）", "联系电话"],
    ],
)
def test_headers_have_aliases(head: list[str]) -> None:
    roster = read_roster([head, ["v001", "明白人001", 13900000002.0]])
    assert roster.faults == ()
    assert roster.rows[0].phone == "13900000002"


def test_a_title_and_empty_rows_keep_the_row_numbers_of_the_sheet() -> None:
    roster = read_roster([["大河镇学法名册"], [], HEAD, [], make_row(登录名="s 1"), [None, ""]])
    assert [str(fault) for fault in roster.faults] == [
        "第 5 行：登录名“s 1”不能用。请用 2–40 个小写字母、数字、点、横线或下划线，"
        "以字母或数字开头。",
    ]


def test_all_faults_come_together_in_the_order_of_rows() -> None:
    rows = [make_row(登录名=f"s{n:03}") for n in range(2, 18)]
    rows[15] = make_row(登录名="s017", 手机号="1391234", 类别="群众")
    rows[3] = make_row(登录名="", 姓名=" ")
    assert faults_of(*rows) == [
        "第 5 行：没有写登录名。",
        "第 5 行：没有写姓名。",
        "第 17 行：手机号 1391234 只有 7 位，应为 11 位。",
        "第 17 行：类别“群众”不认识，应为 干部职工、法律明白人，几个之间用“、”隔开。",
    ]


@pytest.mark.parametrize(
    ("phone", "part"),
    [
        ("139123456789", "有 12 位，应为 11 位"),
        ("23912345678", "应以 1 开头"),
        ("1391234567a", "有数字以外的字符"),
    ],
)
def test_bad_phones(phone: str, part: str) -> None:
    assert part in faults_of(make_row(手机号=phone))[0]


@pytest.mark.parametrize("phone", ["139 1234 5678", "139-1234-5678", "+8613912345678", 13912345678])
def test_phones_as_people_write_them(phone: Any) -> None:
    roster = read_roster([HEAD, make_row(手机号=phone)])
    assert roster.rows[0].phone == "13912345678"


@pytest.mark.parametrize(
    "text", ["干部职工、法律明白人", "法律明白人,干部职工", "干部职工 法律明白人"]
)
def test_a_person_may_be_of_both_cohorts(text: str) -> None:
    assert read_roster([HEAD, make_row(类别=text)]).rows[0].cohorts == {"staff", "villager"}


def test_roles() -> None:
    row = read_roster([HEAD, make_row(角色="学员、教员、主持人、管理员")]).rows[0]
    assert row.roles == {"learner", "trainer", "host", "admin"}
    assert "角色“老师”不认识" in faults_of(make_row(角色="老师"))[0]


@pytest.mark.parametrize(
    "cell",
    [
        "2022-01-31",
        "2022/1/31",
        "2022.1.31",
        "2022年1月31日",
        dt.datetime(2022, 1, 31),  # noqa: DTZ001 - as openpyxl gives it
        dt.date(2022, 1, 31),
        "2022-01-31 00:00:00",
    ],
)
def test_dates_as_sheets_hold_them(cell: Any) -> None:
    assert read_roster([HEAD, make_row(起始日期=cell)]).rows[0].since == dt.date(2022, 1, 31)


@pytest.mark.parametrize("cell", ["2022-02-30", "去年", "1月31日", 44592])
def test_unreadable_dates(cell: Any) -> None:
    assert "看不懂，应写成 2022-01-31 这样" in faults_of(make_row(起始日期=cell))[0]


def test_the_same_name_twice_names_both_rows() -> None:
    faults = faults_of(make_row(), make_row(登录名="s002"), make_row(登录名="Ｓ001"))
    assert faults == ["第 4 行：登录名 s001 和第 2 行重复。"]


def test_empty_cells_say_nothing() -> None:
    row = read_roster(
        [HEAD, make_row(手机号=None, 单位="", 单位类型="", 类别=" ", 角色=None, 起始日期="")]
    )
    assert row.faults == ()
    read = row.rows[0]
    assert (read.phone, read.unit, read.cohorts, read.roles, read.since) == (None,) * 5


def test_unknown_columns_are_reported_and_our_own_export_is_not() -> None:
    roster = read_roster([[*HEAD, "血型", "状态", "序号"], [*make_row(), "A", "在用", 1]])
    assert roster.unknown_columns == ("血型",)
    assert roster.faults == ()


def test_a_column_for_villages_makes_villages() -> None:
    roster = read_roster([["登录名", "姓名", "村（社区）"], ["v001", "明白人001", "甲寨"]])
    assert roster.rows[0].unit_kind == "village"


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ([], "没有找到表头"),
        ([["登录名"], ["s001"]], "没有找到表头"),
        ([["登录名", "手机号"], ["s001", ""]], "没有“姓名”这一列"),
        ([["登录名", "账号", "姓名"]], "“登录名”和“账号”是同一个意思的列"),
        ([HEAD], "表头下面没有人员"),
        ([HEAD, *[[f"s{n}", "某"] for n in range(6000)]], "一次最多导入 5000 人"),
    ],
)
def test_sheets_that_are_no_roster(table: list[list[Any]], part: str) -> None:
    roster = read_roster(table)
    assert len(roster.faults) == 1
    assert part in str(roster.faults[0])


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("甲村", "village"),
        ("东社区", "village"),
        ("乙村委会", "village"),
        ("农村工作办公室", "department"),
        ("平安法治办公室", "department"),
    ],
)
def test_the_kind_of_a_unit_is_guessed_from_its_name(unit: str, kind: str) -> None:
    assert guess_unit_kind(unit) == kind
