"""双人对战: one result and the same points, whoever looks when, and whatever comes at once."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from playing import Town, at_once, refusal
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.points import DUEL_DRAWN, DUEL_LOST, DUEL_WON
from lawlab.services.duel_pages import decline, duel_list, see, waiting
from lawlab.services.game_scores import recompute_game_scores
from lawlab.store.tables import Answer, Duel, DuelSeat, Mark, Score


@pytest.fixture
def town(sessions: sessionmaker[Session], now: dt.datetime) -> Town:
    return Town(sessions, now)


def points(town: Town) -> dict[tuple[int, int], float]:
    """(person, duel) → points."""
    with town.sessions() as session:
        rows = session.scalars(select(Score).where(Score.source.startswith("drill:duel/")))
        return {(row.person_id, int(row.source.partition("/")[2])): row.points for row in rows}


def look_all(town: Town, n: int) -> dict[int, str]:
    with town.sessions() as session:
        return {
            one["id"]: one["state"] for one in duel_list(session, town.who(n), town.now)["mine"]
        }


def test_both_get_the_same_questions_and_the_least_known_ones(town: Town) -> None:
    for n in range(7):
        town.answer(1 + n % 2, f"one-{n:02}", "drill:daily")
    duel = town.challenge(1, 2)
    with town.sessions() as session:
        items = [town.item_of(one) for one in session.get_one(Duel, duel).items]
    assert sorted(items) == [f"one-{n:02}" for n in range(7, 12)]
    assert town.look(1, duel)["item"]["id"] == town.look(2, duel)["item"]["id"] == items[0]


def test_nothing_is_taken_after_the_time_for_it_whoever_looks_when(town: Town) -> None:
    duel = town.challenge(1, 2)
    town.play(1, duel, "+++++")
    town.play(2, duel, "++++")
    item = town.look(2, duel)["item"]
    town.now += dt.timedelta(days=3)
    assert refusal(partial(town.answer, 2, item["id"], item["place"])) == "not_now"
    with town.sessions() as session:
        assert session.get_one(Duel, duel).finished_at is None  # nobody looked yet
        assert waiting(session, 1, town.now) == 1  # but there is something to see
    assert look_all(town, 2) == {duel: "lost"}
    assert look_all(town, 1) == {duel: "won"}
    assert points(town) == {(1, duel): DUEL_WON, (2, duel): DUEL_LOST}


def test_what_nobody_finished_earns_nothing(town: Town) -> None:
    duel = town.challenge(1, 2)
    town.play(1, duel, "++++")
    town.pass_(days=4)
    assert look_all(town, 1) == look_all(town, 2) == {duel: "expired"}
    assert points(town) == {}
    with town.sessions() as session:
        assert waiting(session, 1, town.now) == 1
        see(session, town.who(1), duel, town.now)
        assert waiting(session, 1, town.now) == 0


def test_two_answers_to_one_dealt_question_count_once(town: Town) -> None:
    duel = town.challenge(1, 2)
    item = town.look(1, duel)["item"]
    tap = [partial(town.answer, 1, item["id"], item["place"], right) for right in (True, False)]
    assert sorted(at_once(*tap)) == ["done", "not_now"]
    key = next(town.keys)
    item = town.look(1, duel)["item"]
    # Two devices, or one that asks again: the same key is one answer.
    again = [partial(town.answer, 1, item["id"], item["place"], key=key)] * 3
    assert at_once(*again) == ["done"] * 3
    with town.sessions() as session:
        assert session.get_one(DuelSeat, (duel, 1)).answered == 2


def test_both_finish_at_the_same_moment(town: Town) -> None:
    for _ in range(2):
        duel = town.challenge(1, 2)
        for n in (1, 2):
            town.play(n, duel, "++++")
        item = [town.look(n, duel) for n in (1, 2)][1]["item"]
        answer = partial(town.answer, item=item["id"], place=item["place"])
        last = [partial(answer, 1, right=True), partial(answer, 2, right=False)]
        assert at_once(*last) == ["done", "done"]
        assert (look_all(town, 1)[duel], look_all(town, 2)[duel]) == ("won", "lost")
        assert [points(town)[n, duel] for n in (1, 2)] == [DUEL_WON, DUEL_LOST]
        town.pass_(days=1)


def test_two_duels_of_the_same_two_end_at_once_without_waiting_in_a_circle(town: Town) -> None:
    for _ in range(2):
        first, second = town.challenge(1, 2), town.challenge(2, 1)
        town.play(1, first, "+++++")
        town.play(2, second, "+++++")
        town.play(2, first, "++++")
        town.play(1, second, "++++")
        ends = [(2, town.look(2, first)["item"]), (1, town.look(1, second)["item"])]
        last = [partial(town.answer, n, item["id"], item["place"]) for n, item in ends]
        assert at_once(*last) == ["done", "done"]
        town.pass_(days=1)
    assert len(points(town)) == 8


def test_two_challenge_each_other_at_once(town: Town) -> None:
    for _ in range(2):
        both = [partial(town.challenge, n, 3 - n) for n in (1, 2)]
        assert at_once(*both) == ["done", "done"]


def test_no_more_than_two_duels_of_a_day_count_also_when_three_end_at_once(town: Town) -> None:
    duels = {other: town.challenge(1, other) for other in (2, 3, 4)}
    for other, duel in duels.items():
        town.play(1, duel, "+++++")
        town.play(other, duel, "----")
    items = {other: town.look(other, duel)["item"] for other, duel in duels.items()}
    last = [partial(town.answer, n, item["id"], item["place"], False) for n, item in items.items()]
    assert at_once(*last) == ["done"] * 3
    assert sorted(points(town).values()) == [DUEL_LOST] * 3 + [DUEL_WON] * 2
    with town.sessions() as session:
        assert duel_list(session, town.who(1), town.now)["today"] == {"counted": 2, "limit": 2}
        assert recompute_game_scores(session) == 0


def test_the_first_two_of_a_day_count_however_late_anybody_looks(town: Town) -> None:
    early = town.challenge(1, 2)
    town.play(1, early, "+++++")
    with town.sessions() as session:
        until = session.get_one(Duel, early).until
    town.now = until - dt.timedelta(hours=1)
    later = [town.challenge(1, other) for other in (3, 4)]
    town.now = until + dt.timedelta(minutes=1)
    for duel, other in zip(later, (3, 4), strict=True):
        town.play(1, duel, "+++++")
        town.play(other, duel, "+++++")
    look_all(town, 1)
    # The one that ran out ended first, though it was decided last.
    assert {duel for person, duel in points(town) if person == 1} == {early, later[0]}
    with town.sessions() as session:
        assert recompute_game_scores(session) == 0


def test_points_are_made_anew_from_runs_and_seats_alone(town: Town) -> None:
    won = town.finished(1, 2)
    town.finished(3, 2, ("+-+-+", "+-+-+"))
    town.finished(1, 2)
    run = town.begin(1)
    for right in (True, True, False):
        run_now = town.begin(1)["item"]
        town.answer(1, run_now["id"], f"drill:chain/{run['id']}", right)
    town.pass_(days=4)
    with town.sessions() as session:
        assert recompute_game_scores(session) == 0
        before = {(s.person_id, s.source): s.points for s in session.scalars(select(Score))}
        session.execute(delete(Score).where(Score.source == f"drill:duel/{won}"))
        session.execute(
            update(Score).where(Score.source.startswith("drill:chain/")).values(points=99)
        )
        facts: dict[str, Any] = {"phase": "drill", "points": 3.0, "changed_at": town.now}
        session.add(Score(person_id=4, source="drill:duel/99", **facts))
        session.commit()
        assert recompute_game_scores(session, [4]) == 1
        assert recompute_game_scores(session) == 3
        session.commit()
        after = {(s.person_id, s.source): s.points for s in session.scalars(select(Score))}
        assert after == before
        # And the seats are what the answers say.
        right = func.sum(Mark.points / Mark.max_points)
        for seat in session.scalars(select(DuelSeat)):
            given = session.execute(
                select(func.count(), right)
                .select_from(Answer)
                .join(Mark, Mark.answer_id == Answer.id)
                .where(
                    Answer.place == f"drill:duel/{seat.duel_id}", Answer.person_id == seat.person_id
                )
            ).one()
            assert (seat.answered, seat.right) == tuple(given)


def test_equal_in_whole_seconds_is_a_draw(town: Town) -> None:
    duel = town.finished(1, 2, ("+++++", "+++++"))
    assert look_all(town, 1) == look_all(town, 2) == {duel: "draw"}
    assert set(points(town).values()) == {DUEL_DRAWN}


def test_a_quiz_under_way_hides_the_keys_of_its_questions_and_deals_none(town: Town) -> None:
    duel = town.challenge(1, 2)
    town.play(1, duel, "+")
    with town.sessions() as session:
        items = [town.item_of(one) for one in session.get_one(Duel, duel).items]
    assert [one["id"] for one in town.look(1, duel)["questions"]] == items[:1]
    town.play(1, duel, "+")
    town.sit(1, [items[0], items[2]])
    assert refusal(lambda: town.look(1, duel)) == "in_quiz"
    with town.sessions() as session:
        assert session.get_one(DuelSeat, (duel, 1)).dealt_at is None
    town.play(2, duel, "+++++")
    town.pass_(days=3)
    shown = town.look(1, duel)
    assert [one["id"] for one in shown["questions"]] == items[:2]  # the quiz has run out


def test_what_was_answered_in_a_duel_is_not_shown_while_it_is_in_a_quiz(town: Town) -> None:
    duel = town.finished(1, 2)
    with town.sessions() as session:
        first = town.item_of(session.get_one(Duel, duel).items[0])
    town.sit(1, [first])
    assert first not in {one["id"] for one in town.look(1, duel)["questions"]}
    assert first in {one["id"] for one in town.look(2, duel)["questions"]}


def test_nobody_says_no_when_the_time_is_over_and_the_other_one_has_won(town: Town) -> None:
    duel = town.challenge(1, 2)
    town.play(1, duel, "+++++")
    town.pass_(days=3)
    with town.sessions() as session:
        assert refusal(partial(decline, session, town.who(2), duel, town.now)) == "begun"
    assert look_all(town, 1) == {duel: "won"}


def test_no_and_an_answer_at_once_leave_one_of_them(town: Town) -> None:
    duel = town.challenge(1, 2)
    item = town.look(2, duel)["item"]

    def say_no() -> None:
        with town.sessions() as session:
            decline(session, town.who(2), duel, town.now)

    results = at_once(say_no, partial(town.answer, 2, item["id"], item["place"]))
    assert sorted(results) in (["begun", "done"], ["done", "not_now"])
    assert points(town) == {}
    with town.sessions() as session:
        declined = session.get_one(Duel, duel).declined_at is not None
        assert session.get_one(DuelSeat, (duel, 2)).answered == (0 if declined else 1)
