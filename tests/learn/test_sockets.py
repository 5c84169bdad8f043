"""Sockets: the folder of a server that was killed goes with the next start, one in use stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lawlab.learn.sockets import PREFIX, make_socket_folder

OTHER = """
import time
from lawlab.learn.sockets import make_socket_folder
print(make_socket_folder(), flush=True)
time.sleep(600)
"""


def test_the_folder_of_a_killed_server_goes_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    made_just_now = tmp_path / f"{PREFIX}without-its-lock"
    made_just_now.mkdir()
    with subprocess.Popen([sys.executable, "-c", OTHER], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        theirs = Path(one.stdout.readline().strip())
        (theirs / "kernel-1-ipc-1").touch()
        ours = make_socket_folder()
        assert theirs.exists()
        assert ours != theirs
        one.kill()
    again = make_socket_folder()
    assert set(tmp_path.iterdir()) == {made_just_now, ours, again}
    assert ours.stat().st_mode & 0o777 == 0o700
