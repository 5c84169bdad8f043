"""Writes the published lessons as notebooks for `learn`, with their pictures; the folder can always
be made again.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from lawlab.domain.picture import FOLDER
from lawlab.store.content import lesson_pages
from lawlab.store.pictures import shown_pictures

log = logging.getLogger("lawlab.pages")


def write_pages(session: Session, pages: Path) -> int:
    """Bring `pages` in step with the database and return how many files were written.

    A file is replaced whole, an equal one is left alone, and one that no course shows any more is
    removed. Reads only what is committed; processes that write at once wait for each other.
    """
    pages.mkdir(parents=True, exist_ok=True)
    with _alone(pages / ".lock"):
        # A transaction of its own, begun inside the lock: it sees what others committed meanwhile.
        with Session(session.get_bind()) as fresh:
            lessons = lesson_pages(fresh)
            wanted = {
                pages / course / f"{stem}.ipynb": text.encode()
                for (course, stem), text in lessons.items()
            }
            # Pictures first: no page shows one that is not there yet.
            pictures = {
                pages / course / FOLDER / name: content
                for (course, name), content in shown_pictures(fresh, lessons).items()
            }
            wanted = pictures | wanted
        written = [path for path, content in wanted.items() if _replace(path, content)]
        for path in [*pages.glob("*/*.ipynb"), *pages.glob(f"*/{FOLDER}/[!.]*")]:
            if path not in wanted:
                path.unlink()
    return len(written)


def try_pages(session: Session, pages: Path) -> None:
    """`write_pages`, after something was stored. What is stored stays so though its pages cannot be
    written now: that is logged, and the API tries again (`lawlab.api.page_watch`)."""
    try:
        write_pages(session, pages)
    except Exception:
        log.exception("the pages of lessons were not written")


def _replace(path: Path, content: bytes) -> bool:
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)
    return True


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
