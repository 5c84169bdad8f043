"""The Hub's own SQLite file holds sessions and tokens: what a power cut takes is a new sign-in.

So a commit need not wait for the disk. It mattered: JupyterHub commits in its event loop, some
thirteen times for each person who signs in, and the hall waited for the disk most of the time.
"""

from __future__ import annotations

import sqlite3
from typing import Any


class Connection(sqlite3.Connection):
    """Opens in WAL mode and flushes at checkpoints only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
            self.execute(f"PRAGMA {pragma}").close()
