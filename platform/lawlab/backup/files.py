"""Which files of the data folder belong in a backup, and what they are written into."""

from __future__ import annotations

import shutil
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

from lawlab.backup.databases import copy_sqlite, is_sqlite
from lawlab.backup.manifest import DATA, Member, digest_of
from lawlab.errors import LawlabError

REMADE = frozenset({"run", "logs", "cache", "grading", "backups"})
"""Below the data folder, and not in a backup: made anew when missing, or backups themselves. Of
`grading`: locks, and nbgrader's own copies of what lies in the exchange."""
WORK = ".lawlab-backup-"
"""So begins the name of a folder in which a backup is being put together."""
COURSES = ("trainers", "exchange")
"""Where the grader works: read while it holds still."""
PLATFORM, SESSIONS = "lawlab.sqlite", "hub.sqlite"
"""The platform's database comes as a snapshot. The Hub's holds who is signed in, and nothing that
somebody made: after a restore everybody signs in again."""
GRADEBOOK = "gradebook.db"
_BESIDE = ("-wal", "-shm", "-journal")
_WHOLE = 64 * 2**20
"""Bytes. Smaller files are read at once, so that a change meanwhile leaves no half file."""


@dataclass
class Archive:
    """The file that is being written: members with their checksums, and what was not saved
    as it should be."""

    tar: tarfile.TarFile
    work: Path
    members: dict[str, Member] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def frame(self, name: str, content: bytes) -> None:
        """Add one of the two members that the manifest does not name."""
        self._add(name, BytesIO(content), len(content), 0o600, 0)

    def put(self, name: str, content: bytes, mode: int, mtime: float) -> None:
        self._add(name, BytesIO(content), len(content), mode, mtime)
        self.members[name] = Member(sha256(content).hexdigest(), len(content))

    def put_file(self, name: str, file: Path, mode: int = 0o600, mtime: float = 0) -> None:
        """Add a file that nobody else changes."""
        size = file.stat().st_size
        with file.open("rb") as content:
            self._add(name, content, size, mode, mtime)
        self.members[name] = Member(digest_of(file), size)

    def put_folder(self, name: str, mode: int, mtime: float) -> None:
        info = _info(name, 0, mode, mtime)
        info.type = tarfile.DIRTYPE
        self.tar.addfile(info)

    def _add(self, name: str, content: IO[bytes], size: int, mode: int, mtime: float) -> None:
        self.tar.addfile(_info(name, size, mode, mtime), content)


def top_entries(data: Path) -> list[str]:
    """What lies in the data folder and belongs in a backup, the grader's folders first. Hidden
    files are the account's own: the data folder is its home."""
    names = [
        name
        for name in sorted(one.name for one in data.iterdir())
        if not name.startswith((".", PLATFORM, SESSIONS)) and name not in REMADE
    ]
    return sorted(names, key=lambda name: name not in COURSES)


def bytes_below(data: Path) -> int:
    """About how much there is to save, the databases too."""
    total = sum(file.stat().st_size for file in data.glob(f"{PLATFORM}*"))
    for name in top_entries(data):
        for file in _walk(data / name):
            total += _size(file)
    return total


def save_entry(archive: Archive, data: Path, name: str) -> None:
    """One entry of the data folder with everything below it."""
    for file in _walk(data / name):
        _save(archive, data, file)


def _save(archive: Archive, data: Path, file: Path) -> None:
    name = f"{DATA}/{file.relative_to(data)}"
    try:
        facts = file.lstat()
        mode = stat.S_IMODE(facts.st_mode)
        if stat.S_ISDIR(facts.st_mode):
            archive.put_folder(name, mode, facts.st_mtime)
        elif not stat.S_ISREG(facts.st_mode):
            archive.remarks.append(f"{file}：不是普通文件（链接或套接字）")
        elif is_sqlite(file) and (copy := _database_copy(archive, file)):
            archive.put_file(name, copy, mode, facts.st_mtime)
        elif facts.st_size < _WHOLE:
            archive.put(name, file.read_bytes(), mode, facts.st_mtime)
        else:
            copy = archive.work / "copy"
            shutil.copyfile(file, copy)
            archive.put_file(name, copy, mode, facts.st_mtime)
    except FileNotFoundError:
        return  # gone since the folder was read: it is not there at the end either
    except PermissionError:
        archive.remarks.append(f"{file}：没有权限读")


def _database_copy(archive: Archive, file: Path) -> Path | None:
    """A copy as of one moment. None for a database that is damaged and only some trainer's own:
    it is saved as it is, and must not keep everything else from being saved."""
    copy = archive.work / "copy.sqlite"
    copy.unlink(missing_ok=True)
    try:
        copy_sqlite(file, copy)
    except LawlabError:
        if file.name == GRADEBOOK:
            raise
        archive.remarks.append(f"{file}：这个数据库坏了，照原样备份")
        return None
    return copy


def _walk(top: Path) -> Iterator[Path]:
    """A file, or a folder and everything below it that belongs in a backup, folders first."""
    yield top
    if not top.is_dir() or top.is_symlink():
        return
    try:
        names = sorted(one.name for one in top.iterdir())
    except OSError:
        return  # gone, or not ours; the folder itself was told of
    there = set(names)
    for name in names:
        beside = any(
            name.endswith(end) and name.removesuffix(end) in there for end in _BESIDE
        )  # of a database, which is copied as a whole
        # JupyterLab's own last copies of notebooks are beside the notebooks.
        if not (beside or name.startswith(WORK) or name == ".ipynb_checkpoints"):
            yield from _walk(top / name)


def _size(file: Path) -> int:
    try:
        facts = file.lstat()
    except OSError:
        return 0
    return facts.st_size if stat.S_ISREG(facts.st_mode) else 0


def _info(name: str, size: int, mode: int, mtime: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, mode, int(mtime)
    return info
