"""Every table of the platform. What people did is append-only; the rest derives from it.

Times are aware and UTC; dates are the town's days. A membership holds from `since` to before
`until` (None: still).
"""

from __future__ import annotations

from lawlab.store.tables.attendance import (
    Activity,
    ActivityPerson,
    ActivityTrainer,
    ActivityUnit,
    Attachment,
    AttendanceEvent,
    LeaveRequest,
    PresenceAnswer,
    PresenceCard,
    TrainerUnit,
    WalkIn,
)
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
from lawlab.store.tables.derived import Attendance, Score, SearchDocument
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
    "Activity",
    "ActivityPerson",
    "ActivityTrainer",
    "ActivityUnit",
    "Answer",
    "ApiSession",
    "Attachment",
    "Attendance",
    "AttendanceEvent",
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
    "LeaveRequest",
    "LessonPicture",
    "LessonVersion",
    "ManualMark",
    "Mark",
    "MarkingLease",
    "Person",
    "PresenceAnswer",
    "PresenceCard",
    "Publication",
    "Quiz",
    "Regrade",
    "Role",
    "Score",
    "SearchDocument",
    "SigninFailure",
    "Sitting",
    "TrainerUnit",
    "Unit",
    "UnitMembership",
    "UtcDateTime",
    "WalkIn",
]
