"""Files on disk: unreadable, faulty in many places, or right."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lawlab.errors import FileFaults
from lawlab.services.checking import check_bank, check_course, parse_bank
from lawlab.store.statutes import Statutes, open_statutes

TODAY = dt.date(2026, 11, 24)
ITEM = """
  - id: tst-001
    type: judge
    stem: 可以非法出租银行账户。
    answer: 错
    explanation: 法律禁止这样做。
    articles: ["反电信网络诈骗法#31"]
    evidence: 不得提供实名核验帮助
    difficulty: 1
"""
BANK = f"bank: test-bank\nlaw: 反电信网络诈骗法\nitems:{ITEM}"


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes(today=lambda: TODAY)


def faults_of(text: str, statutes: Statutes, on: dt.date = TODAY) -> list[str]:
    with pytest.raises(FileFaults) as caught:
        check_bank(text, "test.yaml", statutes, on)
    assert caught.value.where == "test.yaml"
    return caught.value.faults


def test_a_right_bank_is_given(statutes: Statutes) -> None:
    assert [q.id for q in check_bank(BANK, "x", statutes, TODAY).questions] == ["tst-001"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("bank: [", "不是有效的 YAML"),
        ("", "文件应以 bank、law、items 三项开头"),
        (BANK.replace("stem:", "answer: 对\n    stem:"), "“answer”写了两次"),
        (BANK.replace("    stem: 可以", "    ? [a]\n    : b\n    stem: 可以"), "不是有效的 YAML"),
        (BANK.replace("law: 反电信", "law: 电信"), "没有找到“电信网络诈骗法”"),
        (BANK + "!!python/object/apply:os.system [id]", "不是有效的 YAML"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(statutes: Statutes, text: str, fault: str) -> None:
    faults = faults_of(text, statutes)
    assert len(faults) == 1, faults
    assert fault in faults[0]


def test_a_repeated_key_names_its_line() -> None:
    _, (fault,) = parse_bank(BANK.replace("    stem:", "    answer: 对\n    stem:"))
    assert fault.startswith("第 8 行：")


def test_faults_of_form_and_of_law_come_together(statutes: Statutes) -> None:
    second = ITEM.replace("tst-001", "tst-002").replace("#31", "#99")
    third = ITEM.replace("tst-001", "tst-003").replace("answer: 错", "answer: 是")
    faults = faults_of(BANK + second + third, statutes)
    assert [fault.partition("：")[0] for fault in faults] == ["tst-003", "tst-002"]


def test_a_law_is_cited_only_from_its_first_day(statutes: Statutes) -> None:
    faults = faults_of(BANK, statutes, on=dt.date(2022, 9, 1))
    assert len(faults) == 2
    assert all("自 2022-12-01 起施行" in fault for fault in faults)


def make_folder(tmp_path: Path, course: str, **lessons: str) -> Path:
    folder = tmp_path / "test-course"
    folder.mkdir()
    (folder / "course.toml").write_text(course, "utf-8")
    for stem, text in lessons.items():
        (folder / f"{stem}.ipynb").write_text(text, "utf-8")
    return folder


def course_faults(folder: Path, statutes: Statutes) -> list[str]:
    with pytest.raises(FileFaults) as caught:
        check_course(folder, statutes, TODAY, set())
    return caught.value.faults


def test_faults_of_every_file_of_a_course_come_together(tmp_path: Path, statutes: Statutes) -> None:
    folder = make_folder(tmp_path, "title = 3", one="{}", two="{")
    faults = course_faults(folder, statutes)
    places = {fault.partition("：")[0] for fault in faults}
    assert places == {"course.toml", "one.ipynb", "two.ipynb"}


def test_a_course_file_that_is_missing_or_broken_is_named(
    tmp_path: Path, statutes: Statutes
) -> None:
    folder = make_folder(tmp_path, "title = ")
    assert course_faults(folder, statutes)[0].startswith("course.toml：")
    (folder / "course.toml").write_bytes("标题".encode("gb18030"))
    assert course_faults(folder, statutes) == ["course.toml：course.toml 不是 UTF-8 编码。"]
    (folder / "course.toml").unlink()
    assert course_faults(folder, statutes) == ["course.toml：没有 course.toml。"]
