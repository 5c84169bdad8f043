"""A preview is the page that learners get, made without a kernel; what no lesson may hold never
runs and is not shown."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lawlab.config import Settings
from lawlab.domain.lesson import read_lesson
from lawlab.learn.notebooks import ONCE, Notebook
from lawlab.learn.preview import PICTURE, SHEET, shown
from lawlab.learn.server import make_app

Make = Callable[[dict[str, Any]], str]
CALLS = [
    "from lawlab.ui import lesson",
    "lesson.begin()",
    'lesson.article("宪法", "1")',
    'lesson.check("atf-001")',
    'lesson.check("atf-002")',
    'lesson.check("atf-003")',
    'lesson.steps("一", "二")',
    'lesson.takeaway("一。", "二。", "三。")',
    'lesson.staff("给\\n\\n执法")',
    'lesson.unconfirmed("电话是 123。", source="公告")',
    "lesson.finish()",
]


def make_notebook(*more: tuple[str, str]) -> dict[str, Any]:
    texts = [("markdown", "# 一课 & 更多\n\n正文 **重点** ![桥](media/bridge.png)\n\n- 一\n- 二")]
    texts += [("code", call) for call in CALLS]
    cells = [
        {"cell_type": kind, "id": f"c{n}", "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for n, (kind, source) in enumerate([*texts[:-1], *more, texts[-1]])
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def previewed(data: Path, notebook: dict[str, Any], title: str) -> str:
    """The HTML of a preview, as the server makes it."""

    async def run() -> str:
        server = make_app(Settings(data=data))
        label = Notebook("preview", Path("01.ipynb"), ONCE, title, "stamp")
        return await server.render_preview(label, notebook, {"preview": "stamp", "version": ""})

    return asyncio.run(run())


def main_of(html: str) -> str:
    body = html[html.index("<main") : html.index("</main>")]
    body = re.sub(r' data-cell="\d+"', "", body)
    return body.replace('data-app="preview"', 'data-app="lesson"')


def test_a_preview_is_the_page_that_learners_get(tmp_path: Path) -> None:
    lesson, faults = read_lesson(make_notebook())
    assert faults == []
    path = tmp_path / "pages" / "course" / "01.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(lesson.notebook), "utf-8")

    async def published() -> str:
        server = make_app(Settings(data=tmp_path))
        notebook = server.notebooks.find("lesson/course/01")
        assert notebook
        try:
            return (await server.once.page(notebook)).html.decode()
        finally:
            await server.once.close()

    real = asyncio.run(published())
    preview = previewed(tmp_path, lesson.notebook, lesson.title)
    assert main_of(preview) == main_of(real)
    assert "<lawlab-preview" not in real
    assert "data-cell" not in real
    assert '<lawlab-preview stamp="stamp" version="">' in preview
    assert preview.count("data-cell=") == len(CALLS)


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("code", "import os; os.system('touch ran')"),
        ("code", "lesson.begin(); open('ran', 'w')"),
        ("code", "lesson.check(open('ran', 'w').name)"),
        ("code", "lesson._text('ran')"),
        ("code", "lesson.re.compile('ran')"),
        ("code", "lesson.check(*['ran'])"),
        ("code", "lesson.check('ran', **{})"),
        ("code", "print('ran')"),
        ("code", "%run ran"),
        ("code", "lesson.unconfirmed('ran')"),
        ("code", 'lesson.article("ran#", 1)'),
        ("code", "(" * 500),
        ("code", "-" * 20_000 + "1"),
        ("markdown", "<script>ran()</script>"),
        ("markdown", "text <img src=ran>"),
        ("raw", "<script>ran()</script>"),
    ],
)
def test_what_no_lesson_may_hold_is_named_and_never_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    cell = shown(7, {"cell_type": kind, "source": source})
    (output,) = cell.outputs
    html = output.data["text/html"]
    assert "第 7 格没有显示" in html
    assert "<script" not in html
    assert "<img" not in html
    assert list(tmp_path.iterdir()) == []


def test_a_faulty_draft_is_a_page_with_a_hole_and_not_a_broken_page(tmp_path: Path) -> None:
    lesson, faults = read_lesson(make_notebook(("code", "lesson.chek('x')"), ("markdown", "尾声")))
    assert faults
    html = previewed(tmp_path, lesson.notebook, lesson.title)
    assert html.count("preview-hole") == 1
    assert "没有 lesson.chek" in html
    assert "尾声" in html
    assert "一课 &amp; 更多" in html


def test_an_empty_draft_is_an_empty_page(tmp_path: Path) -> None:
    assert "<main" in previewed(tmp_path, {"cells": []}, "<b>")
    assert "<b>" not in previewed(tmp_path, {"cells": []}, "<b>")


@pytest.mark.parametrize(
    "address",
    [
        "preview/../x",
        "preview/a/../b",
        "preview/A/b",
        "preview/a",
        "preview/a/b/v0",
        "preview/a/b/v1/x",
        "preview/a/b/v99999999999",
        "preview/a/media/../x.png",
        "preview/a/media/x.html",
        "preview/a/b\n",
        "preview/a%00/b",
    ],
)
def test_only_plain_names_are_asked_for(address: str) -> None:
    assert not re.fullmatch(SHEET, address)
    assert not re.fullmatch(PICTURE, address)


def test_the_addresses_of_drafts_versions_and_pictures_are_known() -> None:
    for address in ("preview/road-safety/01_first", "preview/a/b/v12"):
        assert re.fullmatch(SHEET, address)
    assert re.fullmatch(PICTURE, "preview/a/media/bridge.png")
