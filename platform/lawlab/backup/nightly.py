"""The nightly backups: made in `<data>/backups`, rotated, and copied to the folder that the admin
named; what became of them stands in `last.json`. A program of its own, so that nobody waits for it.
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import json
import logging
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from lawlab.config import Settings
from lawlab.domain.nightly import (
    Made,
    Nightly,
    copy_due,
    due,
    file_name,
    looked,
    night_in,
    superfluous,
)
from lawlab.errors import LawlabError

log = logging.getLogger(__name__)

PAUSE_S = 30.0
"""Between two looks at the clock."""
WORK = ".lawlab-"
"""So begin the names of what is being made; what a killed process left is removed."""


def folder_of(settings: Settings) -> Path:
    return settings.data / "backups"


def read_nightly(settings: Settings) -> Nightly | None:
    """What is known of the nightly backups; None before the first look, or when it is damaged."""
    try:
        return Nightly.from_json(json.loads((folder_of(settings) / "last.json").read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def watch(settings: Settings) -> None:
    """Look at the clock for ever. Raises BlockingIOError when another process does."""
    with _alone(settings):
        while not look(settings, dt.datetime.now(settings.zone)):
            time.sleep(PAUSE_S)
    # The same process begins anew: what the work brought into memory would stay all day.
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own words


def look(settings: Settings, now: dt.datetime) -> bool:
    """Make the night's backup when it is due, and the copy that is missing; says whether there was
    something to do, and what came of it is noted. `now` is the town's time. What goes wrong is
    noted, and tried again later."""
    known = read_nightly(settings)
    state = looked(known or Nightly(since=now), now, settings.backup_hour)
    night = due(state, now, settings.backup_hour)
    busy = night is not None or (bool(settings.backup_folder) and copy_due(state, now))
    if busy:
        state = replace(state, tried_at=now, faults=())
        state = _with(state, lambda: _make(settings, state, night, now)) if night else state
        if not state.faults and settings.backup_folder:
            state = _with(state, lambda: _copy(settings, state))
        for fault in state.faults:
            log.error("夜间备份：%s", fault)
    if state != known:
        try:
            _note(settings, state)
        except OSError as error:  # a disk that is full to the last byte
            log.error("夜间备份的情况记不下来：%s", error)
            return False
    return busy


def _make(settings: Settings, state: Nightly, night: dt.date, now: dt.datetime) -> Nightly:
    # Imported when needed: until then the program is small.
    from lawlab.backup.manifest import digest_of
    from lawlab.backup.saving import save

    folder = folder_of(settings)
    file = folder / file_name(night)
    began = time.monotonic()
    save(settings, file, now, replace=True)
    seconds = round(time.monotonic() - began, 1)
    made = Made(night, now, file.name, file.stat().st_size, seconds, digest_of(file))
    # Only now: a disk that is full keeps the old ones.
    _rotate(folder, settings.backup_keep, night)
    log.info("%s 的备份已做好，%.1f MB，用了 %.1f 秒", night, made.size / 2**20, seconds)
    nights = sorted(filter(None, (night_in(one.name) for one in folder.iterdir())))
    return replace(state, nights=tuple(nights), made=made)


def _copy(settings: Settings, state: Nightly) -> Nightly:
    """Copy the newest, read the copy back, and only then rename it and remove old ones."""
    from lawlab.backup.manifest import digest_of
    from lawlab.backup.saving import sync_folder

    assert state.made is not None
    folder, source = Path(settings.backup_folder), folder_of(settings) / state.made.file
    # Not made here: it may be a disk that is not plugged in.
    if not folder.is_dir():
        raise LawlabError(
            "no_backup_folder",
            f"没有文件夹 {folder}，备份没有另存一份。请看备份盘插好没有，或改正 backup_folder。",
        )
    target = folder / state.made.file
    part = folder / f"{WORK}{secrets.token_hex(4)}.part"
    try:
        shutil.copyfile(source, part)
        part.chmod(0o600)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        if digest_of(part) != state.made.sha256:
            raise LawlabError(
                "bad_copy", f"另存到 {folder} 的备份读回来不一样，已删去。请检查备份盘。"
            )
        part.replace(target)
        sync_folder(folder)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    _rotate(folder, settings.backup_keep, state.made.night)
    return replace(state, made=replace(state.made, copied=str(target)))


def _with(state: Nightly, act: Callable[[], Nightly]) -> Nightly:
    """The state after `act`, or before it with its fault."""
    try:
        return act()
    except LawlabError as error:
        fault = error.sentence
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        fault = "磁盘满了，备份没有做成。" if full else f"备份没有做成：{error}"
    except Exception as error:
        # Whatever it is must not end the program that tells of it.
        log.debug("出错位置", exc_info=True)
        fault = f"备份没有做成：{type(error).__name__}: {error}"
    return replace(state, faults=(fault,))


def _rotate(folder: Path, keep: int, newest: dt.date) -> None:
    for name in superfluous((one.name for one in folder.iterdir()), keep, newest):
        (folder / name).unlink(missing_ok=True)


def _note(settings: Settings, state: Nightly) -> None:
    folder = folder_of(settings)
    folder.mkdir(exist_ok=True, mode=0o700)
    new = folder / ".last.json"
    new.write_text(json.dumps(state.to_json(), ensure_ascii=False, indent=1), "utf-8")
    new.replace(folder / "last.json")


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    folder = folder_of(settings)
    folder.mkdir(exist_ok=True, mode=0o700)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for leftover in folder.glob(f"{WORK}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield
