"""The home page of one person: what is due, today's practice, courses with progress, laws to read,
points."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.services.activity_cards import next_for
from lawlab.services.contest_list import contests_now
from lawlab.services.drill_days import today_card
from lawlab.services.progress import (
    Standing,
    course_address,
    is_reading,
    law_address,
    standings,
)
from lawlab.services.quiz_pages import quiz_list
from lawlab.services.scoring import card_answers_everywhere
from lawlab.services.sessions import Caller
from lawlab.store.content import CourseRow, courses, out_of_use
from lawlab.store.drill import holiday_names, newest_plan
from lawlab.store.statutes import china_day
from lawlab.store.tables import Score

PRACTICE = "/services/learn/drill/practise"


@dataclass(frozen=True)
class Due:
    """One thing to do next; the first is the page's main action. `place` says where a lesson is."""

    kind: str
    title: str
    url: str
    note: str
    place: str = ""


@dataclass(frozen=True)
class Shelf:
    """A course with how far the person is in it."""

    row: CourseRow
    lessons: list[Standing]

    @property
    def done(self) -> int:
        return sum(lesson.complete for lesson in self.lessons)

    @property
    def next(self) -> Standing | None:
        """The first lesson that is not complete."""
        return next((lesson for lesson in self.lessons if not lesson.complete), None)

    @property
    def begun(self) -> bool:
        return any(lesson.answered for lesson in self.lessons)


def home(session: Session, caller: Caller, now: datetime) -> dict[str, Any]:
    """Everything the home page shows, in a handful of queries whatever the number of lessons."""
    given = card_answers_everywhere(session, caller.person_id)
    out = out_of_use(session)
    rows = courses(session)
    shelves = [Shelf(row, standings(row, given, out)) for row in rows if not is_reading(row)]
    quizzes = quiz_list(session, caller.person_id, now)
    points = session.scalars(select(Score.points).where(Score.person_id == caller.person_id))
    return {
        "courses": [_course(shelf) for shelf in shelves],
        "reading": [
            {"title": row.title, "law": row.law, "url": law_address(row.law)}
            for row in rows
            if is_reading(row)
        ],
        "contests": contests_now(session, caller, now),
        "quizzes": quizzes,
        "due": [asdict(due) for due in _due(shelves, quizzes)],
        "practice": _practice(session, caller.person_id, now),
        "points": round(sum(points), 2),
        "activity": next_for(session, caller.person_id, now),
    }


def _course(shelf: Shelf) -> dict[str, Any]:
    following = shelf.next
    return {
        "slug": shelf.row.slug,
        "title": shelf.row.title,
        "law": shelf.row.law,
        "url": course_address(shelf.row.slug),
        "lessons": len(shelf.lessons),
        "done": shelf.done,
        "begun": shelf.begun,
        "next": following and {"number": following.number, "title": following.title},
    }


def _practice(session: Session, person_id: int, now: datetime) -> dict[str, Any] | None:
    """Today's practice while it is not done; None also where there is nothing to practise."""
    today = today_card(session, person_id, now)
    if today["done"] or not today["goal"]:
        return None
    holiday = holiday_names(newest_plan(session)).get(china_day(now))
    shown = {name: today[name] for name in ("answered", "goal", "streak")}
    return shown | {"holiday": holiday, "url": PRACTICE}


def _due(shelves: list[Shelf], quizzes: list[dict[str, Any]]) -> list[Due]:
    """A running quiz first, then a quiz not begun, then the next lesson of each course: those that
    the person is in the middle of before those he has not begun."""
    order = {"sitting": 0, "new": 1}
    notes = {"sitting": "正在答题，请继续", "new": "还没有参加"}
    due = [
        Due("quiz", quiz["title"], quiz["url"], notes[quiz["my"]])
        for quiz in sorted(quizzes, key=lambda quiz: order.get(quiz["my"], 9))
        if quiz["my"] in order and quiz["state"] == "open" and not quiz["why_not"]
        if quiz["my"] == "sitting" or not quiz["mock"]
    ]
    for shelf in sorted(shelves, key=lambda shelf: not shelf.begun):
        if first := shelf.next:
            left = first.cards - first.answered
            place = f"{shelf.row.title} · 第 {first.number} 课"
            due.append(Due("lesson", first.title, first.url, f"还有 {left} 题没有答", place))
    return due
