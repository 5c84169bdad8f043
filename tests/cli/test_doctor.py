"""`lawlab doctor`: what it says, and its exit code."""

from __future__ import annotations

import http.server
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lawlab.cli import app
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
