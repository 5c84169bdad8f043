"""A grader as a process of its own that is killed at a point of `tests/grading/crash_at.py`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CRASH_AT = Path(__file__).parents[1] / "grading" / "crash_at.py"


def crash(data: Path, *point: str) -> int:
    """Grade what waits in a data folder until the point; the process's return code."""
    return subprocess.run(
        [sys.executable, str(CRASH_AT), str(data), *point],
        env={**os.environ, "LAWLAB_DATA": str(data)},
        capture_output=True,
        timeout=120,
        check=False,
    ).returncode
