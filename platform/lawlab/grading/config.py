"""nbgrader's settings, in one place: for the grader, the trainers' JupyterLab, and a stock
`nbgrader` on the course folder.
"""

from __future__ import annotations

from sqlalchemy import make_url
from traitlets.config import Config

from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.notebooks import UNANSWERED, UNANSWERED_TEXT

ON_POSTGRESQL = "gradebook.postgresql"
"""A file of the course folder that says so."""

LONGEST_SOCKET = 107
"""Bytes of a Unix socket's address on Linux."""


AUTOGRADE = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "lawlab.grading.preprocessors.KeepManualMarks",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
"""nbgrader's own list with SaveAutoGrades exchanged; a test compares the rest."""


def configure(c: Config, settings: Settings) -> None:
    """Apply the settings to nbgrader's config object `c`."""
    course = settings.nbgrader_course
    c.CourseDirectory.root = str(course)
    c.CourseDirectory.course_id = course_id(settings)
    c.CourseDirectory.db_url = gradebook_url(settings)
    # nbgrader opens its exchange to every account; the folder around it is private.
    c.Exchange.root = str(settings.data / "exchange" / "root")
    c.Exchange.cache = str(settings.data / "grading" / "cache")
    c.NbGraderAPI.timezone = settings.timezone
    # Everything runs under one account: the owner of a submission tells nothing.
    c.ExchangeCollect.check_owner = False
    c.ClearSolutions.code_stub = {"python": UNANSWERED}
    c.ClearSolutions.text_stub = UNANSWERED_TEXT
    # Rubrics stand in read-only cells, because a task cell would ask for points of its own.
    c.ClearMarkScheme.enforce_metadata = False
    c.Autograde.autograde_preprocessors = AUTOGRADE
    c.AssignLatePenalties.plugin_class = "lawlab.grading.late.FixedPenalty"
    c.Execute.shutdown_kernel = "immediate"
    c.Execute.startup_timeout = 30


def course_id(settings: Settings) -> str:
    """nbgrader's course: one per program year."""
    return f"law{settings.program_year}"


def gradebook_url(settings: Settings) -> str:
    """nbgrader's own gradebook: a file, where a stock `nbgrader` run in the course folder looks for
    it, or a PostgreSQL database beside the platform's. Raises LawlabError `no_gradebook`."""
    if not on_postgresql(settings):
        return f"sqlite:///{settings.nbgrader_course / 'gradebook.db'}"
    url = make_url(settings.database_url)
    own = url.set(database=f"{url.database}_{course_id(settings)}")
    return own.render_as_string(hide_password=False)


def on_postgresql(settings: Settings) -> bool:
    """Whether the gradebook is a PostgreSQL database. A file that is there stays in use, and so
    does a database: nobody's marks are left behind by a change of settings.

    Raises LawlabError `no_gradebook` where it is one and nobody says where.
    """
    postgresql = settings.database_url.startswith("postgresql")
    if (settings.nbgrader_course / ON_POSTGRESQL).exists():
        if not postgresql:
            raise LawlabError(
                "no_gradebook",
                "成绩册在 PostgreSQL 里，但没有设置 database_url。"
                "请设置 LAWLAB_DATABASE_URL，再试。",
            )
        return True
    if (settings.nbgrader_course / "gradebook.db").exists():
        return False
    # Formgrader needs the address, and with it everything that the platform's account may do: an
    # account of the trainers' own shall not have that.
    return postgresql and not settings.trainers_account


def configure_private_kernel(c: Config, settings: Settings) -> None:
    """For a process that holds the course: the kernel listens on sockets in a private folder, so no
    port is taken and no other account reaches it. A data folder with a very long name keeps TCP."""
    # Absolute, because kernel and grader have different current folders.
    stem = settings.data / "grading" / "kernel"
    if len(f"{stem}-99".encode()) > LONGEST_SOCKET:
        return
    for leftover in stem.parent.glob(f"{stem.name}-*"):
        leftover.unlink()
    c.KernelManager.transport = "ipc"
    c.KernelManager.ip = str(stem)


def course_config(settings: Settings) -> Config:
    """A fresh config object with the settings applied."""
    config = Config()
    configure(config, settings)
    return config
