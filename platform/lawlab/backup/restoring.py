"""`lawlab restore`: an installation from a backup onto an empty machine.

Everything is unpacked into a hidden folder beside its place and checked there; all faults are told
together. Only then it is moved, the database last, so that whatever is interrupted leaves no
installation that looks whole.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from lawlab.backup.databases import (
    objects_in,
    restore_postgresql,
    rows_in,
    tables_in,
    take_back,
)
from lawlab.backup.files import PLATFORM, REMADE
from lawlab.backup.manifest import DATA, DATABASE, DUMP, GRADEBOOK_DUMP, Manifest
from lawlab.backup.saving import Told, same_database, sync_folder
from lawlab.backup.unpacking import unpack
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.config import gradebook_url
from lawlab.store.engine import migrate

WORK = ".lawlab-restore-"
SETTINGS = "lawlab.toml"
"""One that is there already holds: a new machine has its own database and port."""
LoadSettings = Callable[[Path], Settings]


def restore(
    file: Path,
    data: Path,
    load: LoadSettings,
    told: Told = lambda _what, _done, _of: None,
) -> tuple[Manifest, Settings]:
    """Make the installation that `file` holds in the folder `data`, and bring its tables up to
    date; returns what the backup says of itself, and the settings that hold now.

    `load` reads the settings of a data folder: those of the backup hold when there are none yet.
    Raises LawlabError: `restore_place` when something is in the way, `no_backup`, `newer_backup`,
    `damaged_backup`, or what the database says; then nothing has changed.
    """
    data = data.resolve()
    _check_place(data)
    made = not data.exists()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in data.glob(f"{WORK}*"):  # of one that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=WORK, dir=data))
    filled: dict[str, Collection[str]] = {}
    try:
        manifest = unpack(file, work, told)
        entries = work / DATA
        entries.mkdir(exist_ok=True)
        _check_entries(entries, data)
        settings = load(data if (data / SETTINGS).exists() else entries)
        _bring_in_database(settings, manifest, work, filled)
        _move(entries, data)
        return manifest, load(data)
    except BaseException:
        for url, before in filled.items():
            with suppress(LawlabError):  # the first fault is the one to tell
                take_back(url, before)
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if made and not any(data.iterdir()):
            data.rmdir()


def _check_place(data: Path) -> None:
    if (data / PLATFORM).exists():
        raise LawlabError(
            "restore_place",
            f"{data} 里已经有数据库，恢复不会覆盖它。请先把这个文件夹改名留着，"
            "再建一个空的；或者用 LAWLAB_DATA 指明另一个空文件夹。",
        )


def _check_entries(entries: Path, data: Path) -> None:
    there = sorted(
        one.name
        for one in entries.iterdir()
        if one.name != SETTINGS and one.name not in REMADE and (data / one.name).exists()
    )
    if there:
        raise LawlabError(
            "restore_place",
            f"{data} 里已经有：{'、'.join(there)}。恢复不会覆盖它们。"
            "请先把这个文件夹改名留着，再建一个空的。",
        )


def _bring_in_database(
    settings: Settings, manifest: Manifest, work: Path, filled: dict[str, Collection[str]]
) -> None:
    """`filled` takes the PostgreSQL databases that were filled, with what was there before."""
    postgresql = settings.database.startswith("postgresql")
    if postgresql != (manifest.database == "postgresql"):
        raise LawlabError(
            "restore_place",
            f"这份备份的数据库是 {_KINDS[not postgresql]}，现在的设置用的是 {_KINDS[postgresql]}。"
            + _ADVICE[not postgresql],
        )
    dumps = {settings.database: work / DUMP} if postgresql else {}
    if (work / GRADEBOOK_DUMP).exists():
        dumps[_place_of_gradebook(settings)] = work / GRADEBOOK_DUMP
    for url in dumps:
        if there := tables_in(url):
            raise LawlabError(
                "restore_place",
                f"PostgreSQL 里的数据库不是空的（有 {there[0]} 等 {len(there)} 张表），"
                "恢复不会覆盖它。请照管理员手册第 10 节新建一个空的，写进 database_url。",
            )
    url = settings.database if postgresql else f"sqlite:///{work / DATABASE}"
    for target, dump in dumps.items():
        before = objects_in(target)
        restore_postgresql(target, dump)  # all or nothing
        filled[target] = before
    _compare_rows(manifest, url)
    migrate(url)


def _place_of_gradebook(settings: Settings) -> str:
    """Where a gradebook goes that had a PostgreSQL database of its own."""
    url = gradebook_url(settings)
    if not url.startswith("postgresql") or same_database(url, settings.database):
        raise LawlabError(
            "restore_place",
            "这份备份的成绩册在另一个 PostgreSQL 数据库里，现在的设置没有。请照原来的设置再恢复。",
        )
    from lawlab.grading.postgres import ensure_database  # brings nbgrader along

    ensure_database(settings, url)
    return url


_KINDS = ("自带的 SQLite", "PostgreSQL")
_ADVICE = (
    "请把 lawlab.toml 里的 database_url 去掉，也不要设 LAWLAB_DATABASE_URL，再恢复。",
    "请用 LAWLAB_DATABASE_URL 指明一个空的 PostgreSQL 数据库，再恢复。",
)


def _compare_rows(manifest: Manifest, url: str) -> None:
    found = rows_in(url)
    wrong = [
        f"表 {name} 有 {found.get(name, 0)} 行，备份时有 {rows} 行。"
        for name, rows in manifest.tables.items()
        if found.get(name, 0) != rows
    ]
    if wrong:
        raise LawlabError("damaged_backup", "恢复出来的数据库和备份时不一样：\n" + "\n".join(wrong))


def _move(entries: Path, data: Path) -> None:
    """Give everything its place, the database last: without it nothing starts. All or nothing,
    as far as it is not killed."""
    moved: list[str] = []
    try:
        for one in sorted(entries.iterdir(), key=lambda one: (one.name == PLATFORM, one.name)):
            if one.name in REMADE or (one.name == SETTINGS and (data / SETTINGS).exists()):
                continue
            one.rename(data / one.name)
            moved.append(one.name)
        sync_folder(data)
    except BaseException:
        for name in reversed(moved):
            (data / name).rename(entries / name)
        raise
