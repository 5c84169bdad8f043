"""挑战答题 and 双人对战 over the API: the server deals, counts and decides, once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from drilling import give
from sqlalchemy import select
from tests.api.conftest import Browser, Office

from lawlab.domain.points import chain_points
from lawlab.store.tables import ChainRun, Duel, DuelSeat, Score


def begin(hall: Office, who: Browser, **changes: Any) -> Any:
    return who.post("/drill/chain", {"person": who.login, "key": next(hall.keys)} | changes)


def challenge(hall: Office, who: Browser, opponent: str | None) -> Any:
    body = {"person": who.login, "key": next(hall.keys), "opponent": opponent}
    return who.post("/drill/duels", body)


def play(hall: Office, who: Browser, duel: int, rights: str, seconds: int = 10) -> Any:
    """Answer one question for each letter: + rightly, - wrongly."""
    reply = None
    for right in rights:
        item = who.get(f"/drill/duels/{duel}").json()["item"]
        hall.clock.pass_(seconds=seconds)
        reply = give(hall, who, item, right == "+").json()
    return reply


def scores(hall: Office, prefix: str) -> dict[tuple[int, str], float]:
    with hall.sessions() as session:
        rows = session.execute(
            select(Score.person_id, Score.source, Score.points).where(
                Score.source.startswith(prefix)
            )
        )
        return {(person, source): points for person, source, points in rows}


def test_a_chain_goes_on_until_the_first_wrong_answer(hall: Office) -> None:
    who = hall.browser("s001")
    state = begin(hall, who).json()
    item, seen = state["run"]["item"], set()
    for n in range(1, 5):
        assert item["id"] not in seen
        seen.add(item["id"])
        game = give(hall, who, item).json()["game"]
        assert (game["over"], game["right"], game["best_week"]) == (False, n, n)
        item = game["item"]
        assert not {"answer", "explanation", "articles"} & item.keys()
    game = give(hall, who, item, right=False).json()["game"]
    assert (game["over"], game["right"], game["item"]) == (True, 4, None)
    state = who.get("/drill/chain").json()
    assert (state["run"], state["best_week"], state["last"]["right"]) == (None, 4, 4)
    assert [(one["name"], one["best"], one["me"]) for one in state["board"]] == [
        ("干部001", 4, True)
    ]
    assert list(scores(hall, "drill:chain/").values()) == [chain_points(4)]
    # A shorter one later takes nothing away.
    item = begin(hall, who).json()["run"]["item"]
    give(hall, who, item, right=False)
    assert who.get("/drill").json()["chain"] == {"best": 4, "total_best": 4}
    assert list(scores(hall, "drill:chain/").values()) == [chain_points(4)]


def test_a_chain_takes_only_the_question_that_it_asks_and_each_answer_once(hall: Office) -> None:
    who, other = hall.browser("s001"), hall.browser("s002")
    item = begin(hall, who).json()["run"]["item"]
    assert begin(hall, who).json()["run"]["item"]["id"] == item["id"]
    assert give(hall, other, item).json()["code"] == "no_place"
    key = next(hall.keys)
    first = give(hall, who, item, key=key).json()
    again = give(hall, who, item, key=key).json()
    assert first["game"]["right"] == again["game"]["right"] == 1
    assert give(hall, who, item).json()["code"] == "not_now"
    results: list[int] = []
    following = first["game"]["item"]
    gate = threading.Barrier(2)

    def tap() -> None:
        gate.wait()
        results.append(give(hall, who, following).status_code)

    threads = [threading.Thread(target=tap) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [201, 409]
    assert who.get("/drill/chain").json()["best_week"] == 2


def test_a_run_of_yesterday_is_over_and_the_week_begins_on_monday(hall: Office) -> None:
    who = hall.browser("s001")
    item = begin(hall, who).json()["run"]["item"]
    give(hall, who, item)
    hall.clock.pass_(days=1)
    who = hall.browser("s001")
    assert who.get("/drill/chain").json()["run"] is None
    assert begin(hall, who).json()["run"]["right"] == 0
    hall.clock.pass_(days=7)
    who = hall.browser("s001")
    state = who.get("/drill/chain").json()
    assert (state["best_week"], state["best_ever"]) == (0, 1)
    with hall.sessions() as session:
        assert session.scalars(select(ChainRun.ended_at).order_by(ChainRun.id)).first()


def test_two_people_one_paper_each_when_he_has_time(hall: Office) -> None:
    one, other = hall.browser("s001"), hall.browser("v001")
    duel = challenge(hall, one, "v001").json()["id"]
    assert play(hall, one, duel, "+++-+")["game"]["over"] is True
    state = one.get(f"/drill/duels/{duel}").json()
    assert (state["state"], state["my"]["right"], state["their"]["answered"]) == ("waiting", 4, 0)
    assert other.get("/drill").json()["duels"] == 1
    # Whoever has not finished learns nothing of the other one.
    assert other.get(f"/drill/duels/{duel}").json()["their"] is None
    assert other.get("/drill/duels").json()["mine"][0]["their"] is None
    play(hall, other, duel, "++---")
    lost = other.get(f"/drill/duels/{duel}").json()
    won = one.get(f"/drill/duels/{duel}").json()
    assert (won["state"], lost["state"], won["their"]["right"]) == ("won", "lost", 2)
    assert [q["their"]["right"] for q in lost["questions"]] == [True, True, True, False, True]
    assert [q["id"] for q in won["questions"]] == [q["id"] for q in lost["questions"]]
    assert sorted(scores(hall, "drill:duel/").values()) == [2.0, 3.0]
    assert one.get("/drill").json()["duels"] == 1
    one.post(f"/drill/duels/{duel}/seen", {"person": "s001"})
    assert one.get("/drill").json()["duels"] == 0


def test_equal_rights_are_decided_by_the_servers_time_in_whole_seconds(hall: Office) -> None:
    one, other = hall.browser("s001"), hall.browser("s002")
    duel = challenge(hall, one, "s002").json()["id"]
    play(hall, one, duel, "+++++", seconds=9)
    play(hall, other, duel, "+++++", seconds=8)
    assert one.get(f"/drill/duels/{duel}").json()["state"] == "lost"
    duel = challenge(hall, one, "s002").json()["id"]
    play(hall, one, duel, "+++++", seconds=9)
    play(hall, other, duel, "+++++", seconds=9)
    assert other.get(f"/drill/duels/{duel}").json()["state"] == "draw"
    with hall.sessions() as session:
        assert {row.milliseconds for row in session.scalars(select(DuelSeat))} == {40_000, 45_000}
    # Only the first two of a day earn something.
    duel = challenge(hall, one, "s002").json()["id"]
    play(hall, one, duel, "+++++")
    play(hall, other, duel, "-----")
    assert len(scores(hall, "drill:duel/")) == 4
    assert one.get("/drill/duels").json()["today"] == {"counted": 2, "limit": 2}


def test_time_runs_out_and_challenges_are_declined(hall: Office) -> None:
    one, other = hall.browser("s001"), hall.browser("s002")
    late = challenge(hall, one, "s002").json()["id"]
    play(hall, one, late, "+++++")
    untouched = challenge(hall, one, "s002").json()["id"]
    declined = challenge(hall, one, "s002").json()["id"]
    body = {"person": "s002"}
    assert other.post(f"/drill/duels/{declined}/decline", body).json()["state"] == "declined"
    assert other.post(f"/drill/duels/{declined}/decline", body).status_code == 200
    assert (
        one.post(f"/drill/duels/{untouched}/decline", {"person": "s001"}).json()["code"] == "begun"
    )
    hall.clock.pass_(days=3)
    one, other = hall.browser("s001"), hall.browser("s002")
    states = {line["id"]: line["state"] for line in one.get("/drill/duels").json()["mine"]}
    assert states == {late: "won", untouched: "expired", declined: "declined"}
    assert scores(hall, "drill:duel/") == {(1, f"drill:duel/{late}"): 3.0}
    with hall.sessions() as session:
        duel = session.get_one(Duel, late)
        assert duel.finished_at == duel.until


def test_nobody_else_sees_or_plays_a_duel(hall: Office) -> None:
    one, third = hall.browser("s001"), hall.browser("v001")
    duel = challenge(hall, one, "s002").json()["id"]
    assert third.get(f"/drill/duels/{duel}").json()["code"] == "no_duel"
    item = one.get(f"/drill/duels/{duel}").json()["item"]
    assert give(hall, third, item).json()["code"] == "no_place"
    # Not dealt to the opponent yet: he cannot have seen it.
    assert give(hall, hall.browser("s002"), item).json()["code"] == "not_now"
    assert challenge(hall, one, "s001").json()["code"] == "no_person"
    assert challenge(hall, one, "nobody").json()["code"] == "no_person"
    drawn = challenge(hall, one, None).json()["id"]
    assert one.get(f"/drill/duels/{drawn}").json()["other"]["login"] in {"s002", "v001"}
    for _ in range(3):
        challenge(hall, one, "s002")
    assert challenge(hall, one, "s002").json()["code"] == "too_many"


@pytest.mark.parametrize("path", ["chain", "duels"])
def test_a_game_in_anothers_name_is_refused(hall: Office, path: str) -> None:
    body: dict[str, Any] = {"person": "s002", "key": next(hall.keys)}
    assert hall.browser("s001").post(f"/drill/{path}", body).json()["code"] == "other_person"
