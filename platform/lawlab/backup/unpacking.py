"""Reading a backup and believing nothing of it: every member is checked before anything is used."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from alembic.config import Config
from alembic.script import ScriptDirectory

from lawlab.backup.manifest import (
    FORMAT,
    HEAD,
    MANIFEST,
    Manifest,
    Member,
    program_version,
    read_head,
    read_manifest,
)
from lawlab.backup.saving import Told
from lawlab.errors import LawlabError
from lawlab.store.engine import MIGRATIONS

_MOST_NAMED = 20
_BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)
"""What reading an archive that is none, or that was damaged, ends with."""


def unpack(file: Path, work: Path, told: Told) -> Manifest:
    """Write every member below `work` and compare it with the manifest. Raises with all faults."""
    faults: list[str] = []
    found: dict[str, Member] = {}
    modes: dict[Path, int] = {}
    manifest: Manifest | None = None
    with _reading(file) as (tar, raw):
        size = file.stat().st_size
        _check_head(file, tar)
        try:
            for member in tar:
                told(member.name, raw.tell(), size)
                if member.name == HEAD:
                    continue
                content = tar.extractfile(member) if member.isreg() else None
                if content is not None and member.name == MANIFEST:
                    manifest = read_manifest(content.read())
                    continue
                place = _place(member, work, faults)
                if place is None:
                    continue
                modes[place] = member.mode & 0o777 | (0o700 if member.isdir() else 0o600)
                if content is None:
                    place.mkdir(parents=True, exist_ok=True, mode=0o700)
                    continue
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                found[member.name] = _write(content.read, place)
                if member.mtime:
                    os.utime(place, (member.mtime, member.mtime))
        except (*_BROKEN, ValueError) as error:
            faults.append(f"读到一半读不下去了（{error}）：文件不完整，或者坏了。")
    if manifest is None:
        faults.append(f"没有读到核对表 {MANIFEST}：文件不完整，或者坏了。")
    else:
        faults += _differences(manifest, found)
    if faults:
        raise _damaged(file, faults)
    assert manifest is not None
    # Folders last: one that may not be written could take no file.
    for place, mode in sorted(modes.items(), reverse=True):
        place.chmod(mode)
    _check_revision(file, manifest)
    return manifest


def _check_head(file: Path, tar: tarfile.TarFile) -> None:
    """Refuse what no `lawlab backup` wrote, and what a newer one did, before it is unpacked."""
    try:
        first = tar.next()
        content = tar.extractfile(first) if first and first.name == HEAD and first.isreg() else None
        if content is None:
            raise ValueError("another archive")
        number, program = read_head(content.read())
    except (*_BROKEN, ValueError) as error:
        raise _no_backup(file) from error
    if number > FORMAT:
        raise _newer(file, program)


def _no_backup(file: Path) -> LawlabError:
    return LawlabError(
        "no_backup",
        f"{file} 不是 lawlab backup 做的备份，或者开头就坏了。请选 lawlab-….tar.gz 这样的文件。",
    )


def _check_revision(file: Path, manifest: Manifest) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if manifest.revision not in known:
        raise _newer(file, f"数据库版本 {manifest.revision}")


def _newer(file: Path, program: str) -> LawlabError:
    return LawlabError(
        "newer_backup",
        f"{file} 是更新的程序（{program}）做的，这里的程序（{program_version()}）读不了。"
        "请先照管理员手册第 13 节升级，再恢复。",
    )


def _place(member: tarfile.TarInfo, work: Path, faults: list[str]) -> Path | None:
    """Where a member goes; None, and a fault, for one that would leave the folder or is no file."""
    try:
        safe = tarfile.data_filter(member, str(work))
    except tarfile.FilterError:
        faults.append(f"“{member.name}”会写到数据文件夹以外。")
        return None
    if not (member.isreg() or member.isdir()):
        faults.append(f"“{member.name}”不是普通文件。")
        return None
    return work / safe.name


def _write(read: Callable[[int], bytes], place: Path) -> Member:
    digest, size = hashlib.sha256(), 0
    with place.open("xb") as target:
        while block := read(2**20):
            target.write(block)
            digest.update(block)
            size += len(block)
        target.flush()
        os.fsync(target.fileno())
    return Member(digest.hexdigest(), size)


def _differences(manifest: Manifest, found: dict[str, Member]) -> list[str]:
    faults = [f"缺少“{name}”。" for name in sorted(manifest.members.keys() - found.keys())]
    faults += [f"多出“{name}”。" for name in sorted(found.keys() - manifest.members.keys())]
    return faults + [
        f"“{name}”和做备份的时候不一样。"
        for name, member in sorted(manifest.members.items())
        if name in found and found[name] != member
    ]


def _damaged(file: Path, faults: list[str]) -> LawlabError:
    named = faults[:_MOST_NAMED]
    if len(faults) > len(named):
        named.append(f"……还有 {len(faults) - len(named)} 处。")
    listed = "\n".join(f"  {n}. {fault}" for n, fault in enumerate(named, 1))
    return LawlabError(
        "damaged_backup",
        f"{file} 有 {len(faults)} 处问题，没有恢复任何内容：\n{listed}\n请换一份备份。",
    )


@contextmanager
def _reading(file: Path) -> Iterator[tuple[tarfile.TarFile, BinaryIO]]:
    """The archive, and the file below it, whose place tells how far one is."""
    try:
        raw = file.open("rb")
    except OSError as error:
        raise LawlabError("no_backup", f"{file} 打不开：{error.strerror}。") from error
    with raw:
        try:
            tar = tarfile.open(fileobj=raw, mode="r:gz")  # noqa: SIM115 - closed below
        except _BROKEN as error:
            raise _no_backup(file) from error
        with tar:
            yield tar, raw
