"""A town with a year behind it, straight in the tables: what a yearly report is counted from."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from lawlab.domain.attendance import Rules
from lawlab.store.tables import (
    Activity,
    Answer,
    Attendance,
    AttendanceEvent,
    CohortMembership,
    Course,
    Grade,
    ItemVersion,
    LeaveRequest,
    LessonVersion,
    Person,
    Quiz,
    Role,
    Score,
    Sitting,
    Unit,
    UnitMembership,
    WalkIn,
)

Row = TypeVar("Row")

PHONE = "13900001111"
CHINA = dt.timezone(dt.timedelta(hours=8))


def at(year: int, month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=CHINA)


class AnnualTown:
    """Two departments and two villages. Everything is flushed at once, so ids are known."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.keys = (f"key-{n:016}" for n in itertools.count())
        names = {"司法所": "department", "综治办 <A&B>": "department", "河口村": "village"}
        self.units = {
            name: self.add(Unit(name=name, kind=kind))
            for name, kind in (names | {"北社区": "village"}).items()
        }
        self.people: list[Person] = []
        self.lessons: list[int] = []

    def add(self, row: Row) -> Row:
        self.session.add(row)
        self.session.flush()
        return row

    def person(
        self,
        login: str,
        unit: str | None,
        *cohorts: str,
        name: str = "",
        since: dt.date = dt.date(2022, 1, 1),
        until: dt.date | None = None,
        disabled: dt.datetime | None = None,
    ) -> Person:
        person = Person(
            login=login, full_name=name or f"干部{login}", phone=PHONE, created_at=at(2022, 1, 1)
        )
        person.active, person.disabled_at = disabled is None, disabled
        person.roles = [Role(role="learner")]
        if unit:
            person.units = [UnitMembership(unit=self.units[unit], since=since, until=until)]
        person.cohorts = [CohortMembership(cohort=one, since=since, until=until) for one in cohorts]
        self.people.append(person)
        return self.add(person)

    def meeting(
        self,
        starts: dt.datetime,
        phase: str = "learn",
        organizer: str | None = None,
        *,
        title: str = "学习会",
        online: bool = False,
        closed: bool = True,
        cancelled: bool = False,
    ) -> Activity:
        ends = starts + dt.timedelta(hours=2)
        return self.add(
            Activity(
                title=title,
                phase=phase,
                place="三楼会议室",
                online=online,
                organizer=self.units[organizer] if organizer else None,
                starts_at=starts,
                ends_at=ends,
                topics=[],
                materials=[],
                rules=Rules().to_json(),
                created_by="t01",
                created_at=starts,
                changed_at=starts,
                closed_at=ends if closed else None,
                cancelled_at=starts if cancelled else None,
            )
        )

    def stand(
        self,
        meeting: Activity,
        person: Person,
        status: str,
        *,
        expected: bool = True,
        unit: str | None = None,
    ) -> None:
        of = self.units[unit] if unit else (person.units[-1].unit if person.units else None)
        event = self.add(
            AttendanceEvent(
                activity_id=meeting.id,
                person_id=person.id,
                key=next(self.keys),
                kind="mark",
                status=status,
                way="list",
                at=meeting.starts_at,
                received_at=meeting.starts_at,
                by="t01",
            )
        )
        self.add(
            Attendance(
                activity_id=meeting.id,
                person_id=person.id,
                unit_id=of.id if of else None,
                expected=expected,
                status=status,
                way="list",
                at=meeting.starts_at,
                event_id=event.id,
            )
        )

    def leave(self, meeting: Activity, person: Person, state: str) -> None:
        self.add(
            LeaveRequest(
                activity_id=meeting.id,
                person_id=person.id,
                key=next(self.keys),
                reason="家里有事，电话 13900002222",
                state=state,
                asked_at=meeting.starts_at - dt.timedelta(days=1),
            )
        )

    def walk_in(self, meeting: Activity) -> None:
        self.add(
            WalkIn(
                activity_id=meeting.id,
                key=next(self.keys),
                full_name="村民甲",
                phone_tail="1111",
                status="present",
                at=meeting.starts_at,
                received_at=meeting.starts_at,
            )
        )

    def quiz(
        self,
        opened: dt.datetime,
        scores: Sequence[tuple[Person, float | None]],
        *,
        state: str = "released",
        mock: bool = False,
    ) -> Quiz:
        """`scores`: of those who handed in, out of 100; None waits for a person's mark."""
        number = next(self.keys)
        quiz = Quiz(assignment=number, title=f"测验{number[-2:]}", minutes=30, pass_mark=60)
        quiz.state, quiz.paper, quiz.built_at, quiz.opened_at = state, [], opened, opened
        quiz.blueprint = {"mock": mock, "sections": []}
        self.add(quiz)
        for person, score in scores:
            sitting = self.add(
                Sitting(
                    assignment=number,
                    person_id=person.id,
                    started_at=opened,
                    deadline=opened + dt.timedelta(minutes=30),
                    handed_in_at=opened + dt.timedelta(minutes=9),
                    responses={},
                )
            )
            self.add(
                Grade(
                    sitting_id=sitting.id,
                    score=score or 0.0,
                    max_score=100.0,
                    needs_manual=score is None,
                    slots={},
                    read_at=opened,
                )
            )
        return quiz

    def course(self) -> None:
        """A course of three lessons with two cards each."""
        self.add(
            Course(slug="bridges", title="爱护桥梁", law="某镇爱护桥梁条例", position=1, about={})
        )
        for n in (1, 2, 3):
            self.add(
                LessonVersion(
                    course_slug="bridges",
                    lesson=f"0{n}",
                    version=1,
                    position=n,
                    title=f"第{n}座桥",
                    cards=[f"brg-{n}1", f"brg-{n}2"],
                    notebook="{}",
                    sha256="",
                    reviewer="",
                    published_at=at(2022, 1, 1),
                )
            )
            for card in (1, 2):
                version = ItemVersion(item=f"brg-{n}{card}", version=1, bank="brg", type="judge")
                version.body, version.sha256, version.article_prints = {}, "", {}
                version.published_at = at(2022, 1, 1)
                self.lessons.append(self.add(version).id)

    def study(
        self, person: Person, lesson: int, *days: dt.datetime, completed: bool = True
    ) -> None:
        """Answer the cards of a lesson (1 to 3), the first of them once more at the very end."""
        place = f"lesson:bridges/0{lesson}"
        first = self.lessons[2 * (lesson - 1)]
        rows = [*zip((first, first + 1), days, strict=False)]
        rows.append((first, days[-1] + dt.timedelta(days=400)))
        for version, when in rows:
            self.add(
                Answer(
                    key=next(self.keys),
                    person_id=person.id,
                    item_version_id=version,
                    place=place,
                    response={},
                    received_at=when,
                )
            )
        score = Score(person_id=person.id, source=place, phase="learn", points=1.0)
        score.completed, score.changed_at = completed, days[-1] + dt.timedelta(days=400)
        self.add(score)


def random_town(session: Session, seed: int) -> AnnualTown:
    """Anything that the tables allow, in 2021 to 2023 and around the ends of the years."""
    rnd = random.Random(seed)
    town = AnnualTown(session)
    town.course()
    edges = [at(2021, 12, 31, 23), at(2022, 1, 1, 0), at(2022, 12, 31, 23), at(2023, 1, 1, 0)]

    def some_time() -> dt.datetime:
        if rnd.random() < 0.3:
            return rnd.choice(edges)
        return at(2021, 6, 1) + dt.timedelta(hours=rnd.randrange(24 * 700))

    def some_day() -> dt.date:
        return rnd.choice([dt.date(2022, 1, 1), dt.date(2022, 12, 31), some_time().date()])

    for n in range(rnd.randrange(1, 14)):
        since = some_day()
        town.person(
            f"s{n:03}",
            rnd.choice([None, *town.units]),
            *rnd.choice([(), ("staff",), ("villager",), ("staff", "villager")]),
            since=since,
            until=rnd.choice([None, None, since + dt.timedelta(days=rnd.randrange(1, 500))]),
            disabled=rnd.choice([None, None, None, some_time()]),
        )
    for _ in range(rnd.randrange(8)):
        meeting = town.meeting(
            some_time(),
            rnd.choice(["learn", "drill", "compete"]),
            rnd.choice([None, *town.units]),
            online=rnd.random() < 0.3,
            closed=rnd.random() < 0.8,
            cancelled=rnd.random() < 0.1,
        )
        for person in rnd.sample(town.people, rnd.randrange(len(town.people) + 1)):
            expected = rnd.random() < 0.8
            status = rnd.choice(["present", "present", "late", "excused", "absent"])
            town.stand(
                meeting, person, status, expected=expected, unit=rnd.choice([None, "河口村"])
            )
            if rnd.random() < 0.3:
                states = ["asked", "approved", "refused", "withdrawn"]
                town.leave(meeting, person, rnd.choice(states))
        if rnd.random() < 0.3:
            town.walk_in(meeting)
    for _ in range(rnd.randrange(4)):
        takers = rnd.sample(town.people, rnd.randrange(len(town.people) + 1))
        scores = [(one, rnd.choice([None, 0.0, 59.0, 60.0, 87.5, 100.0])) for one in takers]
        town.quiz(
            some_time(),
            scores,
            state=rnd.choice(["open", "released", "released"]),
            mock=rnd.random() < 0.2,
        )
    for person in town.people:
        for lesson in rnd.sample((1, 2, 3), rnd.randrange(4)):
            days = [some_time() for _ in range(rnd.choice([1, 2]))]
            town.study(person, lesson, *sorted(days), completed=rnd.random() < 0.8)
    session.commit()
    return town
