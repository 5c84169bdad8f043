"""What the README promises, kept: in a fresh copy `make run` builds everything and serves."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx
import psutil

from lawlab.config import REPOSITORY
from lawlab.testing import alive, free_ports

COLD_WITHIN, WARM_WITHIN, STOPPED_WITHIN = 420, 10, 10


def copy_tracked_files(target: Path) -> None:
    """The tree as a clone of it would be: what git tracks or would track, and nothing built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)


def run(tree: Path, port: int, within: float) -> float:
    """`make run` until the site answers, then Ctrl-C; returns seconds. Nothing may be left."""
    began = time.monotonic()
    environment = {name: text for name, text in os.environ.items() if "LAWLAB" not in name}
    log = tree / "run.log"
    with log.open("wb") as terminal:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=tree,
            env=environment,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while "就绪" not in log.read_text("utf-8", "replace"):
                assert process.poll() is None, log.read_text("utf-8", "replace")[-3000:]
                assert time.monotonic() - began < within, log.read_text("utf-8", "replace")[-3000:]
                time.sleep(0.1)
            took = time.monotonic() - began
            page = httpx.get(f"http://127.0.0.1:{port}/", follow_redirects=True, trust_env=False)
            assert (page.status_code, page.url.path) == (200, "/hub/login")
            assert "dahe-2022" in log.read_text("utf-8")
            tree_of = [psutil.Process(process.pid), *psutil.Process(process.pid).children(True)]
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(STOPPED_WITHIN)
    assert [one for one in tree_of if alive(one)] == []
    return took


def test_a_fresh_copy_runs_with_one_command_and_starts_again_within_ten_seconds(
    tmp_path: Path,
) -> None:
    copy_tracked_files(tmp_path)
    port = free_ports(5)
    cold = run(tmp_path, port, COLD_WITHIN)
    warm = run(tmp_path, port, WARM_WITHIN)
    print(f"cold make run {cold:.0f} s, second {warm:.1f} s")
    assert warm < cold


def test_the_readme_names_what_exists() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", readme):
        assert (REPOSITORY / picture).is_file(), picture
    for link in re.findall(r"(?<!!)\[[^]]*\]\(([^)#]+)\)", readme):
        assert (REPOSITORY / link).exists(), link
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", readme, re.MULTILINE):
        assert f"\n{target}:" in makefile, target
