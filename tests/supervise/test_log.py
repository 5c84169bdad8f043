"""What a line of a program becomes in the one log."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lawlab.supervise import log as log_module
from lawlab.supervise.log import Log, Voice


@pytest.mark.parametrize(
    ("line", "text", "loud"),
    [
        ("[I 2026-11-24 20:21:22.695 JupyterHub app:3377] Running", "Running", False),
        ("[W 2026-11-24 20:21:22.695 JupyterHub app:3377] Slow", "警告 Slow", False),
        ("[E 2026-11-24 20:21:22.695 JupyterHub app:3377] Broken", "错误 Broken", True),
        ("INFO:     Application startup complete.", "Application startup complete.", False),
        ("2026-11-24 20:21:22,695 INFO learn listens", "learn listens", False),
        ("2026-11-24 20:21:22,695 ERROR no table", "错误 no table", True),
        ("2026-11-24T20:21:49.449Z [ConfigProxy] \x1b[33mwarn\x1b[39m: Gone", "警告 Gone", False),
        ("20:21:49.449 [ConfigProxy] error: 503 GET /x", "错误 503 GET /x", True),
        (
            "20:21:49.449 [ConfigProxy] error: 503 GET /x connect ECONNREFUSED",
            "错误 503 GET /x connect ECONNREFUSED",
            False,
        ),
        ("Traceback (most recent call last):", "Traceback (most recent call last):", True),
        ("information for nobody", "information for nobody", False),
    ],
)
def test_time_and_origin_are_said_once_and_levels_in_chinese(
    line: str, text: str, loud: bool
) -> None:
    assert Voice().clean(line) == (text, loud)


def test_the_lines_of_a_traceback_belong_together() -> None:
    voice = Voice()
    lines = ["Traceback (most recent call last):", '  File "x.py", line 1', "ValueError: no"]
    assert [voice.clean(line)[1] for line in lines] == [True, True, True]
    assert voice.clean("INFO:     goes on") == ("goes on", False)
    assert voice.clean("  and on")[1] is False


def make_log(folder: Path, terminal: io.StringIO, *, verbose: bool = False) -> Log:
    moment = dt.datetime(2022, 12, 5, 9, 3, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
    return Log(folder, terminal, lambda: moment, verbose=verbose)


def test_the_terminal_has_what_matters_and_the_file_everything(tmp_path: Path) -> None:
    terminal = io.StringIO()
    log = make_log(tmp_path, terminal)
    log.say("lawlab", "全部就绪")
    log.relay("hub", "Running", loud=False)
    log.relay("api", "错误 no table", loud=True)
    log.stopping = True
    log.relay("hub", "错误 Received signal SIGTERM", loud=True)
    log.close()
    assert terminal.getvalue() == "09:03:07 lawlab  全部就绪\n09:03:07 api     错误 no table\n"
    lines = (tmp_path / "lawlab.log").read_text("utf-8").splitlines()
    assert lines[1] == "2022-12-05 09:03:07 hub     Running"
    assert len(lines) == 4


def test_the_file_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_BYTES", 1_000)
    monkeypatch.setattr(log_module, "_KEPT", 2)
    log = make_log(tmp_path, io.StringIO())
    for number in range(200):
        log.say("hub", f"fact {number}", loud=False)
    log.close()
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["lawlab.log", "lawlab.log.1", "lawlab.log.2"]
    assert "fact 199" in (tmp_path / "lawlab.log").read_text("utf-8")
