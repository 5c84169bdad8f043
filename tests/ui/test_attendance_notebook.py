"""The notebook 全年考勤, run as a trainer does: over a year, and where nothing has happened yet."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from real_site import listening
from study_town import Town, at

from lawlab.api.app import make_app
from lawlab.client import connect
from lawlab.config import REPOSITORY, Settings
from lawlab.store.engine import make_engine, make_sessions
from lawlab.tokens import kernel_token
from lawlab.ui.chart import heat, line

NOTEBOOK = REPOSITORY / "notebooks" / "attendance.ipynb"
NOW = at(12, 5)
Serve = Callable[[Callable[[Town], None]], dict[str, str]]


@pytest.fixture
def serve(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Serve]:
    """Serves a town; gives the environment of a trainer's kernel."""
    with ExitStack() as ends:

        def begin(happen: Callable[[Town], None]) -> dict[str, str]:
            shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
            settings = Settings(data=tmp_path)
            engine = make_engine(settings.database)
            ends.callback(engine.dispose)
            happen(Town(make_sessions(engine)))
            token = kernel_token(settings.secrets["kernel"], "t01")
            url = ends.enter_context(listening(make_app(settings, lambda: NOW)))
            return {"LAWLAB_TOKEN": token, "LAWLAB_API": f"{url}/services/api"}

        yield begin


def half_a_year(town: Town) -> None:
    for month in range(3, 9):
        town.hold(at(month, 8), {"s001": "present", "v001": "late"}, f"{month}月学法会")


def run(environment: dict[str, str]) -> list[Any]:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, kernel_name="python3", timeout=60)
    client.execute(env=os.environ | environment)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert all(output.output_type == "execute_result" for output in shown)
    return shown


def test_a_year_is_shown_in_tables_and_charts_in_words(serve: Serve) -> None:
    shown = run(serve(half_a_year))
    charts = [one.data["image/svg+xml"] for one in shown if "image/svg+xml" in one.data]
    months, units, people = charts
    assert "2022 年每个月的出勤率" in months
    assert all(f">{word}<" in months for word in ("3月", "12月", "33%"))
    assert "司法所" in units
    assert all(f">{word}<" in people for word in ("干部001", "明白人003", "8月", "100%", "0%"))
    for svg in charts:
        assert 'href="http' not in svg
        assert "Noto Sans CJK SC" in svg  # a font of the device, with the Chinese characters
    tables = [one.data["text/html"] for one in shown if "text/html" in one.data]
    assert any("应到人次" in table and "河口村" in table for table in tables)
    assert any("8月学法会" in table for table in tables)
    assert "已结束的活动 6 场" in str(shown)


def test_without_activities_it_says_so(serve: Serve) -> None:
    shown = run(serve(lambda _town: None))
    assert not any("image/svg+xml" in one.data for one in shown)
    assert "还没有已结束的活动" in str(shown)
    assert "没有落后的人" in str(shown)


def test_the_years_are_those_with_activities(serve: Serve) -> None:
    def twice(town: Town) -> None:
        town.hold(at(3, 8), {})
        town.cancel(town.hold(dt.datetime(2019, 1, 8, tzinfo=NOW.tzinfo), {}), NOW)

    with connect(serve(twice)) as api:
        assert api.attendance_years() == [2022]


def test_a_month_without_activities_is_a_gap() -> None:
    drawn = line(["1月", "2月", "3月"], [0.5, None, 1.0], title="出勤率")
    assert drawn.startswith('<svg role="img" aria-label="出勤率"')
    assert [word in drawn for word in (">50%<", ">100%<", ">nan%<", ">2月<")] == [
        True,
        True,
        False,
        True,
    ]
    table = heat(["甲", "乙"], ["1月"], [[0.25], [None]], title="每月")
    assert ">25%<" in table
    assert table.count("%<") == 1
    assert heat([], [], [], title="空").startswith("<svg")
