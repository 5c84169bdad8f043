"""Planning activities: what is refused, series, changes, cancelling and bringing back; and online
ones, where answered cards are the presence."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from meetings import OFFICE, SECRET, VILLAGE, ZONE, at, caller, make_town, meet, unit_ids
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.activity_plan import Plan, Repeat, occurrences
from lawlab.domain.attendance import Rules, Status
from lawlab.errors import LawlabError
from lawlab.services.activities import (
    PlanFaults,
    cancel_activity,
    edit_activity,
    plan_activity,
    restore_activity,
)
from lawlab.services.activity_cards import calendar, next_for
from lawlab.services.attendance_desk import close as close_early
from lawlab.services.attendance_desk import mark, reopen, sign
from lawlab.services.attendance_events import close_activity, recompute_attendance, score_source
from lawlab.services.check_in import Try, check_in_all
from lawlab.services.checkin_tokens import qr_token, scan
from lawlab.services.presence import answer_card, deal_cards, enter, room, show_card_now
from lawlab.services.walk_ins import write_down
from lawlab.store.tables import (
    Activity,
    Attachment,
    Attendance,
    ItemBank,
    ItemVersion,
    Person,
    PresenceCard,
    Score,
    WalkIn,
)

START = at("2022-12-05 09:00:00")
BEFORE = START - dt.timedelta(days=1)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        make_town(session, START - dt.timedelta(days=30))
        yield session


def plan_of(session: Session, **facts: Any) -> Plan:
    usual = Plan(
        "反诈学习会",
        "learn",
        "三楼会议室",
        START,
        START + dt.timedelta(hours=2),
        units=unit_ids(session, OFFICE, VILLAGE),
        trainers=("t01",),
    )
    return replace(usual, **facts)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": " "}, "title"),
        ({"phase": "play"}, "phase"),
        ({"place": " "}, "place"),
        ({"ends_at": START}, "ends_at"),
        ({"ends_at": START + dt.timedelta(hours=13)}, "ends_at"),
        (
            {"starts_at": at("1999-12-31 09:00:00"), "ends_at": at("1999-12-31 10:00:00")},
            "starts_at",
        ),
        ({"units": ()}, "units"),
        ({"units": (999,)}, "units"),
        ({"people": ("s999",)}, "people"),
        ({"trainers": ("s001",)}, "trainers"),
        ({"topics": ({"kind": "course", "ref": "none"},)}, "topics"),
        ({"topics": ({"kind": "article", "ref": "民法典"},)}, "topics"),
        ({"materials": ({"title": "讲义", "url": "javascript:alert(1)"},)}, "materials"),
        ({"materials": ({"title": "讲义", "url": "//evil.example/x"},)}, "materials"),
        ({"rules": Rules(present_minutes=31)}, "rules"),
        ({"note": "长" * 501}, "note"),
    ],
)
def test_each_fault_names_its_field_and_nothing_is_stored(
    session: Session, facts: dict[str, Any], field: str
) -> None:
    with pytest.raises(PlanFaults) as found:
        plan_activity(session, plan_of(session, **facts), caller(session, "t01"), BEFORE, ZONE)
    assert field in {fault["field"] for fault in found.value.facts["faults"]}  # type: ignore[attr-defined]
    session.rollback()
    assert session.scalars(select(Activity)).all() == []


def test_all_faults_come_together(session: Session) -> None:
    plan = plan_of(session, title="", place="", units=())
    with pytest.raises(PlanFaults) as found:
        plan_activity(session, plan, caller(session, "t01"), BEFORE, ZONE)
    assert len(found.value.facts["faults"]) == 3  # type: ignore[arg-type]


def test_a_monthly_series_keeps_the_hour_and_takes_the_last_day_of_a_short_month() -> None:
    first = at("2022-10-31 19:30:00")
    days = [
        starts.astimezone(ZONE)
        for starts, _ in occurrences(first, first + dt.timedelta(hours=1), Repeat("month", 5), ZONE)
    ]
    assert [f"{day:%Y-%m-%d %H:%M}" for day in days] == [
        "2022-10-31 19:30",
        "2022-11-30 19:30",
        "2022-12-31 19:30",
        "2023-01-31 19:30",
        "2023-02-28 19:30",
    ]


def test_a_series_is_cancelled_from_one_on_and_one_is_brought_back(session: Session) -> None:
    trainer = caller(session, "t01")
    made = plan_activity(session, plan_of(session), trainer, BEFORE, ZONE, Repeat("two_weeks", 4))
    assert len(made) == 4
    gone = cancel_activity(session, made[1], "场地维修", trainer, BEFORE, following=True)
    assert gone == made[1:]
    restore_activity(session, made[2], trainer, BEFORE)
    cards = calendar(session, caller(session, "s001"), 2022, BEFORE, ZONE)["activities"]
    assert [card["state"] for card in cards] == ["planned", "cancelled"]
    assert cards[1]["cancel_reason"] == "场地维修"
    coming = next_for(session, caller(session, "s001").person_id, BEFORE)
    assert coming is not None
    assert coming["id"] == made[0]


def test_the_start_stays_once_somebody_has_signed_in(session: Session) -> None:
    activity = meet(session, START)
    sign_in(session, activity, "s001")
    trainer = caller(session, "t01")
    moved = plan_of(session, starts_at=START + dt.timedelta(minutes=30))
    with pytest.raises(LawlabError) as refused:
        edit_activity(session, activity, moved, trainer, START)
    assert refused.value.code == "begun"
    session.rollback()
    longer = plan_of(session, ends_at=START + dt.timedelta(hours=3), title="延长的学习会")
    edit_activity(session, activity, longer, trainer, START)
    assert session.get_one(Activity, activity).title == "延长的学习会"


def test_a_trainer_of_one_unit_plans_for_no_other(session: Session) -> None:
    village = caller(session, "t03")
    with pytest.raises(LawlabError) as refused:
        plan_activity(session, plan_of(session), village, BEFORE, ZONE)
    assert refused.value.code == "not_your_units"
    session.rollback()
    own = plan_of(session, units=unit_ids(session, VILLAGE))
    [made] = plan_activity(session, own, village, BEFORE, ZONE)
    with pytest.raises(LawlabError) as foreign:
        cancel_activity(session, made, "不开了", caller(session, "t02"), BEFORE)
    assert foreign.value.code == "not_your_activity"


def test_whoever_moved_or_was_disabled_before_the_day_is_not_expected(session: Session) -> None:
    activity = meet(session, START)
    for login in ("s001", "s002"):
        person = session.scalars(select(Person).where(Person.login == login)).one()
        if login == "s001":
            person.units[0].until = dt.date(2022, 12, 5)
        else:
            person.active, person.disabled_at = False, BEFORE
    session.commit()
    close_activity(session, activity, START + dt.timedelta(hours=2))
    names = session.scalars(
        select(Person.login).join(Attendance, Attendance.person_id == Person.id)
    )
    assert sorted(names) == ["s003", "s004", "v001", "v002", "v003"]


def sign_in(session: Session, activity: int, login: str) -> None:
    receipt = scan(SECRET, qr_token(SECRET, activity, START), "p" * 22, START)
    one = Try(caller(session, login).person_id, login, "p" * 22, receipt=receipt)
    check_in_all(session, SECRET, [one], START)


def add_items(session: Session, count: int) -> None:
    session.add(ItemBank(slug="bridges", law="某镇爱护桥梁条例", prefix="brg", awaits=[]))
    for number in range(1, count + 1):
        body = {
            "id": f"brg-{number:03}",
            "type": "judge",
            "stem": f"第 {number} 座木桥上可以走四吨的车。",
            "options": {},
            "answer": "错",
            "explanation": "太重。",
            "why_wrong": {},
            "articles": ["某镇爱护桥梁条例#2"],
            "evidence": "",
            "difficulty": 1,
        }
        session.add(
            ItemVersion(
                item=body["id"],
                version=1,
                bank="bridges",
                type="judge",
                body=body,
                sha256="",
                article_prints={},
                published_at=BEFORE,
            )
        )
    session.commit()


def test_online_presence_is_answered_cards_and_not_an_open_page(session: Session) -> None:
    add_items(session, 5)
    activity = meet(session, START, online=True, place="")
    people = {login: caller(session, login) for login in ("s001", "s002", "s003")}
    for who in people.values():
        enter(session, activity, who, START)
        enter(session, activity, who, START)
    assert deal_cards(session, START, random.Random(1)) == [activity]
    assert deal_cards(session, START, random.Random(2)) == []
    cards = session.scalars(select(PresenceCard).order_by(PresenceCard.number)).all()
    assert len(cards) == 3
    assert room(session, activity, people["s001"], START)["card"] is None
    for card in cards:
        shows = card.shows_at + dt.timedelta(seconds=20)
        seen = room(session, activity, people["s001"], shows)["card"]
        assert seen["number"] == card.number
        assert "answer" not in seen["question"]
        for login in {1: ("s001", "s002"), 2: ("s001",), 3: ()}[card.number]:
            for _ in range(2):
                answer_card(
                    session, activity, people[login], card.number, {"chosen": ["对"]}, shows
                )
        session.rollback()
        with pytest.raises(LawlabError) as late:
            answer_card(
                session, activity, people["s003"], card.number, {"chosen": ["对"]}, card.until
            )
        assert late.value.code == "card_over"
        session.rollback()
    close_activity(session, activity, START + dt.timedelta(hours=2))
    standing = {
        login: session.get_one(Attendance, (activity, who.person_id)).status
        for login, who in people.items()
    }
    assert standing == {"s001": "present", "s002": "absent", "s003": "absent"}
    trainer = caller(session, "t01")
    later = START + dt.timedelta(hours=3)
    mark(session, activity, ["s002"], Status.PRESENT, "网络断了", "k" * 16, trainer, later)
    assert session.get_one(Attendance, (activity, people["s002"].person_id)).status == "present"


def test_an_online_meeting_that_is_moved_is_dealt_new_cards(session: Session) -> None:
    add_items(session, 5)
    activity = meet(session, START, online=True, place="")
    deal_cards(session, START, random.Random(1))
    trainer = caller(session, "t01")
    tomorrow = START + dt.timedelta(days=1)
    moved = plan_of(
        session, online=True, starts_at=tomorrow, ends_at=tomorrow + dt.timedelta(hours=2)
    )
    edit_activity(session, activity, moved, trainer, START)
    assert session.scalars(select(PresenceCard)).all() == []
    assert deal_cards(session, tomorrow, random.Random(1)) == [activity]
    shows = session.scalars(select(PresenceCard.shows_at)).all()
    assert len(shows) == 3
    assert min(shows) > tomorrow


def test_a_card_shown_by_hand_takes_no_random_one_away(session: Session) -> None:
    add_items(session, 5)
    activity = meet(session, START, online=True, place="")
    show_card_now(session, activity, START, random.Random(1))
    assert len(session.scalars(select(PresenceCard)).all()) == 4
    assert deal_cards(session, START, random.Random(2)) == []


def test_a_meeting_in_the_hall_does_not_go_online_under_those_who_scanned(
    session: Session,
) -> None:
    activity = meet(session, START)
    sign_in(session, activity, "s001")
    with pytest.raises(LawlabError) as refused:
        edit_activity(
            session, activity, plan_of(session, online=True), caller(session, "t01"), START
        )
    assert refused.value.code == "begun"


def test_what_is_cancelled_earns_nothing_until_it_is_brought_back(session: Session) -> None:
    activity = meet(session, START)
    sign_in(session, activity, "s001")
    trainer = caller(session, "t01")
    earned = select(Score.points).where(Score.source == score_source(activity))
    assert session.scalars(earned).all() == [2.0]
    cancel_activity(session, activity, "停电", trainer, START)
    assert session.scalars(earned).all() == [0.0]
    assert [points for _, _, points in recompute_attendance(session).values()] == [0.0]
    session.rollback()
    restore_activity(session, activity, trainer, START)
    assert session.scalars(earned).all() == [2.0]


def test_a_series_is_cancelled_only_by_who_may_cancel_each_of_it(session: Session) -> None:
    made = plan_activity(
        session, plan_of(session), caller(session, "t01"), BEFORE, ZONE, Repeat("week", 3)
    )
    edit_activity(
        session, made[0], plan_of(session, trainers=("t02",)), caller(session, "t01"), BEFORE
    )
    one_of_them = caller(session, "t02")
    with pytest.raises(LawlabError) as refused:
        cancel_activity(session, made[0], "不开了", one_of_them, BEFORE, following=True)
    assert refused.value.code == "not_your_activity"
    session.rollback()
    assert cancel_activity(session, made[0], "不开了", one_of_them, BEFORE) == made[:1]


def test_reopening_brings_back_a_guest_whom_the_cards_had_judged(session: Session) -> None:
    add_items(session, 5)
    activity = meet(session, START, units=[VILLAGE], online=True, place="")
    guest = caller(session, "s001")
    enter(session, activity, guest, START)
    deal_cards(session, START, random.Random(1))
    card = session.scalars(select(PresenceCard).order_by(PresenceCard.number)).first()
    assert card is not None
    trainer = caller(session, "t01")
    after = card.until + dt.timedelta(seconds=1)
    close_early(session, activity, trainer, after)
    assert session.get(Attendance, (activity, guest.person_id)) is None
    reopen(session, activity, "按错了", trainer, after)
    assert session.get_one(Attendance, (activity, guest.person_id)).status == "present"
    assert len(recompute_attendance(session)) == len(session.scalars(select(Attendance)).all())


def test_a_plan_sent_twice_is_planned_once(
    session: Session, sessions: sessionmaker[Session]
) -> None:
    trainer, plan, key = caller(session, "t01"), plan_of(session), "k" * 16
    first = plan_activity(session, plan, trainer, BEFORE, ZONE, Repeat("week", 3), key)
    assert plan_activity(session, plan, trainer, BEFORE, ZONE, Repeat("week", 3), key) == first
    other = caller(session, "admin")
    assert plan_activity(session, plan, other, BEFORE, ZONE, None, key) not in (first, first[:1])
    session.commit()
    made: list[list[int]] = []

    def send() -> None:
        with sessions() as own:
            made.append(plan_activity(own, plan, trainer, BEFORE, ZONE, None, "l" * 16))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert made == made[:1] * 4


def test_a_signature_whose_reply_was_lost_arrives_again_after_the_close(session: Session) -> None:
    activity = meet(session, START)
    trainer, image = caller(session, "t01"), "data:image/jpeg;base64,/9j/2Q=="
    sign(session, activity, "s001", image, "k" * 16, trainer, START)
    later = START + dt.timedelta(hours=2)
    close_activity(session, activity, later)
    sign(session, activity, "s001", image, "k" * 16, trainer, later)
    assert len(session.scalars(select(Attachment)).all()) == 1
    with pytest.raises(LawlabError) as refused:
        sign(session, activity, "s002", image, "l" * 16, trainer, later)
    assert refused.value.code == "closed"


def test_who_is_written_down_twice_is_one(session: Session) -> None:
    activity = meet(session, START)
    trainer = caller(session, "t01")
    for key in ("k" * 16, "k" * 16, "l" * 16):
        write_down(session, activity, "村民甲", "1234", key, trainer, START)
    write_down(session, activity, "村民甲", "4321", "m" * 16, trainer, START)
    assert len(session.scalars(select(WalkIn)).all()) == 2
