"""Quizzes as nbgrader notebooks: the source drawn from a paper, and a submission filled in from
frozen responses. Pure: notebooks in, notebooks out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from lawlab.domain.question import MANUAL, TYPE_NAMES, Question, QuestionType
from lawlab.services.quiz_papers import Paper

SCHEMA = 3
"""nbgrader's own metadata format, as 0.9.6 writes it."""

UNANSWERED = "None"
UNANSWERED_TEXT = "（未作答）"
"""Stubs in place of a solution; `grading.config` tells them to nbgrader."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|$~<>&])")


def source_notebook(paper: Paper) -> NotebookNode:
    """The instructor's version: solutions filled in, marking calls hidden, rubrics hidden.

    One slot per question. Slot `q01` has the cells `q01-stem`, `q01-answer` and `q01` (the marking
    cell, whose points count); a case has `q21-stem`, `q21-rubric` and `q21` (the answer, which a
    person grades).
    """
    intro = (
        f"# {_plain(paper.title)}\n\n"
        f"共 {len(paper.slots)} 题，满分 {sum(s['points'] for s in paper.slots):g} 分，"
        f"{paper.minutes} 分钟，{paper.pass_mark:g} 分及格。学员在网页上答题，本笔记本由平台生成。"
    )
    cells = [_markdown("intro", intro)]
    for number, slot in enumerate(paper.slots, 1):
        if kind := paper.drawn.get(slot["slot"]):
            cells += _own(number, slot, kind)
            continue
        question = paper.questions[slot["slot"]]
        cells.append(_markdown(f"{slot['slot']}-stem", stem_source(number, slot, question)))
        cells += _case(slot, question) if question.manual else _choice(slot, question)
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def keys_of(paper: Paper, *, everybody: str) -> dict[str, Any]:
    """What the marking cells look up: paper by learner, question and points by slot. Where each
    person draws, everybody has none."""
    slots = {
        slot["slot"]: {
            "points": slot["points"],
            "question": paper.questions[slot["slot"]].to_json(),
            **({"full": True} if slot["slot"] in paper.full else {}),
        }
        for slot in paper.slots
        if slot["slot"] in paper.questions
    }
    return {
        "assignment": paper.assignment,
        "partial": paper.partial,
        "late_points": paper.late_points,
        "papers": {everybody: slots},
    }


def submission_notebook(
    release: NotebookNode, responses: Mapping[str, Any], own: Paper | None = None
) -> NotebookNode:
    """The released notebook with a learner's frozen responses in its answer cells. A slot without a
    response stays as released, which nbgrader recognises as no answer. `own`: the learner's own
    paper, whose questions stand in place of the released notice.

    What learners wrote is data: choices become Python literals, texts become one escaped block of
    preformatted text, so that nothing of it is run, rendered or linked in a trainer's browser.
    """
    notebook: NotebookNode = nbformat.from_dict(json.loads(json.dumps(release)))
    stems = _own_stems(own) if own else {}
    for cell in notebook.cells:
        cell.source = stems.get(cell.id, cell.source)
        meta = cell.metadata.get("nbgrader", {})
        if not meta.get("solution"):
            continue
        slot = meta["grade_id"].removesuffix("-answer")
        response = responses.get(slot)
        if response is None:
            continue
        if cell.cell_type == "code":
            words = [str(one) for one in response.get("filled", response.get("chosen", ()))]
            cell.source = f"{slot} = {json.dumps(words, ensure_ascii=False)}"
        else:
            cell.source = preformatted(response["text"])
    return notebook


def marking_source(slot: str) -> str:
    """The marking cell of a slot. `grading.direct` knows a generated quiz by it."""
    return (
        "# 本格由平台判分，请不要修改。\n"
        "### BEGIN HIDDEN TESTS\n"
        "from lawlab.grading.slot import mark_slot\n\n"
        f'mark_slot("{slot}", {slot})\n'
        "### END HIDDEN TESTS"
    )


def preformatted(text: str) -> str:
    """Any text as one HTML block that neither Markdown nor MathJax looks into."""
    shown = html.escape(text.replace("\r\n", "\n").replace("\r", "\n"))
    for character in "\\$`":
        shown = shown.replace(character, f"&#{ord(character)};")
    return f'<pre style="white-space: pre-wrap">\n{shown}\n</pre>'


def stem_source(number: int, slot: Mapping[str, Any], question: Question) -> str:
    """A question as Markdown, without its key."""
    lines = [
        f"### 第 {number} 题 {TYPE_NAMES[question.type]}（{slot['points']:g} 分）",
        "\n\n".join(_plain(line) for line in question.stem.splitlines() if line.strip()),
    ]
    if question.options:
        lines.append(
            "\n".join(f"- {letter}. {_plain(text)}" for letter, text in question.options.items())
        )
    return "\n\n".join(lines)


def _own_stems(own: Paper) -> dict[str, str]:
    return {
        f"{slot['slot']}-stem": stem_source(number, slot, own.questions[slot["slot"]])
        for number, slot in enumerate(own.slots, 1)
    }


def _own(number: int, slot: Mapping[str, Any], kind: QuestionType) -> list[NotebookNode]:
    """A slot for which each person has a question of his own."""
    name = slot["slot"]
    title = f"### 第 {number} 题 {TYPE_NAMES[kind]}（{slot['points']:g} 分）"
    stem = _markdown(f"{name}-stem", f"{title}\n\n每人的题目不同，答卷里写着各人的题目。")
    if kind in MANUAL:
        rubric = "本题由教员评分。每人的题目不同，评分要点见教员工作台的“评分”。"
        return [
            stem,
            _markdown(f"{name}-rubric", rubric, grade_id=f"{name}-rubric", locked=True),
            _written(slot, UNANSWERED_TEXT + "。"),
        ]
    return [stem, *_answer_cells(slot, [])]


def _choice(slot: Mapping[str, Any], question: Question) -> list[NotebookNode]:
    key = list(question.answer) if question.options else [question.answer]
    if question.blanks:
        key = [spellings[0] for spellings in question.blanks]
    return _answer_cells(slot, key)


def _answer_cells(slot: Mapping[str, Any], key: list[str]) -> list[NotebookNode]:
    name = slot["slot"]
    answer = (
        f"{name} = (\n    ### BEGIN SOLUTION\n"
        f"    {json.dumps(key, ensure_ascii=False)}\n    ### END SOLUTION\n)"
    )
    return [
        _code(f"{name}-answer", answer, solution=True),
        _code(name, marking_source(name), grade=True, locked=True, points=slot["points"]),
    ]


def _case(slot: Mapping[str, Any], question: Question) -> list[NotebookNode]:
    name = slot["slot"]
    points = "\n".join(f"- {_plain(p.text)}（{p.points:g} 分）" for p in question.rubric)
    rubric = (
        "本题由教员评分。\n\n<!-- BEGIN MARK SCHEME -->\n\n"
        f"**评分要点（只有教员看得到）**\n\n{points}\n\n"
        f"**参考答案** {_plain(' '.join(question.answer.split()))}\n\n"
        "<!-- END MARK SCHEME -->"
    )
    return [
        _markdown(f"{name}-rubric", rubric, grade_id=f"{name}-rubric", locked=True),
        _written(slot, preformatted(question.answer)),
    ]


def _written(slot: Mapping[str, Any], solution: str) -> NotebookNode:
    name = slot["slot"]
    return _markdown(
        name, solution, grade_id=name, grade=True, solution=True, points=slot["points"]
    )


def _plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", text)


def _code(cell_id: str, source: str, **nbgrader: Any) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=cell_id)
    return _mark(cell, {"grade_id": cell_id, **nbgrader})


def _markdown(cell_id: str, source: str, **nbgrader: Any) -> NotebookNode:
    cell = nbformat.v4.new_markdown_cell(source, id=cell_id)
    return _mark(cell, nbgrader) if nbgrader else cell


def _mark(cell: NotebookNode, facts: Mapping[str, Any]) -> NotebookNode:
    cell.metadata["nbgrader"] = {
        "schema_version": SCHEMA,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
        **facts,
    }
    return cell
