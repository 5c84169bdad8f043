"""The home page of one person: courses with progress, quizzes, what is due, points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.services.quizzes import quiz_list
from lawlab.services.scoring import card_answers_everywhere
from lawlab.services.sessions import Caller
from lawlab.store.content import courses
from lawlab.store.tables import Score


@dataclass(frozen=True)
class Due:
    """One thing to do next; the first is the page's main action."""

    kind: str
    title: str
    url: str
    note: str


def home(session: Session, caller: Caller, now: datetime) -> dict[str, Any]:
    """Everything the home page shows, in a handful of queries whatever the number of lessons."""
    given = card_answers_everywhere(session, caller.person_id)
    shelves = []
    for course in courses(session):
        lessons = []
        for row in course.lessons:
            answers = given.get(f"lesson:{course.slug}/{row.lesson}", {})
            answered = [answers[card] for card in row.cards if card in answers]
            lessons.append(
                {
                    "lesson": row.lesson,
                    "title": row.title,
                    "url": f"/services/learn/lesson/{course.slug}/{row.lesson}",
                    "cards": len(row.cards),
                    "answered": len(answered),
                    "right": sum(card.right for card in answered),
                    "complete": len(answered) >= len(row.cards),
                }
            )
        shelves.append(
            {"slug": course.slug, "title": course.title, "law": course.law, "lessons": lessons}
        )
    quizzes = quiz_list(session, caller.person_id, now)
    points = session.scalars(select(Score.points).where(Score.person_id == caller.person_id))
    return {
        "courses": shelves,
        "quizzes": quizzes,
        "due": [vars(due) for due in _due(shelves, quizzes)],
        "points": round(sum(points), 2),
    }


def _due(shelves: list[dict[str, Any]], quizzes: list[dict[str, Any]]) -> list[Due]:
    """A running quiz first, then a quiz not begun, then the next lesson of each course."""
    order = {"sitting": 0, "new": 1}
    notes = {"sitting": "正在答题，请继续", "new": "还没有参加"}
    due = [
        Due("quiz", quiz["title"], quiz["url"], notes[quiz["my"]])
        for quiz in sorted(quizzes, key=lambda quiz: order.get(quiz["my"], 9))
        if quiz["my"] in order and quiz["state"] == "open"
    ]
    for shelf in shelves:
        open_lessons = [lesson for lesson in shelf["lessons"] if not lesson["complete"]]
        if open_lessons:
            first = open_lessons[0]
            left = first["cards"] - first["answered"]
            due.append(Due("lesson", first["title"], first["url"], f"还有 {left} 题没有答"))
    return due
