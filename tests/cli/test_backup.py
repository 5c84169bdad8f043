"""`lawlab backup`, `restore` and `recompute`, as an admin types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from lawlab.cli import app
from lawlab.cli import recompute as recomputing
from lawlab.store.engine import migrate


def lawlab(data: Path, *words: str) -> Result:
    runner = CliRunner(env={"LAWLAB_DATA": str(data), "COLUMNS": "200"})
    return runner.invoke(app, list(words))


@pytest.fixture(autouse=True)
def no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the words that lead to laws there is nothing to search, which would take seconds."""
    monkeypatch.setattr(recomputing, "everyday_words", lambda _repository: ())


@pytest.fixture
def data(tmp_path: Path, migrated_sqlite: Path) -> Path:
    """An installation in which nobody has done anything."""
    made = tmp_path / "data"
    (made / "pages").mkdir(parents=True)
    (made / "pages" / "one.ipynb").write_text("{}", "utf-8")
    shutil.copy(migrated_sqlite, made / "lawlab.sqlite")
    return made


def test_there_and_back(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "lawlab.tar.gz"
    saved = lawlab(data, "backup", str(file))
    assert saved.exit_code == 0, saved.output
    assert f"已备份到 {file}" in saved.output
    assert "像档案一样保管" in saved.output
    again = lawlab(data, "backup", str(file))
    assert again.exit_code == 2
    assert "不会覆盖" in again.stderr
    brought = lawlab(tmp_path / "new", "restore", str(file))
    assert brought.exit_code == 0, brought.output + brought.stderr
    assert "已恢复到" in brought.output
    assert "由记录算出来的数字和原来一样。" in brought.output
    assert (tmp_path / "new" / "pages" / "one.ipynb").read_text("utf-8") == "{}"
    assert acts(data) == [("data.backup", "lawlab.tar.gz")]
    assert acts(tmp_path / "new") == [("data.restore", "lawlab.tar.gz")]
    refused = lawlab(data, "restore", str(file))
    assert refused.exit_code == 2
    assert "已经有数据库" in refused.stderr


def test_a_name_that_restore_would_not_know_is_refused(data: Path, tmp_path: Path) -> None:
    result = lawlab(data, "backup", str(tmp_path / "lawlab.zip"))
    assert result.exit_code == 2
    assert "应以 .tar.gz 结尾" in result.stderr


def test_what_differs_is_said_and_mended(data: Path) -> None:
    lawlab(data, "recompute")
    healthy = lawlab(data, "recompute", "--check")
    assert (healthy.exit_code, healthy.output.strip()) == (0, "比较过，和原来一样。")
    engine = create_engine(f"sqlite:///{data / 'lawlab.sqlite'}")
    with engine.begin() as connection:
        person = "(1, 's001', '干部001', 1, 0, '2026-11-26')"
        columns = "id, login, full_name, active, must_change_password, created_at"
        connection.execute(text(f"insert into people ({columns}) values {person}"))
        days = "(1, '2026-11-25', 9, 9), (1, '2026-11-26', 9, 9)"
        columns = "person_id, day, answered, right"
        connection.execute(text(f"insert into drill_days ({columns}) values {days}"))
    engine.dispose()
    differs = lawlab(data, "recompute", "--check")
    assert differs.exit_code == 2
    assert "比较过，2 处和原来不同，没有改动：" in differs.output
    said = "练习天数（drill_days）：2 处，例如 person_id 1、day 2026-11-25：这一行不该有"
    assert said in differs.output
    mended = lawlab(data, "recompute")
    assert mended.exit_code == 0
    assert "重新算过，2 处和原来不同，已改正：" in mended.output
    assert lawlab(data, "recompute").output.strip() == "重新算过，和原来一样。"
    assert acts(data) == [("data.recompute", "")]


def test_a_database_that_was_not_brought_up_to_date_is_saved_too(tmp_path: Path) -> None:
    data = tmp_path / "old"
    data.mkdir()
    migrate(f"sqlite:///{data / 'lawlab.sqlite'}", "0012")
    saved = lawlab(data, "backup", str(tmp_path / "old.tar.gz"))
    assert saved.exit_code == 0, saved.output
    assert "没有记进操作记录" in saved.output


def acts(data: Path) -> list[tuple[str, str]]:
    """What the audit trail says was done."""
    engine = create_engine(f"sqlite:///{data / 'lawlab.sqlite'}")
    with engine.connect() as connection:
        query = text("select action, subject from audit_entries order by id")
        found = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return found
