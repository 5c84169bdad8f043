"""What a marking cell does, in a folder such as nbgrader runs it in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lawlab.domain.question import Question, QuestionType
from lawlab.grading.slot import keys_file, mark_slot


def make_entry(answer: str, points: float = 15.0) -> dict[str, object]:
    question = Question(
        id="m-1",
        type=QuestionType.MULTIPLE,
        stem="",
        options=dict.fromkeys("ABCD", ""),
        answer=answer,
        explanation="",
        articles=(),
        evidence="",
        difficulty=1,
    )
    return {"points": points, "question": question.to_json()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys = {
        "assignment": "quiz-1",
        "partial": True,
        "papers": {"*": {"q01": make_entry("ACD")}, "v001": {"q01": make_entry("BC", 10.0)}},
    }
    file = keys_file(tmp_path, "quiz-1")
    file.parent.mkdir()
    file.write_text(json.dumps(keys), "utf-8")
    return tmp_path / "autograded"


def test_a_slot_is_marked_by_the_learners_own_question(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mark_slot("q01", ["A", "C"], folder / "s001" / "quiz-1") == pytest.approx(10.0)
    assert capsys.readouterr().out == "标准答案：ACD；作答：AC；得 10 / 15 分\n"
    assert mark_slot("q01", ["B", "C"], folder / "v001" / "quiz-1") == 10.0
    assert mark_slot("q01", None, folder / "v001" / "quiz-1") == 0.0
    assert "作答：未作答" in capsys.readouterr().out


def test_nbgrader_reads_the_result_as_a_number(folder: Path) -> None:
    # It takes the text of the cell's last value: a fraction must survive that exactly.
    third = mark_slot("q01", ["A"], folder / "s001" / "quiz-1")
    assert float(repr(third)) == third == 5.0
