"""The trainers' page of practice, and how what a learner reports comes back to him."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from drilling import coming, give
from sqlalchemy import select
from tests.api.conftest import Browser, Office, make_person

from lawlab.services.mastery import update_everybody
from lawlab.store.engine import writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import ContentState, Memory, Role, Score, Unit


@pytest.fixture
def trainer(hall: Office) -> Browser:
    with hall.sessions() as session:
        writing(session)
        unit = session.scalars(select(Unit)).first()
        assert unit is not None
        person = make_person("t01", "教员01", unit, hall.clock.now)
        person.roles.append(Role(role="trainer"))
        session.add(person)
        session.commit()
    return hall.browser("t01")


def report(hall: Office, who: Browser, item: dict[str, Any], text: str = "", key: str = "") -> Any:
    body = {"person": who.login, "key": key or next(hall.keys), "item": item["id"]}
    body |= {"version": item["version"], "place": item["place"], "text": text}
    return who.post("/item-reports", body)


def test_learners_and_strangers_reach_nothing_of_it(hall: Office, trainer: Browser) -> None:
    for path in ("", "/reports", "/made"):
        assert hall.browser("s001").get(f"/desk/training{path}").status_code == 403
        assert hall.app.get(f"/services/api/desk/training{path}").status_code == 401
        assert trainer.get(f"/desk/training{path}").status_code == 200
    assert hall.browser("s001").post("/desk/training/made/x", {"on": True}).status_code == 403


def test_one_tap_reports_and_the_answer_comes_back(hall: Office, trainer: Browser) -> None:
    who, other = hall.browser("s001"), hall.browser("s002")
    item = coming(who)[0]
    assert report(hall, who, item).json()["code"] == "no_item"  # not answered, not seen
    give(hall, who, item)
    give(hall, other, item)
    key = next(hall.keys)
    first = report(hall, who, item, key=key).json()["id"]
    assert report(hall, who, item, "答案和法条不一样", key=key).json()["id"] == first
    report(hall, other, item, "看不懂")
    waiting = trainer.get("/desk/training/reports").json()["reports"]
    assert [(one["person"]["login"], one["text"], one["same"]) for one in waiting] == [
        ("s001", "答案和法条不一样", 1),
        ("s002", "看不懂", 1),
    ]
    assert waiting[0]["question"]["answer"]
    assert trainer.get("/desk/training").json()["reports_open"] == 2
    answer = {"outcome": "fine", "answer": "法条没有错，请看第二款。", "all": True}
    bad = trainer.post(f"/desk/training/reports/{first}", answer | {"answer": " "})
    assert bad.json()["code"] == "bad_answer"
    assert trainer.post(f"/desk/training/reports/{first}", answer).json()["answered"] == 2
    assert who.get("/drill").json()["replies"] == 1
    mine = who.get("/item-reports").json()["reports"]
    assert [(one["outcome"], one["answer"], one["unseen"]) for one in mine] == [
        ("fine", "法条没有错，请看第二款。", True)
    ]
    # Nobody reads or closes another's.
    assert len(other.get("/item-reports").json()["reports"]) == 1
    other.post("/item-reports/seen", {"person": "s002", "ids": [mine[0]["id"]]})
    assert who.get("/drill").json()["replies"] == 1
    who.post("/item-reports/seen", {"person": "s001", "ids": [mine[0]["id"]]})
    assert who.get("/drill").json()["replies"] == 0
    assert (
        trainer.get("/desk/training/reports?state=done").json()["reports"][0]["answered_by"]
        == "教员01"
    )


def test_a_report_is_taken_back_and_a_withdrawn_question_is_gone(
    hall: Office, trainer: Browser
) -> None:
    who = hall.browser("s001")
    item = coming(who)[0]
    give(hall, who, item)
    key = next(hall.keys)
    report(hall, who, item, key=key)
    back = {"person": "s001", "key": key}
    assert who.post("/item-reports/take-back", back).json() == {"taken_back": True}
    assert who.post("/item-reports/take-back", back).json() == {"taken_back": False}
    assert trainer.get("/desk/training/reports").json()["reports"] == []
    found = report(hall, who, item).json()["id"]
    answer = {"outcome": "withdrawn", "answer": "这道题有问题，已经撤下。"}
    trainer.post(f"/desk/training/reports/{found}", answer)
    with hall.sessions() as session:
        assert session.get(ContentState, ("item", item["id"])) is not None
    hall.clock.pass_(days=30)
    assert item["id"] not in {one["id"] for one in coming(hall.browser("s001"), "count=30")}


def test_a_made_question_is_switched_off_and_on(hall: Office, trainer: Browser) -> None:
    listed = trainer.get("/desk/training/made").json()
    assert listed["counts"]["items"] == listed["total"] > 20
    item = listed["items"][0]["id"]
    off = f"/desk/training/made/{item}"
    assert trainer.post(off, {"on": False}).json()["code"] == "bad_reason"
    for _ in range(2):
        assert trainer.post(off, {"on": False, "reason": "说不清"}).json()["on"] is False
    gone = trainer.get("/desk/training/made?state=off").json()["items"]
    assert [(one["id"], one["off"]["reason"]) for one in gone] == [(item, "说不清")]
    who = hall.browser("s001")
    asked = coming(who, "mode=practice&type=single&count=30")
    assert item not in {one["id"] for one in asked}
    assert trainer.post(off, {"on": True}).json()["on"] is True
    assert trainer.get("/desk/training/made").json()["total"] == listed["total"]
    assert trainer.post("/desk/training/made/atf-001", {"on": True}).json()["code"] == "no_item"


def test_a_plan_says_all_its_faults_and_is_not_overwritten_unseen(
    hall: Office, trainer: Browser
) -> None:
    day = china_day(hall.clock.now)
    plan = {"contest": None, "holidays": [], "goals": {}, "revision": 0}
    bad = plan | {
        "contest": (day - dt.timedelta(days=1)).isoformat(),
        "holidays": [
            {"from": "2027-10-07", "to": "2027-10-01", "name": "国庆节"},
            {"from": "", "to": "2027-13-01", "name": " "},
            {"from": "2027-01-01", "to": "2027-12-31", "name": "很长"},
        ],
        "goals": {"anti-telecom-fraud": "明天", "no-course": "2027-01-01"},
    }
    reply = trainer.post("/desk/training/plan", bad)
    assert (reply.status_code, reply.json()["code"]) == (422, "bad_plan")
    assert [one["field"] for one in reply.json()["faults"]] == [
        "contest",
        "holidays.0",
        *["holidays.1"] * 3,
        "holidays.2",
        "goals.anti-telecom-fraud",
        "goals.no-course",
    ]
    who = hall.browser("s001")
    give(hall, who, coming(who)[0])
    contest = (day + dt.timedelta(days=1)).isoformat()
    saved = trainer.post("/desk/training/plan", plan | {"contest": contest}).json()
    assert (saved["contest"], saved["by"], saved["revision"]) == (contest, "教员01", 1)
    with hall.sessions() as session:
        # What everybody is asked follows at once.
        assert session.scalars(select(Memory.due)).all() == [day + dt.timedelta(days=1)]
    assert who.get("/drill").json()["contest"] == {"day": contest, "left": 1}
    stale = trainer.post("/desk/training/plan", plan | {"contest": contest})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_plan")


def test_the_town_s_figures_and_what_it_forgets(hall: Office, trainer: Browser) -> None:
    people = [hall.browser(login) for login in ("s001", "s002", "v001")]
    for who in people:
        for item in coming(who):
            give(hall, who, item, right=item["id"] != "x")
    figures = trainer.get("/desk/training").json()
    assert figures["today"] == {"practised": 3, "done": 3, "people": 4}
    assert figures["week"][-1] == {
        "day": china_day(hall.clock.now).isoformat(),
        "practised": 3,
        "done": 3,
    }
    assert {one["login"]: one["days7"] for one in figures["people"]}["s001"] == 1
    assert figures["forgotten"][0]["people"] == 3
    assert figures["forgotten"][0]["mastery"] == 1
    before = [one.get("/drill/map").json()["points"] for one in people]
    assert before[0] > 0
    # People forget also when they do nothing: the points follow on the next day, once.
    hall.clock.pass_(days=200)
    with hall.sessions() as session:
        assert update_everybody(session, hall.clock.now) == 3
        assert update_everybody(session, hall.clock.now) == 0
        points = session.scalars(select(Score.points).where(Score.source == "drill:mastery")).all()
    shown = hall.browser("s001").get("/drill/map").json()
    assert shown["points"] == points[0] < before[0]
    assert trainer.login == "t01"
    assert hall.browser("t01").get("/desk/training").json()["forgotten"][0]["mastery"] < 1


def test_what_was_got_wrong_is_not_known(hall: Office) -> None:
    who = hall.browser("s001")
    item = coming(who, "count=1")[0]
    give(hall, who, item, right=False)
    weak = who.get("/drill/map").json()["weak"]
    assert [(one["mastery"], one["seen"]) for one in weak] == [(0, 1)]
    give(hall, who, item)
    assert who.get("/drill/map").json()["weak"][0]["mastery"] == 1
