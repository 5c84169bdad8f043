"""`lawlab quiz …` as a trainer types it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from lawlab.cli.quiz import app
from lawlab.store.tables import Quiz, Sitting

Place = Any


@pytest.fixture
def lawlab(place: Place) -> Any:
    def run(*words: str) -> Result:
        environment = {"LAWLAB_DATA": str(place.settings.data), "COLUMNS": "200", "TERM": "dumb"}
        return CliRunner().invoke(app, list(words), env=environment)

    return run


def test_a_quiz_from_blueprint_to_release(place: Place, lawlab: Any, tmp_path: Path) -> None:
    file = tmp_path / "quiz-2.toml"
    file.write_text(place.blueprint, "utf-8")
    built = lawlab("build", str(file))
    assert built.exit_code == 0, built.output
    assert "7 题" in built.output
    assert (place.course / "source" / "quiz-2" / "quiz-2.ipynb").exists()
    assert lawlab("open", "quiz-2").exit_code == 0
    assert lawlab("open", "quiz-2").exit_code == 0
    again = lawlab("build", str(file))
    assert again.exit_code == 2
    assert "已经开放过" in again.output

    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    early = lawlab("release", "quiz-1")
    assert early.exit_code == 2
    assert "还有 2 份答卷没有判完" in early.output
    graded = lawlab("grade", "quiz-1")
    assert graded.exit_code == 0, graded.output
    assert "判完 2 份" in graded.output
    assert {login: one.score for login, one in place.released_grades().items()} == {
        "s001": 80.0,
        "v001": 25.0,
    }
    collected = lawlab("collect", "quiz-1")
    assert "共有答卷 2 份" in collected.output, collected.output
    assert "还有 1 份答卷的案例题没有评分" in lawlab("release", "quiz-1").output
    sheet = tmp_path / "成绩.xlsx"
    reported = lawlab("report", "quiz-1", "--out", str(sheet))
    assert reported.exit_code == 0, reported.output
    assert "应考" in reported.output
    assert sheet.exists()
    assert "应以 .xlsx 结尾" in lawlab("report", "quiz-1", "--out", "成绩.doc").output
    assert "没有编号为" in lawlab("report", "nothing").output
    place.mark_case("s001", 18.0, "")
    released = lawlab("release", "quiz-1")
    assert released.exit_code == 0, released.output
    assert place.released_grades()["s001"].score == 98.0
    listed = lawlab("list").output
    assert "已公布" in listed
    assert "quiz-2" in listed


def test_a_bad_blueprint_ends_with_two_and_all_faults(
    place: Place, lawlab: Any, tmp_path: Path
) -> None:
    file = tmp_path / "quiz-3.toml"
    file.write_text(
        place.blueprint.replace("minutes = 30", "minutes = 0").replace("count = 2", "count = 9", 1),
        "utf-8",
    )
    result = lawlab("build", str(file))
    assert result.exit_code == 2
    assert "“minutes”的值 0 不对" in result.output
    assert "单选题要 9 道" in result.output
    with place.sessions() as session:
        assert session.scalars(select(Quiz.assignment)).all() == ["quiz-1"]
    assert not (place.course / "source" / "quiz-3").exists()


@pytest.mark.parametrize("command", ["open", "collect", "grade", "release"])
def test_an_unknown_quiz_is_named(lawlab: Any, command: str) -> None:
    result = lawlab(command, "quiz-9")
    assert result.exit_code == 2
    assert "没有编号为“quiz-9”的测验" in result.output


def test_grading_again_keeps_what_was_marked_and_says_what_fails(place: Place, lawlab: Any) -> None:
    place.sit("s001", place.good)
    lawlab("grade", "quiz-1")
    place.mark_case("s001", 12.0, "可以")
    before = place.snapshot()
    assert lawlab("grade", "quiz-1", "--again").exit_code == 0
    assert place.snapshot() == before
    shutil.rmtree(place.course / "release")
    failed = lawlab("grade", "quiz-1", "--again")
    assert failed.exit_code == 2
    assert "没有判完 1 份" in failed.output
    assert "FileNotFoundError" in failed.output
    assert place.released_grades()["s001"].score == 92.0


def test_a_forced_release_is_possible_at_any_time(place: Place, lawlab: Any) -> None:
    place.sit("s001", place.good)
    assert lawlab("release", "quiz-1", "--force").exit_code == 0
    with place.sessions() as session:
        assert session.scalars(select(Quiz.state)).one() == "released"
        assert session.scalars(select(Sitting.receipt)).one()
