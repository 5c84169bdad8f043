"""One log for all programs: `HH:MM:SS name    message`, one fact a line, in the town's time.

The file has everything and the date; the terminal has what the supervisor says and the programs'
errors, so that the address and the sign-in names stay in sight.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

FILE = "lawlab.log"
_BYTES = 5_000_000
_KEPT = 5

# How the programs begin their lines; all of it is said again by ours, except the level.
_TRAITLETS = re.compile(r"\[([DIWEC]) [^\]]*\] ?")
_LOGGING = re.compile(
    r"(?:[\d:.,TZ-]+ (?:[\d:.,]+ )?)?(?:\[ConfigProxy\] )?"
    r"(debug|info|warn(?:ing)?|error|critical)(?::| ) *",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_MARKS = {"W": "警告 ", "E": "错误 ", "C": "错误 "}
_LOUD = {"E", "C"}


class Voice:
    """Cleans the lines of one program. A line that does not begin anew goes on at the last level,
    as the lines of a traceback do."""

    def __init__(self) -> None:
        self._loud = False

    def clean(self, line: str) -> tuple[str, bool]:
        """The message without time and origin, and whether the terminal should show it."""
        text = _COLOUR.sub("", line)
        if found := _TRAITLETS.match(text) or _LOGGING.match(text):
            level = found[1][0].upper()
            # That a program is away is said by the supervisor, once.
            self._loud = level in _LOUD and "ECONNREFUSED" not in text
            return _MARKS.get(level, "") + text[found.end() :], self._loud
        if text.startswith("Traceback ("):
            self._loud = True
        return text, self._loud


class Log:
    """Writes to `<folder>/lawlab.log`, which rotates, and to a terminal."""

    def __init__(
        self,
        folder: Path,
        terminal: TextIO,
        now: Callable[[], dt.datetime],
        *,
        verbose: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = RotatingFileHandler(
            folder / FILE, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8"
        )
        self._terminal = terminal
        self._now = now
        self._verbose = verbose
        self.stopping = False

    def say(self, name: str, message: str, *, loud: bool = True) -> None:
        """Write one fact; a quiet one goes to the file only, unless all was asked for."""
        now = self._now()
        line = f"{now:%H:%M:%S} {name:<7} {message}"
        self._file.emit(_record(f"{now:%Y-%m-%d} {line}"))
        if loud or self._verbose:
            try:
                print(line, file=self._terminal, flush=True)
            except OSError:  # the terminal is gone; the file goes on
                self._terminal = Path("/dev/null").open("w", encoding="utf-8")  # noqa: SIM115

    def relay(self, name: str, message: str, *, loud: bool) -> None:
        """Pass on what a program said. While all stop, its errors are no news for the terminal."""
        self.say(name, message, loud=loud and not self.stopping)

    def close(self) -> None:
        self._file.close()


def _record(line: str) -> LogRecord:
    return LogRecord("lawlab", 20, "", 0, line, None, None)
