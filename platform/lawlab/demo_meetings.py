"""The demo's study meetings of 2022: one a month, held by departments and by villages in turn, with
who was there. And one that begins soon, to try signing in."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.activity_plan import Plan
from lawlab.domain.attendance import Kind, Rules, Status, Way
from lawlab.services.activities import plan_activity
from lawlab.services.attendance_events import Saying, close_activity, say_all
from lawlab.services.sessions import Caller
from lawlab.store.attendance import expected_people, find_activity
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login, roles_of
from lawlab.store.tables import LeaveRequest, TrainerUnit, Unit

YEAR = 2022
SEED = 2022
MEETINGS = (
    ("learn", "宪法学习会", "constitution"),
    ("learn", "民法典进村学习会", "civil-code"),
    ("learn", "法治宣传教育法学习会", "law-education"),
    ("learn", "信访工作条例学习会", "petition"),
    ("learn", "反有组织犯罪法学习会", "anti-organized-crime"),
    ("drill", "反诈案例研讨会", "anti-telecom-fraud"),
    ("drill", "禁毒知识练习会", "anti-drug"),
    ("drill", "预防未成年人犯罪研讨会", "juvenile-crime-prevention"),
    ("drill", "行政处罚法案例练习会", "administrative-penalty"),
    ("learn", "国家安全学习会", "national-security"),
    ("compete", "机关法律知识赛前学习会", "public-security"),
    ("compete", "乡村法律知识赛前学习会", "civil-code"),
)
"""Phase, title and course, January to December; even months are the villages'."""
AWAY = "因公外出"
SHARES = (("present", 0.84), ("late", 0.06), ("excused", 0.05), ("absent", 0.05))


def install_meetings(
    session: Session, now: dt.datetime, zone: ZoneInfo, courses: frozenset[str]
) -> None:
    """Twelve meetings of 2022 that are over, and one that opens at once. `courses` are the slugs
    that exist; a meeting about another names its title instead."""
    _serve(session)
    units = session.scalars(select(Unit).order_by(Unit.id)).all()
    by_kind = {
        kind: [unit for unit in units if unit.kind == kind] for kind in ("department", "village")
    }
    chance = random.Random(SEED)  # noqa: S311 - demo data, the same each time
    trainer = _trainer(session, "t01")
    for month, (phase, title, course) in enumerate(MEETINGS, 1):
        kind = "village" if month % 2 == 0 else "department"
        chosen = by_kind[kind]
        starts = dt.datetime(YEAR, month, 10 + month % 7, 9, 0, tzinfo=zone)
        about = {"kind": "course", "ref": course} if course in courses else None
        plan = Plan(
            title=title,
            phase=phase,
            place="镇文化站" if kind == "village" else "镇政府三楼会议室",
            starts_at=starts,
            ends_at=starts + dt.timedelta(hours=2),
            organizer=chosen[month % len(chosen)].id,
            units=tuple(unit.id for unit in chosen),
            trainers=("t01", "t02" if kind == "department" else "t03"),
            topics=(about or {"kind": "text", "ref": title},),
        )
        planned = starts - dt.timedelta(days=14)
        [made] = plan_activity(session, plan, trainer, planned, zone)
        _attend(session, made, starts, chance)
        close_activity(session, made, starts + dt.timedelta(hours=2))
    _trial(session, trainer, now, zone, tuple(unit.id for unit in units))


def _trainer(session: Session, login: str) -> Caller:
    person = person_by_login(session, login)
    assert person is not None  # of the demo roster
    return Caller(person.id, login, person.full_name, roles_of(person))


def _serve(session: Session) -> None:
    """t01 serves the whole town, t02 the departments, t03 the villages."""
    writing(session)
    for login, kind in (("t02", "department"), ("t03", "village")):
        trainer = person_by_login(session, login)
        assert trainer is not None
        for unit_id in session.scalars(select(Unit.id).where(Unit.kind == kind)):
            session.add(TrainerUnit(person_id=trainer.id, unit_id=unit_id))
    session.commit()


def _attend(session: Session, activity_id: int, starts: dt.datetime, chance: random.Random) -> None:
    writing(session)
    activity = find_activity(session, activity_id, lock=True)
    statuses, weights = [one for one, _ in SHARES], [share for _, share in SHARES]
    sayings = []
    for who in expected_people(session, activity).values():
        status = Status(chance.choices(statuses, weights)[0])
        minutes = {Status.PRESENT: chance.randint(-20, 14), Status.LATE: chance.randint(16, 29)}
        if status == Status.EXCUSED:
            at, kind, way, by = starts - dt.timedelta(days=1), Kind.LEAVE, Way.LEAVE, "t01"
            session.add(_leave(activity_id, who.person_id, at))
        elif status == Status.ABSENT:
            continue
        else:
            at = starts + dt.timedelta(minutes=minutes[status], seconds=chance.randrange(60))
            kind, way, by = Kind.CHECK_IN, Way.QR, who.login
        key = f"in:{who.person_id}" if kind is Kind.CHECK_IN else f"leave:{who.person_id}"
        reason = AWAY if kind is Kind.LEAVE else ""
        sayings.append(Saying(who.person_id, key, kind, status, way, at, by, reason))
    say_all(session, activity, sayings, starts + dt.timedelta(minutes=30))
    session.commit()


def _leave(activity_id: int, person_id: int, at: dt.datetime) -> LeaveRequest:
    return LeaveRequest(
        activity_id=activity_id,
        person_id=person_id,
        key=f"demo-leave-{activity_id:04}",
        reason=AWAY,
        state="approved",
        asked_at=at - dt.timedelta(hours=5),
        decided_by="t01",
        decided_at=at,
    )


def _trial(
    session: Session, trainer: Caller, now: dt.datetime, zone: ZoneInfo, units: tuple[int, ...]
) -> None:
    local = now.astimezone(zone).replace(second=0, microsecond=0)
    starts = local + dt.timedelta(minutes=20 - local.minute % 5)
    plan = Plan(
        title="签到演练：试试扫码和数字码",
        phase="learn",
        place="镇政府三楼会议室",
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=4),
        units=units,
        trainers=("t01",),
        note="演示用的活动：教员打开“签到屏”，学员扫码或输入六位数字。",
        rules=Rules(opens_minutes=60, present_minutes=120, late_minutes=200),
    )
    plan_activity(session, plan, trainer, now, zone)
