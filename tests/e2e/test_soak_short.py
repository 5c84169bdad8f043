"""The soak of `make bench`, for a minute and with a quarter of the people: what it looks for is
looked for in every run of the tests, memory excepted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOAK = Path(__file__).parents[1] / "bench" / "soak.py"


def test_a_minute_of_everything_with_kills(demo_data: Path) -> None:
    words = ["60", "--people", "31", "--kill-every", "8", "14", "--any-memory"]
    done = subprocess.run(
        [sys.executable, str(SOAK), *words, "--demo", str(demo_data)],
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    assert '"soak-60s-answer-acknowledged"' in done.stdout
