"""The grader's queue. A job is claimed with a lease, tried a few times, and done any number of
times with the same result; what fails for good stays visible with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from lawlab.store.engine import writing
from lawlab.store.tables import Job

LEASE = timedelta(seconds=120)
"""How long one try may take; then another worker may claim the job."""

TRIES = 5
FIRST_PAUSE = timedelta(seconds=2)
"""After the first failure; each further one waits four times as long."""


@dataclass(frozen=True)
class Claim:
    """One try at one job."""

    id: int
    kind: str
    subject: str
    attempt: int


def ask(session: Session, kind: str, subject: str, now: datetime) -> None:
    """Put a job into the caller's transaction, or make one that ended run again.

    One that is running is left alone: whoever runs it looks, in the transaction that ends it, what
    has changed meanwhile.
    """
    one = select(Job).where(Job.kind == kind, Job.subject == subject)
    # Locked, so that a job that is just being ended is not taken for a running one.
    job = session.scalar(one.with_for_update().execution_options(populate_existing=True))
    if job is None:
        job = Job(kind=kind, subject=subject, state="waiting", attempts=0, created_at=now)
        session.add(job)
    elif job.state != "running":
        job.state, job.attempts, job.lease_until, job.error = "waiting", 0, None, None
    session.flush()


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the oldest job that may run now, or None. A job whose lease ran out counts as waiting;
    one that ended every worker that tried it is given up."""
    return next(iter(_claim(session, now, select(Job).where(_ready(now)), 1)), None)


def claim_many(
    session: Session, now: datetime, kind: str, subjects: set[str], limit: int
) -> list[Claim]:
    """The same for up to `limit` jobs of one kind among these subjects, the oldest first."""
    wanted = select(Job).where(_ready(now), Job.kind == kind, Job.subject.in_(subjects))
    return _claim(session, now, wanted, limit)


def _ready(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Job.state == "waiting", or_(Job.lease_until.is_(None), Job.lease_until <= now)),
        and_(Job.state == "running", Job.lease_until <= now),
    )


def _claim(session: Session, now: datetime, jobs: Select[Job], limit: int) -> list[Claim]:
    wanted = jobs.order_by(Job.id).limit(limit + TRIES)
    # This is asked every second: become a writer only when there is something to take.
    nothing = session.scalar(wanted) is None
    session.rollback()
    if nothing:
        return []
    writing(session)
    taken: list[Claim] = []
    for job in session.scalars(wanted.with_for_update(skip_locked=True)):
        if job.attempts >= TRIES:
            _give_up(job, job.error or "每次运行都被中断。", now)
            continue
        job.state, job.attempts, job.lease_until = "running", job.attempts + 1, now + LEASE
        taken.append(Claim(job.id, job.kind, job.subject, job.attempts))
        if len(taken) == limit:
            break
    session.commit()
    return taken


def finish(session: Session, taken: Claim, now: datetime) -> None:
    """Note a job as done. A repeat changes nothing."""
    writing(session)
    note_done(session, taken, now)
    session.commit()


def note_done(session: Session, taken: Claim, now: datetime) -> None:
    """The same in the caller's transaction."""
    job = session.get_one(Job, taken.id)
    job.state, job.lease_until, job.error, job.finished_at = "done", None, None, now
    session.flush()


def hold(session: Session, kind: str, subjects: set[str]) -> None:
    """In the caller's transaction: lock these jobs in the one order in which several are locked."""
    wanted = (Job.kind == kind, Job.subject.in_(subjects))
    session.execute(select(Job.id).where(*wanted).order_by(Job.id).with_for_update())


def put_back(session: Session, taken: Claim) -> None:
    """In the caller's transaction: let a job run again that found more to do at its end."""
    job = session.get_one(Job, taken.id)
    job.state, job.attempts, job.lease_until, job.error = "waiting", 0, None, None
    session.flush()


def fail(session: Session, taken: Claim, error: str, now: datetime) -> bool:
    """Note a failed try. True when it was the last one and a person has to look."""
    writing(session)
    job = session.get_one(Job, taken.id)
    job.error = error
    if job.attempts >= TRIES:
        _give_up(job, error, now)
    else:
        job.state = "waiting"
        job.lease_until = now + FIRST_PAUSE * 4 ** (job.attempts - 1)
    session.commit()
    return job.state == "failed"


def release_leases(session: Session) -> int:
    """Put back what a worker that is known to be gone had claimed; returns how many."""
    writing(session)
    left = session.scalars(select(Job.id).where(Job.state == "running")).all()
    session.execute(update(Job).where(Job.id.in_(left)).values(state="waiting", lease_until=None))
    session.commit()
    return len(left)


def states(session: Session, kind: str, subjects: set[str]) -> dict[str, str]:
    """Subject → state of its job."""
    rows = session.execute(
        select(Job.subject, Job.state).where(Job.kind == kind, Job.subject.in_(subjects))
    )
    return {row.subject: row.state for row in rows}


def unfinished(session: Session, kind: str, subjects: set[str]) -> list[Job]:
    """The jobs among these that are not done."""
    wanted = (Job.kind == kind, Job.subject.in_(subjects), Job.state != "done")
    return list(session.scalars(select(Job).where(*wanted).order_by(Job.id)))


def failed_jobs(session: Session) -> list[Job]:
    """Jobs that were given up, for `lawlab doctor`: `kind`, `subject`, `error`, `finished_at`."""
    return list(session.scalars(select(Job).where(Job.state == "failed").order_by(Job.id)))


def _give_up(job: Job, error: str, now: datetime) -> None:
    job.state, job.lease_until, job.error, job.finished_at = "failed", None, error, now
