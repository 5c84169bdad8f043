"""The demo program: 74 staff in 10 departments, 50 villagers in 12 villages and communities, three
trainers, one host, one admin. Names say roles, no person is invented."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import REPOSITORY, Settings
from lawlab.demo_contest import install_contest
from lawlab.demo_meetings import install_meetings
from lawlab.domain.roster import Roster, RosterRow
from lawlab.services.content import seed
from lawlab.services.people import apply_import, plan_import
from lawlab.services.quiz_building import build_quiz
from lawlab.services.signin import hash_password
from lawlab.store.content import courses
from lawlab.store.engine import writing
from lawlab.store.tables import Person

DEMO_PASSWORD = "dahe-2022"  # noqa: S105 - printed for everybody; demo mode is loopback only
QUIZ = "atf-quiz-1"
DEPARTMENTS = (
    "党政综合办公室",
    "党建工作办公室",
    "经济发展办公室",
    "社会事务办公室",
    "平安法治办公室",
    "自然资源和生态环境办公室",
    "综合行政执法队",
    "农业农村综合服务中心",
    "党务政务综合服务中心",
    "退役军人服务站",
)
VILLAGES = (*(f"{stem}村" for stem in "甲乙丙丁戊己庚辛壬癸"), "东社区", "西社区")
STAFF, VILLAGERS, TRAINERS = 74, 50, 3
SINCE = dt.date(2022, 1, 1)


def sign_in_hints() -> str:
    """The demo's sign-in names, for the line that `lawlab serve` prints."""
    people = "干部 s001…s074，明白人 v001…v050，教员 t01…t03，主持人 host，管理员 admin"
    return f"{people}；密码都是 {DEMO_PASSWORD}"


def demo_roster() -> Roster:
    """The roster as an import would read it."""
    staff = [
        _row(f"s{n:03}", f"干部{n:03}", DEPARTMENTS[n % 10], "staff") for n in range(1, STAFF + 1)
    ]
    villagers = [
        _row(f"v{n:03}", f"明白人{n:03}", VILLAGES[n % 12], "villager")
        for n in range(1, VILLAGERS + 1)
    ]
    trainers = [
        RosterRow(0, f"t{n:02}", f"教员{n:02}", roles=frozenset({"learner", "trainer"}))
        for n in range(1, TRAINERS + 1)
    ]
    others = [
        RosterRow(0, "host", "主持人01", roles=frozenset({"learner", "host"})),
        RosterRow(0, "admin", "管理员", roles=frozenset({"learner", "admin"})),
    ]
    return Roster((*staff, *villagers, *trainers, *others), ())


def _row(login: str, name: str, unit: str, cohort: str) -> RosterRow:
    kind = "department" if cohort == "staff" else "village"
    return RosterRow(
        0,
        login,
        name,
        unit=unit,
        unit_kind=kind,
        cohorts=frozenset({cohort}),
        roles=frozenset({"learner"}),
        since=SINCE,
    )


def install_demo(sessions: sessionmaker[Session], settings: Settings, now: dt.datetime) -> None:
    """Fill an empty installation with the demo program: people, content, one open
    quiz, twelve meetings of 2022 and one that opens now, and a contest to open."""
    from lawlab.grading.build import open_assignment  # nbgrader takes a second to import

    with sessions() as session:
        _install_people(session, settings, now)
        seed(session, REPOSITORY, settings, now)
        build_quiz(session, REPOSITORY / "assessments" / "papers" / f"{QUIZ}.toml", now)
        known = frozenset(course.slug for course in courses(session))
        install_meetings(session, now, settings.zone, known)
        install_contest(session, now)
    open_assignment(sessions, settings, QUIZ, now)


def _install_people(session: Session, settings: Settings, now: dt.datetime) -> None:
    today = now.astimezone(settings.zone).date()
    roster = demo_roster()
    plan = plan_import(session, "演示名册", roster, today)
    # One hash for all: 128 separate ones would cost four seconds and protect nothing here.
    hashes = dict.fromkeys((row.login for row in roster.rows), hash_password(DEMO_PASSWORD))
    apply_import(session, "演示名册", roster, plan, hashes, now=now, today=today)
    _skip_first_sign_in(session, now)


def _skip_first_sign_in(session: Session, now: dt.datetime) -> None:
    writing(session)
    for person in session.query(Person):
        person.must_change_password = False
        person.privacy_seen_at = now
    session.commit()
