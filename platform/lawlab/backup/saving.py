"""`lawlab backup`: everything that people made, in one file, while everything runs.

The order decides whether what was saved fits together. First the platform's database, at one
moment. Then, while the grader holds still, gradebook and course folder; then the other files. So
files are never older than the database: whatever it says was done has its files, and what it does
not know yet is either a job that waits in it, which the grader does again any number of times with
the same result, or nobody's. The other way round, a hand-in that was graded between the two would
count as done and have no file.

Secrets are in it: the codes on printed certificates, sign-in pages and tokens hold only with them.
So the file is as secret as the data folder, and of mode 0600.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from lawlab.backup.databases import Snapshot, snapshot_postgresql, snapshot_sqlite
from lawlab.backup.files import COURSES, WORK, Archive, bytes_below, save_entry, top_entries
from lawlab.backup.manifest import (
    DATABASE,
    DUMP,
    GRADEBOOK_DUMP,
    HEAD,
    MANIFEST,
    Manifest,
    head,
)
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.config import gradebook_url
from lawlab.grading.course import locked

RESERVE = 256 * 2**20
"""Bytes that stay free: answers are written to the same disk."""
PATIENCE_S = 600.0
"""How long a backup waits for the grader, which holds the course while it marks many papers."""
Told = Callable[[str, int, int], None]
"""Hears what is being saved, how many steps are done, and of how many."""


def save(
    settings: Settings,
    target: Path,
    now: dt.datetime,
    told: Told = lambda _what, _done, _of: None,
    *,
    replace: bool = False,
) -> Manifest:
    """Save an installation in a new file `target`; under that name it is complete or not there.

    Raises LawlabError: `backup_exists` (unless `replace`), `backup_place`, `no_space`,
    `course_busy`, `no_database`, or what the databases say.
    """
    target = target.resolve()
    _check(settings, target, replace=replace)
    work = Path(tempfile.mkdtemp(prefix=WORK, dir=target.parent))
    try:
        whole = work / target.name
        with _telling_of_space(target):
            manifest = _write(settings, work, whole, now, told)
        if target.exists() and not replace:
            raise _exists(target)
        whole.replace(target)
        sync_folder(target.parent)
        return manifest
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(settings: Settings, work: Path, whole: Path, now: dt.datetime, told: Told) -> Manifest:
    entries = top_entries(settings.data)
    steps = len(entries) + 2
    descriptor = os.open(whole, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            archive = Archive(tar, work)
            archive.frame(HEAD, head())
            told("数据库", 0, steps)
            found = _save_database(settings, archive)
            with ExitStack() as stack:
                held = False
                for done, name in enumerate(entries, 1):
                    told(name, done, steps)
                    if name in COURSES and not held:
                        held = True
                        stack.enter_context(_grader_still(settings))
                        _save_gradebook(settings, archive)
                    if name not in COURSES:
                        stack.close()
                    save_entry(archive, settings.data, name)
            told("核对表", steps - 1, steps)
            manifest = Manifest(
                revision=found.revision or "",
                database=make_url(settings.database).get_backend_name(),
                made_at=now,
                town=settings.town,
                program_year=settings.program_year,
                members=archive.members,
                tables=found.tables,
                remarks=tuple(archive.remarks),
            )
            archive.frame(MANIFEST, manifest.to_json())
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _save_database(settings: Settings, archive: Archive) -> Snapshot:
    """The platform's own. Its copy goes at once: a small disk holds it no longer than needed."""
    copy = archive.work / "database"
    if settings.database_url and not settings.database_url.startswith("sqlite"):
        found = snapshot_postgresql(settings.database, copy)
        archive.put_file(DUMP, copy)
    else:
        source = Path(make_url(settings.database).database or "")
        if not source.exists():
            raise LawlabError(
                "no_database",
                f"{settings.data} 里没有数据库，没有可以备份的。请先查 LAWLAB_DATA 写对没有。",
            )
        found = snapshot_sqlite(source, copy)
        archive.put_file(DATABASE, copy)
    copy.unlink()
    return found


def _save_gradebook(settings: Settings, archive: Archive) -> None:
    """nbgrader's own, where it is no file of the course folder and not in the platform's."""
    url = gradebook_url(settings)
    if not url.startswith("postgresql") or same_database(url, settings.database):
        return
    copy = archive.work / "gradebook"
    snapshot_postgresql(url, copy)
    archive.put_file(GRADEBOOK_DUMP, copy)
    copy.unlink()


def same_database(one: str, other: str) -> bool:
    """Whether two addresses lead to one database, perhaps to different schemas in it."""
    first, second = make_url(one), make_url(other)
    return (first.host, first.port, first.database, first.query.get("host")) == (
        second.host,
        second.port,
        second.database,
        second.query.get("host"),
    )


@contextmanager
def _grader_still(settings: Settings) -> Iterator[None]:
    """Hold the course folder, so that no half-written submission is saved."""
    deadline = time.monotonic() + PATIENCE_S
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(locked(settings.data / "grading" / "course.lock", wait=False))
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LawlabError(
                        "course_busy",
                        f"判分已经连续进行了 {PATIENCE_S / 60:.0f} 分钟，没有备份。"
                        "请等它做完再试。",
                    ) from None
                time.sleep(0.2)
        yield


def _check(settings: Settings, target: Path, *, replace: bool) -> None:
    if target.exists() and not replace:
        raise _exists(target)
    if not target.parent.is_dir():
        raise LawlabError("backup_place", f"没有文件夹 {target.parent}。请先建好，或者插上备份盘。")
    data = settings.data.resolve()
    if target.is_relative_to(data) and not target.is_relative_to(data / "backups"):
        raise LawlabError(
            "backup_place",
            f"备份不能放在数据文件夹 {data} 里，不然下一次会把它也备份进去。请换一个地方。",
        )
    if not os.access(target.parent, os.W_OK):
        raise LawlabError(
            "backup_place",
            f"没有权限写文件夹 {target.parent}。请换一个文件夹，或者让平台的账号能写它。",
        )
    # Nothing compressed and the database twice: more than it will be.
    needed, free = bytes_below(data), shutil.disk_usage(target.parent).free
    if free < needed + RESERVE:
        raise _no_space(target, free, needed + RESERVE)


@contextmanager
def _telling_of_space(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _no_space(target, shutil.disk_usage(target.parent).free) from error


def _no_space(target: Path, free: int, needed: int = 0) -> LawlabError:
    wanted = f"，最多要 {needed / 2**30:.2f} GB" if needed else ""
    return LawlabError(
        "no_space",
        f"{target.parent} 的空间不够：还有 {free / 2**30:.2f} GB{wanted}。没有备份，"
        "请清出地方，或换一个文件夹。",
    )


def _exists(target: Path) -> LawlabError:
    return LawlabError(
        "backup_exists", f"{target} 已经有了，备份不会覆盖它。请换一个名字，比如加上日期。"
    )


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
