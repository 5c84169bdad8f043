"""Results, points and marks of a contest are those that follow from its events and answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from contest_play import Hall
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.contest_events import Did
from lawlab.domain.contest_script import Window
from lawlab.services.contest_settling import AFTER, recompute_results, settle, settle_finished
from lawlab.services.memory import recompute_memories
from lawlab.store.contests import items_in_contests
from lawlab.store.engine import writing
from lawlab.store.tables import Contest, ContestResult, Mark, Memory

LOGINS = ("s001", "s002", "v001")
ANSWERS = st.dictionaries(st.sampled_from(LOGINS), st.booleans())
OBJECTIONS = st.lists(
    st.tuples(st.sampled_from(["void", "exclude"]), st.integers(0, 2)), max_size=4
)


@pytest.fixture
def hall(sessions: sessionmaker[Session]) -> Iterator[Hall]:
    with sessions() as session:
        yield Hall(session)


def marks(hall: Hall) -> int:
    return hall.session.scalar(select(func.count()).select_from(Mark)) or 0


def wrong_of(hall: Hall, login: str) -> set[str]:
    rows = hall.session.scalars(
        select(Memory.item).where(Memory.person_id == hall.person(login), Memory.in_book)
    )
    return set(rows)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(ANSWERS, min_size=1, max_size=4), OBJECTIONS, OBJECTIONS)
def test_what_is_kept_is_what_follows(
    hall: Hall,
    asked: list[dict[str, bool]],
    during: list[tuple[str, int]],
    after: list[tuple[str, int]],
) -> None:
    hall.contest(len(asked))
    turns = [hall.ask(**answers) for answers in asked]
    voided: set[int] = set()
    excluded: set[str] = set()

    def object_to(objections: list[tuple[str, int]]) -> None:
        # What is said twice takes the first back.
        for what, which in objections:
            if what == "void":
                turn = turns[which % len(turns)]
                hall.do(Did.UNVOID if turn in voided else Did.VOID, turn=turn, reason="有争议")
                voided.symmetric_difference_update({turn})
            else:
                login = LOGINS[which]
                (hall.include if login in excluded else hall.exclude)(login)
                excluded.symmetric_difference_update({login})

    object_to(during)
    hall.do(Did.FINISH)
    object_to(after)
    counting = [answers for turn, answers in zip(turns, asked, strict=True) if turn not in voided]
    wanted = {
        login: (100 * right, right)
        for login in LOGINS
        if login not in excluded and any(login in answers for answers in counting)
        for right in [sum(answers.get(login, False) for answers in counting)]
    }
    assert {who: row[:2] for who, row in hall.results().items()} == wanted
    assert hall.scores() == {
        hall.person(login): round(points / len(counting), 2)
        for login, (points, _) in wanted.items()
    }
    settle_finished(hall.session, hall.now + AFTER)
    assert recompute_results(writing(hall.session), hall.now) == 0
    assert recompute_memories(hall.session) == 0
    hall.session.commit()


def test_what_was_changed_by_hand_is_found_and_mended(hall: Hall) -> None:
    hall.contest()
    hall.ask(s001=True, s002=False)
    hall.do(Did.FINISH)
    row = hall.session.scalars(select(ContestResult).where(ContestResult.points == 100)).one()
    row.points = 90
    hall.session.commit()
    assert recompute_results(writing(hall.session), hall.now) == 1
    hall.session.commit()
    assert hall.results() == {"s001": (100, 1, 1), "s002": (0, 0, 2)}


def test_a_question_voided_after_all_is_no_mistake_any_more(hall: Hall) -> None:
    hall.contest()
    first = hall.ask(s001=False, s002=True)
    hall.ask(s001=False)
    hall.do(Did.FINISH)
    assert settle_finished(hall.session, hall.now) == 0  # on the spot an objection may come
    hall.now += AFTER
    assert settle_finished(hall.session, hall.now) == 1
    assert settle_finished(hall.session, hall.now) == 0
    assert wrong_of(hall, "s001") == {"brg-001", "brg-002"}
    hall.do(Did.VOID, turn=first, reason="题干有错字")
    assert settle_finished(hall.session, hall.now) == 1
    assert wrong_of(hall, "s001") == {"brg-002"}
    assert marks(hall) == 1
    hall.do(Did.UNVOID, turn=first, reason="复核后有效")
    assert settle_finished(hall.session, hall.now) == 1
    assert wrong_of(hall, "s001") == {"brg-001", "brg-002"}
    assert marks(hall) == 3
    assert recompute_memories(writing(hall.session)) == 0
    hall.session.commit()


def test_settling_goes_on_where_it_was_killed(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    contest = hall.contest()
    hall.ask(s001=False, s002=False)
    hall.do(Did.FINISH)

    class Killed(BaseException):
        pass

    def die_at_second(session: Session, people: list[int]) -> int:
        if people == [hall.person("s002")]:
            raise Killed
        return recompute_memories(session, people)

    with monkeypatch.context() as patched:
        patched.setattr("lawlab.services.contest_settling.recompute_memories", die_at_second)
        with pytest.raises(Killed):
            settle(hall.session, contest, hall.now)
    hall.session.rollback()
    assert (wrong_of(hall, "s001"), wrong_of(hall, "s002")) == ({"brg-001"}, set())
    assert settle_finished(hall.session, hall.now + AFTER) == 1
    assert wrong_of(hall, "s002") == {"brg-001"}
    assert marks(hall) == 2


def test_an_objection_during_the_settling_is_not_forgotten(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    contest = hall.contest()
    turn = hall.ask(s001=False)
    hall.do(Did.FINISH)

    def object_first(session: Session, people: list[int]) -> int:
        session.rollback()
        hall.do(Did.VOID, turn=turn, reason="有争议")
        return recompute_memories(writing(session), people)

    with monkeypatch.context() as patched:
        patched.setattr("lawlab.services.contest_settling.recompute_memories", object_first)
        settle(hall.session, contest, hall.now)
    assert hall.session.get_one(Contest, contest).settled_at is None
    assert settle_finished(hall.session, hall.now + AFTER) == 1
    assert wrong_of(hall, "s001") == set()


def test_nothing_is_settled_of_a_rehearsal(hall: Hall) -> None:
    hall.contest(rehearsal=True)
    hall.do(Did.FINISH)
    assert settle_finished(hall.session, hall.now + dt.timedelta(days=1)) == 0


def test_what_is_asked_is_withheld_while_it_may_be_asked(hall: Hall) -> None:
    day = dt.timedelta(days=1)
    hall.contest(2)
    opened = hall.session.get_one(Contest, hall.id).opened_at
    assert opened is not None
    held = {"brg-001", "brg-002"}
    assert items_in_contests(hall.session, opened + day - dt.timedelta(seconds=1)) == held
    # Nobody ended it; practice does not wait for ever.
    assert items_in_contests(hall.session, opened + day) == set()
    hall.do(Did.FINISH)
    assert items_in_contests(hall.session, hall.now) == set()
    window = Window(hall.now, hall.now + 7 * day, 10, 3)
    hall.open_window(window)
    assert len(items_in_contests(hall.session, window.closes_at - dt.timedelta(seconds=1))) == 5
    assert items_in_contests(hall.session, window.closes_at) == set()
