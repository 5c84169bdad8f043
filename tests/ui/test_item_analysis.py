"""The notebook 试题分析, run as a trainer does, on a quiz that people have taken."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from real_site import listening
from sqlalchemy.orm import Session

from lawlab.api.app import make_app
from lawlab.client import Api, connect
from lawlab.config import REPOSITORY, Settings
from lawlab.store.engine import make_engine, make_sessions
from lawlab.tokens import kernel_token
from lawlab.ui.chart import bars

NOTEBOOK = REPOSITORY / "notebooks" / "item_analysis.ipynb"


@pytest.fixture
def environment(
    migrated_sqlite: Path,
    tmp_path: Path,
    now: dt.datetime,
    take_quiz: Callable[[Session, dt.datetime], None],
) -> Iterator[dict[str, str]]:
    """Of a trainer's kernel, while the API serves a quiz that was taken."""
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    settings = Settings(data=tmp_path)
    engine = make_engine(settings.database)
    with make_sessions(engine)() as session:
        take_quiz(session, now)
    token = kernel_token(settings.secrets["kernel"], "t01")
    with listening(make_app(settings, lambda: now)) as url:
        yield {"LAWLAB_TOKEN": token, "LAWLAB_API": f"{url}/services/api"}
    engine.dispose()


@pytest.fixture
def api(environment: dict[str, str]) -> Iterator[Api]:
    with connect(environment) as client:
        yield client


def test_the_notebook_shows_tables_and_charts_in_words(environment: dict[str, str]) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, kernel_name="python3", timeout=60)
    client.execute(env=os.environ | environment)
    shown: list[Any] = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    assert all(output.output_type == "execute_result" for output in shown)
    charts = [one.data["image/svg+xml"] for one in shown if "image/svg+xml" in one.data]
    tables = [one.data["text/html"] for one in shown if "text/html" in one.data]
    assert [title for svg in charts for title in ("得分率", "区分度") if title in svg] == [
        "得分率",
        "区分度",
    ]
    for svg in charts:
        assert all(f"brg-00{n}" in svg for n in (1, 2, 3, 4))
        assert 'href="http' not in svg
    assert any("应考" in table and "河口村" in table for table in tables)
    assert any("区分度为负" in table for table in tables)
    assert "quiz-1" in str(shown)


def test_frames_have_the_names_that_people_know(api: Api) -> None:
    quizzes = api.quizzes()
    assert quizzes[["编号", "状态", "待评"]].values.tolist() == [["quiz-1", "答题中", 1]]
    report = api.quiz_report("quiz-1").set_index("单位或人群")
    assert report.loc["合计", ["应考", "实考", "及格"]].tolist() == [9, 7, 3]
    items = api.quiz_items("quiz-1").set_index("题号")
    assert items.loc["brg-002", "提示"] == "区分度为负"
    options = api.quiz_options("quiz-1")
    assert options[options["题号"] == "brg-001"]["选的人数"].tolist() == [5, 2]


def test_a_bar_below_zero_is_drawn_beside_its_label() -> None:
    below = bars(["甲", "乙"], [40.0, -20.0], title="区分度")
    assert "-20" in below.replace("\u2212", "-")
    assert bars(["甲"], [40.0], title="区分度") != below
