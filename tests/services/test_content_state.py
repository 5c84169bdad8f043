"""Content out of use: it leaves papers and lessons, and takes nothing from anybody."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, FileFaults
from lawlab.services.answers import Receipt, Submission, record_answer
from lawlab.services.content import publishing
from lawlab.services.content_state import clear_state, record, set_state, states
from lawlab.services.home import home
from lawlab.services.lessons import LessonState, lesson_state
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_pages import quiz_state
from lawlab.services.quiz_papers import ask_open, open_quiz, release_quiz
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.services.scoring import recompute_lesson_scores
from lawlab.services.sessions import Caller
from lawlab.store.content import bank_items, current_items, item_version, out_of_use
from lawlab.store.engine import writing
from lawlab.store.tables import (
    ContentState,
    Course,
    Grade,
    ItemVersion,
    LessonVersion,
    Person,
    Publication,
    Score,
    Sitting,
)

Sessions = sessionmaker[Session]
DAY = timedelta(days=1)
PLACE = "lesson:bridges/01_first"
BLUEPRINT = """
title = "小测验"
bank = "bridges"
minutes = 30
pass_mark = 60
seed = 7
[[section]]
type = "judge"
count = 4
points = 25
"""


class Town:
    """Two learners, one course with one lesson of three cards, one bank of five items."""

    def __init__(self, sessions: Sessions, root: Path, now: datetime) -> None:
        self.sessions, self.now = sessions, now
        self.paper = root / "bridges-1.toml"
        self.paper.write_text(BLUEPRINT, "utf-8")
        self._keys: Iterator[int] = itertools.count()
        with sessions() as session:
            session.add_all(
                Person(login=login, full_name=login, created_at=now) for login in ("s001", "s002")
            )
            session.add(
                Course(
                    slug="bridges",
                    title="爱护桥梁",
                    law="某镇爱护桥梁条例",
                    position=1,
                    about={"order": ["01_first"]},
                )
            )
            session.flush()
            session.add(
                LessonVersion(
                    course_slug="bridges",
                    lesson="01_first",
                    version=1,
                    position=1,
                    title="第一课",
                    cards=["brg-001", "brg-002", "brg-003"],
                    notebook="{}",
                    sha256="",
                    reviewer="审核人甲",
                    published_at=now,
                )
            )
            session.commit()
        for number in range(1, 6):
            self.publish(f"brg-{number:03}")

    def publish(self, item: str, answer: str = "对") -> None:
        question = Question(
            item,
            QuestionType.JUDGE,
            "桥要爱护。",
            {},
            answer,
            "解析。",
            ("某镇爱护桥梁条例#3",),
            "",
            1,
        )
        with self.sessions() as session:
            before = session.query(ItemVersion).filter_by(item=item).count()
            session.add(
                ItemVersion(
                    item=item,
                    version=before + 1,
                    bank="bridges",
                    type="judge",
                    body=question.to_json(),
                    sha256=f"{item}-{before}",
                    article_prints={},
                    published_at=self.now,
                )
            )
            session.commit()

    def withdraw(self, item: str, state: str = "withdrawn", reason: str = "有歧义") -> None:
        with self.sessions() as session:
            writing(session)
            set_state(session, "item", item, state, reason, "t01", self.now)
            session.commit()

    def restore(self, item: str, action: str = "restore") -> bool:
        with self.sessions() as session:
            writing(session)
            done = clear_state(session, "item", item, "t01", self.now + DAY, action)
            session.commit()
            return done

    def answer(self, item: str, chosen: str = "对", login: str = "s001", **more: Any) -> Receipt:
        facts = {"version": 1, "place": PLACE} | more
        submission = Submission(
            key=f"key-{next(self._keys):016}",
            person=login,
            item=item,
            response={"chosen": [chosen]},
            **facts,
        )
        with self.sessions() as session:
            return record_answer(session, self.caller(login), submission, self.now)

    def caller(self, login: str) -> Caller:
        with self.sessions() as session:
            person = session.scalars(select(Person).where(Person.login == login)).one()
            return Caller(person.id, login, login, frozenset({"learner"}))

    def lesson(self, login: str = "s001") -> LessonState:
        with self.sessions() as session:
            return lesson_state(session, self.caller(login), "bridges", "01_first", self.now)

    def points(self) -> dict[str, tuple[float, bool]]:
        """Login → stored points and completion, after a look that recomputing says the same."""
        with self.sessions() as session:
            rows = session.execute(
                select(Person.login, Person.id, Score.points, Score.completed).join(
                    Score, Score.person_id == Person.id
                )
            ).all()
            again = recompute_lesson_scores(session)
            assert {(row.id, PLACE): row.points for row in rows} == again
        return {row.login: (row.points, row.completed) for row in rows}


@pytest.fixture
def town(sessions: Sessions, tmp_path: Path, now: datetime) -> Town:
    return Town(sessions, tmp_path, now)


# ---- the state itself ---------------------------------------------------------------------------


def test_what_has_no_row_is_in_use_and_each_change_is_recorded(town: Town) -> None:
    town.publish("brg-002")
    town.withdraw("brg-002")
    with town.sessions() as session:
        state = states(session, "item")["brg-002"]
        assert (state.state, state.reason, state.by) == ("withdrawn", "有歧义", "t01")
        assert out_of_use(session) == {"brg-002"}
        assert states(session, "lesson") == {}
    assert town.restore("brg-002")
    assert not town.restore("brg-002")
    with town.sessions() as session:
        assert out_of_use(session) == set()
        rows = session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [(row.name, row.version, row.action, row.note) for row in rows] == [
            ("brg-002", 2, "withdraw", "有歧义"),
            ("brg-002", 2, "restore", ""),
        ]
        assert rows[1].at == town.now + DAY


def test_a_change_of_what_somebody_took_away_meanwhile_is_a_conflict(town: Town) -> None:
    town.withdraw("brg-001", "stale", "第三条变了")

    def change() -> None:
        with town.sessions() as session, publishing(session):
            seen = states(session, "item")["brg-001"]
            session.connection().execute(delete(ContentState))  # as another's commit would
            seen.reason = "第四条变了"

    with pytest.raises(Conflict) as told:
        change()
    assert told.value.code == "published_meanwhile"
    with town.sessions() as session:
        assert session.get(ContentState, ("item", "brg-001"))


def test_a_repeat_is_not_recorded_and_another_reason_replaces_the_first(town: Town) -> None:
    for reason in ("第三条变了", "第三条变了", "第四条变了"):
        town.withdraw("brg-001", "stale", reason)
    with town.sessions() as session:
        assert states(session, "item")["brg-001"].reason == "第四条变了"
        assert session.query(Publication).count() == 2


def test_a_changed_law_neither_covers_nor_ends_a_withdrawal(town: Town) -> None:
    town.withdraw("brg-001")
    town.withdraw("brg-001", "stale", "第三条变了")
    assert not town.restore("brg-001", "fresh")
    with town.sessions() as session:
        assert states(session, "item")["brg-001"].state == "withdrawn"
    town.withdraw("brg-002", "stale", "第三条变了")
    assert town.restore("brg-002", "fresh")
    with town.sessions() as session:
        assert out_of_use(session) == {"brg-001"}


def test_lessons_have_states_and_versions_of_their_own(town: Town) -> None:
    with town.sessions() as session:
        set_state(session, "lesson", "bridges/01_first", "withdrawn", "重写", "t01", town.now)
        record(session, "course", "bridges", "publish", "t01", town.now, reviewer="审核人甲")
        session.commit()
        assert out_of_use(session, "lesson") == {"bridges/01_first"}
        assert out_of_use(session) == set()
        rows = session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [(row.kind, row.version) for row in rows] == [("lesson", 1), ("course", None)]


def test_reads_leave_out_what_is_not_in_use_and_old_versions_stay_readable(town: Town) -> None:
    town.withdraw("brg-001")
    town.withdraw("brg-003", "stale", "第三条变了")
    with town.sessions() as session:
        assert list(bank_items(session, "bridges")) == ["brg-002", "brg-004", "brg-005"]
        assert list(current_items(session, ["brg-001", "brg-002"])) == ["brg-002"]
        assert item_version(session, "brg-001", 1) is not None


# ---- lessons ------------------------------------------------------------------------------------


def test_a_withdrawn_card_is_neither_shown_nor_missed(town: Town) -> None:
    town.withdraw("brg-002")
    state = town.lesson()
    assert [card.question.id for card in state.cards] == ["brg-001", "brg-003"]
    assert (state.resting, state.progress.total) == (["brg-002"], 2)
    town.answer("brg-001")
    receipt = town.answer("brg-003", "错")
    assert receipt.progress is not None
    assert receipt.progress.complete
    assert town.points() == {"s001": (2 + 1 + 2, True)}
    with town.sessions() as session:
        found = home(session, town.caller("s001"), town.now)
    course = found["courses"][0]
    assert (course["lessons"], course["done"], course["next"]) == (1, 1, None)


def test_withdrawing_takes_no_points_and_completes_the_lesson_of_who_misses_only_that_card(
    town: Town,
) -> None:
    for login, cards in {"s001": ("brg-001", "brg-002"), "s002": ("brg-003",)}.items():
        for card in cards:
            town.answer(card, login=login)
    assert town.points() == {"s001": (4, False), "s002": (2, False)}
    town.withdraw("brg-003")
    assert town.points() == {"s001": (6, True), "s002": (2, False)}
    assert [card.question.id for card in town.lesson("s002").cards] == [
        "brg-001",
        "brg-002",
        "brg-003",
    ]
    town.restore("brg-003")
    assert town.points() == {"s001": (4, False), "s002": (2, False)}


def test_an_answered_card_keeps_the_version_that_was_answered(town: Town) -> None:
    town.answer("brg-001")
    town.answer("brg-002")
    town.publish("brg-001", answer="错")
    town.withdraw("brg-002")
    first, second, third = town.lesson().cards
    assert (first.version, first.question.answer, first.since) == (1, "对", "updated")
    assert (second.version, second.since) == (1, "withdrawn")
    assert (third.version, third.since, third.given) == (1, "", None)
    assert first.given is not None
    fresh = town.lesson("s002").cards[0]
    assert (fresh.version, fresh.question.answer, fresh.since) == (2, "错", "")


def test_an_answer_that_was_under_way_when_the_card_was_withdrawn_is_kept(town: Town) -> None:
    town.withdraw("brg-002")
    receipt = town.answer("brg-002")
    assert receipt.mark is not None
    assert receipt.mark.points == 1
    assert town.points() == {"s001": (2, False)}
    assert [card.since for card in town.lesson().cards] == ["", "withdrawn", ""]


def test_a_lesson_without_a_card_in_use_holds_nobody_up(town: Town) -> None:
    for card in ("brg-001", "brg-002", "brg-003"):
        town.withdraw(card)
    state = town.lesson()
    assert (state.cards, state.progress.total, state.progress.complete) == ([], 0, True)


# ---- papers -------------------------------------------------------------------------------------


def build(town: Town) -> list[str]:
    with town.sessions() as session:
        return [slot["item"] for slot in build_quiz(session, town.paper, town.now).paper]


def test_papers_are_drawn_from_what_is_in_use(town: Town) -> None:
    town.withdraw("brg-003")
    assert sorted(build(town)) == ["brg-001", "brg-002", "brg-004", "brg-005"]
    town.withdraw("brg-004", "stale", "第三条变了")
    with pytest.raises(FileFaults):
        build(town)


def test_a_paper_with_a_question_out_of_use_is_not_opened(town: Town) -> None:
    drawn = build(town)
    town.withdraw(drawn[0], reason="答案有争议")
    with town.sessions() as session:
        for step in (ask_open, open_quiz):
            with pytest.raises(Conflict) as caught:
                step(session, "bridges-1", town.now)
            assert caught.value.code == "paper_out_of_use"
            assert drawn[0] in caught.value.sentence
    assert drawn[0] not in build(town)
    with town.sessions() as session:
        assert open_quiz(session, "bridges-1", town.now).state == "open"


def test_a_running_sitting_is_not_touched(town: Town) -> None:
    drawn = build(town)
    with town.sessions() as session:
        open_quiz(session, "bridges-1", town.now)
        start_sitting(session, town.caller("s001").person_id, "bridges-1", town.now)
    town.withdraw(drawn[0])
    town.publish(drawn[1], answer="错")
    with town.sessions() as session:
        state = quiz_state(session, town.caller("s001").person_id, "bridges-1", town.now)
    assert [slot["question"]["id"] for slot in state["slots"]] == drawn
    assert {slot["question"]["version"] for slot in state["slots"]} == {1}
    for item in drawn:
        assert town.answer(item, place="quiz:bridges-1").first
    # Nor is the opening repeated by the grader refused once it is open.
    with town.sessions() as session:
        assert open_quiz(session, "bridges-1", town.now).state == "open"
    assert result_versions(town) == dict.fromkeys(drawn, 1)


def result_versions(town: Town) -> dict[str, int]:
    """Item → the version whose key the released result shows."""
    person = town.caller("s001").person_id
    with town.sessions() as session:
        hand_in(session, person, "bridges-1", town.now)
        sitting = session.query(Sitting).one()
        session.add(
            Grade(
                sitting_id=sitting.id,
                score=100,
                max_score=100,
                needs_manual=False,
                slots={
                    slot: {"points": 25, "max_points": 25, "comment": None}
                    for slot in ("q01", "q02", "q03", "q04")
                },
                read_at=town.now,
            )
        )
        session.commit()
        release_quiz(session, "bridges-1", town.now, force=True)
        result = quiz_state(session, person, "bridges-1", town.now)["result"]
    # Version 1 says 对, every later one 错.
    versions = {"对": 1, "错": 2}
    return {
        slot["question"]["id"]: versions[slot["revealed"]["answer"]] for slot in result["slots"]
    }
