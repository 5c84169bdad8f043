"""The grader's queue on both databases: leases, tries, pauses, and no job done by two at once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.services import jobs
from lawlab.store.tables import Job

Sessions = sessionmaker[Session]
SECOND = timedelta(seconds=1)


def ask(sessions: Sessions, now: datetime, *subjects: str) -> None:
    with sessions() as session:
        for subject in subjects:
            jobs.ask(session, "hand_in", subject, now)
        session.commit()


def claim(sessions: Sessions, now: datetime) -> jobs.Claim | None:
    with sessions() as session:
        return jobs.claim(session, now)


def job(sessions: Sessions, subject: str = "1") -> Job:
    with sessions() as session:
        return session.scalars(select(Job).where(Job.subject == subject)).one()


def test_jobs_are_taken_one_by_one_oldest_first(sessions: Sessions, now: datetime) -> None:
    assert claim(sessions, now) is None
    ask(sessions, now, "1", "2", "1")
    first, second = claim(sessions, now), claim(sessions, now)
    assert first is not None
    assert second is not None
    assert (first.subject, second.subject, claim(sessions, now)) == ("1", "2", None)
    with sessions() as session:
        jobs.finish(session, first, now)
    assert job(sessions).state == "done"
    assert job(sessions).finished_at == now


def test_a_failure_waits_longer_each_time_and_is_given_up_in_the_end(
    sessions: Sessions, now: datetime
) -> None:
    ask(sessions, now, "1")
    pauses = []
    for attempt in range(1, jobs.TRIES + 1):
        taken = claim(sessions, now)
        assert taken is not None
        assert taken.attempt == attempt
        with sessions() as session:
            gone = jobs.fail(session, taken, f"reason {attempt}", now)
        assert gone is (attempt == jobs.TRIES)
        if not gone:
            until = job(sessions).lease_until
            assert until is not None
            assert claim(sessions, until - SECOND) is None
            pauses.append((until - now).total_seconds())
            now = until
    assert pauses == [2, 8, 32, 128]
    with sessions() as session:
        [failed] = jobs.failed_jobs(session)
        assert (failed.state, failed.error) == ("failed", "reason 5")
    ask(sessions, now, "1")
    again = claim(sessions, now)
    assert again is not None
    assert again.attempt == 1


def test_a_lease_that_ran_out_is_taken_over_and_a_deadly_job_is_given_up(
    sessions: Sessions, now: datetime
) -> None:
    ask(sessions, now, "1", "2")
    for _ in range(jobs.TRIES):
        taken = claim(sessions, now)
        assert taken is not None
        assert taken.subject == "1"
        with sessions() as session:  # the other one is not in the way
            for other in session.scalars(select(Job).where(Job.subject == "2")):
                other.lease_until = now + 10 * jobs.LEASE
            session.commit()
        assert claim(sessions, now + jobs.LEASE - SECOND) is None
        now += jobs.LEASE
    assert claim(sessions, now) is None
    assert (job(sessions).state, job(sessions).error) == ("failed", "每次运行都被中断。")


def test_what_a_dead_grader_held_is_put_back(sessions: Sessions, now: datetime) -> None:
    ask(sessions, now, "1", "2")
    claim(sessions, now)
    with sessions() as session:
        assert jobs.release_leases(session) == 1
        assert jobs.release_leases(session) == 0
    again = claim(sessions, now)
    assert again is not None
    assert (again.subject, again.attempt) == ("1", 2)


def test_a_running_job_is_not_asked_for_again(sessions: Sessions, now: datetime) -> None:
    ask(sessions, now, "1")
    claim(sessions, now)
    ask(sessions, now, "1")
    assert job(sessions).state == "running"


def test_workers_that_claim_at_once_never_get_the_same_job(
    sessions: Sessions, now: datetime
) -> None:
    ask(sessions, now, *(str(n) for n in range(12)))
    barrier = threading.Barrier(4)
    taken: list[str] = []

    def work() -> None:
        barrier.wait()
        while (one := claim(sessions, now)) is not None:
            taken.append(one.subject)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken))
    left = {one.subject for one in iter(lambda: claim(sessions, now), None)}
    assert set(taken) | left == {str(n) for n in range(12)}


def test_many_claims_are_narrowed_and_limited(sessions: Sessions, now: datetime) -> None:
    ask(sessions, now, "1", "2", "3", "4")
    with sessions() as session:
        assert jobs.claim_many(session, now, "open", {"1"}, 9) == []
        assert jobs.claim_many(session, now, "hand_in", set(), 9) == []
        taken = jobs.claim_many(session, now, "hand_in", {"3", "2", "4"}, 2)
        assert [one.subject for one in taken] == ["2", "3"]
        [last] = jobs.claim_many(session, now, "hand_in", {"3", "2", "4"}, 9)
        assert last.subject == "4"
        assert jobs.claim_many(session, now, "hand_in", {"3", "2", "4"}, 9) == []
        assert jobs.states(session, "hand_in", {"1", "2"}) == {"1": "waiting", "2": "running"}
        session.rollback()
        assert [one.subject for one in jobs.unfinished(session, "hand_in", {"1", "2"})] == [
            "1",
            "2",
        ]
