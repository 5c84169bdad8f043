"""A course as its page shows it: its lessons with progress, and the map over its law's chapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.chapters import Chapter, Part, chapters, outline
from lawlab.domain.statement import statement_digest
from lawlab.domain.statute import Key, Law, number_text
from lawlab.errors import LawlabError, NotFound
from lawlab.services.laws import WAITING, readable_law
from lawlab.services.lesson_contents import LessonContent, lesson_contents
from lawlab.services.progress import Standing, is_reading, law_address, standings
from lawlab.services.scoring import card_answers_everywhere
from lawlab.services.sessions import Caller
from lawlab.store.content import CourseRow, courses, out_of_use
from lawlab.store.statutes import Statutes
from lawlab.store.tables import Confirmation


def course_page(session: Session, caller: Caller, statutes: Statutes, slug: str) -> dict[str, Any]:
    """Everything the page of one course shows. Raises NotFound `no_course`."""
    shelf = next((row for row in courses(session) if row.slug == slug), None)
    if shelf is None:
        raise NotFound(
            "no_course", "没有这门课程，也可能已经撤下。请回首页看看。", course=slug[:80]
        )
    given = card_answers_everywhere(session, caller.person_id)
    lessons = standings(shelf, given, out_of_use(session))
    contents = lesson_contents(session, shelf.lessons)
    of_lesson = {row.lesson: contents[row.course, row.lesson] for row in shelf.lessons}
    confirmed = set(session.scalars(select(Confirmation.digest)))
    law, waiting = _law(statutes, shelf)
    about = shelf.about
    return {
        "slug": slug,
        "title": shelf.title,
        "law": shelf.law,
        "law_url": law_address(shelf.law),
        "reading": is_reading(shelf),
        "audience": about.get("audience", []),
        "sources": about.get("sources", []),
        "checked": about.get("checked"),
        "lessons": [
            lesson.to_json() | {"unconfirmed": _waiting(of_lesson[lesson.lesson], confirmed)}
            for lesson in lessons
        ],
        "done": sum(lesson.complete for lesson in lessons),
        "map": law and _map(law, lessons, of_lesson),
        "waiting": waiting,
        "others": _others(shelf.law, lessons, of_lesson),
    }


def _law(statutes: Statutes, shelf: CourseRow) -> tuple[Law | None, str]:
    """The course's law, or why there is no map of it."""
    try:
        return readable_law(statutes, shelf.law).law, ""
    except LawlabError as error:
        awaited = shelf.law in shelf.about.get("awaits", [])
        return None, WAITING if awaited else error.sentence


def _waiting(content: LessonContent, confirmed: set[str]) -> int:
    """How many statements of a lesson nobody has confirmed yet."""
    return sum(
        statement_digest(said.text, said.source) not in confirmed for said in content.unconfirmed
    )


def _map(
    law: Law, lessons: list[Standing], contents: Mapping[str, LessonContent]
) -> dict[str, Any]:
    """The law's outline with what each chapter has of lessons. A lesson is named by its number."""
    treated: dict[str, list[int]] = {}
    for lesson in lessons:
        for ref in contents[lesson.lesson].articles:
            if ref.law == law.info.short:
                treated.setdefault(number_text(ref.key), []).append(lesson.number)
    found = chapters(law)
    known = {number_text(article.key) for article in law.articles}
    return {
        "articles": len(known),
        "treated": len(known & treated.keys()),
        "outline": [_part(part, treated) for part in outline(found)],
    }


def _part(part: Part, treated: Mapping[str, list[int]]) -> dict[str, Any]:
    inside = part.chapters
    shown = {
        "title": part.title,
        "articles": sum(len(chapter.articles) for chapter in inside),
        "treated": sum(len(_treated(chapter, treated)) for chapter in inside),
    }
    if part.chapter is None:
        return shown | {"parts": [_part(child, treated) for child in part.parts]}
    mine = _treated(part.chapter, treated)
    numbers = {lesson for number in mine for lesson in treated[number]}
    return shown | {"chapter": part.chapter.number, "numbers": mine, "lessons": sorted(numbers)}


def _treated(chapter: Chapter, treated: Mapping[str, list[int]]) -> list[str]:
    return [number for number in map(number_text, chapter.keys) if number in treated]


def _others(
    law: str, lessons: list[Standing], contents: Mapping[str, LessonContent]
) -> list[dict[str, Any]]:
    """Articles of other laws that the lessons treat, by law in the order of their appearance."""
    found: dict[str, set[Key]] = {}
    for lesson in lessons:
        for ref in contents[lesson.lesson].articles:
            if ref.law != law:
                found.setdefault(ref.law, set()).add(ref.key)
    return [
        {
            "law": name,
            "url": law_address(name),
            "numbers": [number_text(key) for key in sorted(keys)],
        }
        for name, keys in found.items()
    ]
