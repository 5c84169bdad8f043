"""A database that cannot answer now, as replies and as lines in the log.

While it is away a hall asks a hundred times a second: each is told the same sentence, and the log
says it now and then, without a traceback.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from fastapi import Request, WebSocket
from fastapi.responses import Response

from lawlab.api.border import failure
from lawlab.store.faults import DatabaseFault, database_fault

TRY_AGAIN = 1013
"""With this a socket is closed whose server can do nothing for it now; pages come back."""
SILENT_S = 5.0
log = logging.getLogger("lawlab.api")


class FaultLog:
    """Says each kind of fault at most once in SILENT_S, with how many were not said."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}
        self._silent: dict[str, int] = {}

    def tell(self, where: str, fault: DatabaseFault, error: BaseException) -> None:
        """Note that a request found a fault."""
        now = time.monotonic()
        if now - self._said.get(fault.code, -SILENT_S) < SILENT_S:
            self._silent[fault.code] = self._silent.get(fault.code, 0) + 1
            return
        self._said[fault.code] = now
        more = self._silent.pop(fault.code, 0)
        log.warning("%s: %s (%s; %d more before)", where, fault.code, first_line(error), more)


class WithoutTraces(logging.Filter):
    """What the API's own tasks log with a traceback becomes one line when it is such a fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True; the record may be shortened."""
        error = record.exc_info[1] if record.exc_info else None
        fault = database_fault(error) if error is not None else None
        if error is not None and fault is not None:
            record.msg = f"{record.getMessage()} ({fault.code}: {first_line(error)})"
            record.args, record.exc_info, record.levelno = (), None, logging.WARNING
            record.levelname = logging.getLevelName(logging.WARNING)
        return True


WITHOUT_TRACES = WithoutTraces()


def first_line(error: BaseException) -> str:
    """What went wrong, without the statement and its values, which may be somebody's answer."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


async def tell_fault(
    faults: FaultLog, connection: Request | WebSocket, fault: DatabaseFault, error: BaseException
) -> Response | None:
    """The reply to a request that met a fault; a socket is closed instead."""
    faults.tell(connection.url.path, fault, error)
    if isinstance(connection, WebSocket):
        with suppress(RuntimeError):  # it has hung up
            await connection.close(TRY_AGAIN)
        return None
    reply = failure(connection, fault.status, fault.code, fault.sentence, **fault.facts)
    reply.headers["Retry-After"] = str(fault.facts["retry_after"])
    return reply
