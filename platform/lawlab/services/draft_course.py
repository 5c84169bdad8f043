"""A course as trainers are writing it, read from the folder 备课 and checked against the law and
what is published. A lesson without a file there stands for its published version."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tomllib
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.course import LESSON, CourseFile, read_course, repeated_card_faults
from lawlab.domain.lesson import Lesson, read_lesson
from lawlab.domain.picture import FOLDER, MOST_BYTES, file_faults
from lawlab.errors import LawlabError
from lawlab.services.checking import lesson_faults
from lawlab.services.course_versions import course_file
from lawlab.services.draft_faults import Fault, placed
from lawlab.services.draft_files import ABOUT, DraftFile, DraftFiles
from lawlab.services.item_versions import digest
from lawlab.services.pictures import unpublished_pictures
from lawlab.store.content import newest_items, newest_lessons, out_of_use
from lawlab.store.items import drafts as item_drafts
from lawlab.store.statutes import Statutes
from lawlab.store.tables import Course, LessonVersion

UNWRITABLE = "文件里有不完整的字符，保存不了。请把乱码的地方删去，重新输入，再保存一次。"
_TOML_PLACE = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True)
class DraftLesson:
    """One file. `digest` stands for its content as it would be published, other pictures behind
    equal words included; `stamp` for its bytes; `base` is the newest version when it began (0:
    none)."""

    stem: str
    content: Lesson
    faults: tuple[Fault, ...]
    digest: str
    stamp: str
    base: int
    changed_at: dt.datetime


@dataclass(frozen=True)
class DraftCourse:
    """What could be read of a draft. `notes` are worth knowing and keep nothing back."""

    slug: str
    file: CourseFile | None
    stamp: str
    lessons: dict[str, DraftLesson]
    pictures: dict[str, bytes]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What a draft is compared with."""

    statutes: Statutes
    on: dt.date
    cards: frozenset[str]
    """Items that are published."""
    resting: frozenset[str]
    """Those of them that are out of use."""
    drafted: frozenset[str]
    """Items of which there is a draft."""


def known_content(session: Session, statutes: Statutes, on: dt.date) -> Known:
    """What is published now."""
    return Known(
        statutes,
        on,
        frozenset(newest_items(session)),
        frozenset(out_of_use(session)),
        frozenset(item_drafts(session)),
    )


def read_draft_course(
    session: Session,
    files: DraftFiles,
    slug: str,
    known: Known,
    only: Container[str] | None = None,
) -> DraftCourse:
    """The draft of a course with everything that is wrong with it. Without a `course.toml` of its
    own it presents itself as the published course does. With `only` the other lessons are read, and
    not compared with the law."""
    published = newest_lessons(session, slug)
    stems = [stem for stem in files.notebooks(slug) if LESSON.fullmatch(stem)]
    file, stamp, faults = _about(session, files, slug, {*stems, *published}, known.on)
    law, awaits = (file.law, file.awaits) if file else ("", ())
    lessons = {}
    for stem in _in_order(stems, file.order if file else ()):
        compared = known if only is None or stem in only else None
        found = _lesson(files, slug, stem, law, awaits, compared)
        if found:
            lessons[stem] = found
    lessons = _with_repeated_cards(lessons, published, file)
    pictures, picture_faults = _pictures(files, slug)
    lessons = {
        stem: _with(lesson, _picture_faults(lesson, pictures, picture_faults))
        for stem, lesson in lessons.items()
    }
    redrawn = unpublished_pictures(session, slug, pictures)
    lessons = {
        stem: _with_pictures(lesson, redrawn, published.get(stem))
        for stem, lesson in lessons.items()
    }
    notes = list(_notes(files, slug, stems, lessons, file, pictures))
    return DraftCourse(slug, file, stamp, lessons, pictures, tuple(faults), tuple(notes))


def read_draft_lesson(file: DraftFile) -> tuple[Lesson, list[str]]:
    """The lesson in a file, and what is wrong with its form."""
    try:
        lesson, faults = read_lesson(json.loads(file.content))
    except (ValueError, TypeError, AttributeError, RecursionError):
        lesson, faults = read_lesson(None)
    if not _is_text(lesson.notebook):
        return read_lesson(None)[0], [UNWRITABLE]
    if not lesson.notebook:
        faults = ["文件不完整，可能只存了一半。请在 JupyterLab 里打开它，再保存一次。"]
    return lesson, faults


def parse_about(content: bytes) -> tuple[dict[str, Any], str]:
    """What a `course.toml` holds; or why it cannot be read, as the end of a sentence."""
    try:
        return tomllib.loads(content.decode("utf-8")), ""
    except (ValueError, RecursionError) as error:  # a plain ValueError: a number without end
        place = _TOML_PLACE.search(str(error))
    return {}, f"第 {place[1]} 行第 {place[2]} 列附近读不懂" if place else "读不懂，请检查写法"


def stamp_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _about(
    session: Session, files: DraftFiles, slug: str, stems: set[str], on: dt.date
) -> tuple[CourseFile | None, str, list[str]]:
    try:
        given = files.about(slug)
    except LawlabError as error:
        return None, "", [error.sentence]
    if given is None:
        file = _published_about(session, slug)
        return file, "", [] if file else [f"文件夹里没有 {ABOUT}。请点“课程说明”填写并保存。"]
    stamp = stamp_of(given.content)
    data, unreadable = parse_about(given.content)
    if unreadable:
        return None, stamp, [f"{ABOUT} {unreadable}。可以在“课程说明”里重新填写。"]
    # A notebook beside the others that the course does not name is a note, not a fault.
    order = data.get("order")
    named = {stem for stem in order if isinstance(stem, str)} if isinstance(order, list) else set()
    file, faults = read_course(slug, data, stems & named, on)
    return file, stamp, [f"{ABOUT}：{fault}" for fault in faults]


def _is_text(notebook: dict[str, Any]) -> bool:
    """False for half a character, as `\\ud800` in a file: it can be neither stored nor sent."""
    try:
        json.dumps(notebook, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _published_about(session: Session, slug: str) -> CourseFile | None:
    row = session.get(Course, slug)
    return course_file(row) if row and not row.about.get("reading") else None


def _in_order(stems: Iterable[str], order: Iterable[str]) -> list[str]:
    place = {stem: n for n, stem in enumerate(order)}
    return sorted(stems, key=lambda stem: (place.get(stem, len(place)), stem))


def _lesson(
    files: DraftFiles, slug: str, stem: str, law: str, awaits: tuple[str, ...], known: Known | None
) -> DraftLesson | None:
    try:
        file = files.notebook(slug, stem)
    except LawlabError as error:
        empty, _ = read_lesson(None)
        now = dt.datetime.fromtimestamp(0, dt.UTC)
        return DraftLesson(stem, empty, (Fault(0, error.sentence),), "", "", 0, now)
    if file is None:
        return None
    content, sentences = read_draft_lesson(file)
    if content.notebook and known:
        cards = known.cards
        found = lesson_faults(content, law, awaits, cards, partial(known.statutes.law, on=known.on))
        sentences = sentences + [_of_draft(fault, known.drafted) for fault in found]
    faults = tuple(placed(sentence, content.notebook) for sentence in sentences)
    return DraftLesson(
        stem,
        content,
        faults,
        digest(content.notebook),
        stamp_of(file.content),
        files.bases(slug).get(stem, 0),
        file.changed_at,
    )


def _of_draft(sentence: str, drafted: Container[str]) -> str:
    """Says of a card that is not published whether somebody is writing it."""
    card = sentence.removeprefix("题库里没有题目 ").rstrip("。")
    if card != sentence.rstrip("。") and card in drafted:
        return f"题目 {card} 还是草稿。请先在题库页发布这道题，再发布这一课。"
    return sentence


def _with_repeated_cards(
    lessons: dict[str, DraftLesson],
    published: dict[str, LessonVersion],
    file: CourseFile | None,
) -> dict[str, DraftLesson]:
    shown = [stem for stem in (file.order if file else ()) if stem in published]
    cards = {stem: tuple(published[stem].cards) for stem in shown if stem not in lessons}
    cards |= {stem: lesson.content.cards for stem, lesson in lessons.items()}
    found = dict(lessons)
    for sentence in repeated_card_faults(cards):
        card = sentence.split(" ")[1]
        for stem, lesson in lessons.items():
            if card in lesson.content.cards:
                found[stem] = _with(found[stem], [Fault(0, sentence)])
    return found


def _pictures(files: DraftFiles, slug: str) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Name → content, and name → what is wrong with it, of the files in the folder of pictures."""
    contents: dict[str, bytes] = {}
    faults: dict[str, list[str]] = {}
    for name in files.pictures(slug):
        if name.startswith("."):
            continue
        try:
            file = files.picture(slug, name, MOST_BYTES)
        except LawlabError as error:
            faults[name] = [f"{FOLDER}/{name}：{error.sentence}"]
            continue
        if file:
            contents[name] = file.content
            faults[name] = file_faults(name, len(file.content), file.content)
    return contents, faults


def _picture_faults(
    lesson: DraftLesson, pictures: dict[str, bytes], faults: dict[str, list[str]]
) -> list[Fault]:
    found = []
    for name in lesson.content.pictures:
        missing = [f"{FOLDER} 文件夹里没有图片 {name}。"] if name not in pictures else []
        found += [Fault(0, text) for text in faults.get(name, missing)]
    return found


def _with_pictures(
    lesson: DraftLesson, redrawn: set[str], published: LessonVersion | None
) -> DraftLesson:
    """Tells a lesson whose words are published apart from it when its pictures are others."""
    new = sorted(redrawn.intersection(lesson.content.pictures))
    if not new or published is None or published.sha256 != lesson.digest:
        return lesson
    return replace(lesson, digest=digest({"words": lesson.digest, "pictures": new}))


def _notes(
    files: DraftFiles,
    slug: str,
    stems: list[str],
    lessons: dict[str, DraftLesson],
    file: CourseFile | None,
    pictures: dict[str, bytes],
) -> Iterable[str]:
    for stem in files.notebooks(slug):
        if stem not in stems:
            yield (
                f"{stem}.ipynb 不算一课：文件名只能用小写字母、数字、下划线和连字符。"
                "要用它，请在 JupyterLab 里改名。"
            )
        elif file and stem not in file.order:
            yield f"{stem} 还没有列入课程。请在“课程说明”的课时顺序里加上它。"
    shown = {name for lesson in lessons.values() for name in lesson.content.pictures}
    if lessons:
        for name in sorted(set(pictures) - shown):
            yield f"{FOLDER}/{name} 没有一课用到。"


def _with(lesson: DraftLesson, faults: list[Fault]) -> DraftLesson:
    if not faults:
        return lesson
    return replace(lesson, faults=(*lesson.faults, *faults))
