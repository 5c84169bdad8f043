"""Every table of the platform. What people did is append-only; the rest derives from it.

Times are aware and UTC; dates are the town's days. A membership holds from `since` to before
`until` (None: still).
"""

from __future__ import annotations

from lawlab.store.tables.base import Base, UtcDateTime
from lawlab.store.tables.content import (
    Confirmation,
    ContentState,
    Course,
    ImportedLaw,
    ItemBank,
    ItemDraft,
    ItemVersion,
    LessonPicture,
    LessonVersion,
    Publication,
)
from lawlab.store.tables.derived import Score, SearchDocument
from lawlab.store.tables.people import (
    ApiSession,
    CohortMembership,
    Person,
    Role,
    SigninFailure,
    Unit,
    UnitMembership,
)
from lawlab.store.tables.quizzes import (
    Answer,
    Grade,
    Job,
    ManualMark,
    Mark,
    MarkingLease,
    Quiz,
    Regrade,
    Sitting,
)

__all__ = [
    "Answer",
    "ApiSession",
    "Base",
    "CohortMembership",
    "Confirmation",
    "ContentState",
    "Course",
    "Grade",
    "ImportedLaw",
    "ItemBank",
    "ItemDraft",
    "ItemVersion",
    "Job",
    "LessonPicture",
    "LessonVersion",
    "ManualMark",
    "Mark",
    "MarkingLease",
    "Person",
    "Publication",
    "Quiz",
    "Regrade",
    "Role",
    "Score",
    "SearchDocument",
    "SigninFailure",
    "Sitting",
    "Unit",
    "UnitMembership",
    "UtcDateTime",
]
