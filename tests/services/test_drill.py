"""What practice asks next, and what is derived from practising, on a pool made by hand."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.practice import GOAL, MOST_NEW, USUAL_NEW
from lawlab.domain.statute import CHINA_TIME
from lawlab.services.boards import board
from lawlab.services.drill import MOST, next_items
from lawlab.services.drill_days import recompute_days, update_day
from lawlab.services.home import home
from lawlab.services.sessions import Caller
from lawlab.store import drill_items
from lawlab.store.tables import (
    Answer,
    CohortMembership,
    ContentState,
    Course,
    DrillDay,
    DrillItem,
    DrillPlan,
    ItemVersion,
    Mark,
    Memory,
    Person,
    Score,
)

NOW = dt.datetime(2026, 12, 30, 2, tzinfo=dt.UTC)
TODAY = NOW.date()
ME, OTHER = 1, 2
CALLER = Caller(ME, "s001", "干部001", frozenset({"learner"}))
COURSES = ("bridges", "roads", "wells")
SIZE = 20
"""Questions of each course."""


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Any:
    with sessions() as session:
        for n in (ME, OTHER):
            person = Person(id=n, login=f"s00{n}", full_name=f"干部00{n}", created_at=NOW)
            person.cohorts = [CohortMembership(cohort="staff", since=TODAY)]
            session.add(person)
        session.add_all(
            Course(slug=slug, title=slug, law="法", position=n, about={})
            for n, slug in enumerate(COURSES)
        )
        for n in range(SIZE * len(COURSES)):
            add_item(session, COURSES[n // SIZE], n % SIZE)
        session.commit()
        yield session


def add_item(session: Session, course: str, position: int) -> None:
    item = name(course, position)
    version = ItemVersion(
        item=item,
        version=1,
        bank=course,
        type="single",
        body={},
        sha256="",
        article_prints={},
        published_at=NOW,
    )
    session.add(version)
    session.flush()
    row = DrillItem(item=item, item_version_id=version.id, course=course, position=position)
    row.type, row.made, row.articles, row.characters = "single", False, ["法#1"], 30
    row.article = "法#1"
    session.add(row)


def name(course: str, position: int) -> str:
    return f"{course}-{position:02}"


def remember(session: Session, item: str, due: int = 5, last: int = -3, **facts: Any) -> None:
    """`due` and `last` in days from today."""
    row = Memory(
        person_id=ME,
        item=item,
        stability=5.0,
        difficulty=5.0,
        state=2,
        last=TODAY + dt.timedelta(days=last),
        due=TODAY + dt.timedelta(days=due),
        reviews=1,
        lapses=0,
        first=TODAY - dt.timedelta(days=30),
        last_right=True,
    )
    for fact, value in facts.items():
        setattr(row, fact, value)
    session.add(row)
    session.commit()


def asked(session: Session, count: int, without: Any = ()) -> list[tuple[str, str]]:
    return [(one.item, one.why) for one in next_items(session, CALLER, NOW, count, without)]


def decide(session: Session, **plan: Any) -> None:
    facts: dict[str, Any] = {"contest": None, "holidays": [], "goals": {}}
    session.add(DrillPlan(**facts | plan, by="t01", at=NOW))
    session.commit()


def practise(session: Session, item: str, right: bool, at: dt.datetime, person: int = ME) -> None:
    """An answer as it is stored, and its day."""
    version = session.scalars(select(ItemVersion.id).where(ItemVersion.item == item)).one()
    answer = Answer(
        key=f"{item}-{at.timestamp()}",
        person_id=person,
        item_version_id=version,
        place="drill:daily",
        response={},
        received_at=at,
    )
    session.add(answer)
    session.flush()
    for key_version, points in ((1, float(right)), (2, 1.0)):  # a regrade changes no first mark
        facts = {"marker": "auto", "max_points": 1.0, "marked_at": at}
        session.add(Mark(answer_id=answer.id, key_version=key_version, points=points, **facts))
        session.flush()
    update_day(session, person, at)
    session.commit()


def test_new_questions_come_course_by_course_and_those_begun_first(session: Session) -> None:
    remember(session, name("wells", 0))
    facts = {"phase": "learn", "points": 1.0, "changed_at": NOW}
    session.add(Score(person_id=ME, source="lesson:wells/01", **facts))
    session.add(Score(person_id=OTHER, source="lesson:roads/01", **facts))
    session.commit()
    found = [item for item, _ in asked(session, MOST)]
    assert found[:3] == [name("wells", 1), name("wells", 2), name("wells", 3)]
    # The one of long ago comes after the day's share of new ones, before more of them.
    assert found.index(name("wells", 0)) == USUAL_NEW
    rest = [item for item in found if item != name("wells", 0)]
    assert rest[18:21] == [name("wells", 19), name("bridges", 0), name("bridges", 1)]
    assert len(found) == MOST


@pytest.mark.parametrize("few", [0, 10_000])
def test_what_was_never_asked_is_found_wherever_it_stands(
    session: Session, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill_items, "FEW", few)
    chance = random.Random(few)
    everything = [name(course, n) for course in COURSES for n in range(SIZE)]
    for met in (set(), set(chance.sample(everything, 30)), set(everything[5:58]), set(everything)):
        for item in met:
            if session.get(Memory, (ME, item)) is None:
                remember(session, item)
        seen = set(session.scalars(select(Memory.item).where(Memory.person_id == ME)))
        left = [item for item in everything if item not in seen]
        for most in (0, 1, 7, 100):
            found = drill_items.unseen(session, ME, COURSES, most)
            assert [item for item, _ in found.first] == left[:most]
        counts = {course: sum(one.startswith(course) for one in left) for course in COURSES}
        assert found.counts == {course: count for course, count in counts.items() if count}


def test_the_oldest_promise_is_kept_first(session: Session) -> None:
    for n, due in enumerate((0, -20, -3, 1)):
        remember(session, name("roads", n), due)
        remember(session, name("wells", n), due, person_id=OTHER)
    due = [item for item, why in asked(session, 20) if why == "due"]
    assert due == [name("roads", 1), name("roads", 2), name("roads", 0)]
    held = [name("roads", 1), name("roads", 0)]
    assert [item for item, why in asked(session, 20, held) if why == "due"] == [name("roads", 2)]


def test_what_was_wrong_today_comes_once_more_and_what_was_right_today_does_not(
    session: Session,
) -> None:
    decide(session)
    for n in range(SIZE):
        for course in COURSES:
            remember(session, name(course, n), 9 + n, last=0 if course == "roads" else -1)
    wrong = session.get_one(Memory, (ME, name("roads", 7)))
    wrong.last_right = False
    session.commit()
    found = asked(session, MOST)
    assert found[0] == (name("roads", 7), "again")
    assert found[1:3] == [(name("bridges", 0), "ahead"), (name("wells", 0), "ahead")]
    assert {why for _, why in found[1:]} == {"ahead"}
    assert not any(item.startswith("roads") for item, _ in found[1:])


def test_what_is_out_of_use_is_neither_asked_nor_counted_as_new(session: Session) -> None:
    for n in range(3):
        facts = {"state": "withdrawn", "reason": "", "by": "t01", "since": NOW}
        session.add(ContentState(kind="item", name=name("bridges", n), **facts))
    session.add(ContentState(kind="lesson", name=name("bridges", 3), **facts))
    remember(session, name("bridges", 0), -5)
    assert asked(session, 1) == [(name("bridges", 3), "new")]
    assert drill_items.unseen(session, ME, COURSES, 0).counts["bridges"] == SIZE - 3


def test_an_empty_pool_asks_nothing(session: Session) -> None:
    session.query(DrillItem).delete()
    session.commit()
    assert asked(session, 10) == []


def test_goals_decide_how_much_is_new_and_holidays_are_no_days_for_it(session: Session) -> None:
    for n in range(SIZE):
        remember(session, name("wells", n), 1)
    goal = TODAY + dt.timedelta(days=9)
    for rest, new in (([], 4), ([{"from": "2027-01-01", "to": "2027-01-03", "name": "元旦"}], 6)):
        decide(session, goals={course: str(goal) for course in COURSES}, holidays=rest)
        assert [why for _, why in asked(session, MOST)].index("ahead") == new
    decide(session, goals={course: str(TODAY) for course in COURSES})
    assert [why for _, why in asked(session, MOST)].index("ahead") == MOST_NEW


def test_what_was_met_today_or_is_held_by_the_page_makes_the_share_of_the_day_no_other(
    session: Session,
) -> None:
    for n in range(SIZE):
        remember(session, name("wells", n), 1)
    goal = TODAY + dt.timedelta(days=5)
    decide(session, goals={course: str(goal) for course in COURSES})
    share = 7  # 40 of them over six days
    for met in range(share + 1):
        left = [why for _, why in asked(session, MOST)].index("ahead")
        assert left == share - met
        held = [name("bridges", met), name("bridges", met + 1)]
        found = [why for _, why in asked(session, MOST, held)]
        assert found.index("ahead") == max(0, left - 2)
        remember(session, name("bridges", met), 3, last=0, first=TODAY)


def test_days_and_points_are_made_anew_from_the_answers_alone(session: Session) -> None:
    midnight = dt.datetime(2027, 1, 1, tzinfo=CHINA_TIME)
    for n in range(12):
        practise(session, name("roads", n), n % 4 > 0, midnight + dt.timedelta(minutes=n - 11))
        practise(session, name("roads", n), True, midnight + dt.timedelta(minutes=n))
    practise(session, name("wells", 1), True, NOW, OTHER)
    rows = session.execute(
        select(DrillDay.day, DrillDay.answered, DrillDay.right, DrillDay.done_at)
        .where(DrillDay.person_id == ME)
        .order_by(DrillDay.day)
    ).all()
    assert [tuple(row)[:3] for row in rows] == [
        (dt.date(2026, 12, 31), 11, 8),
        (dt.date(2027, 1, 1), 12, 12),
    ]
    assert rows[1].done_at == midnight + dt.timedelta(minutes=9)
    points = select(Score.points).where(Score.person_id == ME).order_by(Score.source)
    assert session.scalars(points).all() == [4.4, 5.0]
    assert recompute_days(session) == 0

    session.delete(session.get_one(DrillDay, (ME, dt.date(2026, 12, 31))))
    session.get_one(DrillDay, (ME, dt.date(2027, 1, 1))).right = 3
    session.add(DrillDay(person_id=ME, day=TODAY, answered=10, right=10, done_at=NOW))
    facts = {"phase": "drill", "points": 5.0, "changed_at": NOW}
    session.add(Score(person_id=ME, source=f"drill:day/{TODAY}", **facts))
    session.get_one(Score, (ME, "drill:day/2027-01-01")).points = 50.0
    session.get_one(DrillDay, (OTHER, TODAY)).answered = 7
    session.commit()
    assert recompute_days(session, [ME]) == 5
    assert recompute_days(session) == 1
    assert recompute_days(session) == 0
    session.commit()
    assert session.get_one(DrillDay, (ME, dt.date(2027, 1, 1))).right == 12
    assert session.scalars(points).all() == [4.4, 5.0]


def test_a_day_that_is_done_stays_done_when_the_pool_grows(session: Session) -> None:
    for row in session.scalars(select(DrillItem).where(DrillItem.item != name("roads", 0))):
        session.delete(row)
    session.commit()
    practise(session, name("roads", 0), True, NOW)
    done = session.get_one(DrillDay, (ME, TODAY)).done_at
    assert done == NOW
    for n in range(SIZE, SIZE + 5):
        add_item(session, "roads", n)
    practise(session, name("roads", 20), True, NOW + dt.timedelta(minutes=1))
    assert session.get_one(DrillDay, (ME, TODAY)).done_at == done
    assert recompute_days(session) == 0


def test_the_home_page_offers_practice_until_it_is_done(session: Session) -> None:
    rest = [{"from": "2026-12-30", "to": "2026-12-31", "name": "年假"}]
    decide(session, holidays=rest)
    for n in range(GOAL):
        told = home(session, CALLER, NOW)["practice"]
        facts = (told["answered"], told["goal"], told["streak"], told["holiday"])
        assert facts == (n, GOAL, 0, "年假")
        practise(session, name("roads", n), False, NOW)
    assert home(session, CALLER, NOW)["practice"] is None
    tomorrow = home(session, CALLER, NOW + dt.timedelta(days=1))["practice"]
    assert (tomorrow["answered"], tomorrow["streak"]) == (0, 1)
    session.query(DrillItem).delete()
    assert home(session, CALLER, NOW + dt.timedelta(days=1))["practice"] is None


def test_the_board_tells_what_practice_earned_apart(session: Session) -> None:
    for source, points in (("drill:day/2026-12-29", 4.7), ("drill:day/2026-12-30", 2.3)):
        score = Score(person_id=ME, source=source, phase="drill", points=points, changed_at=NOW)
        session.add(score)
    session.add(Score(person_id=ME, source="quiz:one", phase="learn", points=80.0, changed_at=NOW))
    session.commit()
    [row] = board(session, CALLER, NOW)["rows"]
    parts = [row[name] for name in ("points", "learn", "quiz", "meet", "drill")]
    assert (row["mine"], parts) == (True, [87.0, 0.0, 80.0, 0.0, 7.0])
