"""`lawlab contest list`: what there is, the newest first."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lawlab.cli import app
from lawlab.config import Settings
from lawlab.domain.contest_script import Format, Script
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Contest

NOW = dt.datetime(2026, 12, 4, 1, 30, tzinfo=dt.UTC)


def test_contests_are_listed_with_where_they_stand(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    monkeypatch.setenv("LAWLAB_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    nothing = CliRunner().invoke(app, ["contest", "list"])
    assert (nothing.exit_code, "还没有比武" in nothing.output) == (0, True)
    engine = make_engine(Settings(data=tmp_path).database)
    script = Script(Format.TEAM, ()).to_json()
    with make_sessions(engine)() as session:
        for n, (title, state) in enumerate((("春季[比武]", "draft"), ("冬季比武", "finished"))):
            row = Contest(key=f"k{n}", title=title, rehearsal=n == 0, script=script, state=state)
            row.made_by, row.made_at = "t01", NOW
            row.finished_at = NOW + dt.timedelta(hours=1) if n else None
            session.add(row)
        session.commit()
    engine.dispose()
    lines = CliRunner().invoke(app, ["contest", "list"]).output.splitlines()
    found = [line for line in lines if "比武" in line]
    assert "冬季比武" in found[0]
    assert "已结束" in found[0]
    assert "2026-12-04 10:30" in found[0]
    assert "春季[比武]（彩排）" in found[1]
    assert "还没有开放" in found[1]
    assert "团队赛" in found[1]
