"""Pictures of a course: read and checked beside its lessons, stored with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.lesson import Lesson
from lawlab.domain.picture import FOLDER, MOST_BYTES, file_faults, use_faults
from lawlab.store.tables import LessonPicture


def read_pictures(
    folder: Path, lessons: Mapping[str, Lesson]
) -> tuple[dict[str, bytes], list[str]]:
    """Name → content of the pictures in a course's folder, and every fault: files that are no
    pictures or too large, pictures that are missing, and files that no lesson shows."""
    contents, faults = {}, []
    for path in sorted((folder / FOLDER).glob("[!.]*")):
        # A link could lead to any file of the server.
        if path.is_symlink() or not path.is_file():
            faults.append(f"{FOLDER}/{path.name}：这里只能放图片文件，不能放文件夹和链接。")
            continue
        size = path.stat().st_size
        contents[path.name] = path.read_bytes() if size <= MOST_BYTES else b""
        faults += file_faults(path.name, size, contents[path.name])
    used = {stem: lesson.pictures for stem, lesson in lessons.items()}
    return contents, faults + use_faults(used, contents)


def store_pictures(
    session: Session,
    course: str,
    pictures: Mapping[str, bytes],
    *,
    keep: bool = False,
    drop: bool = True,
) -> set[str]:
    """Make these the pictures of a course; with `keep` those that are stored stay as they are, and
    only others are added; without `drop` those that are not named stay. Returns the names of those
    that came, went or look otherwise now. No commit."""
    rows = session.scalars(select(LessonPicture).where(LessonPicture.course_slug == course))
    stored = {row.name: row for row in rows}
    gone = stored.keys() - pictures.keys() if drop and not keep else set()
    for name in gone:
        session.delete(stored[name])
    changed = set(gone)
    for name, content in pictures.items():
        if keep and name in stored:
            continue
        sha256 = _sha256(content)
        row = stored.get(name)
        if row is None:
            row = LessonPicture(course_slug=course, name=name, sha256="", content=b"")
            session.add(row)
        if row.sha256 != sha256:
            row.sha256, row.content = sha256, content
            changed.add(name)
    return changed


def unpublished_pictures(session: Session, course: str, pictures: Mapping[str, bytes]) -> set[str]:
    """The names of those pictures that are not stored, or look otherwise there."""
    query = select(LessonPicture.name, LessonPicture.sha256)
    rows = session.execute(query.where(LessonPicture.course_slug == course)).all()
    stored = dict(rows)
    return {name for name, content in pictures.items() if stored.get(name) != _sha256(content)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
