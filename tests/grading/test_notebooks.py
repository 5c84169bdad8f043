"""Source and submission notebooks: readable, complete, and learners' words as mere data."""

from __future__ import annotations

import ast
import html
import re
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown import markdown2html
from nbgrader.nbgraderformat import MetadataValidator

from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.grading.notebooks import (
    keys_of,
    preformatted,
    source_notebook,
    submission_notebook,
)
from lawlab.grading.slot import EVERYBODY
from lawlab.services.quiz_papers import Paper


def make_question(type: str, answer: str) -> Question:
    options = {"A": "借出 $5", "B": "*拒绝*"} if type in ("single", "multiple") else {}
    return Question(
        id=f"{type}-1",
        type=QuestionType(type),
        stem="银行卡<b>能</b>借吗？\n\n# 想一想",
        options=options,
        answer=answer,
        explanation="",
        articles=(),
        evidence="",
        difficulty=1,
        rubric=(RubricPoint("说明“不能”", 20),) if type == "case" else (),
    )


def make_paper() -> Paper:
    questions = {
        "q01": make_question("single", "B"),
        "q02": make_question("multiple", "AB"),
        "q03": make_question("judge", "错"),
        "q04": make_question("case", "先报警，\n再冻结。"),
    }
    points = {"q01": 30.0, "q02": 30.0, "q03": 20.0, "q04": 20.0}
    slots: list[dict[str, Any]] = [
        {"slot": slot, "item": question.id, "version": 1, "points": points[slot]}
        for slot, question in questions.items()
    ]
    return Paper("quiz-1", "测验", 30, 60.0, False, slots, questions)


def cells(notebook: Any) -> dict[str, Any]:
    return {cell.id: cell for cell in notebook.cells}


def test_the_source_is_a_valid_nbgrader_notebook_with_one_slot_a_question() -> None:
    notebook = source_notebook(make_paper())
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    by_id = cells(notebook)
    assert list(by_id)[:4] == ["intro", "q01-stem", "q01-answer", "q01"]
    assert by_id["q01-stem"].source.startswith("### 第 1 题 单选题（30 分）")
    assert 'mark_slot("q01", q01)' in by_id["q01"].source
    assert by_id["q01"].metadata.nbgrader.points == 30.0
    assert by_id["q04"].metadata.nbgrader.points == 20.0
    assert "说明“不能”（20 分）" in by_id["q04-rubric"].source


def test_the_same_paper_gives_the_same_bytes() -> None:
    first, second = (nbformat.writes(source_notebook(make_paper())) for _ in range(2))
    assert first == second


def test_stems_are_shown_as_they_are() -> None:
    shown = markdown2html(cells(source_notebook(make_paper()))["q01-stem"].source)
    assert "&lt;b&gt;能&lt;/b&gt;" in shown
    assert "<em>" not in shown
    assert shown.count("<h") == 1
    assert "*拒绝*" in shown


def test_keys_hold_what_marking_needs_and_nothing_else_does() -> None:
    keys = keys_of(make_paper(), everybody=EVERYBODY)
    slots = keys["papers"]["*"]
    assert slots["q02"] == {"points": 30.0, "question": make_paper().questions["q02"].to_json()}


def test_a_submission_holds_the_responses_and_leaves_the_rest_as_released() -> None:
    release = source_notebook(make_paper())  # as good as the released one here
    responses = {"q01": {"chosen": ["B"]}, "q02": {"chosen": ["B", "A"]}, "q04": {"text": "报警"}}
    before = nbformat.writes(release)
    notebook = submission_notebook(release, responses)
    assert nbformat.writes(release) == before
    by_id = cells(notebook)
    assert by_id["q01-answer"].source == 'q01 = ["B"]'
    assert by_id["q02-answer"].source == 'q02 = ["B", "A"]'
    assert by_id["q03-answer"].source == cells(release)["q03-answer"].source
    assert "报警" in by_id["q04"].source
    assert by_id["q01"].source == cells(release)["q01"].source


@given(st.lists(st.text(max_size=20), max_size=4))
def test_whatever_is_chosen_becomes_one_literal(chosen: list[str]) -> None:
    notebook = submission_notebook(source_notebook(make_paper()), {"q01": {"chosen": chosen}})
    [statement] = ast.parse(cells(notebook)["q01-answer"].source).body
    assert isinstance(statement, ast.Assign)
    assert ast.literal_eval(statement.value) == chosen


NASTY = [
    "<script>alert(1)</script>",
    "</pre><img src=x onerror=alert(1)>",
    "```\n```python\n~~~",
    "$\\href{javascript:alert(1)}{x}$ $$a$$ \\(b\\) \\begin{align}c\\end{align}",
    "[x](javascript:alert(1)) ![y](http://example.invalid/z.png) http://example.invalid",
    "\n\n    一\n\n二\n\n# 三\n- 四\n1. 五\n\n",
    "<!-- BEGIN MARK SCHEME -->\n### BEGIN SOLUTION",
    "&lt;b&gt; &amp; &#36;",
]


def shown_text(page: str) -> str:
    """The text of the one block that the page consists of."""
    found = re.fullmatch(r'\s*<pre style="white-space: pre-wrap">\n(.*)\n</pre>\s*', page, re.S)
    assert found, page
    assert "<" not in found[1]
    return html.unescape(found[1])


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_text_is_shown_letter_by_letter(text: str) -> None:
    assert shown_text(markdown2html(preformatted(text))) == text


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"))
    | st.text(st.sampled_from("<>/prescript`~$\\&;#![](){}*_-+.1 \n\"'=x"))
)
def test_any_text_is_shown_letter_by_letter(text: str) -> None:
    source = preformatted(text)
    assert shown_text(markdown2html(source)) == text
    assert not re.search(r"[$\\`]", source)
