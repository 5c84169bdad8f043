"""A contest run by the services alone, without rooms and sockets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from contesting import add_contest
from meetings import caller, make_town
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_events import Did
from lawlab.domain.contest_script import Format, Kind, Round, Slot, Window
from lawlab.domain.question import Question, QuestionType
from lawlab.services.contest import Loaded, NewAnswer, load, store_answers, store_event
from lawlab.store.engine import writing
from lawlab.store.tables import Certificate, ContestResult, ItemBank, ItemVersion, Score

NOW = dt.datetime(2026, 12, 4, 1, 0, tzinfo=dt.UTC)
RIGHT, WRONG = {"chosen": ["A"]}, {"chosen": ["B"]}
QUESTIONS = 6


class Hall:
    """A town, questions whose key is A, and contests about them; its clock goes on by itself."""

    def __init__(self, session: Session) -> None:
        self.session, self.now = session, NOW
        make_town(session, NOW - dt.timedelta(days=300))
        session.add(ItemBank(slug="bridges", law="某条例", prefix="brg", awaits=[]))
        rows = [stored_item(f"brg-{n:03}") for n in range(1, QUESTIONS + 1)]
        session.add_all(rows)
        session.commit()
        self.slots = tuple(Slot(row.item, 1, row.id) for row in rows)
        self.id = 0

    def contest(
        self,
        questions: int = 2,
        *,
        entered: Mapping[str, Sequence[str]] | None = None,
        **script: Any,
    ) -> int:
        """A new one, open and begun; the next calls are about it. `entered`: unit → sign-in
        names."""
        rounds = [Round(Kind.ALL, "第一轮", 20, 100, self.slots[:questions])]
        facts = {"format": Format.PERSON, "speed": False} | script
        self.id = add_contest(writing(self.session), self.now, rounds, **facts)
        self.do(Did.OPEN)
        teams = {team: [*map(self.person, members)] for team, members in (entered or {}).items()}
        self.do(Did.START, entered=teams)
        return self.id

    def open_window(self, window: Window) -> int:
        """A window contest over five questions, open; the next calls are about it."""
        rounds = [Round(Kind.ALL, "第一轮", 20, 10, self.slots[:5])]
        self.id = add_contest(
            writing(self.session),
            self.now,
            rounds,
            format=Format.WINDOW,
            speed=False,
            window=window,
        )
        self.do(Did.OPEN)
        return self.id

    def loaded(self) -> Loaded:
        return load(self.session, self.id, self.now)

    def do(self, *kinds: Did, **data: Any) -> None:
        for kind in kinds:
            decided = self.loaded().contest.decide(kind, self.now, "t01", data)
            store_event(self.session, self.id, decided, self.now)
            self.now += dt.timedelta(seconds=1)

    def ask(self, **answers: bool) -> int:
        """The next question from its showing to its reveal; sign-in name → whether it is right.
        Each answer comes a second after the one before. Returns the turn."""
        self.do(Did.SHOW)
        turn = self.loaded().contest.turn
        assert turn is not None
        slot = self.slots[turn.step]
        for login, right in answers.items():
            self.now += dt.timedelta(seconds=1)
            response = RIGHT if right else WRONG
            who = self.person(login)
            one = NewAnswer(self.id, False, turn.number, who, slot.version_id, response, self.now)
            store_answers(self.session, [one])
        self.do(Did.CLOSE, Did.REVEAL)
        return turn.number

    def person(self, login: str) -> int:
        return caller(self.session, login).person_id

    def exclude(self, login: str, reason: str = "代答") -> None:
        self.do(Did.EXCLUDE, person=self.person(login), reason=reason)

    def include(self, login: str) -> None:
        self.do(Did.INCLUDE, person=self.person(login), reason="查明不是")

    def results(self) -> dict[str, tuple[int, int, int]]:
        """Whoever answered: points, right, rank, as they are stored."""
        rows = self.session.scalars(
            select(ContestResult).where(
                ContestResult.contest_id == self.id, ContestResult.answered > 0
            )
        )
        return {row.person.login: (row.points, row.right, row.rank) for row in rows}

    def scores(self) -> dict[int, float]:
        rows = self.session.scalars(select(Score).where(Score.source == f"contest:{self.id}"))
        return {row.person_id: row.points for row in rows}

    def certificates(self) -> list[tuple[str, str, bool]]:
        """Holder, award, and whether it holds."""
        rows = self.session.scalars(select(Certificate).order_by(Certificate.id))
        return [(row.holder, row.award, row.revoked_at is None) for row in rows]


def stored_item(item: str) -> ItemVersion:
    question = Question(
        item, QuestionType.SINGLE, f"=1+{item} 问什么？", {"A": "是", "B": "否"}, "A", "因为。",
        ("某条例#2",), "因为", 2,
    )  # fmt: skip
    return ItemVersion(
        item=item,
        version=1,
        bank="bridges",
        type="single",
        body=question.to_json(),
        sha256=item,
        article_prints={},
        reviewer="审核人甲",
        published_at=NOW,
    )
