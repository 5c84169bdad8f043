"""What `lawlab doctor` says of the audit trail and of personal data."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lawlab.config import Settings
from lawlab.domain.sealing import read_written
from lawlab.domain.sealing_words import break_text
from lawlab.services.retention import due
from lawlab.services.sealing import find_head, newest_link, verify_newest
from lawlab.store.engine import make_engine, make_sessions

NEWEST = 10
"""So many links are looked at; all of them with `lawlab audit verify`."""
LATE = dt.timedelta(days=2)
Line = tuple[str, str, bool]


def records(settings: Settings, now: dt.datetime) -> Iterator[Line]:
    """Subject, sentence, and whether it is well; nothing when the database cannot be read, which is
    said elsewhere."""
    if not settings.database_url and not (settings.data / "lawlab.sqlite").exists():
        return
    engine = make_engine(settings.database)
    try:
        with make_sessions(engine)() as session:
            found = [*_chain(session, settings), *_personal(session, settings, now)]
    except SQLAlchemyError:
        return
    finally:
        engine.dispose()
    yield from found


def _chain(session: Session, settings: Settings) -> Iterator[Line]:
    link = newest_link(session)
    if link is None:
        yield "存证", "还没有封存过记录；平台运行的时候，一分钟一次", True
        return
    breaks = verify_newest(session, NEWEST)
    at = f"{link.at.astimezone(settings.zone):%m-%d %H:%M}"
    if breaks:
        yield "存证", break_text(breaks[0], settings.zone) + "请运行 lawlab audit verify", False
    else:
        yield "存证", f"第 {link.number} 环，{at}；最近 {NEWEST} 环对得上", True
    if settings.audit_head_file:
        yield _written(session, Path(settings.audit_head_file))


def _written(session: Session, file: Path) -> Line:
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        return "存证码文件", f"写不进去：{file}", False
    try:
        heads, _ = read_written(file.read_text("utf-8").splitlines()[-NEWEST:])
    except (OSError, UnicodeDecodeError):
        return "存证码文件", f"只能写，读不到，没有核对：{file}", True
    if any(find_head(session, head) is None for head in heads.values()):
        return "存证码文件", f"和平台里的对不上：{file}。请运行 lawlab audit verify", False
    return "存证码文件", f"最近 {len(heads)} 个对得上", True


def _personal(session: Session, settings: Settings, now: dt.datetime) -> Iterator[Line]:
    # One day more than the daily step needs.
    left = sum(due(session, now - LATE, settings.keep_signins_days).values())
    if left:
        yield "个人信息", f"到期没有删除的有 {left} 条。平台要运行着，每天删一次", False
    else:
        yield "个人信息", "到期的都删除了", True
