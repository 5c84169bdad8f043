"""Drafts of lessons in the folder 备课: begin to change a course or make a new one, add a lesson,
go back to an older version, put a draft away. Nothing that is there is ever overwritten."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.course import LESSON, SLUG, CourseFile
from lawlab.domain.course_text import course_toml, lesson_pattern, notebook_text
from lawlab.domain.picture import FOLDER
from lawlab.errors import Conflict, FileFaults, LawlabError, NotFound
from lawlab.services.course_versions import course_file
from lawlab.services.draft_course import parse_about, read_draft_lesson, stamp_of
from lawlab.services.draft_files import ABOUT, DRAFTS, OLD, DraftFiles, checked_names
from lawlab.services.item_versions import digest
from lawlab.store.content import newest_lessons
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import Course, LessonPicture, LessonVersion

FIRST = "01_first"


@dataclass(frozen=True)
class Begun:
    """What was written into the folder, and what was there already and stays as it is."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def begin_course(session: Session, files: DraftFiles, slug: str) -> Begun:
    """Put the published lessons, `course.toml` and pictures of a course into the folder.

    Raises NotFound `no_course`.
    """
    course = _published(session, slug)
    file = course_file(course)
    rows = newest_lessons(session, slug)
    wanted: dict[tuple[str, ...], bytes] = {(ABOUT,): course_toml(_facts(file)).encode()}
    for stem in file.order:
        if stem in rows:
            wanted[(f"{stem}.ipynb",)] = draft_text(rows[stem]).encode()
    pictures = select(LessonPicture).where(LessonPicture.course_slug == slug)
    for picture in session.scalars(pictures):
        wanted[FOLDER, picture.name] = picture.content
    written: list[str] = []
    kept: list[str] = []
    for name, content in wanted.items():
        (written if files.add(content, slug, *name) else kept).append("/".join(name))
    remember_bases(session, files, slug)
    return Begun(tuple(written), tuple(kept))


def new_course(
    session: Session,
    files: DraftFiles,
    slug: str,
    title: str,
    law: str,
    statutes: Statutes,
    now: dt.datetime,
) -> Begun:
    """A course with one lesson in the pattern of the house. `law` has to be there.

    Raises LawlabError `bad_course`, NotFound of a law that is not there, Conflict `course_exists`.
    """
    if not SLUG.fullmatch(slug):
        raise LawlabError(
            "bad_course", "文件夹名用小写字母、数字和连字符，字母开头，40 个以内，如 road-safety。"
        )
    title = _checked_title(title)
    info = statutes.find(law.strip(), on=china_day(now))
    source = f"{info.name}（{_chinese_day(info.effective)}起施行）"
    facts = {
        "title": title,
        "law": info.short,
        "order": [FIRST],
        "sources": [source],
        "checked": china_day(now),
        "audience": ["干部职工", "法律明白人"],
    }
    text = notebook_text(lesson_pattern("第一课", info.short))
    with files.alone():
        if session.get(Course, slug) is not None or files.has(slug):
            raise Conflict("course_exists", f"已经有名为“{slug}”的课程，请换一个名字。")
        files.add(course_toml(facts).encode(), slug, ABOUT)
        files.add(text.encode(), slug, f"{FIRST}.ipynb")
    return Begun((ABOUT, f"{FIRST}.ipynb"), ())


def new_lesson(session: Session, files: DraftFiles, slug: str, stem: str, title: str) -> None:
    """Add a lesson in the pattern of the house to the end of a draft.

    Raises LawlabError `bad_lesson_name`, NotFound `no_draft`, Conflict `lesson_exists`, FileFaults
    when `course.toml` cannot be read.
    """
    checked_names(slug)
    refuse_reading(session, slug)
    if not LESSON.fullmatch(stem):
        raise LawlabError(
            "bad_lesson_name",
            "文件名用小写字母、数字、下划线和连字符，60 个以内，如 04_who-to-ask。",
        )
    title = _checked_title(title)
    with files.alone():
        facts = _read_facts(session, files, slug)
        if stem in facts["order"] or stem in newest_lessons(session, slug):
            raise Conflict("lesson_exists", f"这门课已经有 {stem}，请换一个文件名。")
        text = notebook_text(lesson_pattern(title, facts["law"]))
        if not files.add(text.encode(), slug, f"{stem}.ipynb"):
            raise Conflict("lesson_exists", f"文件夹里已经有 {stem}.ipynb，请换一个文件名。")
        write_facts(files, slug, facts | {"order": [*facts["order"], stem]})


def draft_from_version(
    session: Session, files: DraftFiles, slug: str, stem: str, version: int, now: dt.datetime
) -> str:
    """Make an old version the draft. A draft that holds somebody's own work is put into 旧稿;
    returns its name there, or nothing.

    Raises NotFound `no_version`, Conflict `draft_conflict` when JupyterLab saves meanwhile.
    """
    checked_names(slug, stem)
    row = version_row(session, slug, stem, version)
    _published(session, slug)
    text = draft_text(row).encode()
    with files.alone():
        # Moved first and read there: what JupyterLab saves until then is never lost.
        aside = files.put_aside(slug, stem, now) if files.mark(slug, stem) else ""
        if not files.add(text, slug, f"{stem}.ipynb"):
            kept = f"先前的一份在 {OLD} 里。" if aside else ""
            raise Conflict(
                "draft_conflict",
                f"{stem} 刚刚又在 JupyterLab 里保存过，没有换。{kept}请刷新页面再试。",
            )
        files.set_bases(slug, {stem: newest_lessons(session, slug)[stem].version})
        if aside and _is_published(session, files, slug, stem, aside):
            files.drop_kept(slug, aside)
            return ""
    return aside


def version_row(session: Session, slug: str, stem: str, version: int) -> LessonVersion:
    """One published version. Raises NotFound `no_version`."""
    row = session.scalar(
        select(LessonVersion).where(
            LessonVersion.course_slug == slug,
            LessonVersion.lesson == stem,
            LessonVersion.version == version,
        )
    )
    if row is None:
        raise NotFound("no_version", f"{stem} 没有第 {version} 版。")
    return row


def save_facts(
    session: Session, files: DraftFiles, slug: str, given: Mapping[str, Any], stamp: str
) -> None:
    """Write what a course says of itself. `stamp` is the file's that the trainer saw.

    Raises Conflict `draft_conflict` when somebody changed it since.
    """
    checked_names(slug)
    refuse_reading(session, slug)
    with files.alone():
        there = files.about(slug)
        if (stamp_of(there.content) if there else "") != stamp:
            raise Conflict(
                "draft_conflict", f"{ABOUT} 刚刚又有改动，没有保存。请刷新页面，看过再改。"
            )
        try:
            facts = _read_facts(session, files, slug)
        except FileFaults:
            facts = {}  # what could not be read is written anew
        write_facts(files, slug, facts | dict(given))


def write_facts(files: DraftFiles, slug: str, facts: Mapping[str, Any]) -> None:
    files.replace(course_toml(facts).encode(), slug, ABOUT)


def draft_text(row: LessonVersion) -> str:
    """A published version as a draft."""
    return notebook_text(json.loads(row.notebook))


def remember_bases(session: Session, files: DraftFiles, slug: str) -> None:
    """Note which drafts are the newest version now: whoever goes on with one knows that version. A
    file that cannot be read is none of them, and nothing fails over a note."""
    bases = {}
    for stem, row in newest_lessons(session, slug).items():
        with suppress(LawlabError):
            file = files.notebook(slug, stem) if files.has(slug) else None
            if file and digest(read_draft_lesson(file)[0].notebook) == row.sha256:
                bases[stem] = row.version
    if bases:
        with suppress(LawlabError, OSError), files.alone():
            files.set_bases(slug, bases)


def refuse_reading(session: Session, slug: str) -> None:
    """Raises NotFound `no_course` for a law that is there for reading: it has no lessons."""
    row = session.get(Course, slug)
    if row and row.about.get("reading"):
        raise NotFound("no_course", "这是一部法规的阅读课程，没有课时可以改。", course=slug)


def _read_facts(session: Session, files: DraftFiles, slug: str) -> dict[str, Any]:
    """`course.toml` as it is, or as the published course would have it."""
    file = files.about(slug)
    if file is None:
        return _facts(course_file(_published(session, slug)))
    facts, unreadable = parse_about(file.content)
    if unreadable:
        raise FileFaults(f"{DRAFTS}/courses/{slug}/{ABOUT}", [f"{unreadable}。"])
    order = facts.get("order")
    good = isinstance(order, list) and all(isinstance(stem, str) for stem in order)
    if not good or not isinstance(facts.get("law"), str):
        raise FileFaults(f"{DRAFTS}/courses/{slug}/{ABOUT}", ["没有写清 law 和 order。"])
    return facts


def _facts(file: CourseFile) -> dict[str, Any]:
    return (
        {"title": file.title, "law": file.law}
        | file.about()
        | {
            "checked": file.checked,
            "position": file.position,
        }
    )


def _published(session: Session, slug: str) -> Course:
    row = session.get(Course, slug) if SLUG.fullmatch(slug) else None
    if row is None or row.about.get("reading"):
        raise NotFound("no_course", f"没有已发布的课程“{slug[:40]}”。", course=slug)
    return row


def _is_published(session: Session, files: DraftFiles, slug: str, stem: str, kept: str) -> bool:
    """True when what was put aside is, as it stands there, a version of the lesson."""
    try:
        file = files.kept(slug, kept)
    except LawlabError:
        return False
    if file is None:
        return False
    content, faults = read_draft_lesson(file)
    if faults:
        return False
    found = select(LessonVersion.id).where(
        LessonVersion.course_slug == slug,
        LessonVersion.lesson == stem,
        LessonVersion.sha256 == digest(content.notebook),
    )
    return session.scalar(found.limit(1)) is not None


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if not 0 < len(title) <= 40 or set(title) & set('<>"\\#`'):
        raise LawlabError("bad_title", "名称要写 1 到 40 个字，不能有尖括号、引号、# 这些符号。")
    return title


def _chinese_day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
