"""How far one person is in the lessons of each course."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lawlab.services.scoring import CardAnswer, counted_cards
from lawlab.store.content import CourseRow

Given = Mapping[str, Mapping[str, CardAnswer]]
"""Place → item → a person's answer, as `scoring.card_answers_everywhere` gives it."""


@dataclass(frozen=True)
class Standing:
    """One lesson for one person. `number` counts from 1 through the course."""

    lesson: str
    number: int
    title: str
    url: str
    cards: int
    answered: int
    right: int
    complete: bool

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def standings(shelf: CourseRow, given: Given, out: Collection[str]) -> list[Standing]:
    """The lessons of a course in order; `out` are the items out of use."""
    found = []
    for number, row in enumerate(shelf.lessons, 1):
        answers = given.get(f"lesson:{shelf.slug}/{row.lesson}", {})
        cards = counted_cards(row.cards, answers, out)
        answered = [answers[card] for card in cards if card in answers]
        found.append(
            Standing(
                row.lesson,
                number,
                row.title,
                lesson_address(shelf.slug, row.lesson),
                len(cards),
                len(answered),
                sum(card.right for card in answered),
                len(answered) >= len(cards),
            )
        )
    return found


def lesson_address(course: str, lesson: str) -> str:
    return f"/services/learn/lesson/{course}/{lesson}"


def course_address(course: str) -> str:
    return f"/services/learn/course/{course}"


def law_address(law: str, article: str = "") -> str:
    """A law in the reader, opened at an article such as `31`."""
    return f"/services/learn/law/{law}" + (f"#{article}" if article else "")


def is_reading(shelf: CourseRow) -> bool:
    """True for a law to be read that has no lessons of its own."""
    return shelf.about.get("reading") is True
