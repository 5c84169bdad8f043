"""Daily practice over the API: nothing told before the answer, nothing lost, nothing twice."""

from __future__ import annotations

import datetime as dt

import pytest
from drilling import coming, give
from sqlalchemy import func, select
from tests.api.conftest import Office

from lawlab.services.drill_days import recompute_days
from lawlab.services.memory import replay
from lawlab.services.quizzes import items_being_answered
from lawlab.store.drill import drill_plan, facts_of, memories_of
from lawlab.store.engine import writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import (
    Answer,
    ContentState,
    DrillDay,
    DrillItem,
    DrillPlan,
    Person,
    Score,
)

SECRET = ("answer", "explanation", "articles", "why_wrong", "evidence", "blanks_text", "rubric")


def test_no_key_and_no_article_leave_before_the_answer(hall: Office) -> None:
    items = coming(hall.browser("s001"), "count=30")
    assert len(items) == 30
    assert {item["why"] for item in items} == {"new"}
    for item in items:
        assert not set(SECRET) & item.keys()
        assert set(item) <= {
            *("id", "type", "type_name", "stem", "options", "blanks"),
            *("version", "made", "course", "why", "favourite", "place"),
        }


def test_an_answer_tells_why_when_again_and_where_it_is_taught(hall: Office) -> None:
    who = hall.browser("s001")
    item = coming(who)[0]
    reply = give(hall, who, item, right=False).json()
    assert (reply["right"], reply["points"]) == (False, 0)
    assert reply["revealed"]["explanation"]
    assert reply["revealed"]["articles"]
    assert all(
        one["url"].startswith("/services/learn/lesson/") for one in reply["revealed"]["lessons"]
    )
    assert reply["drill"]["in_book"] is True
    assert reply["drill"]["next_on"] > china_day(hall.clock.now).isoformat()
    assert reply["drill"]["today"]["answered"] == 1
    book = who.get("/drill/book").json()
    assert [one["item"]["id"] for one in book["items"]] == [item["id"]]
    assert book["items"][0]["answered"]["right"] is False
    # It leaves the book only when it was known on two later days.
    for passed, left in ((0, 1), (1, 1), (0, 1), (1, 0)):
        hall.clock.pass_(days=passed, minutes=1)
        who = hall.browser("s001")
        give(hall, who, item)
        assert len(who.get("/drill/book").json()["items"]) == left


def test_a_day_is_ten_questions_and_earns_at_most_five_points(hall: Office) -> None:
    who = hall.browser("s001")
    for n in range(14):
        item = coming(who, "count=1")[0]
        reply = give(hall, who, item).json()
        assert reply["drill"]["today"]["done"] == (n >= 9)
        hall.clock.pass_(seconds=20)
    state = who.get("/drill").json()
    assert (state["answered"], state["right"], state["done"], state["streak"]) == (14, 14, True, 1)
    assert state["points_today"] == 5
    assert coming(who, "count=3") != []
    assert who.get("/drill/next?count=3").json()["state"] == "done"
    with hall.sessions() as session:
        sources = dict(iter(session.execute(select(Score.source, Score.points))))
        assert sources[f"drill:day/{china_day(hall.clock.now)}"] == 5
        assert 0 < sources["drill:mastery"] < 100


def test_a_repeat_is_answered_alike_and_counts_once(hall: Office) -> None:
    who = hall.browser("s001")
    item = coming(who)[0]
    key = next(hall.keys)
    first = give(hall, who, item, key=key)
    again = give(hall, who, item, key=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 1
        row = memories_of(session, 1)[item["id"]]
        assert row.reviews == 1
    reused = give(hall, who, item, right=False, key=key)
    assert reused.json()["code"] == "key_reused"


def test_nobody_answers_for_another_or_outside_of_the_pool(hall: Office) -> None:
    who = hall.browser("s001")
    item = coming(who)[0]
    assert give(hall, who, item, person="s002").json()["code"] == "other_person"
    with hall.sessions() as session:
        writing(session)
        session.query(DrillItem).filter(DrillItem.item == item["id"]).delete()
        session.commit()
    assert give(hall, who, item).json()["code"] == "no_item"
    other = coming(who)[0]
    for place in ("drill:chain/1", "drill:duel/1", "drill:duel/x", "drill:other", "drill:"):
        assert give(hall, who, other, place=place).json()["code"] == "no_place"
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 0


def test_what_is_withdrawn_or_in_a_quiz_is_not_asked(hall: Office) -> None:
    who = hall.browser("s001")
    gone = coming(who)[0]
    with hall.sessions() as session:
        writing(session)
        session.add(
            ContentState(
                kind="item",
                name=gone["id"],
                state="withdrawn",
                reason="",
                by="t",
                since=hall.clock.now,
            )
        )
        session.commit()
    assert give(hall, who, gone).json()["code"] == "withdrawn"
    who.post("/quizzes/atf-quiz-1/start", {"person": "s001"})
    with hall.sessions() as session:
        closed = items_being_answered(session, 1, hall.clock.now)
    assert closed
    asked: set[str] = set()
    for query in ("count=30", "count=30&mode=practice&order=sequence", "count=30&mode=practice"):
        asked |= {one["id"] for one in coming(who, query)}
    assert gone["id"] not in asked
    assert not closed & asked
    refused = who.answer(min(closed), "A", place="drill:daily")
    assert refused.json()["code"] == "in_quiz"


def test_answers_given_without_a_net_arrive_at_once_each_once_and_never_as_slow(
    hall: Office,
) -> None:
    who = hall.browser("s001")
    held = coming(who, "count=10")
    more = coming(who, "count=10&without=" + ",".join(one["id"] for one in held))
    assert not {one["id"] for one in held} & {one["id"] for one in more}
    hall.clock.pass_(hours=3)
    keys = [next(hall.keys) for _ in held]
    for _ in range(2):  # the net breaks before the replies: everything is sent again
        for key, item in zip(keys, held, strict=True):
            assert give(hall, who, item, key=key).status_code in (200, 201)
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Answer)) == 10
        rows = memories_of(session, 1).values()
        # Right and not slow is Good: one stability for all that is new.
        assert len({row.stability for row in rows}) == 1
    assert who.get("/drill").json()["done"] is True


def test_due_comes_first_then_new_then_once_more_what_was_wrong(hall: Office) -> None:
    who = hall.browser("s001")
    first, second, third = coming(who, "count=3")
    give(hall, who, first)
    give(hall, who, second, right=False)
    assert [one["why"] for one in coming(who, "count=5")] == ["new", "new", "new", "again", "new"]
    hall.clock.pass_(days=40)
    who = hall.browser("s001")
    give(hall, who, third, right=False)
    asked = coming(who, "count=6")
    assert [one["why"] for one in asked] == ["due", "due", "new", "new", "new", "new"]
    assert {one["id"] for one in asked[:2]} == {first["id"], second["id"]}
    assert coming(who, "count=7")[6]["id"] == third["id"]


def test_practice_in_order_goes_on_where_it_stopped(hall: Office) -> None:
    who = hall.browser("s001")
    query = "mode=practice&order=sequence&course=anti-telecom-fraud&count=2"
    first, second = coming(who, query)
    give(hall, who, first)
    assert coming(who, query)[0]["id"] == second["id"]
    give(hall, who, second)
    begun = who.get("/drill/scopes").json()["resume"]
    assert [(one["answered"], one["query"]) for one in begun] == [
        (2, "course=anti-telecom-fraud&order=sequence")
    ]
    assert coming(who, query + "&anew=true")[0]["id"] == first["id"]
    assert coming(hall.browser("s002"), query)[0]["id"] == first["id"]
    with hall.sessions() as session:
        last = session.scalars(
            select(DrillItem)
            .where(DrillItem.course == "anti-telecom-fraud")
            .order_by(DrillItem.position.desc())
        ).first()
        assert last is not None
        item = {
            "id": last.item,
            "version": 1,
            "type": last.type,
            "options": {},
            "place": first["place"],
        }
    give(hall, who, item)
    over = who.get(f"/drill/next?{query}").json()
    assert (over["items"], over["state"]) == ([], "done")


def test_a_place_that_no_page_made_harms_nobody(hall: Office) -> None:
    who = hall.browser("s001")
    for n, place in enumerate(("x~sequence", "~sequence", "a~b~c~d~e~f~g~sequence", "")):
        item = coming(who, "count=1")[0]
        give(hall, who, item, place=f"drill:practice/{place}")
        assert who.get("/drill/scopes").json()["resume"] == []
        assert who.get("/drill").json()["answered"] == n + 1


@pytest.mark.parametrize("source", ["wrong", "favourite"])
def test_only_wrong_ones_and_only_favourites(hall: Office, source: str) -> None:
    who = hall.browser("s001")
    one, other = coming(who, "count=2")
    assert who.get(f"/drill/next?mode=practice&from={source}").json()["state"] == "empty"
    give(hall, who, one, right=source == "favourite")
    give(hall, who, other)
    if source == "favourite":
        for _ in range(2):
            body = {"person": "s001", "item": one["id"], "on": True}
            assert who.post("/drill/favourites", body).json()["count"] == 1
    found = coming(who, f"mode=practice&from={source}")
    assert [item["id"] for item in found] == [one["id"]]
    assert found[0]["favourite"] == (source == "favourite")
    assert who.get(f"/drill/book?kind={source}").json()["total"] == 1
    assert hall.browser("s002").get(f"/drill/book?kind={source}").json()["total"] == 0


def test_holidays_neither_count_nor_break_a_streak(hall: Office) -> None:
    who = hall.browser("s001")
    start = dt.datetime(2026, 12, 30, 12, tzinfo=dt.UTC)
    with hall.sessions() as session:
        writing(session)
        rest = [{"from": "2027-01-01", "to": "2027-01-03", "name": "元旦"}]
        session.add(DrillPlan(contest=None, holidays=rest, goals={}, by="t01", at=start))
        session.commit()
    for day, streak in ((0, 1), (1, 2), (5, 3), (7, 1)):
        hall.clock.now = start + dt.timedelta(days=day)
        who = hall.browser("s001")
        for item in coming(who):
            give(hall, who, item)
        assert who.get("/drill").json()["streak"] == streak, day
    hall.clock.now = start + dt.timedelta(days=3)
    state = hall.browser("s001").get("/drill").json()
    assert state["holiday"] == "元旦"
    month = hall.browser("s001").get("/drill/calendar?month=2026-12").json()
    assert [one["day"] for one in month["days"] if one["done"]] == ["2026-12-30", "2026-12-31"]
    assert hall.browser("s001").get("/drill/calendar?month=2026-13").json()["code"] == "bad_month"


def test_the_town_s_midnight_divides_the_days(hall: Office) -> None:
    hall.clock.now = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)
    who = hall.browser("s001")
    one, other = coming(who, "count=2")
    give(hall, who, one)
    hall.clock.pass_(seconds=1)
    give(hall, who, other)
    with hall.sessions() as session:
        days = session.scalars(select(DrillDay.day).order_by(DrillDay.day)).all()
    assert days == [dt.date(2026, 12, 31), dt.date(2027, 1, 1)]


def test_everything_derived_follows_from_the_answers_alone(hall: Office) -> None:
    who = hall.browser("s001")
    for n in range(60):
        item = coming(who, "count=1")[0]
        give(hall, who, item, right=n % 3 != 0)
        hall.clock.pass_(hours=5, seconds=n * 7)
        who = hall.browser("s001")
    with hall.sessions() as session:
        person = session.scalars(select(Person.id).where(Person.login == "s001")).one()
        played = replay(session, person, drill_plan(session))
        wanted = {item: one.facts() for item, one in played.items()}
        assert {item: facts_of(row) for item, row in memories_of(session, person).items()} == wanted
        assert session.scalar(select(func.count()).select_from(DrillDay)) > 5
        assert recompute_days(session) == 0


def test_a_stranger_gets_nothing(hall: Office) -> None:
    who = hall.browser("s001")
    paths = ("", "/next", "/scopes", "/calendar?month=2026-12", "/book", "/map", "/chain", "/duels")
    for path in paths:
        assert hall.app.get(f"/services/api/drill{path}").status_code == 401, path
        assert who.get(f"/drill{path}").status_code == 200, path
