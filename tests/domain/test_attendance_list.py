"""Lists of who came, as they are brought: typed-up paper, and exports of other systems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lawlab.domain.attendance import Rules, Status, times
from lawlab.domain.attendance_list import AttendanceList, read_list
from lawlab.domain.attendance_names import Listed
from lawlab.domain.roster import MOST_ROWS

ZONE = ZoneInfo("Asia/Shanghai")
STARTS = dt.datetime(2022, 3, 8, 9, 0, tzinfo=ZONE)
WHEN = times(Rules(), STARTS, STARTS + dt.timedelta(hours=2))
OFFICE, VILLAGE, OTHER = "大河镇司法所", "河口村", "银杏社区"
PEOPLE = [
    Listed(1, "s001", "干部001", OFFICE, "13900000001"),
    Listed(2, "s002", "干部002", OFFICE, "13900000002"),
    Listed(3, "v001", "明白人001", VILLAGE, "13911110001"),
    Listed(4, "v002", "明白人002", VILLAGE, None),
    Listed(5, "v003", "明白人003", OTHER, "13900000005"),
    Listed(6, "v004", "明白人003", VILLAGE, "13900000006"),
]
P, L, E, A = Status.PRESENT, Status.LATE, Status.EXCUSED, Status.ABSENT


def read(*rows: Sequence[Any]) -> AttendanceList:
    return read_list(rows, PEOPLE, WHEN, ZONE)


def said(*rows: Sequence[Any]) -> list[tuple[str, Status | None, str | None]]:
    """Who, how, when; of a list without faults."""
    found = read(*rows)
    assert found.faults == ()
    return [
        (line.person.login, line.status, line.at and f"{line.at:%H:%M:%S}") for line in found.lines
    ]


def faults(*rows: Sequence[Any]) -> list[str]:
    return [str(fault) for fault in read(*rows).faults]


def test_a_paper_list_under_its_title() -> None:
    assert said(
        ["大河镇学法活动签到表"],
        ["时间", "2022年3月8日上午9点", None, "地点：三楼会议室"],
        [],
        ["序号", "姓 名", "单位", "签到时间", "备注"],
        [1, "干部001", "司法所", "8:52", None],
        [2, "干 部002", "司法所", "9时20分", "家里有事"],
        [None, None, None, None, None],
        ["合计", "合计", None, "2 人", None],
    ) == [("s001", P, "08:52:00"), ("s002", L, "09:20:00")]


def test_a_dingtalk_export_of_clocking_in() -> None:
    assert said(
        ["每日统计 2022-03-08 至 2022-03-08"],
        [
            "姓名",
            "考勤组",
            "部门",
            "工号",
            "UserId",
            "上班1打卡时间",
            "上班1打卡结果",
            "下班1打卡结果",
        ],
        ["干部001", "全镇", "司法所", "", "a1", "08:55", "正常", "正常"],
        ["干部002", "全镇", "司法所", "", "a2", "09:25", "迟到", "正常"],
        ["明白人001", "全镇", "河口村", "", "a3", "", "缺卡", ""],
        ["明白人002", "全镇", "河口村", "", "a4", "", "请假", ""],
    ) == [("s001", P, "08:55:00"), ("s002", L, "09:25:00"), ("v001", A, None), ("v002", E, None)]


def test_a_wecom_export() -> None:
    assert said(
        ["时间", "姓名", "账号", "部门", "实际打卡时间", "打卡状态"],
        ["2022/03/08 星期二", "干部001", "s001", "大河镇/司法所", "08:59", "正常"],
        ["2022/03/08 星期二", "干部002", "S002", "大河镇/司法所", "--", "未打卡"],
    ) == [("s001", P, "08:59:00"), ("s002", A, None)]


def test_a_tencent_meeting_export() -> None:
    assert said(
        ["会议主题", "学法"],
        ["用户昵称（入会昵称）", "首次入会时间", "最后退会时间", "累计时长"],
        ["司法所-干部001", "2022-03-08 08:51:12", "2022-03-08 11:00:01", "02:08:49"],
        ["明白人003（河口村）", "2022-03-08 09:16:00", "2022-03-08 11:00:01", "01:44:01"],
    ) == [("s001", P, "08:51:12"), ("v004", L, "09:16:00")]


def test_a_list_by_the_tails_of_phones() -> None:
    assert said(
        ["手机尾号", "单位", "签到情况"],
        ["0002", None, "√"],
        ["0001", "河口村", "到"],
        ["139****0005", None, "×"],
        ["13900000006", None, "病假"],
        [13900000001.0, None, "迟到12分钟"],
    ) == [
        ("s002", P, None),
        ("v001", P, None),
        ("v003", A, None),
        ("v004", E, None),
        ("s001", L, None),
    ]


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        (dt.datetime(2022, 3, 8, 9, 12), "09:12:00"),  # noqa: DTZ001 - sheets know no zone
        (dt.datetime(2022, 3, 8, 9, 11, 59, 999_997), "09:12:00"),  # noqa: DTZ001
        (dt.datetime(1899, 12, 30, 9, 12), "09:12:00"),  # noqa: DTZ001
        (dt.time(9, 12), "09:12:00"),
        (dt.timedelta(hours=9, minutes=12), "09:12:00"),
        ("2022-03-08 09:12", "09:12:00"),
        ("2022/3/8 9:12:05", "09:12:05"),
        ("2022-03-08T09:12:05", "09:12:05"),
        ("2022年3月8日 9时12分", "09:12:00"),
        ("3月8日 上午9:12", "09:12:00"),
        ("03-08 09:12", "09:12:00"),
        ("9：12", "09:12:00"),
        ("9时12分", "09:12:00"),
        ("9点5分30秒", "09:05:30"),
        ("9点", "09:00:00"),
        ("9:12 AM", "09:12:00"),
    ],
)
def test_a_time_is_read_as_people_write_it(cell: Any, clock: str) -> None:
    assert said(["登录名", "签到时间"], ["s001", cell])[0][2] == clock


def test_an_afternoon_is_one() -> None:
    starts = STARTS.replace(hour=14, minute=30)
    when = times(Rules(), starts, starts + dt.timedelta(hours=2))
    rows = [["登录名", "时间"], ["s001", "下午2:40"], ["s002", "2:50 PM"], ["v001", "14:31"]]
    found = read_list(rows, PEOPLE, when, ZONE)
    assert [f"{line.at:%H:%M}" for line in found.lines] == ["14:40", "14:50", "14:31"]
    assert [line.status for line in found.lines] == [P, L, P]


@pytest.mark.parametrize(
    "cell",
    [
        *("9.12", "九点", "25:00", "9:61", "2022-13-08 09:12", "2022-03-08", 7),
        *(dt.datetime.max, dt.timedelta.max, dt.date(2022, 3, 8)),  # noqa: DTZ901
    ],
)
def test_an_unreadable_time_is_a_fault(cell: Any) -> None:
    (fault,) = faults(["登录名", "签到时间"], ["s001", cell])
    assert fault.startswith("第 2 行：签到时间“")
    assert "应写成 09:12 或者 2022-03-08 09:12" in fault


def test_a_time_of_another_day_is_a_fault() -> None:
    (fault,) = faults(["登录名", "签到时间"], ["s001", "2022-03-09 09:00"])
    assert "不是活动那天（2022-03-08）" in fault


@pytest.mark.parametrize(
    ("clock", "status"),
    [("06:10", P), ("08:30", P), ("09:15", P), ("09:15:59", L), ("09:30", L), ("09:30:01", None)],
)
def test_a_time_means_what_signing_in_then_means(clock: str, status: Status | None) -> None:
    found = read(["登录名", "签到时间"], ["s001", clock])
    if status:
        assert [line.status for line in found.lines] == [status]
        return
    assert "在 09:30 以后，签到已经截止" in str(found.faults[0])
    assert said(["登录名", "时间", "状态"], ["s001", clock, "迟到"]) == [("s001", L, clock)]


def test_a_status_stands_over_the_time_beside_it() -> None:
    rows = [["姓名", "时间", "考勤结果"], ["干部001", "09:25", "正常"]]
    assert said(*rows) == [("s001", P, "09:25:00")]


def test_a_word_in_place_of_a_time_is_a_status() -> None:
    rows = [["姓名", "打卡时间"], ["干部001", "缺卡"], ["干部002", "请假（事假）"]]
    assert said(*rows) == [("s001", A, None), ("s002", E, None)]


def test_a_row_without_time_and_status_changes_nothing() -> None:
    rows = [["姓名", "签到时间"], ["干部001", None], ["干部002", "/"], ["明白人001", "9:00"]]
    assert [one[1] for one in said(*rows)] == [None, None, P]


def test_all_faults_are_told_together_with_their_rows() -> None:
    found = faults(
        ["姓名", "单位", "手机号", "签到时间", "状态"],
        ["干部001", None, None, "9:00", None],
        ["干部009", None, None, "9:00", None],
        ["明白人003", None, None, "9:00", None],
        ["干部002", None, None, "随便", "还行"],
        [None, "司法所", None, "9:00", None],
        ["干部001", None, None, "9:01", None],
        ["明白人002", None, "12", "9:00", None],
        ["明白人001", None, "13900000002", "9:00", None],
    )
    assert [fault.partition("：")[0] for fault in found] == [f"第 {n} 行" for n in range(3, 10)]
    assert "平台上没有叫“干部009”的人" in found[0]
    assert "有 2 人：明白人003 v003（银杏社区）、明白人003 v004（河口村）" in found[1]
    assert "“单位”或“登录名”" in found[1]
    assert "状态“还行”看不懂，应为 出勤、迟到、请假、缺勤" in found[2]
    assert "没有写是谁" in found[3]
    assert "干部001（s001）和第 2 行重复" in found[4]
    assert "应为 11 位号码，或者最后 4 位" in found[5]
    assert "手机号和名册里的不一样" in found[6]


def test_a_shared_tail_names_the_candidates_without_their_numbers() -> None:
    (fault,) = faults(["手机尾号", "签到时间"], ["0001", "9:00"])
    assert "手机尾号是 0001 的有 2 人：干部001 s001" in fault
    assert "1390000" not in fault
    (fault,) = faults(["手机尾号", "签到时间"], ["9999", "9:00"])
    assert "没有尾号是 9999 的手机号" in fault


def test_a_unit_or_a_phone_tells_namesakes_apart() -> None:
    rows = [["姓名", "村", "电话", "签到"], ["明白人003", "银杏", None, "9:00"]]
    assert said(*rows, ["明白人003", None, "0006", "9:00"]) == [
        ("v003", P, "09:00:00"),
        ("v004", P, "09:00:00"),
    ]


def test_a_sign_in_name_and_the_name_beside_it_have_to_agree() -> None:
    assert said(["登录名", "姓名", "状态"], ["s001", "干部001", "到"])[0][0] == "s001"
    (fault,) = faults(["登录名", "姓名", "状态"], ["s001", "干部002", "到"])
    assert "登录名 s001 是干部001，这一行写的是“干部002”" in fault
    assert "没有登录名“s999”" in faults(["登录名", "状态"], ["s999", "到"])[0]


def test_what_is_no_list_is_refused_in_one_sentence() -> None:
    assert "没有找到表头" in faults(["干部001", "9:00"])[0]
    assert "没有“签到时间”，也没有“状态”" in faults(["姓名", "单位"], ["干部001", OFFICE])[0]
    (twice,) = faults(["姓名", "真实姓名", "状态"], ["干部001", "干部001", "到"])
    assert "“姓名”和“真实姓名”是同一个意思" in twice
    assert "表头下面没有人员" in faults(["姓名", "状态"], [None, None])[0]
    many = [["姓名", "状态"], *(["干部001", "到"] for _ in range(MOST_ROWS + 20))]
    assert "行数太多" in faults(*many)[0]
