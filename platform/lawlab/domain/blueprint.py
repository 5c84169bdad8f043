"""What a quiz consists of and the rules it runs under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from lawlab.domain.question import MANUAL, Question, QuestionType

FULL_MARKS = 100


class Mode(StrEnum):
    """Whether everybody has the same paper."""

    FIXED = "fixed"
    """The same questions in the same order."""
    SHUFFLED = "shuffled"
    """The same questions; within a section and an option list each person has an own order."""
    DRAWN = "drawn"
    """Each attempt draws its own questions, with the same points and difficulty slot by slot."""


class Counting(StrEnum):
    """Which attempt is handed in to the gradebook."""

    LAST = "last"
    BEST = "best"


@dataclass(frozen=True)
class Candidate:
    """A published question in its current version. `chapters`: the chapters of the articles that it
    cites, by their headings; filled in when a blueprint asks for chapters."""

    question: Question
    version: int
    chapters: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Section:
    """`count` questions of one type, `points` each. Where `difficulty`, `chapters` or `tags` are
    given, each question has one of them; a chapter is named as in the law, by its number (第二章)
    or its whole heading."""

    type: QuestionType
    count: int
    points: float
    difficulty: tuple[int, ...] = ()
    chapters: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def takes(self, one: Candidate) -> bool:
        """Whether a question may stand in this section."""
        question = one.question
        return (
            question.type is self.type
            and (not self.difficulty or question.difficulty in self.difficulty)
            and (not self.tags or bool(set(self.tags) & set(question.tags)))
            and (not self.chapters or any(self._named(chapter) for chapter in one.chapters))
        )

    def _named(self, heading: str) -> bool:
        return heading in self.chapters or heading.partition(" ")[0] in self.chapters


@dataclass(frozen=True)
class Blueprint:
    """A quiz as its trainer wants it. `pass_mark` is out of 100; `partial` is for multiple choice.

    Times are aware. Nobody begins before `opens_at`; all is over `late_minutes` after `closes_at`,
    and whoever hands in after `closes_at` loses `late_points`. A `mock` exam is marked at hand-in
    and leaves no trace in gradebook and boards. `makeup_of` names the quiz that this one repeats
    for those who failed or missed it.
    """

    title: str
    bank: str
    minutes: int
    pass_mark: float
    seed: int | str
    sections: tuple[Section, ...]
    partial: bool = False
    mode: Mode = Mode.FIXED
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    late_minutes: int = 0
    late_points: float = 0.0
    attempts: int = 1
    counting: Counting = Counting.LAST
    show_score: bool = False
    """Whether each attempt's points, and only these, are shown at once."""
    mock: bool = False
    makeup_of: str = ""
    pools: tuple[tuple[tuple[str, int], ...], ...] = ()
    """Where each person draws: for each section the items with the versions of when it was built,
    so that everybody draws from the same ones."""

    @property
    def manual(self) -> bool:
        """True when a person has to mark a part of it."""
        return any(section.type in MANUAL for section in self.sections)

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        for name in ("opens_at", "closes_at"):
            data[name] = data[name] and data[name].isoformat()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Blueprint:
        """As stored; quizzes from before a setting existed have its default."""
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in data.items() if name in known}
        for name in ("opens_at", "closes_at"):
            given[name] = datetime.fromisoformat(given[name]) if given.get(name) else None
        given["sections"] = tuple(map(section, data["sections"]))
        given["pools"] = tuple(
            tuple((item, version) for item, version in pool) for pool in data.get("pools", ())
        )
        given["mode"] = Mode(given.get("mode", Mode.FIXED))
        given["counting"] = Counting(given.get("counting", Counting.LAST))
        return cls(**given)


def section(table: Mapping[str, Any]) -> Section:
    """A section from its fields, as they stand in a file or are stored."""
    return Section(
        QuestionType(table["type"]),
        table["count"],
        float(table["points"]),
        band(table.get("difficulty", ())),
        tuple(table.get("chapters", ())),
        tuple(table.get("tags", ())),
    )


def band(value: Any) -> tuple[int, ...]:
    """Difficulties given as one number or as several."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)
