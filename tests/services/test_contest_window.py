"""限时答题赛: beginning once, answering, handing in, and what stands at the end."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from contesting import add_contest
from meetings import caller, make_town
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.contest_events import Did
from lawlab.domain.contest_script import Format, Kind, Round, Slot, Window
from lawlab.domain.marking import BadResponse
from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, NotFound
from lawlab.services.contest import load, store_event
from lawlab.services.contest_settling import recompute_results, settle
from lawlab.services.contest_window import answer, begin, finish_own
from lawlab.services.sessions import Caller
from lawlab.store.contest_papers import paper_of
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Answer,
    ContestPaper,
    ContestResult,
    ItemBank,
    ItemVersion,
    Mark,
    Score,
)

OPENS = dt.datetime(2026, 12, 4, 1, 0, tzinfo=dt.UTC)
WINDOW = Window(OPENS, OPENS + dt.timedelta(hours=8), 10, 3)
RIGHT, WRONG = {"chosen": ["A"]}, {"chosen": ["B"]}


def after(**span: float) -> dt.datetime:
    return OPENS + dt.timedelta(**span)


class Town:
    """A window contest of ten points a question, over five questions whose key is A."""

    def __init__(self, session: Session) -> None:
        self.session = session
        make_town(session, OPENS - dt.timedelta(days=300))
        session.add(ItemBank(slug="bridges", law="某条例", prefix="brg", awaits=[]))
        rows = [stored_item(f"brg-{n:03}") for n in range(1, 6)]
        session.add_all(rows)
        session.commit()
        slots = tuple(Slot(row.item, 1, row.id) for row in rows)
        rounds = [Round(Kind.ALL, "第一轮", 20, 10, slots)]
        self.id = self.make(rounds)
        self.open(self.id)
        self.rounds = rounds

    def make(self, rounds: list[Round], **facts: Any) -> int:
        facts = {"format": Format.WINDOW, "speed": False, "window": WINDOW} | facts
        return add_contest(writing(self.session), OPENS, rounds, **facts)

    def open(self, contest: int) -> None:
        self.do(Did.OPEN, contest)

    def do(self, kind: Did, contest: int = 0, now: dt.datetime = OPENS, **data: Any) -> None:
        number = contest or self.id
        decided = load(self.session, number, now).contest.decide(kind, now, "t01", data)
        store_event(self.session, number, decided, now)

    def who(self, login: str) -> Caller:
        return caller(self.session, login)

    def begin(self, login: str, now: dt.datetime = OPENS) -> None:
        begin(self.session, self.who(login), self.id, now)

    def answer(self, login: str, place: int, response: Any, now: dt.datetime) -> dict[str, Any]:
        return answer(self.session, self.who(login), self.id, place, response, now)

    def finish(self, login: str, now: dt.datetime) -> None:
        finish_own(self.session, self.who(login), self.id, now)

    def results(self) -> list[tuple[str, int, int, int, int, int]]:
        rows = self.session.scalars(
            select(ContestResult).order_by(ContestResult.rank, ContestResult.person_id)
        )
        return [
            (row.person.login, row.rank, row.points, row.right, row.answered, row.milliseconds)
            for row in rows
        ]


def stored_item(item: str) -> ItemVersion:
    question = Question(
        item, QuestionType.SINGLE, f"{item} 问什么？", {"A": "是", "B": "否"}, "A", "因为。",
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
        published_at=OPENS,
    )


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> Iterator[Town]:
    with sessions() as session:
        yield Town(session)


def test_from_the_beginning_to_the_ranking(town: Town) -> None:
    for login in ("s001", "s002", "s003", "v001"):
        town.begin(login)
    town.answer("s001", 3, RIGHT, after(minutes=1))
    town.answer("s001", 1, RIGHT, after(minutes=2))
    town.answer("s001", 2, RIGHT, after(minutes=3))
    for place in (1, 2, 3):
        town.answer("s002", place, RIGHT, after(minutes=2))
    town.answer("s003", 1, RIGHT, after(minutes=1))
    town.answer("s003", 2, WRONG, after(minutes=1))
    town.finish("s003", after(minutes=4))
    town.do(Did.FINISH, now=after(hours=8))
    assert town.results() == [
        ("s002", 1, 30, 3, 3, 120_000),
        ("s001", 2, 30, 3, 3, 180_000),
        ("s003", 3, 10, 1, 2, 240_000),
        ("v001", 4, 0, 0, 0, 600_000),
    ]
    scores = {row.person_id: row.points for row in town.session.scalars(select(Score))}
    assert sorted(scores.values()) == [33.33, 100, 100]
    assert recompute_results(writing(town.session), after(hours=9)) == 0
    settle(town.session, town.id, after(hours=9))
    marks = town.session.scalars(select(Mark.points)).all()
    assert sorted(marks) == [0] + [1] * 7


def test_a_paper_is_drawn_once_and_its_time_never_starts_again(town: Town) -> None:
    town.begin("s001", after(minutes=1))
    paper = paper_of(town.session, town.id, town.who("s001").person_id)
    town.begin("s001", after(minutes=7))
    town.begin("s001", after(hours=9))
    assert paper_of(town.session, town.id, town.who("s001").person_id) == paper
    assert paper is not None
    assert paper.deadline == after(minutes=11)
    assert len(set(paper.slots)) == 3
    town.begin("s002", after(hours=7, minutes=55))
    late = paper_of(town.session, town.id, town.who("s002").person_id)
    assert late is not None
    assert late.deadline == WINDOW.closes_at


def test_the_first_answer_counts_and_a_repeat_gets_the_first_reply(town: Town) -> None:
    town.begin("s001")
    first = town.answer("s001", 2, WRONG, after(minutes=1))
    assert first["first"] is True
    again = town.answer("s001", 2, RIGHT, after(minutes=30))
    assert again == first | {"first": False}
    stored = town.session.scalars(select(Answer)).one()
    assert (stored.place, stored.contest_id) == (f"contest:{town.id}/2", town.id)
    assert (stored.response, stored.received_at) == (WRONG, after(minutes=1))
    paper = paper_of(town.session, town.id, town.who("s001").person_id)
    assert paper is not None
    slots = town.rounds[0].slots
    assert stored.item_version_id == slots[paper.slots[1]].version_id


def refusal(act: Any, *args: Any, **facts: Any) -> str:
    with pytest.raises((Conflict, NotFound, BadResponse)) as refused:
        act(*args, **facts)
    return refused.value.code


def test_what_comes_too_early_too_late_or_from_elsewhere_is_refused(town: Town) -> None:
    assert refusal(town.begin, "s001", after(seconds=-1)) == "not_open"
    assert refusal(town.begin, "s001", after(hours=8)) == "closed"
    assert refusal(town.begin, "t01") == "not_expected"
    assert refusal(town.answer, "s001", 1, RIGHT, OPENS) == "not_begun"
    assert refusal(town.finish, "s001", OPENS) == "not_begun"
    town.begin("s001")
    assert refusal(town.answer, "s001", 4, RIGHT, OPENS) == "no_place"
    assert refusal(town.answer, "s001", 1, {"chosen": ["Z"]}, OPENS) == "bad_response"
    assert refusal(town.answer, "s001", 1, RIGHT, after(minutes=10, seconds=1)) == "late"
    town.finish("s001", after(minutes=11))
    paper = paper_of(town.session, town.id, town.who("s001").person_id)
    assert paper is not None
    assert paper.finished_at is None
    town.begin("s002")
    town.finish("s002", after(minutes=1))
    assert refusal(town.answer, "s002", 1, RIGHT, after(minutes=2)) == "handed_in"
    town.begin("s003")
    town.do(Did.EXCLUDE, person=town.who("s003").person_id, reason="代答")
    assert refusal(town.answer, "s003", 1, RIGHT, after(minutes=2)) == "excluded"
    town.begin("v001", after(hours=1))
    town.do(Did.FINISH, now=after(hours=1))
    assert refusal(town.answer, "v001", 1, RIGHT, after(hours=1)) == "closed"
    assert refusal(town.begin, "v002", after(hours=1)) == "closed"
    assert town.session.scalar(select(func.count()).select_from(Answer)) == 0
    draft = town.make(town.rounds)
    assert refusal(begin, town.session, town.who("s001"), draft, OPENS) == "not_open"
    other = town.make(town.rounds, format=Format.PERSON, window=None)
    assert refusal(begin, town.session, town.who("s001"), other, OPENS) == "no_contest"


def test_who_is_excluded_after_the_end_has_no_rank_and_may_come_back(town: Town) -> None:
    for login, minutes in (("s001", 1), ("s002", 2)):
        town.begin(login)
        for place in (1, 2, 3):
            town.answer(login, place, RIGHT, after(minutes=minutes))
    town.do(Did.FINISH, now=after(hours=8))
    person = town.who("s001").person_id
    town.do(Did.EXCLUDE, now=after(hours=9), person=person, reason="代答")
    assert town.results() == [("s002", 1, 30, 3, 3, 120_000)]
    town.do(Did.INCLUDE, now=after(hours=10), person=person, reason="查清了")
    assert [row[:2] for row in town.results()] == [("s001", 1), ("s002", 2)]


def test_a_guest_whom_the_host_adds_may_begin(town: Town) -> None:
    town.do(Did.ADD, person=town.who("t01").person_id)
    town.begin("t01")
    assert paper_of(town.session, town.id, town.who("t01").person_id) is not None


def test_a_rehearsal_earns_no_points(town: Town) -> None:
    town.id = town.make(town.rounds, rehearsal=True)
    town.open(town.id)
    town.begin("s001")
    town.answer("s001", 1, RIGHT, after(minutes=1))
    assert town.session.scalars(select(Answer.place)).one() == f"rehearsal:{town.id}/1"
    town.do(Did.FINISH, now=after(hours=8))
    assert town.results() == [("s001", 1, 10, 1, 1, 600_000)]
    assert town.session.scalar(select(func.count()).select_from(Score)) == 0


def test_two_phones_of_one_person_begin_and_answer_once(
    town: Town, sessions: sessionmaker[Session]
) -> None:
    who, number = town.who("s001"), town.id
    town.session.commit()
    start = threading.Barrier(4)
    replies: list[dict[str, Any]] = []

    def phone(n: int) -> None:
        with sessions() as session:
            start.wait()
            begin(session, who, number, OPENS)
            response = RIGHT if n % 2 else WRONG
            replies.append(answer(session, who, number, 1, response, after(seconds=n)))

    phones = [threading.Thread(target=phone, args=(n,)) for n in range(4)]
    for one in phones:
        one.start()
    for one in phones:
        one.join()
    assert sum(reply["first"] for reply in replies) == 1
    assert len({str(reply["response"]) for reply in replies}) == 1
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(ContestPaper)) == 1
        assert session.scalar(select(func.count()).select_from(Answer)) == 1
