"""Attempts, windows, papers of one's own, make-up and mock exams, on both databases."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.domain.sitting import receipt
from lawlab.errors import Conflict, FileFaults
from lawlab.services.answers import Submission, record_answer
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.quiz_desk import desk_quiz, desk_quizzes
from lawlab.services.quiz_grades import Reading, bring_back
from lawlab.services.quiz_pages import quiz_list, quiz_state
from lawlab.services.quiz_papers import ask_grading, open_quiz, quiz_lines, release_quiz
from lawlab.services.quiz_results import quiz_results
from lawlab.services.quizzes import (
    close_due_sittings,
    hand_in,
    note_leaving,
    settle_attempts,
    start_sitting,
)
from lawlab.services.sessions import Caller
from lawlab.store.quizzes import attempts_of
from lawlab.store.tables import (
    Answer,
    CohortMembership,
    ContentState,
    ItemVersion,
    Job,
    Person,
    Quiz,
    Role,
    Score,
    Sitting,
)

Sessions = sessionmaker[Session]
MINUTE = timedelta(minutes=1)
BLUEPRINT = """
title = "小测验"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 7
{rules}
[[section]]
type = "single"
count = 2
points = 25
[[section]]
type = "judge"
count = 5
points = 10
"""
SECRETS = ("解析全文", "错在这里", '"answer"', "反电信网络诈骗法", "why_wrong")


class Hall:
    """Two learners and a bank: twelve single and twelve judge questions of two difficulties."""

    def __init__(self, sessions: Sessions, now: datetime) -> None:
        self.sessions, self.now = sessions, now
        self.people: dict[str, Caller] = {}
        with sessions() as session:
            for type in (QuestionType.SINGLE, QuestionType.JUDGE):
                for n in range(12):
                    session.add(_version(_question(type, n), now))
            for login in ("s001", "v001"):
                person = Person(login=login, full_name=login, created_at=now)
                person.roles.append(Role(role="learner"))
                person.cohorts.append(CohortMembership(cohort="staff", since=now.date()))
                session.add(person)
                session.flush()
                self.people[login] = Caller(person.id, login, login, frozenset({"learner"}))
            session.commit()

    def build(self, name: str = "quiz-1", rules: str = "") -> None:
        with self.sessions() as session:
            build_quiz_text(session, f"{name}.toml", BLUEPRINT.format(rules=rules), self.now)

    def open(self, name: str = "quiz-1", rules: str = "") -> None:
        self.build(name, rules)
        with self.sessions() as session:
            open_quiz(session, name, self.now)

    def state(self, login: str, at: datetime, name: str = "quiz-1") -> dict[str, Any]:
        with self.sessions() as session:
            return quiz_state(session, self.people[login].person_id, name, at)

    def start(self, login: str, at: datetime, name: str = "quiz-1") -> dict[str, Any]:
        with self.sessions() as session:
            start_sitting(session, self.people[login].person_id, name, at)
        return self.state(login, at, name)

    def hand_in(self, login: str, at: datetime, name: str = "quiz-1") -> dict[str, Any]:
        with self.sessions() as session:
            return hand_in(session, self.people[login].person_id, name, at)

    def answer(self, login: str, slot: dict[str, Any], right: bool, at: datetime) -> str:
        """Returns the key of the answer that was acknowledged."""
        judge = slot["question"]["type"] == "judge"
        chosen = ("对" if right else "错") if judge else ("B" if right else "A")
        key = f"key-{uuid.uuid4().hex}"
        caller, question = self.people[login], slot["question"]
        given = Submission(
            key, login, question["id"], question["version"],
            "quiz:quiz-1" if "name" not in slot else f"quiz:{slot['name']}", {"chosen": [chosen]},
        )  # fmt: skip
        with self.sessions() as session:
            return record_answer(session, caller, given, at).key

    def sit(self, login: str, right: int, at: datetime, name: str = "quiz-1") -> dict[str, Any]:
        """An attempt with the first `right` questions right and the others wrong."""
        for n, slot in enumerate(self.start(login, at, name)["slots"]):
            self.answer(login, slot | {"name": name}, n < right, at + MINUTE)
        return self.hand_in(login, at + 2 * MINUTE, name)

    def sittings(self, name: str = "quiz-1") -> list[Sitting]:
        with self.sessions() as session:
            query = select(Sitting).where(Sitting.assignment == name)
            return list(session.scalars(query.order_by(Sitting.person_id, Sitting.attempt)))

    def grade(self, login: str, score: float, name: str = "quiz-1") -> None:
        """What the grader brings back."""
        with self.sessions() as session:
            for job in session.scalars(select(Job)):
                job.state = "done"
            session.commit()
            bring_back(session, [Reading(name, login, score, 100.0, {})], self.now)


def _question(type: QuestionType, n: int) -> Question:
    single = type is QuestionType.SINGLE
    return Question(
        id=f"{type}-{n:02}",
        type=type,
        stem=f"题干{n}",
        options={"A": "甲", "B": "乙", "C": "丙"} if single else {},
        answer="B" if single else "对",
        explanation="解析全文",
        articles=("反电信网络诈骗法#31",),
        evidence="",
        difficulty=1 + n % 2,
        why_wrong={"A": "错在这里"} if single else {},
    )


def _version(question: Question, now: datetime) -> ItemVersion:
    return ItemVersion(
        item=question.id,
        version=1,
        bank="atf",
        type=question.type.value,
        body=question.to_json(),
        sha256="0" * 64,
        article_prints={},
        published_at=now,
    )


@pytest.fixture
def hall(sessions: Sessions, now: datetime) -> Hall:
    return Hall(sessions, now)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Conflict) as caught:
        act()
    return caught.value.code


def test_a_quiz_has_a_window(hall: Hall) -> None:
    opens = hall.now + timedelta(hours=1)
    closes = opens + timedelta(hours=1)
    hall.open(rules=f"opens_at = {opens.isoformat()}\ncloses_at = {closes.isoformat()}")
    early = hall.state("s001", hall.now)
    assert (early["may_start"], early["why_not_code"]) == (False, "too_early")
    assert refused(lambda: hall.start("s001", opens - MINUTE)) == "too_early"
    begun = hall.start("s001", closes - 10 * MINUTE)
    assert begun["sitting"]["deadline"] == closes.isoformat()
    assert refused(lambda: hall.start("v001", closes)) == "too_late"
    with hall.sessions() as session:
        assert close_due_sittings(session, closes + MINUTE) == 1
    assert hall.sittings()[0].handed_in_at == closes


def test_the_last_attempt_counts_and_is_the_one_handed_in(hall: Hall) -> None:
    hall.open(rules="attempts = 3")
    hall.sit("s001", 7, hall.now)
    again = hall.state("s001", hall.now + 5 * MINUTE)
    assert again["may_start"]
    assert again["result"] is None
    hall.sit("s001", 3, hall.now + 10 * MINUTE)
    first, second = hall.sittings()
    assert (first.counts, second.counts) == (False, True)
    assert (first.auto_points, second.auto_points) == (100.0, 60.0)
    with hall.sessions() as session:
        assert ask_grading(session, "quiz-1", hall.now) == {str(second.id)}


def test_the_best_attempt_counts_and_a_worse_one_asks_for_nothing(hall: Hall) -> None:
    hall.open(rules='attempts = 2\ncounting = "best"\nshow_score = true')
    hall.sit("s001", 7, hall.now)
    hall.sit("s001", 1, hall.now + 10 * MINUTE)
    first, second = hall.sittings()
    assert (first.counts, second.counts) == (True, False)
    with hall.sessions() as session:
        assert [job.subject for job in session.scalars(select(Job))] == [str(first.id)]
    state = hall.state("s001", hall.now + 20 * MINUTE)
    assert [one["points"] for one in state["attempts"]] == [100.0, 25.0]
    assert refused(lambda: hall.start("s001", hall.now + 20 * MINUTE)) == "no_attempt_left"


def test_answers_of_one_attempt_are_not_those_of_another(hall: Hall) -> None:
    hall.open(rules="attempts = 2")
    hall.sit("s001", 7, hall.now)
    again = hall.start("s001", hall.now + 10 * MINUTE)
    assert [slot["response"] for slot in again["slots"]] == [None] * 7
    hall.hand_in("s001", hall.now + 11 * MINUTE)
    assert hall.sittings()[1].responses == {}


def test_each_draws_a_paper_of_his_own_that_is_stored(hall: Hall) -> None:
    hall.open(rules='mode = "drawn"\nattempts = 2')
    papers = [hall.start(login, hall.now)["slots"] for login in ("s001", "v001")]
    mine, other = ([slot["question"]["id"] for slot in paper] for paper in papers)
    assert mine != other
    assert [slot["points"] for slot in papers[0]] == [slot["points"] for slot in papers[1]]
    stored = hall.sittings()[0].paper
    assert stored is not None
    assert [slot["item"] for slot in stored] == mine
    both = [slot for one in hall.sittings() for slot in one.paper or []]
    assert any(slot.get("options", "ABC") != "ABC" for slot in both)
    # A new version or a question withdrawn later changes nothing for who has begun.
    with hall.sessions() as session:
        newer = _version(_question(QuestionType.SINGLE, 0), hall.now)
        newer.version = 2
        session.add(newer)
        session.commit()
    assert [s["question"]["id"] for s in hall.state("s001", hall.now)["slots"]] == mine
    hall.hand_in("s001", hall.now + MINUTE)
    again = hall.start("s001", hall.now + 2 * MINUTE)["slots"]
    assert [slot["question"]["id"] for slot in again] != mine


@pytest.mark.parametrize("rules", ['mode = "drawn"', 'mode = "shuffled"', ""])
def test_no_key_leaves_before_the_release_whatever_the_paper(hall: Hall, rules: str) -> None:
    hall.open(rules=f"{rules}\nattempts = 2")
    seen = [hall.state("s001", hall.now), hall.start("s001", hall.now)]
    for n, slot in enumerate(seen[1]["slots"]):
        hall.answer("s001", slot, n % 2 == 0, hall.now + MINUTE)
    seen.append(hall.state("s001", hall.now + MINUTE))
    hall.hand_in("s001", hall.now + 2 * MINUTE)
    seen += [hall.state("s001", hall.now + 3 * MINUTE), hall.start("s001", hall.now + 4 * MINUTE)]
    text = json.dumps(seen, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in text] == []
    hall.hand_in("s001", hall.now + 5 * MINUTE)
    hall.grade("s001", 50.0)
    with hall.sessions() as session:
        release_quiz(session, "quiz-1", hall.now, force=True)
    result = hall.state("s001", hall.now + 6 * MINUTE)
    assert result["result"]["score"] == 50.0
    assert "解析全文" in json.dumps(result, ensure_ascii=False)


def test_a_mock_exam_shows_all_at_once_and_leaves_no_trace(hall: Hall) -> None:
    hall.open(rules="mock = true\nattempts = 3")
    hall.sit("s001", 3, hall.now)
    result = hall.state("s001", hall.now + 5 * MINUTE)["result"]
    assert (result["score"], result["max_score"], result["passed"]) == (60.0, 100.0, True)
    assert result["slots"][0]["revealed"]["answer"] == "B"
    with hall.sessions() as session:
        assert session.scalars(select(Job)).all() == []
        assert session.scalars(select(Score)).all() == []
        assert refused(lambda: ask_grading(session, "quiz-1", hall.now)) == "mock_exam"
        [line] = quiz_lines(session)
        assert (line.handed_in, line.ungraded) == (1, 0)
        people = quiz_results(session, "quiz-1").people
        assert [(one.share, one.passed) for one in people] == [(0.6, True), (None, None)]
    assert hall.state("v001", hall.now)["result"] is None
    # The same questions stand on a paper that is being answered: their keys wait.
    hall.open("quiz-2")
    hall.start("s001", hall.now + 6 * MINUTE, "quiz-2")
    hidden = hall.state("s001", hall.now + 7 * MINUTE)
    assert hidden["result"] is None
    assert hidden["held"] is True
    hall.hand_in("s001", hall.now + 8 * MINUTE, "quiz-2")
    assert hall.state("s001", hall.now + 9 * MINUTE)["result"]["score"] == 60.0


def test_a_makeup_exam_is_for_those_who_failed_or_were_absent(hall: Hall) -> None:
    hall.open(rules='mode = "drawn"')
    hall.build("quiz-2", 'mode = "drawn"\nmakeup_of = "quiz-1"')
    with hall.sessions() as session:
        assert refused(lambda: open_quiz(session, "quiz-2", hall.now)) == "first_not_released"
    hall.sit("s001", 7, hall.now)
    had = {slot["item"] for slot in hall.sittings()[0].paper or []}
    hall.grade("s001", 20.0)
    with hall.sessions() as session:
        release_quiz(session, "quiz-1", hall.now, force=True)
        open_quiz(session, "quiz-2", hall.now)
    again = {slot["question"]["id"] for slot in hall.start("s001", hall.now, "quiz-2")["slots"]}
    assert len(again) == 7
    assert not again & had
    hall.start("v001", hall.now, "quiz-2")
    with hall.sessions() as session:
        assert [p.login for p in quiz_results(session, "quiz-2").people] == ["s001", "v001"]


def test_who_has_passed_is_not_asked_again(hall: Hall) -> None:
    hall.open()
    hall.sit("s001", 7, hall.now)
    hall.grade("s001", 90.0)
    with hall.sessions() as session:
        release_quiz(session, "quiz-1", hall.now, force=True)
    hall.open("quiz-2", 'makeup_of = "quiz-1"')
    assert refused(lambda: hall.start("s001", hall.now, "quiz-2")) == "not_expected"
    with hall.sessions() as session:
        mine = quiz_list(session, hall.people["s001"].person_id, hall.now)
        assert [one["assignment"] for one in mine] == ["quiz-1"]
    first = {slot["question"]["id"] for slot in hall.state("s001", hall.now)["result"]["slots"]}
    again = {slot["question"]["id"] for slot in hall.start("v001", hall.now, "quiz-2")["slots"]}
    assert not first & again


def test_a_makeup_exam_of_nothing_is_refused(hall: Hall) -> None:
    with pytest.raises(FileFaults, match="“makeup_of”写的测验“quiz-9”还没有"):
        hall.build(rules='makeup_of = "quiz-9"')


def test_leaving_the_page_is_counted_once_each_time(hall: Hall) -> None:
    hall.open()
    hall.start("s001", hall.now)
    for times in (1, 2, 2, 1, 5):
        with hall.sessions() as session:
            note_leaving(session, hall.people["s001"].person_id, "quiz-1", times, hall.now)
    assert hall.sittings()[0].left_page == 5
    hall.hand_in("s001", hall.now + MINUTE)
    with hall.sessions() as session:
        note_leaving(session, hall.people["s001"].person_id, "quiz-1", 9, hall.now + 2 * MINUTE)
    assert hall.sittings()[0].left_page == 5


def end(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(60)
    assert [thread for thread in threads if thread.is_alive()] == []


def test_people_and_their_second_devices_at_the_same_moment_lose_nothing(hall: Hall) -> None:
    hall.open(rules='mode = "drawn"\nattempts = 2')
    barrier, faults = threading.Barrier(4, timeout=30), list[Exception]()

    def sit(login: str) -> None:
        try:
            barrier.wait()
            for slot in hall.start(login, hall.now)["slots"]:
                hall.answer(login, slot, True, hall.now + MINUTE)
            barrier.wait()
            hall.hand_in(login, hall.now + 2 * MINUTE)
        except Exception as error:  # a thread's own end would be silent
            faults.append(error)

    threads = [threading.Thread(target=sit, args=(login,)) for login in ("s001", "v001") * 2]
    for thread in threads:
        thread.start()
    end(threads)
    assert faults == []
    sittings = hall.sittings()
    assert [(one.attempt, one.counts, len(one.responses or {})) for one in sittings] == [
        (1, True, 7),
        (1, True, 7),
    ]
    assert {one.auto_points for one in sittings} == {100.0}
    with hall.sessions() as session:
        assert len(session.scalars(select(Job)).all()) == 2


@pytest.mark.parametrize("round_", range(4))
def test_answers_handing_in_and_collecting_at_the_deadline_lose_nothing_acknowledged(
    hall: Hall, round_: int
) -> None:
    """Two devices answer each question while two hand in and two collect. The times are those at
    which the requests came in; who gets to write first is decided by the database."""
    hall.open()
    slots = hall.start("s001", hall.now)["slots"]
    [sitting] = hall.sittings()
    last, chance = sitting.deadline, random.Random(round_)
    handed_in_at = last - timedelta(milliseconds=10)
    barrier = threading.Barrier(2 * len(slots) + 4, timeout=30)
    stored, refusals, receipts = list[str](), list[str](), list[Any]()
    closed, faults = list[int](), list[Exception]()

    def answer(slot: dict[str, Any], right: bool, at: datetime) -> None:
        try:
            stored.append(hall.answer("s001", slot, right, at))
        except Conflict as conflict:
            refusals.append(conflict.code)

    def hand_in() -> None:
        receipts.append(hall.hand_in("s001", handed_in_at))

    def collect() -> None:
        with hall.sessions() as session:
            closed.append(close_due_sittings(session, last + timedelta(seconds=3)))

    def thread(act: Callable[[], None]) -> threading.Thread:
        pause = chance.uniform(0, 0.1)

        def run() -> None:
            try:
                barrier.wait()
                time.sleep(pause)
                act()
            except Exception as error:
                faults.append(error)

        return threading.Thread(target=run)

    answer(slots[0], False, last - MINUTE)  # before everybody: certainly taken
    threads = [
        thread(partial(answer, slot, right, last - timedelta(milliseconds=20)))
        for slot in slots
        for right in (True, False)
    ]
    threads += [thread(act) for act in (hand_in, collect) * 2]
    for one in threads:
        one.start()
    end(threads)
    answer(slots[0], True, last - timedelta(milliseconds=20))  # after everybody: certainly refused
    assert faults == []
    assert len(stored) + len(refusals) == 2 * len(slots) + 2
    assert refusals
    assert set(refusals) == {"quiz_closed"}
    with hall.sessions() as session:
        answers = session.scalars(select(Answer).order_by(Answer.id)).all()
        assert sorted(one.key for one in answers) == sorted(stored)
        newest = {one.item_version.item: one.response for one in answers}
        jobs = [(one.kind, one.subject, one.state) for one in session.scalars(select(Job))]
    slot_of = {slot["question"]["id"]: slot["slot"] for slot in slots}
    [sitting] = hall.sittings()
    assert sitting.responses == {slot_of[item]: one for item, one in newest.items()}
    assert jobs == [("hand_in", str(sitting.id), "waiting")]
    at = sitting.handed_in_at
    assert at == (last if sum(closed) else handed_in_at)
    assert sum(closed) <= 1
    assert at is not None
    assert sitting.receipt == receipt("quiz-1", "s001", at, sitting.responses or {})
    assert receipts == [{"receipt": sitting.receipt, "handed_in_at": at.isoformat()}] * 2


def test_an_answer_stored_before_a_hand_in_that_was_asked_earlier_is_not_lost(hall: Hall) -> None:
    """A second device: both requests wait for the same lock, and the later one gets it first."""
    hall.open()
    slots = hall.start("s001", hall.now)["slots"]
    hall.answer("s001", slots[0], True, hall.now + MINUTE + timedelta(milliseconds=5))
    hall.hand_in("s001", hall.now + MINUTE)
    assert hall.sittings()[0].responses == {slots[0]["slot"]: {"chosen": ["B"]}}


def test_a_page_of_an_earlier_attempt_touches_no_later_one(hall: Hall) -> None:
    hall.open(rules="attempts = 3")
    first = hall.sit("s001", 7, hall.now)
    caller, later = hall.people["s001"], hall.now + 10 * MINUTE
    slots = hall.start("s001", later)["slots"]
    with hall.sessions() as session:
        again = hand_in(session, caller.person_id, "quiz-1", later + MINUTE, 1)
        assert again["receipt"] == first["receipt"]
        note_leaving(session, caller.person_id, "quiz-1", 9, later + MINUTE, 1)
        question = slots[0]["question"]
        stale = Submission(
            "stale-answer-0000", "s001", question["id"], question["version"], "quiz:quiz-1",
            {"chosen": ["B"]}, 1,
        )  # fmt: skip
        assert refused(lambda: record_answer(session, caller, stale, later + MINUTE)) == (
            "quiz_closed"
        )
    second = hall.sittings()[1]
    assert (second.handed_in_at, second.left_page) == (None, 0)
    hall.hand_in("s001", later + 2 * MINUTE)
    for attempt in (1, 2):  # a repeat that was long on its way
        with hall.sessions() as session:
            start_sitting(session, caller.person_id, "quiz-1", later + 3 * MINUTE, attempt)
    assert len(hall.sittings()) == 2


def test_a_late_attempt_is_compared_after_its_penalty(hall: Hall) -> None:
    closes = hall.now + 20 * MINUTE
    hall.open(
        rules='attempts = 2\ncounting = "best"\n'
        f"closes_at = {closes.isoformat()}\nlate_minutes = 60\nlate_points = 30"
    )
    hall.sit("s001", 6, hall.now)
    hall.sit("s001", 7, hall.now + 30 * MINUTE)
    assert [(one.auto_points, one.counts) for one in hall.sittings()] == [
        (90.0, True),
        (100.0, False),
    ]


def test_an_attempt_whose_time_is_over_is_closed_before_the_next_begins(hall: Hall) -> None:
    hall.open(rules="attempts = 2")
    hall.start("s001", hall.now)
    over = hall.state("s001", hall.now + 31 * MINUTE)
    assert (over["may_start"], over["slots"]) == (False, [])
    with hall.sessions() as session:
        close_due_sittings(session, hall.now + 31 * MINUTE)
    assert hall.state("s001", hall.now + 31 * MINUTE)["may_start"]


def test_a_failed_grading_of_an_attempt_that_no_longer_counts_bothers_nobody(hall: Hall) -> None:
    hall.open(rules="attempts = 2")
    hall.sit("s001", 1, hall.now)
    with hall.sessions() as session:
        session.scalars(select(Job)).one().state = "failed"
        session.commit()
        assert desk_quiz(session, "quiz-1", hall.now)["counts"]["failed"] == 1
    hall.sit("s001", 7, hall.now + 10 * MINUTE)
    with hall.sessions() as session:
        assert desk_quiz(session, "quiz-1", hall.now)["counts"]["failed"] == 0
        assert [line["failed"] for line in desk_quizzes(session)] == [0]


def test_a_mock_exam_is_finished_on_the_desk_when_it_is_handed_in(hall: Hall) -> None:
    hall.open(rules="mock = true")
    hall.sit("s001", 3, hall.now)
    with hall.sessions() as session:
        desk = desk_quiz(session, "quiz-1", hall.now)
    mine = next(person for person in desk["people"] if person["login"] == "s001")
    assert desk["counts"]["ungraded"] == 0
    assert (mine["state"], mine["score"]) == ("passed", 60.0)


def test_a_drawn_quiz_whose_bank_has_shrunk_is_not_opened(hall: Hall) -> None:
    hall.build(rules='mode = "drawn"')
    with hall.sessions() as session:
        for n in range(11):
            session.add(
                ContentState(
                    kind="item", name=f"single-{n:02}", state="withdrawn", reason="", by="t01",
                    since=hall.now,
                )
            )  # fmt: skip
        session.commit()
        assert refused(lambda: open_quiz(session, "quiz-1", hall.now)) == "paper_out_of_use"


def test_a_common_makeup_paper_has_nothing_of_what_anybody_drew(hall: Hall) -> None:
    hall.open(rules='mode = "drawn"')
    hall.sit("s001", 7, hall.now)
    had = {slot["item"] for slot in hall.sittings()[0].paper or []}
    hall.build("quiz-2", 'makeup_of = "quiz-1"')
    with hall.sessions() as session:
        assert not had & {slot["item"] for slot in session.get_one(Quiz, "quiz-2").paper}


def test_the_board_follows_the_attempt_that_counts_again(hall: Hall) -> None:
    hall.open(rules='attempts = 2\ncounting = "best"')
    hall.sit("s001", 6, hall.now)
    hall.grade("s001", 90.0)
    hall.sit("s001", 7, hall.now + 10 * MINUTE)
    hall.grade("s001", 100.0)
    with hall.sessions() as session:
        quiz = release_quiz(session, "quiz-1", hall.now, force=True)
        first, second = attempts_of(session, "quiz-1", hall.people["s001"].person_id)
        high = session.scalars(select(Score.points)).one()
        second.auto_points = 10.0  # as after a corrected key
        settle_attempts(session, quiz, first.person_id, hall.now)
        session.commit()
        assert session.scalars(select(Score.points)).one() < high
    hall.grade("s001", 90.0)  # the gradebook says again what it said before
    with hall.sessions() as session:
        assert session.scalars(select(Score.points)).one() < high
