"""How drafts of lessons stand to what is published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.course import RECHECK
from lawlab.services.content_state import states
from lawlab.store.content import newest_lessons
from lawlab.store.tables import ContentState, Course, LessonVersion

NEW, SAME, CHANGED, BEHIND = "new", "same", "changed", "behind"


@dataclass(frozen=True)
class Standing:
    """Published versions of one course, and why some lessons are not in use."""

    course: Course | None
    newest: dict[str, LessonVersion]
    digests: dict[str, dict[str, int]]
    """Lesson → digest of each version ever published → its number."""
    out: dict[str, ContentState]

    def of_draft(self, stem: str, sha256: str, base: int) -> str:
        """How a draft with this digest, begun when `base` was the newest version, stands to what is
        published. An old version that somebody took up again on purpose is a change."""
        row = self.newest.get(stem)
        if row is None:
            return NEW
        if row.sha256 == sha256:
            return SAME
        return BEHIND if base < row.version and sha256 in self.digests[stem] else CHANGED

    def shown(self, stem: str) -> str:
        """`in_use`, `withdrawn`, `out` (no longer in the course) or `new` (never published)."""
        if stem not in self.newest or self.course is None:
            return NEW
        if stem in self.out:
            return "withdrawn"
        return "in_use" if stem in self.course.about["order"] else "out"


def standing_of(session: Session, slug: str) -> Standing:
    """What is published of a course."""
    query = select(LessonVersion.lesson, LessonVersion.sha256, LessonVersion.version)
    digests: dict[str, dict[str, int]] = {}
    for stem, sha256, version in session.execute(query.where(LessonVersion.course_slug == slug)):
        digests.setdefault(stem, {})[sha256] = version
    out = {
        name.partition("/")[2]: state
        for name, state in states(session, "lesson").items()
        if name.partition("/")[0] == slug
    }
    return Standing(session.get(Course, slug), newest_lessons(session, slug), digests, out)


def is_old(checked: date, today: date) -> bool:
    """True when a course should be compared with the law again."""
    return today - checked > RECHECK
