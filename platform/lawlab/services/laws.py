"""Whole laws for reading: which there are, what one says of itself, and its text by chapters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.chapters import Part, chapters, outline, section_of
from lawlab.domain.statute import Law, LawInfo, number_text, short_name
from lawlab.errors import NotFound
from lawlab.services.lesson_contents import lessons_of_law
from lawlab.services.progress import is_reading, law_address, lesson_address
from lawlab.store.content import courses
from lawlab.store.statutes import REPEALED, Statutes, china_day
from lawlab.store.tables import Course, ItemBank

WAITING = "导入官方文本后，这里会列出各章。"


@dataclass(frozen=True)
class ReadableLaw:
    """A law's text to read; `note` says when it must not be relied on."""

    law: Law
    note: str = ""


def readable_law(statutes: Statutes, name: str) -> ReadableLaw:
    """The text in force; of a law that is not, its newest text with a note. Raises NotFound
    `no_law`."""
    try:
        return ReadableLaw(statutes.law(name))
    except NotFound as error:
        if error.code not in ("law_repealed", "law_not_in_force"):
            raise
    newest = statutes.versions(name)[0]
    return ReadableLaw(statutes.law(name, version=newest.version), standing_note(newest))


def standing_note(info: LawInfo, today: dt.date | None = None) -> str:
    """Why a law's newest text is not the law today, or nothing."""
    if info.status == REPEALED:
        return "这部法律已经废止，现在办事不能依据它。这里的旧文本只供查阅。"
    if info.begins > (today or china_day()):
        return f"这部法律还没有施行，从{_day(info.begins)}起才有效。"
    return ""


def awaited_laws(session: Session) -> set[str]:
    """Laws that the town imports itself, as its courses and banks name them."""
    abouts = session.scalars(select(Course.about))
    banks = session.scalars(select(ItemBank.awaits))
    return {law for about in abouts for law in about.get("awaits", ())} | {
        law for awaits in banks for law in awaits
    }


@contextmanager
def lookup(session: Session, statutes: Statutes, law: str) -> Iterator[None]:
    """A law that is missing inside is NotFound `law_not_imported` when the town awaits it, else
    `no_law` with the names that come near as `near`."""
    try:
        yield
    except NotFound as error:
        if error.code != "no_law":
            raise
        short = short_name(law)
        if short in awaited_laws(session):
            raise NotFound(
                "law_not_imported",
                f"本镇还没有导入《{short}》的官方文本，导入后这里能看到条文。",
                law=short,
            ) from None
        near = statutes.near(law)
        raise NotFound("no_law", error.sentence, law=law[:80], near=near) from None


def law_list(session: Session, statutes: Statutes) -> dict[str, Any]:
    """The laws of the courses in the order of the courses, then the names of all."""
    infos: dict[str, LawInfo] = {}
    for info in statutes.laws():
        infos.setdefault(info.short, info)
    shelves: dict[str, list[str]] = {}
    for shelf in courses(session):
        titles = shelves.setdefault(shelf.law, [])
        if not is_reading(shelf):
            titles.append(shelf.title)
    today = china_day()
    return {
        "courses": [
            {"law": law, "url": law_address(law), "courses": titles, "imported": law in infos}
            for law, titles in shelves.items()
        ],
        "laws": [_named(info, today) for info in infos.values()],
    }


def _named(info: LawInfo, today: dt.date) -> dict[str, Any]:
    mark = "已废止" if info.status == REPEALED else "还没有施行" if info.begins > today else ""
    return {"law": info.short} | ({"mark": mark} if mark else {})


def law_page(session: Session, statutes: Statutes, name: str) -> dict[str, Any]:
    """What the reader shows of a law around its text: dates, outline with article numbers, and
    which lessons treat which article. Raises NotFound `no_law` or `law_not_imported`."""
    with lookup(session, statutes, name):
        found = readable_law(statutes, name)
    info = found.law.info
    treated = lessons_of_law(session, courses(session), info.short)
    return {
        "law": info.name,
        "short": info.short,
        "kind": info.kind,
        "issuer": info.issuer,
        "dates": _dates(info),
        "note": found.note,
        "version": info.version.isoformat(),
        "articles": len(found.law.articles),
        "outline": [_part(part) for part in outline(chapters(found.law))],
        "lessons": {
            number_text(ref.key): [
                {
                    "course": shelf.title,
                    "title": row.title,
                    "url": lesson_address(shelf.slug, row.lesson),
                }
                for shelf, row in lessons
            ]
            for ref, lessons in treated.items()
        },
    }


def law_chapter(session: Session, statutes: Statutes, name: str, number: int) -> dict[str, Any]:
    """The text of one chapter. Raises NotFound `no_chapter`, and as `law_page`."""
    with lookup(session, statutes, name):
        law = readable_law(statutes, name).law
    found = chapters(law)
    if not 1 <= number <= len(found):
        raise NotFound(
            "no_chapter", f"《{law.info.short}》一共分成 {len(found)} 部分，没有您要的这一部分。"
        )
    chapter = found[number - 1]
    return {
        "chapter": chapter.number,
        "title": chapter.title,
        "path": chapter.path[:-1],
        "articles": [
            {
                "number": number_text(article.key),
                "title": article.title,
                "section": section_of(chapter, article),
                "paragraphs": article.paragraphs,
            }
            for article in chapter.articles
        ],
        "paragraphs": [line for line in chapter.text.split("\n") if line.strip()],
    }


def _part(part: Part) -> dict[str, Any]:
    if part.chapter is None:
        return {"title": part.title, "parts": [_part(child) for child in part.parts]}
    numbers = [number_text(key) for key in part.chapter.keys]
    return {"title": part.title, "chapter": part.chapter.number, "numbers": numbers}


def _dates(info: LawInfo) -> str:
    begins, version = _day(info.effective), _day(info.version)
    if info.effective < info.version:
        return f"{begins}起施行；这里是{version}修改后的文本。"
    if info.effective == info.version:
        return f"{version}公布施行。"
    return f"{version}公布，{begins}起施行。"


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
