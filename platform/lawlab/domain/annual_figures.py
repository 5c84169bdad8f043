"""The figures of a year's report, each counted over the rows of one sheet of its appendix.

People and units are counted on one day: 31 December, or today while the year runs. Meetings are
those that are closed and not cancelled and began on a day of the year, in the town's time; what is
said of attendance is said of these. Quizzes are those opened in the year whose results are
released, mock exams left out; a lesson lies in the year in which its last card was first answered.
What each figure counts, its `how` tells people in one sentence; the same stands in the footnote.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Generic

from lawlab.domain.annual_facts import Leave, LessonFacts, Meeting, Record
from lawlab.domain.annual_rows import (
    ATTENDANCE,
    LEAVES,
    LESSONS,
    MEETINGS,
    PEOPLE,
    QUIZZES,
    UNITS,
    Figure,
    PersonRow,
    QuizRow,
    Row,
    UnitRow,
    rows_where,
)
from lawlab.domain.attendance import PHASE_NAMES, Status, was_there

CLOSED = "已经结束登记、没有取消的活动"


def unit_figure(unit: UnitRow, row: int) -> Figure:
    """The attendance rate of one unit; `row` is where it stands in its sheet."""
    how = f"{unit.name}全年应到 {unit.expected} 人次，实到 {unit.there} 人次，实到除以应到。"
    return Figure(f"unit:{unit.name}", f"{unit.name}出勤率", "%", unit.share, how, UNITS, (row,))


def of_people(people: Sequence[PersonRow], units: Sequence[UnitRow], day: date) -> Iterable[Figure]:
    """`staff`, `villagers`: who is in that cohort on the day and whose account is in use then; who
    is in both counts in both, and once in `people`. `departments`, `villages`: units with a member
    among these people, `units`: both together."""
    on = f"{day.year}年{day.month}月{day.day}日"
    count = _Counting(people, PEOPLE, "人")
    members = f"{on}在名册里、账号没有停用的"
    yield count("people", "参加学习的人", f"{members}干部职工和法律明白人，一人只算一次。", bool)
    yield count("staff", "干部职工", f"{members}干部职工。", lambda one: "staff" in one.cohorts)
    yield count(
        "villagers", "法律明白人", f"{members}法律明白人。", lambda one: "villager" in one.cohorts
    )
    count_units = _Counting(units, UNITS, "个")
    has = f"{on}有人在名册里的"
    yield count_units("units", "单位", f"{has}部门、村和社区。", lambda one: one.members)
    yield count_units(
        "departments",
        "部门",
        f"{has}部门。",
        lambda one: one.members and one.kind == "department",
    )
    yield count_units(
        "villages",
        "村（社区）",
        f"{has}村和社区。",
        lambda one: one.members and one.kind == "village",
    )


def of_meetings(meetings: Sequence[Meeting], kinds: Mapping[str, str]) -> Iterable[Figure]:
    """`meetings`: all of them, split by who held them (`by_departments`, `by_villages`,
    `by_town`), by phase (`learn_meetings` …) and by `online_meetings`."""
    count = _Counting(meetings, MEETINGS, "场")

    def held_by(kind: str | None) -> Callable[[Meeting], object]:
        return lambda one: (kinds[one.organizer] if one.organizer else None) == kind

    def in_phase(phase: str) -> Callable[[Meeting], object]:
        return lambda one: one.phase == phase

    yield count("meetings", "学习活动", f"当年开始的{CLOSED}。", bool)
    of = "学习活动里，"
    yield count("by_departments", "部门组织", f"{of}由部门组织的。", held_by("department"))
    yield count("by_villages", "村（社区）组织", f"{of}由村或社区组织的。", held_by("village"))
    yield count("by_town", "镇统一组织", f"{of}由镇统一组织的。", held_by(None))
    yield count("online_meetings", "线上", f"{of}在线上开的。", lambda one: one.online)
    for phase, name in PHASE_NAMES.items():
        yield count(f"{phase}_meetings", name, f"{of}属于{name}的。", in_phase(phase))


def of_attendance(meetings: Sequence[Meeting], records: Sequence[Record]) -> Iterable[Figure]:
    """`person_times`: 出勤 and 迟到, guests too, also by phase (`learn_times` …); `attended`: how
    many people these are. `expected_times`, `expected_there`: of those who were expected, and the
    one by the other is `attendance_rate`. `late`, `leave`, `absent`: of those who were expected.
    `guests`: who was there without being expected."""
    count = _Counting(records, ATTENDANCE, "人次")

    def there(one: Record) -> bool:
        return was_there(one.status)

    def stands(status: Status) -> Callable[[Record], object]:
        return lambda one: one.expected and one.status == status

    phase_of = {one.id: one.phase for one in meetings}

    def there_in(phase: str) -> Callable[[Record], object]:
        return lambda one: there(one) and phase_of[one.meeting] == phase

    yield count("person_times", "参加学习", f"{CLOSED}里，出勤和迟到的人次，旁听的也算。", there)
    for phase, name in PHASE_NAMES.items():
        yield count(
            f"{phase}_times",
            f"{name}参加",
            f"{name}的活动里，出勤和迟到的人次，旁听的也算。",
            there_in(phase),
        )
    rows = rows_where(records, there)
    people = len({one.login for one in records if there(one)})
    how = f"{CLOSED}里，至少出勤或迟到一次的人，一人只算一次。"
    yield Figure("attended", "至少参加一次的人", "人", people, how, ATTENDANCE, rows)
    yield count("expected_times", "应到", "活动结束登记时应到的人次。", lambda one: one.expected)
    yield count(
        "expected_there",
        "实到",
        "应到的人里，出勤和迟到的人次，旁听的不算。",
        lambda one: one.expected and there(one),
    )
    rows = rows_where(records, lambda one: one.expected)
    share = sum(there(one) for one in records if one.expected) / len(rows) if rows else None
    how = "实到人次除以应到人次，旁听的不算；请假算应到，不算实到。"
    yield Figure("attendance_rate", "出勤率", "%", share, how, ATTENDANCE, rows)
    yield count("late", "迟到", "应到的人里，迟到的人次。", stands(Status.LATE))
    yield count("leave", "请假", "应到的人里，登记为请假的人次。", stands(Status.EXCUSED))
    yield count("absent", "缺勤", "应到的人里，缺勤的人次。", stands(Status.ABSENT))
    yield count(
        "guests",
        "旁听",
        "不在应到的人里、来参加的人次。",
        lambda one: there(one) and not one.expected,
    )


def of_study(
    leaves: Sequence[Leave],
    quizzes: Sequence[QuizRow],
    lessons: Sequence[LessonFacts],
    quizzes_held: int,
) -> Iterable[Figure]:
    """`leave_requests`: those that were approved. `quizzes`: how many were held; `quiz_takers`:
    person-times that handed in; `quiz_average` (of 100) and `pass_rate`: over results that are
    settled. `lessons`: one for each person and lesson; `lesson_people`: how many people these
    are."""
    count = _Counting(leaves, LEAVES, "份")
    yield count(
        "leave_requests",
        "批准的请假申请",
        f"{CLOSED}的请假申请里，教员批准的。",
        lambda one: one.state == "approved",
    )
    held = "当年开放、已经公布成绩的测验"
    rows = rows_where(quizzes, bool)
    yield Figure("quizzes", "测验", "次", quizzes_held, f"{held}，模拟考试不算。", QUIZZES, rows)
    yield _Counting(quizzes, QUIZZES, "人次")(
        "quiz_takers",
        "参加测验",
        f"{held}里，交了卷的人次。",
        lambda one: one.person.share is not None,
    )
    rows = rows_where(quizzes, _settled)
    shares = [one.person.share for one in quizzes if _settled(one) and one.person.share is not None]
    passed = sum(bool(one.person.passed) for one in quizzes if _settled(one))
    average = 100 * math.fsum(shares) / len(shares) if shares else None
    how = f"{held}里，判完、评完的成绩的平均，满分 100 分。"
    yield Figure("quiz_average", "测验平均分", "分", average, how, QUIZZES, rows)
    rate = passed / len(shares) if shares else None
    how = f"{held}里，及格的人次除以判完、评完的人次。"
    yield Figure("pass_rate", "测验及格率", "%", rate, how, QUIZZES, rows)
    done = "当年答完最后一道练习题的课时"
    yield _Counting(lessons, LESSONS, "人次")(
        "lessons", "学完课时", f"{done}，每人每课算一人次。", bool
    )
    people = len({one.login for one in lessons})
    rows = rows_where(lessons, bool)
    yield Figure(
        "lesson_people", "学完过课时的人", "人", people, f"{done}，一人只算一次。", LESSONS, rows
    )


def _settled(row: QuizRow) -> bool:
    return row.person.share is not None and row.person.passed is not None


class _Counting(Generic[Row]):
    """Figures that say how many rows of a sheet are such and such."""

    def __init__(self, rows: Sequence[Row], sheet: str, unit: str) -> None:
        self.rows, self.sheet, self.unit = rows, sheet, unit

    def __call__(self, name: str, label: str, how: str, wanted: Callable[[Row], object]) -> Figure:
        rows = rows_where(self.rows, wanted)
        return Figure(name, label, self.unit, len(rows), how, self.sheet, rows)
