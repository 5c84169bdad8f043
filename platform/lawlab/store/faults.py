"""What the database, or the disk below it, cannot do right now, told apart for people.

Each is a reason to try again later: nothing of what was asked is stored, or all of it, and a repeat
with the same key finds which.
"""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lawlab.errors import LawlabError

AWAY, BUSY, FULL = "database_away", "database_busy", "disk_full"
RETRY_AFTER = 3
"""Seconds: whoever waits has it stored within five of the end, and 124 who try are no load."""

_SENTENCES = {
    AWAY: "数据库暂时连不上，这一步没有完成。系统正在恢复，请稍等再试。",
    BUSY: "数据库正忙，这一步没有完成。请稍等几秒再试。",
    FULL: "服务器的磁盘满了或者不能写，这一步没有完成。请告诉管理员，腾出空间后再试。",
}

_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: FULL,
    # Of a write that did not fit, SQLite knows only that it failed.
    sqlite3.SQLITE_IOERR: FULL,
    sqlite3.SQLITE_CANTOPEN: AWAY,
}
"""By the primary code, which is the last byte of an extended one."""

_POSTGRES = {
    "53100": FULL,  # disk_full
    "58030": FULL,  # io_error
    "25006": AWAY,  # read_only_sql_transaction: a standby that is not the server yet
    "40001": BUSY,  # serialization_failure
    "40P01": BUSY,  # deadlock_detected
    "53000": BUSY,  # insufficient_resources
    "53200": BUSY,  # out_of_memory
    "53300": BUSY,  # too_many_connections
    "55P03": BUSY,  # lock_not_available
    "57014": BUSY,  # query_canceled: it ran into statement_timeout
    "57P01": AWAY,  # admin_shutdown
    "57P02": AWAY,  # crash_shutdown
    "57P03": AWAY,  # cannot_connect_now
}

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}


class DatabaseFault(LawlabError):
    """Nothing is wrong with what was asked; it cannot be stored or read now."""

    status = 503

    def __init__(self, code: str) -> None:
        super().__init__(code, _SENTENCES[code], retry_after=RETRY_AFTER)


def database_fault(error: BaseException) -> DatabaseFault | None:
    """The fault behind an error; None when the error is a mistake of ours."""
    code = _code(error)
    return DatabaseFault(code) if code else None


def _code(error: BaseException) -> str | None:
    if isinstance(error, PoolTimeout):
        return BUSY
    if isinstance(error, OSError):
        return FULL if error.errno in _NO_SPACE else None
    if isinstance(error, DBAPIError):
        lost = error.connection_invalidated
        return _driver_code(error.orig, lost) if error.orig is not None else None
    if isinstance(error, SQLAlchemyError):
        return None
    return _driver_code(error, False)


def _driver_code(error: BaseException, lost: bool) -> str | None:
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return _POSTGRES.get(state) or (AWAY if state.startswith("08") else None)
    # Without a state it was no reply of the server: there is none, or the line to it broke.
    return (
        AWAY if lost or type(error).__name__ in ("OperationalError", "ConnectionTimeout") else None
    )
