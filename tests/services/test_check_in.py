"""Signing in: by scan and by digits, at the second, once, and only for oneself."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from meetings import OFFICE, SECRET, VILLAGE, at, caller, make_town, meet
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.attendance import Status
from lawlab.domain.checkin import codes_at
from lawlab.errors import LawlabError
from lawlab.services.attendance_desk import close as close_early
from lawlab.services.attendance_desk import mark, mark_all, reopen, unmark
from lawlab.services.attendance_events import close_activity, overdue, score_source
from lawlab.services.check_in import CheckedIn, Try, check_in_all
from lawlab.services.checkin_tokens import qr_token, scan
from lawlab.store.tables import Attendance, AttendanceEvent, Person, Score

START = at("2022-12-05 09:00:00")
PHONE = "phone-of-somebody-0001"


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        make_town(session, START - dt.timedelta(days=30))
        yield session


def scanned(activity: int, when: dt.datetime, phone: str = PHONE) -> str:
    return scan(SECRET, qr_token(SECRET, activity, when), phone, when)


def arrive(
    session: Session,
    login: str,
    activity: int,
    when: str,
    answered: str | None = None,
    phone: str = PHONE,
    **more: bool,
) -> CheckedIn | LawlabError:
    """Scan at `when`, and reach the server at `answered` or at once."""
    one = Try(
        caller(session, login).person_id,
        login,
        phone,
        receipt=scanned(activity, at(when), phone),
        **more,
    )
    [reply] = check_in_all(session, SECRET, [one], at(answered or when))
    return reply


def code_of(reply: CheckedIn | LawlabError) -> str:
    return reply.code if isinstance(reply, LawlabError) else reply.status


def statuses(session: Session, activity: int) -> dict[str, str]:
    rows = session.execute(
        select(Person.login, Attendance.status)
        .join(Attendance, Attendance.person_id == Person.id)
        .where(Attendance.activity_id == activity)
        .order_by(Person.login)
    )
    return {row[0]: row[1] for row in rows}


def points(session: Session, activity: int) -> dict[str, float]:
    rows = session.execute(
        select(Person.login, Score.points)
        .join(Score, Score.person_id == Person.id)
        .where(Score.source == score_source(activity))
    )
    return {login: earned for login, earned in rows if earned}


@pytest.mark.parametrize(
    ("when", "means"),
    [
        ("2022-12-05 08:29:59", "too_early"),
        ("2022-12-05 08:30:00", "present"),
        ("2022-12-05 09:15:00", "present"),
        ("2022-12-05 09:15:01", "late"),
        ("2022-12-05 09:30:00", "late"),
        ("2022-12-05 09:30:01", "over"),
    ],
)
def test_a_scan_counts_by_its_second(session: Session, when: str, means: str) -> None:
    activity = meet(session, START)
    assert code_of(arrive(session, "s001", activity, when)) == means


def test_a_meeting_over_the_turn_of_the_year(session: Session) -> None:
    activity = meet(session, at("2022-12-31 23:50:00"))
    assert code_of(arrive(session, "s001", activity, "2022-12-31 23:59:59")) == "present"
    assert code_of(arrive(session, "s002", activity, "2023-01-01 00:05:00")) == "present"
    assert code_of(arrive(session, "s003", activity, "2023-01-01 00:05:01")) == "late"


def test_the_time_of_the_scan_counts_however_late_the_network_lets_it_through(
    session: Session,
) -> None:
    activity = meet(session, START)
    reply = arrive(session, "s001", activity, "2022-12-05 09:14:58", "2022-12-05 09:24:00")
    assert isinstance(reply, CheckedIn)
    assert (reply.status, reply.at) == ("present", at("2022-12-05 09:14:58"))
    late = arrive(session, "s002", activity, "2022-12-05 09:14:58", "2022-12-05 09:24:59")
    assert code_of(late) == "old_token"


def test_a_scan_that_arrives_after_the_close_still_counts(session: Session) -> None:
    activity = meet(session, START, minutes=20)
    assert overdue(session, at("2022-12-05 09:19:59")) == []
    assert overdue(session, at("2022-12-05 09:20:00")) == [activity]
    assert close_activity(session, activity, at("2022-12-05 09:20:00"))
    assert set(statuses(session, activity).values()) == {"absent"}
    reply = arrive(session, "s001", activity, "2022-12-05 09:19:00", "2022-12-05 09:25:00")
    assert code_of(reply) == "late"
    assert statuses(session, activity)["s001"] == "late"
    assert points(session, activity) == {"s001": 1}


def test_a_second_scan_is_harmless_and_says_the_first_time(session: Session) -> None:
    activity = meet(session, START)
    arrive(session, "s001", activity, "2022-12-05 08:58:00")
    again = arrive(session, "s001", activity, "2022-12-05 09:40:00")
    assert isinstance(again, CheckedIn)
    assert (again.again, again.status, again.at) == (True, "present", at("2022-12-05 08:58:00"))
    assert session.scalars(select(func.count(AttendanceEvent.id))).one() == 1


def test_a_photo_passed_on_is_worth_nothing(session: Session) -> None:
    activity = meet(session, START)
    token = qr_token(SECRET, activity, START)
    scan(SECRET, token, PHONE, START + dt.timedelta(seconds=19))
    with pytest.raises(LawlabError) as old:
        scan(SECRET, token, "phone-of-a-friend-0001", START + dt.timedelta(seconds=20))
    assert old.value.code == "old_token"
    # Nor is the address to which the scan led.
    receipt = scanned(activity, START)
    friend = caller(session, "s002").person_id
    one = Try(friend, "s002", "phone-of-a-friend-0001", receipt=receipt)
    [reply] = check_in_all(session, SECRET, [one], START)
    assert code_of(reply) == "other_phone"
    assert statuses(session, activity) == {}


def test_a_forged_or_altered_token_is_refused(session: Session) -> None:
    activity = meet(session, START)
    token, receipt = qr_token(SECRET, activity, START), scanned(activity, START)
    other = qr_token("another secret", activity, START)
    cut = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")
    for wrong in (other, cut, token[1:], "", "WzEsMl0", receipt):
        with pytest.raises(LawlabError) as found:
            scan(SECRET, wrong, PHONE, START)
        assert found.value.code == "bad_token"
    person = caller(session, "s001").person_id
    for wrong in (token, receipt[:-2], f"x{receipt}"):
        [reply] = check_in_all(session, SECRET, [Try(person, "s001", PHONE, receipt=wrong)], START)
        assert code_of(reply) == "bad_token"


def test_the_wrong_meeting_says_which_is_right_and_a_guest_may_stay(session: Session) -> None:
    mine = meet(session, START, units=[OFFICE], title="机关学习会", place="东会议室")
    other = meet(session, START, units=[VILLAGE], title="村里学习会")
    reply = arrive(session, "s001", other, "2022-12-05 09:00:00")
    assert code_of(reply) == "wrong_activity"
    assert isinstance(reply, LawlabError)
    assert reply.facts["right"]["id"] == mine  # type: ignore[index]
    assert "东会议室" in reply.sentence
    stays = arrive(session, "s001", other, "2022-12-05 09:00:00", guest=True)
    assert isinstance(stays, CheckedIn)
    assert stays.guest
    close_activity(session, other, START + dt.timedelta(hours=2))
    row = session.get_one(Attendance, (other, caller(session, "s001").person_id))
    assert (row.expected, row.status) == (False, "present")


def test_six_digits_lead_to_the_meeting_that_shows_them(session: Session) -> None:
    one = meet(session, START)
    meet(session, START, title="另一场")
    person = caller(session, "s001").person_id
    later = START + dt.timedelta(seconds=40)
    [shown] = codes_at(SECRET, one, later)
    wrong = Try(person, "s001", PHONE, code=f"{(int(shown) + 1) % 1_000_000:06}")
    [refused] = check_in_all(session, SECRET, [wrong], later)
    assert code_of(refused) == "bad_code"
    right = Try(person, "s001", PHONE, code=shown)
    [reply] = check_in_all(session, SECRET, [right], later)
    assert isinstance(reply, CheckedIn)
    assert (reply.activity["id"], reply.way) == (one, "code")


def test_in_a_batch_each_is_judged_for_itself(session: Session) -> None:
    activity = meet(session, START)
    now = START + dt.timedelta(minutes=1)
    receipt = scanned(activity, now)
    tries = [
        Try(caller(session, login).person_id, login, PHONE, receipt=text)
        for login, text in [
            ("s001", receipt),
            ("s002", "forged"),
            ("s001", receipt),
            ("v001", receipt),
        ]
    ]
    replies = check_in_all(session, SECRET, tries, now)
    assert [code_of(reply) for reply in replies] == ["present", "bad_token", "present", "present"]
    assert [isinstance(one, CheckedIn) and one.again for one in replies] == [
        False,
        False,
        True,
        False,
    ]
    assert statuses(session, activity) == {"s001": "present", "v001": "present"}


def test_many_at_once_are_stored_once_each(
    session: Session, sessions: sessionmaker[Session]
) -> None:
    activity = meet(session, START)
    receipt = scanned(activity, START)
    logins = ["s001", "s002", "s003", "v001"] * 3
    tries = [Try(caller(session, one).person_id, one, PHONE, receipt=receipt) for one in logins]
    session.commit()
    wrong: list[BaseException] = []

    def sign_in(one: Try) -> None:
        try:
            with sessions() as own:
                check_in_all(own, SECRET, [one], START)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=sign_in, args=(one,)) for one in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(statuses(session, activity)) == 4
    assert session.scalars(select(func.count(AttendanceEvent.id))).one() == 4


def test_a_trainer_marks_only_the_units_he_serves(session: Session) -> None:
    activity = meet(session, START)
    office, village = caller(session, "t02"), caller(session, "t03")
    mark(session, activity, ["s001"], Status.PRESENT, "", "k" * 16, office, START)
    for foreign in (["v001"], ["s002", "v001"]):
        with pytest.raises(LawlabError) as refused:
            mark(session, activity, foreign, Status.PRESENT, "", "l" * 16, office, START)
        assert refused.value.code == "not_your_units"
        session.rollback()
    assert mark_all(session, activity, "m" * 16, village, START) == ["v001", "v002", "v003"]
    assert mark_all(session, activity, "m" * 16, village, START) == []
    assert sorted(statuses(session, activity)) == ["s001", "v001", "v002", "v003"]


def test_corrections_after_the_close_need_a_reason_and_stay_in_the_events(
    session: Session,
) -> None:
    activity = meet(session, START)
    trainer = caller(session, "t01")
    arrive(session, "s001", activity, "2022-12-05 09:00:00")
    close_activity(session, activity, START + dt.timedelta(hours=2))
    later = START + dt.timedelta(hours=3)
    with pytest.raises(LawlabError) as refused:
        mark(session, activity, ["s001"], Status.ABSENT, " ", "k" * 16, trainer, later)
    assert refused.value.code == "no_reason"
    session.rollback()
    mark(session, activity, ["s001"], Status.ABSENT, "替人扫码", "k" * 16, trainer, later)
    assert statuses(session, activity)["s001"] == "absent"
    assert points(session, activity) == {}
    unmark(session, activity, ["s001"], "查清了", "l" * 16, trainer, later)
    assert statuses(session, activity)["s001"] == "present"
    said = session.scalars(
        select(AttendanceEvent).where(AttendanceEvent.by == "t01").order_by(AttendanceEvent.id)
    )
    assert [(event.kind, event.reason) for event in said] == [
        ("mark", "替人扫码"),
        ("unmark", "查清了"),
    ]


def test_an_early_close_can_be_taken_back_while_the_meeting_goes_on(session: Session) -> None:
    activity = meet(session, START)
    trainer = caller(session, "t01")
    close_early(session, activity, trainer, START + dt.timedelta(minutes=5))
    refused = arrive(session, "s001", activity, "2022-12-05 09:05:01")
    assert code_of(refused) == "over"
    reopen(session, activity, "按错了", trainer, START + dt.timedelta(minutes=6))
    assert statuses(session, activity) == {}
    assert code_of(arrive(session, "s001", activity, "2022-12-05 09:07:00")) == "present"
    session.rollback()
    with pytest.raises(LawlabError) as over:
        reopen(session, activity, "太晚了", trainer, START + dt.timedelta(hours=2))
    assert over.value.code == "over"
