"""What `course.toml` must say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from lawlab.domain.course import age_faults, read_course

TODAY = dt.date(2026, 11, 24)
STEMS = {"01_one", "02_two"}


def make_course(**changes: Any) -> dict[str, Any]:
    course = {
        "title": "试验课",
        "law": "中华人民共和国试验法",
        "order": ["01_one", "02_two"],
        "sources": ["试验法"],
        "checked": dt.date(2026, 11, 24),
        "audience": ["干部职工"],
    }
    return {key: value for key, value in {**course, **changes}.items() if value is not None}


def test_a_right_file_gives_the_course() -> None:
    course, faults = read_course("test-course", make_course(), STEMS, TODAY)
    assert faults == []
    assert course is not None
    assert (course.title, course.law, course.order) == ("试验课", "试验法", ("01_one", "02_two"))
    assert course.about() == {
        "order": ["01_one", "02_two"],
        "sources": ["试验法"],
        "checked": "2026-11-24",
        "audience": ["干部职工"],
        "awaits": [],
    }


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": None}, "title 应为"),
        ({"title": "长" * 81}, "title 应为"),
        ({"law": 3}, "law 应为"),
        ({"sources": []}, "sources 应为文字列表"),
        ({"audience": "干部"}, "audience 应为文字列表"),
        ({"checked": "2026-11-24"}, "checked 应为核对日期"),
        ({"checked": dt.datetime(2026, 11, 24, tzinfo=dt.UTC)}, "checked 应为核对日期"),
        ({"checked": dt.date(2026, 11, 25)}, "还没有到"),
        ({"tilte": "x"}, "不认识的项目“tilte”"),
        ({"awaits": "某条例"}, "awaits 应为法律名称的列表"),
        ({"awaits": []}, "awaits 应为法律名称的列表"),
        ({"position": 0}, "position 应为 1 到 999 的整数"),
        ({"position": 1000}, "position 应为 1 到 999 的整数"),
        ({"position": 1.5}, "position 应为 1 到 999 的整数"),
        ({"position": True}, "position 应为 1 到 999 的整数"),
        ({"position": "1"}, "position 应为 1 到 999 的整数"),
        ({"order": ["01_one"]}, "02_two.ipynb 没有写进 order"),
        ({"order": ["01_one", "02_two", "03_x"]}, "order 里的 03_x 没有对应的 03_x.ipynb"),
        ({"order": ["01_one", "02_two", "02_two"]}, "02_two 写了不止一次"),
    ],
)
def test_a_faulty_file_is_refused(changes: dict[str, Any], fault: str) -> None:
    course, faults = read_course("test-course", make_course(**changes), STEMS, TODAY)
    assert course is None
    assert len(faults) == 1, faults
    assert fault in faults[0]


def test_a_course_may_name_its_place_on_the_home_page() -> None:
    for given in (None, 1, 999):
        course, faults = read_course("x", make_course(position=given), STEMS, TODAY)
        assert faults == []
        assert course is not None
        assert course.position == given


def test_awaited_laws_are_known_by_their_short_names() -> None:
    course, _ = read_course("x", make_course(awaits=["《某镇爱护桥梁条例》"]), STEMS, TODAY)
    assert course is not None
    assert course.awaits == ("某镇爱护桥梁条例",)


def test_a_course_is_compared_with_the_law_every_year() -> None:
    course, _ = read_course("x", make_course(checked=dt.date(2025, 11, 24)), STEMS, TODAY)
    assert course is not None
    assert age_faults(course, TODAY) == []
    (fault,) = age_faults(course, TODAY + dt.timedelta(days=1))
    assert "checked 是 2025-11-24，已经过了一年。请逐课对照现行法律重新核对" in fault


@pytest.mark.parametrize("slug", ["Kurs", "课程", "a" * 41, "-a", "a/b"])
def test_a_folder_that_cannot_be_an_address_is_refused(slug: str) -> None:
    (fault,) = read_course(slug, make_course(), STEMS, TODAY)[1]
    assert "小写字母" in fault


def test_a_lesson_that_cannot_be_an_address_is_refused() -> None:
    (fault,) = read_course("x", make_course(order=["第一课"]), {"第一课"}, TODAY)[1]
    assert "课文文件名“第一课”" in fault
