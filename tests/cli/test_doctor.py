"""`lawlab doctor`: what it says, and its exit code."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lawlab.cli import app
from lawlab.domain.nightly import Made, Nightly
from lawlab.store.engine import migrate
from lawlab.supervise.state import ProcessState, ServeState, write_state


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/good" else 503)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def doctor(data: Path) -> Result:
    return CliRunner(env={"LAWLAB_DATA": str(data), "COLUMNS": "120"}).invoke(app, ["doctor"])


def serve_state(data: Path, health: str, pid: int | None = None) -> None:
    one = ProcessState(pid or os.getpid(), time.time(), 3, True, health)
    state = ServeState(os.getpid(), time.time(), "http://127.0.0.1:8000", True, {"api": one})
    write_state(data, state)


def test_nothing_runs_and_nothing_is_made(tmp_path: Path) -> None:
    result = doctor(tmp_path / "data")
    assert result.exit_code == 2
    assert "没有运行。启动：lawlab serve" in result.output
    assert "请运行 lawlab init" in result.output
    assert not (tmp_path / "data").exists()


def test_all_is_well(tmp_path: Path, address: str) -> None:
    migrate(f"sqlite:///{tmp_path / 'lawlab.sqlite'}")
    serve_state(tmp_path, f"{address}/good")
    result = doctor(tmp_path)
    assert result.exit_code == 0, result.output
    for word in ("正常", str(os.getpid()), " MB", "已是最新", "等待 0 个，失败 0 个", "Node v"):
        assert word in result.output


def test_a_program_that_answers_badly_is_named(tmp_path: Path, address: str) -> None:
    migrate(f"sqlite:///{tmp_path / 'lawlab.sqlite'}")
    serve_state(tmp_path, f"{address}/bad")
    result = doctor(tmp_path)
    assert result.exit_code == 2
    assert "应答 503" in result.output
    assert "有程序没有应答" in result.output


def test_what_a_killed_supervisor_left_does_not_count(tmp_path: Path) -> None:
    state = ServeState(2**22 - 1, time.time(), "http://127.0.0.1:8000", True, {})
    write_state(tmp_path, state)
    result = doctor(tmp_path)
    assert result.exit_code == 2
    assert "没有运行" in result.output


NOW = dt.datetime.now(dt.UTC)


@pytest.mark.parametrize(
    ("hours", "copied", "faults", "folder", "code", "said"),
    [
        (30, "", (), "", 0, "（30 小时以前），3.0 MB"),
        (30, "/盘/lawlab-2026-11-21.tar.gz", (), "/盘", 0, "另存在 /盘/lawlab-2026-11-21.tar.gz"),
        (30, "", ("没有文件夹 /盘。",), "/盘", 2, "没有文件夹 /盘。"),
        (30, "", (), "/盘", 2, "还没有另存到 /盘"),
        (49, "", (), "", 2, "（2 天以前）"),
    ],
)
def test_the_last_backup_is_told(
    tmp_path: Path,
    address: str,
    hours: int,
    copied: str,
    faults: tuple[str, ...],
    folder: str,
    code: int,
    said: str,
) -> None:
    at = NOW - dt.timedelta(hours=hours)
    made = Made(at.date(), at, "lawlab-2026-11-21.tar.gz", 3 * 2**20, 1.0, "", copied)
    result = backed_up(tmp_path, address, Nightly(at, (at.date(),), made, at, faults), folder)
    assert result.exit_code == code, result.output
    assert said in result.output


@pytest.mark.parametrize(("days", "code"), [(1, 0), (3, 2)])
def test_a_new_installation_has_two_days_for_its_first_backup(
    tmp_path: Path, address: str, days: int, code: int
) -> None:
    result = backed_up(tmp_path, address, Nightly(NOW - dt.timedelta(days=days)))
    assert result.exit_code == code, result.output
    assert ("一份也没有做成" if code else "还没有。平台运行时每天 2 点做一份") in result.output


def backed_up(data: Path, address: str, state: Nightly, folder: str = "") -> Result:
    migrate(f"sqlite:///{data / 'lawlab.sqlite'}")
    serve_state(data, f"{address}/good")
    (data / "backups").mkdir()
    (data / "backups" / "last.json").write_text(json.dumps(state.to_json()), "utf-8")
    if folder:
        (data / "lawlab.toml").write_text(f'backup_folder = "{folder}"\n', "utf-8")
    return doctor(data)
