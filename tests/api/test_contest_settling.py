"""What a contest leaves behind: results, points, mistakes in everybody's practice."""

from __future__ import annotations

from contest_table import Table
from drilling import coming, give
from sqlalchemy import select
from tests.api.conftest import Office

from lawlab.services.contest_settling import recompute_results, settle, settle_finished
from lawlab.services.memory import recompute_memories
from lawlab.store.contests import items_in_contests
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login
from lawlab.store.tables import Contest, ContestResult, Mark, Memory, Score


def play(table: Table, *rights: tuple[bool, bool]) -> None:
    """s001 and v001 answer questions, rightly or not, to the end of the contest."""
    one, other = table.hall.browser("s001"), table.hall.browser("v001")
    table.run("open", "start")
    for mine, theirs in rights:
        view = table.show()
        table.hall.clock.pass_(seconds=5)
        assert table.answer(one, view, right=mine).status_code == 200
        table.hall.clock.pass_(seconds=5)
        assert table.answer(other, view, right=theirs).status_code == 200
        table.run("close", "reveal", "board")
    table.run("finish")


def points_of(hall: Office, table: Table) -> dict[str, float]:
    with hall.sessions() as session:
        ids = {}
        for login in ("s001", "s002", "v001"):
            person = person_by_login(session, login)
            assert person is not None
            ids[person.id] = login
        rows = session.scalars(select(Score).where(Score.source == f"contest:{table.id}"))
        return {ids[row.person_id]: row.points for row in rows}


def test_points_are_a_share_of_what_could_be_earned_and_follow_objections(hall: Office) -> None:
    table = Table(hall, {"count": 2}, speed=False)
    play(table, (True, False), (True, True))
    assert points_of(hall, table) == {"s001": 100.0, "v001": 50.0}
    table.do("void", turn=1, reason="题干有错字")
    assert points_of(hall, table) == {"s001": 100.0, "v001": 100.0}
    table.do("exclude", login="s001", reason="代答")
    assert points_of(hall, table) == {"v001": 100.0}
    table.do("include", login="s001", reason="查明不是")
    table.do("unvoid", turn=1, reason="复核后有效")
    assert points_of(hall, table) == {"s001": 100.0, "v001": 50.0}
    with hall.sessions() as session:
        assert recompute_results(writing(session), hall.clock.now) == 0
        row = session.scalars(select(ContestResult)).first()
        assert row is not None
        row.points += 1
        session.flush()
        assert recompute_results(session, hall.clock.now) == 1


def test_a_rehearsal_leaves_no_trace(hall: Office) -> None:
    table = Table(hall, rehearsal=True)
    play(table, (True, False))
    hall.clock.pass_(minutes=5)
    with hall.sessions() as session:
        assert settle_finished(session, hall.clock.now) == 0
        assert session.scalars(select(ContestResult)).all()
        for trace in (Score, Mark, Memory):
            assert session.scalars(select(trace)).all() == []


def test_a_mistake_stands_in_everybodys_wrong_question_book(hall: Office) -> None:
    table = Table(hall, {"count": 3}, speed=False)
    play(table, (True, False), (False, False), (False, True))
    table.do("void", turn=3, reason="有争议")
    with hall.sessions() as session:
        # On the spot an objection may still come.
        assert settle_finished(session, hall.clock.now) == 0
        hall.clock.pass_(seconds=6)
        assert settle_finished(session, hall.clock.now) == 1
        assert settle_finished(session, hall.clock.now) == 0
        settle(session, table.id, hall.clock.now)  # begun again after a crash
        assert len(session.scalars(select(Mark)).all()) == 4
        assert recompute_memories(writing(session)) == 0
        session.commit()
    for login, wrong in (("s001", 1), ("v001", 2)):
        book = hall.browser(login).get("/drill/book").json()["items"]
        assert len(book) == wrong
    # Practice goes on from there, step by step as if made anew.
    who = hall.browser("s001")
    for _ in range(3):
        hall.clock.pass_(minutes=1)
        give(hall, who, coming(who)[0])
    with hall.sessions() as session:
        assert recompute_memories(writing(session)) == 0


def test_nobody_looks_a_key_up_while_the_contest_is_on(hall: Office) -> None:
    who = hall.browser("s001")
    item = coming(who)[0]
    table = Table(hall, {"count": 20})
    assert item["id"] in {one["id"] for one in coming(who, "count=30")}
    with hall.sessions() as session:
        assert items_in_contests(session, hall.clock.now) == set()  # of a draft nobody has heard
    table.run("open")
    with hall.sessions() as session:
        asked = items_in_contests(session, hall.clock.now)
        script = session.get_one(Contest, table.id).script
    assert asked == {slot["item"] for slot in script["rounds"][0]["slots"]}
    assert not asked & {one["id"] for one in coming(who, "count=30")}
    held = next(one for one in [item] if one["id"] in asked)
    reply = give(hall, who, held)
    assert (reply.status_code, reply.json()["code"]) == (409, "in_contest")
    table.run("start")
    table.show()
    table.run("close", "reveal", "board", "finish")
    assert give(hall, who, held).status_code == 201
