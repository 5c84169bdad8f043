"""A law as a course for reading: no lessons, its articles are the course. Such a course is a row of
`courses` with `about["reading"]`; the pages show the law itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lawlab.domain.statute import LawInfo, short_name
from lawlab.errors import NotFound
from lawlab.services.content_state import record
from lawlab.store.engine import looking_again, writing
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import Course

AUDIENCE = ("干部职工", "法律明白人")


def reading_slug(short: str) -> str:
    """The address of a law's reading course: the same for every version of the law."""
    return f"reading-{hashlib.sha256(short.encode()).hexdigest()[:12]}"


def reading_courses(session: Session) -> dict[str, str]:
    """Short name of the law → slug, for every course that is there for reading."""
    rows = session.execute(select(Course.law, Course.slug, Course.about))
    return {law: slug for law, slug, about in rows if about.get("reading") is True}


@looking_again
def make_reading_course(
    session: Session, law: str, statutes: Statutes, by: str, now: dt.datetime
) -> tuple[str, bool]:
    """Slug of the law's reading course, and whether it is new; a repeat changes nothing.

    Raises NotFound as `Statutes.find`: a law that is not in force cannot be learned.
    """
    info = statutes.find(law)
    writing(session)
    slug = reading_slug(info.short)
    if session.get(Course, slug) is not None:
        session.commit()
        return slug, False
    last = session.scalar(select(func.max(Course.position))) or 0
    session.add(
        Course(
            slug=slug,
            title=info.short,
            law=info.short,
            position=last + 1,
            about=_about(info, china_day(now)),
        )
    )
    record(session, "course", slug, "publish", by, now, note=f"阅读课程《{info.short}》")
    session.commit()
    return slug, True


def withdraw_reading_course(session: Session, law: str, by: str, now: dt.datetime) -> None:
    """Take a law's reading course away; the law stays. Raises NotFound `no_reading_course`."""
    writing(session)
    slug = reading_courses(session).get(short_name(law))
    if slug is None:
        session.commit()
        raise NotFound("no_reading_course", f"《{law[:40]}》没有做成阅读课程，不用撤下。")
    session.execute(delete(Course).where(Course.slug == slug))
    record(session, "course", slug, "withdraw", by, now, note=f"阅读课程《{law}》")
    session.commit()


def _about(info: LawInfo, today: dt.date) -> dict[str, Any]:
    """What a `course.toml` would say; readers of courses find every entry that they know."""
    return {
        "reading": True,
        "order": [],
        "sources": [f"{info.name}（{info.version}）"],
        "checked": today.isoformat(),
        "audience": list(AUDIENCE),
        "awaits": [],
    }
