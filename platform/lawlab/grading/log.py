"""nbgrader's log, made readable: one line a fact, routine at debug level, a reason for failures."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.converters.base import NbGraderException
from nbgrader.exchange import ExchangeError
from sqlalchemy.exc import SAWarning

from lawlab.errors import LawlabError

EXPECTED = re.compile(
    r"^(Attribute 'checksum' for cell|Removing (existing|failed) assignment"
    r"|Updating existing assignment|Creating exchange directory|Permissions for exchange directory"
    r"|There was an error processing|Please see the the above traceback)"
)
"""What each quiz causes (the hidden tests and rubrics come back when a submission is graded, a
repeated job overwrites, the exchange is made at first use), and what a failure is followed by: the
grader itself says once which job failed, and why."""


class NbgraderLog(logging.Filter):
    """Lowers nbgrader's routine and its tracebacks to debug level; keeps a failure's reason."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = ""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        trace = message.startswith("Traceback")
        if trace:
            self.reason = message.strip().splitlines()[-1]
        expected = EXPECTED.match(message)
        if trace or expected or record.levelno == logging.INFO:
            record.levelno, record.levelname = logging.DEBUG, "DEBUG"
        return record.levelno >= logging.getLogger(record.name).getEffectiveLevel()


_FILTER = NbgraderLog()


def nbgrader_log() -> logging.Logger:
    """The logger to hand to nbgrader's classes."""
    log = logging.getLogger("lawlab.grading.nbgrader")
    log.addFilter(_FILTER)  # a second time changes nothing
    return log


@contextmanager
def explained() -> Iterator[None]:
    """nbgrader raises "see the traceback above"; this says instead what went wrong.

    Raises LawlabError `nbgrader_failed`.
    """
    _FILTER.reason = ""
    with known_warnings():
        try:
            yield
        except (NbGraderException, ExchangeError) as error:
            reason = _FILTER.reason or str(error)
            raise LawlabError("nbgrader_failed", f"nbgrader 没有成功：{reason}") from error


@contextmanager
def known_warnings() -> Iterator[None]:
    """Without the warning that nbgrader 0.9.6 causes by building a submission row by row while its
    session flushes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
        yield
