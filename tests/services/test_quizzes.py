"""A quiz from start to release, on both databases: the clock, the receipt, and no key too early."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.errors import Conflict, FileFaults, NotFound
from lawlab.services.answers import Submission, record_answer
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_grades import Reading, bring_back
from lawlab.services.quiz_pages import quiz_list, quiz_state
from lawlab.services.quiz_papers import (
    ask_open,
    open_quiz,
    paper_of,
    quiz_lines,
    release_quiz,
)
from lawlab.services.quizzes import (
    close_due_sittings,
    hand_in,
    quiz_open_for,
    start_sitting,
)
from lawlab.services.sessions import Caller
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, Grade, ItemVersion, Job, Person, Quiz, Score, Sitting

Sessions = sessionmaker[Session]
MINUTE = timedelta(minutes=1)
BLUEPRINT = """
title = "小测验"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 7
[[section]]
type = "single"
count = 2
points = 25
[[section]]
type = "judge"
count = 3
points = 10
[[section]]
type = "case"
count = 1
points = 20
"""
SECRETS = ("解析全文", "参考答案全文", "要点甲", "错在这里", '"answer"', "反电信网络诈骗法")


def make_question(type: QuestionType, n: int) -> Question:
    single = type is QuestionType.SINGLE
    return Question(
        id=f"{type}-{n}",
        type=type,
        stem=f"题干{n}",
        options={"A": "甲", "B": "乙", "C": "丙"} if single else {},
        answer={"single": "B", "judge": "对"}.get(type, "参考答案全文"),
        explanation="解析全文",
        articles=("反电信网络诈骗法#31",),
        evidence="",
        difficulty=2,
        rubric=(RubricPoint("要点甲", 20),) if type is QuestionType.CASE else (),
        why_wrong={"A": "错在这里"} if single else {},
    )


def add_item(session: Session, question: Question, version: int, now: datetime) -> None:
    session.add(
        ItemVersion(
            item=question.id,
            version=version,
            bank="atf",
            type=question.type.value,
            body=question.to_json(),
            sha256="0" * 64,
            article_prints={},
            published_at=now,
        )
    )


@pytest.fixture
def people(sessions: Sessions, now: datetime) -> dict[str, Caller]:
    """Two learners, and a bank of three questions of each type."""
    callers = {}
    with sessions() as session:
        for type in (QuestionType.SINGLE, QuestionType.JUDGE, QuestionType.CASE):
            for n in range(3):
                add_item(session, make_question(type, n), 1, now)
        for login in ("s001", "v001"):
            person = Person(login=login, full_name=login, created_at=now)
            session.add(person)
            session.flush()
            callers[login] = Caller(person.id, login, login, frozenset({"learner"}))
        session.commit()
    return callers


@pytest.fixture
def blueprint(tmp_path: Path) -> Path:
    file = tmp_path / "quiz-1.toml"
    file.write_text(BLUEPRINT, "utf-8")
    return file


@pytest.fixture
def opened(
    sessions: Sessions, people: dict[str, Caller], blueprint: Path, now: datetime
) -> dict[str, Caller]:
    """The quiz is built and open."""
    with sessions() as session:
        build_quiz(session, blueprint, now)
    with sessions() as session:
        open_quiz(session, "quiz-1", now)
    return people


def give(
    sessions: Sessions, caller: Caller, slot: str, response: dict[str, Any], at: datetime
) -> None:
    """Answer through the same use case as the API does."""
    with sessions() as session:
        slots = {one["slot"]: one for one in paper_of(session, "quiz-1").slots}
    item = slots[slot]
    key = hashlib.sha256(f"{slot}{at}{response}".encode()).hexdigest()[:40]
    with sessions() as session:
        submission = Submission(
            key, caller.login, item["item"], item["version"], "quiz:quiz-1", response
        )
        record_answer(session, caller, submission, at)


def start(sessions: Sessions, caller: Caller, at: datetime) -> None:
    with sessions() as session:
        start_sitting(session, caller.person_id, "quiz-1", at)


def see(sessions: Sessions, caller: Caller, at: datetime) -> dict[str, Any]:
    with sessions() as session:
        return quiz_state(session, caller.person_id, "quiz-1", at)


def turn_in(sessions: Sessions, caller: Caller, at: datetime) -> dict[str, Any]:
    with sessions() as session:
        return hand_in(session, caller.person_id, "quiz-1", at)


def make_reading(login: str, case: float | None = 15.0, **points: float) -> Reading:
    maxima = {"q01": 25, "q02": 25, "q03": 10, "q04": 10, "q05": 10, "q06": 20}
    given: dict[str, float | None] = {**dict.fromkeys(maxima, 0.0), **points, "q06": case}
    slots = {
        slot: {"points": given[slot], "max_points": float(most), "comment": None}
        for slot, most in maxima.items()
    }
    return Reading("quiz-1", login, sum(p or 0 for p in given.values()), 100.0, slots)


# ---- building -----------------------------------------------------------------------------------


def test_a_quiz_is_built_from_current_versions_and_again_while_nobody_saw_it(
    sessions: Sessions, people: dict[str, Caller], blueprint: Path, now: datetime
) -> None:
    with sessions() as session:
        for n in range(3):
            newer = replace(make_question(QuestionType.JUDGE, n), stem="新题干")
            add_item(session, newer, 2, now)
        session.commit()
    with sessions() as session:
        build_quiz(session, blueprint, now)
    with sessions() as session:
        first = paper_of(session, "quiz-1")
        assert [slot["version"] for slot in first.slots] == [1, 1, 2, 2, 2, 1]
        assert first.questions["q03"].stem == "新题干"
        build_quiz(session, blueprint, now)
        assert paper_of(session, "quiz-1") == first
        open_quiz(session, "quiz-1", now)
        with pytest.raises(Conflict) as caught:
            build_quiz(session, blueprint, now)
        assert caught.value.code == "quiz_exists"
        session.rollback()
        with pytest.raises(Conflict, match="已经开放"):
            ask_open(session, "quiz-1", now)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BLUEPRINT.replace("count = 2", "count = 9"), "单选题要 9 道，题库“atf”里只有 3 道"),
        (BLUEPRINT.replace('"atf"', '"other"'), "题库“other”里没有已发布的题"),
        ("title = [", "不是有效的 TOML"),
        ("\udcff", "不是 UTF-8"),
        (None, "读不到这个文件"),
    ],
)
def test_a_bad_blueprint_writes_nothing(
    sessions: Sessions,
    people: dict[str, Caller],
    blueprint: Path,
    now: datetime,
    text: str | None,
    says: str,
) -> None:
    if text is None:
        blueprint.unlink()
    else:
        blueprint.write_bytes(text.encode("utf-8", "surrogateescape"))
    with sessions() as session:
        with pytest.raises(FileFaults) as caught:
            build_quiz(session, blueprint, now)
        session.rollback()
        assert any(says in fault for fault in caught.value.faults)
        assert session.scalar(select(func.count()).select_from(Quiz)) == 0


def test_asking_to_open_leaves_a_job_and_learners_see_nothing_yet(
    sessions: Sessions, people: dict[str, Caller], blueprint: Path, now: datetime
) -> None:
    with sessions() as session:
        build_quiz(session, blueprint, now)
        ask_open(session, "quiz-1", now)
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.subject, job.state) == ("open", "quiz-1", "waiting")
        session.rollback()
        me = people["s001"].person_id
        assert quiz_list(session, me, now) == []
        with pytest.raises(NotFound, match="还没有开放"):
            quiz_state(session, me, "quiz-1", now)
        with pytest.raises(NotFound):
            start_sitting(session, me, "quiz-1", now)


# ---- sitting ------------------------------------------------------------------------------------


def test_the_clock_starts_once_and_questions_come_without_keys(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    before = see(sessions, me, now)
    assert before["sitting"] is None
    assert before["slots"] == []
    assert (before["minutes"], before["points"], before["questions"]) == (30, 100.0, 6)
    start(sessions, me, now)
    start(sessions, me, now + 5 * MINUTE)
    state = see(sessions, me, now + 10 * MINUTE)
    assert state["sitting"] == {
        "started_at": now.isoformat(),
        "deadline": (now + 30 * MINUTE).isoformat(),
        "seconds_left": 1200,
        "handed_in_at": None,
        "receipt": None,
    }
    assert [slot["points"] for slot in state["slots"]] == [25, 25, 10, 10, 10, 20]
    assert state["slots"][0]["question"]["options"] == {"A": "甲", "B": "乙", "C": "丙"}
    assert state["result"] is None
    shown = json.dumps(state, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in shown]
    json.dumps(state)  # the API needs nothing but JSON
    assert see(sessions, opened["v001"], now)["sitting"] is None


def test_the_newest_answer_counts_and_survives_a_reload(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    start(sessions, me, now)
    give(sessions, me, "q01", {"chosen": ["A"]}, now + MINUTE)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + 2 * MINUTE)
    give(sessions, me, "q06", {"text": "先报警。"}, now + 3 * MINUTE)
    slots = {
        slot["slot"]: slot["response"] for slot in see(sessions, me, now + 4 * MINUTE)["slots"]
    }
    assert slots["q01"] == {"chosen": ["B"]}
    assert slots["q06"] == {"text": "先报警。"}
    assert slots["q02"] is None
    turn_in(sessions, me, now + 5 * MINUTE)
    with sessions() as session:
        sitting = session.scalars(select(Sitting)).one()
        assert sitting.responses == {"q01": {"chosen": ["B"]}, "q06": {"text": "先报警。"}}
        assert session.scalar(select(func.count()).select_from(Answer)) == 3


def test_answers_are_refused_before_the_start_after_the_deadline_and_after_the_hand_in(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me, other = opened["s001"], opened["v001"]
    chosen = {"chosen": ["B"]}
    with pytest.raises(Conflict, match="还没有开始"):
        give(sessions, me, "q01", chosen, now)
    start(sessions, me, now)
    start(sessions, other, now)
    give(sessions, me, "q01", chosen, now + 30 * MINUTE)
    with pytest.raises(Conflict, match="时间已到"):
        give(sessions, me, "q02", chosen, now + 30 * MINUTE + timedelta(microseconds=1))
    turn_in(sessions, other, now + MINUTE)
    with pytest.raises(Conflict, match="已经交卷") as caught:
        give(sessions, other, "q01", chosen, now + 2 * MINUTE)
    assert caught.value.code == "quiz_closed"
    with sessions() as session, pytest.raises(NotFound) as missing:
        quiz_open_for(session, me.person_id, "quiz-1", "single-0", 9, now + MINUTE)
    assert missing.value.code == "no_item"


def test_handing_in_twice_gives_one_receipt_and_one_job(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    with pytest.raises(Conflict, match="还没有开始"):
        turn_in(sessions, me, now)
    start(sessions, me, now)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + MINUTE)
    first = turn_in(sessions, me, now + 2 * MINUTE)
    assert turn_in(sessions, me, now + 9 * MINUTE) == first
    assert first["handed_in_at"] == (now + 2 * MINUTE).isoformat()
    state = see(sessions, me, now + 10 * MINUTE)
    assert state["sitting"]["receipt"] == first["receipt"]
    assert state["sitting"]["seconds_left"] == 0
    assert state["slots"] == []
    with sessions() as session:
        jobs = session.scalars(select(Job)).all()
        sitting = session.scalars(select(Sitting)).one()
        assert [(job.kind, job.subject) for job in jobs] == [("hand_in", str(sitting.id))]


def test_the_server_hands_in_when_time_is_over_and_counts_what_came_in_time(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me, other = opened["s001"], opened["v001"]
    start(sessions, me, now)
    start(sessions, other, now + 10 * MINUTE)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + 29 * MINUTE)
    end = now + 30 * MINUTE
    with sessions() as session:
        assert close_due_sittings(session, end + timedelta(seconds=1)) == 0
    waiting = see(sessions, me, end + timedelta(seconds=1))
    assert waiting["slots"] == []
    assert waiting["sitting"]["seconds_left"] == 0
    with sessions() as session:
        assert close_due_sittings(session, end + timedelta(seconds=3)) == 1
        assert close_due_sittings(session, end + timedelta(seconds=4)) == 0
    handed_in = see(sessions, me, end + MINUTE)["sitting"]
    assert handed_in["handed_in_at"] == end.isoformat()
    assert handed_in["receipt"] == turn_in(sessions, me, end + MINUTE)["receipt"]
    with sessions() as session:
        mine = session.scalars(select(Sitting).where(Sitting.person_id == me.person_id)).one()
        assert mine.responses == {"q01": {"chosen": ["B"]}}
    assert see(sessions, other, end + MINUTE)["slots"]


def test_an_answer_and_a_hand_in_at_the_same_moment_lose_nothing(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    start(sessions, me, now)
    barrier = threading.Barrier(4)
    outcomes: list[str] = []

    def answer(slot: str) -> None:
        barrier.wait()
        with contextlib.suppress(Conflict):  # handed in before: refused, and the learner is told
            give(sessions, me, slot, {"chosen": ["B" if slot < "q03" else "对"]}, now + MINUTE)
            outcomes.append(slot)

    def finish() -> None:
        barrier.wait()
        outcomes.append(turn_in(sessions, me, now + MINUTE)["receipt"])

    threads = [threading.Thread(target=answer, args=(slot,)) for slot in ("q01", "q03")]
    threads += [threading.Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receipts = {one for one in outcomes if "-" in one}
    accepted = {one for one in outcomes if "-" not in one}
    assert len(receipts) == 1
    with sessions() as session:
        sitting = session.scalars(select(Sitting)).one()
        assert set(sitting.responses or {}) == accepted
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_hand_in_waits_for_an_answer_that_is_being_stored(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    start(sessions, me, now)
    with sessions() as session:
        slot = paper_of(session, "quiz-1").slots[0]
        version = session.scalars(
            select(ItemVersion.id).where(ItemVersion.item == slot["item"])
        ).one()
    with sessions() as storing:
        writing(storing)
        storing.get(Person, me.person_id, with_for_update=True)
        storing.add(
            Answer(
                key="k" * 16,
                person_id=me.person_id,
                item_version_id=version,
                place="quiz:quiz-1",
                response={"chosen": ["B"]},
                received_at=now + MINUTE,
            )
        )
        storing.flush()
        finishing = threading.Thread(target=turn_in, args=(sessions, me, now + MINUTE))
        finishing.start()
        finishing.join(0.5)
        assert finishing.is_alive()
        storing.commit()
    finishing.join()
    with sessions() as session:
        assert session.scalars(select(Sitting)).one().responses == {"q01": {"chosen": ["B"]}}


# ---- grades -------------------------------------------------------------------------------------


def finish_jobs(sessions: Sessions) -> None:
    with sessions() as session:
        for job in session.scalars(select(Job)):
            job.state = "done"
        session.commit()


def test_marks_come_back_with_points_and_a_repeat_changes_nothing(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    start(sessions, me, now)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + MINUTE)
    turn_in(sessions, me, now + 2 * MINUTE)
    first = make_reading("s001", None, q01=25.0)
    stranger = make_reading("x999", q01=25.0)
    with sessions() as session:
        assert bring_back(session, [first, stranger], now) == 0  # its job is not done yet
    finish_jobs(sessions)
    with sessions() as session:
        assert bring_back(session, [first, stranger], now) == 1
        assert bring_back(session, [first], now + MINUTE) == 0
        grade = session.scalars(select(Grade)).one()
        assert (grade.score, grade.needs_manual, grade.read_at) == (25.0, True, now)
    with sessions() as session:
        assert bring_back(session, [make_reading("s001", 15.0, q01=25.0)], now + MINUTE) == 1
        assert session.scalars(select(Grade.needs_manual)).one() is False


def test_points_reach_the_boards_with_the_release_and_follow_later_marks(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    start(sessions, me, now)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + MINUTE)
    turn_in(sessions, me, now + 2 * MINUTE)
    finish_jobs(sessions)
    with sessions() as session:
        bring_back(session, [make_reading("s001", 15.0, q01=25.0)], now)
        assert session.scalars(select(Score)).all() == []
        release_quiz(session, "quiz-1", now)
        score = session.scalars(select(Score)).one()
        assert (score.source, score.phase, score.points) == ("quiz:quiz-1", "learn", 40.0)
        assert (score.answered, score.completed) == (1, True)
        bring_back(session, [make_reading("s001", 20.0, q01=25.0)], now + MINUTE)
    with sessions() as session:
        assert session.scalars(select(Score.points)).one() == 45.0


def test_a_release_waits_for_everything_and_then_shows_all(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me, other = opened["s001"], opened["v001"]
    for caller in (me, other):
        start(sessions, caller, now)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + MINUTE)
    turn_in(sessions, me, now + 2 * MINUTE)

    def reasons() -> list[str]:
        with sessions() as session, pytest.raises(Conflict) as caught:
            release_quiz(session, "quiz-1", now)
        assert caught.value.code == "not_ready"
        found = caught.value.facts["reasons"]
        assert isinstance(found, list)
        return found

    assert reasons() == ["还有 1 人正在答题", "还有 1 份答卷没有判完"]
    turn_in(sessions, other, now + 3 * MINUTE)
    finish_jobs(sessions)
    readings = [make_reading("s001", None, q01=25.0), make_reading("v001", 0.0)]
    with sessions() as session:
        bring_back(session, readings, now)
    assert reasons() == ["还有 1 份答卷的案例题没有评分"]
    hidden = json.dumps(see(sessions, me, now + 4 * MINUTE), ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in hidden]
    with sessions() as session:
        bring_back(session, [make_reading("s001", 20.0, q01=25.0, q02=25.0)], now)
        [line] = quiz_list(session, me.person_id, now)
        assert (line["my"], line["score"], line["passed"]) == ("handed_in", None, None)
        release_quiz(session, "quiz-1", now)
        release_quiz(session, "quiz-1", now + MINUTE)
        assert session.get_one(Quiz, "quiz-1").released_at == now
    result = see(sessions, me, now + 5 * MINUTE)["result"]
    assert (result["score"], result["max_score"], result["passed"]) == (70.0, 100.0, True)
    first = result["slots"][0]
    assert first["response"] == {"chosen": ["B"]}
    assert first["revealed"]["answer"] == "B"
    assert first["revealed"]["articles"] == ["反电信网络诈骗法#31"]
    assert see(sessions, other, now)["result"]["passed"] is False
    with sessions() as session:
        [line] = quiz_list(session, me.person_id, now)
        assert (line["my"], line["score"], line["passed"]) == ("released", 70.0, True)


def test_a_quiz_that_nobody_has_sat_is_not_released_by_mistake(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    with sessions() as session, pytest.raises(Conflict, match="还没有人交卷") as caught:
        release_quiz(session, "quiz-1", now)
    assert caught.value.code == "not_ready"
    with sessions() as session:
        assert release_quiz(session, "quiz-1", now, force=True).state == "released"


def test_a_forced_release_hands_in_for_those_still_answering(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me, late = opened["s001"], opened["v001"]
    start(sessions, me, now)
    give(sessions, me, "q01", {"chosen": ["B"]}, now + MINUTE)
    with sessions() as session:
        release_quiz(session, "quiz-1", now + 2 * MINUTE, force=True)
    state = see(sessions, me, now + 3 * MINUTE)
    assert state["sitting"]["handed_in_at"] == (now + 2 * MINUTE).isoformat()
    assert state["result"] is None  # not graded yet
    with pytest.raises(Conflict, match="已经交卷"):
        give(sessions, me, "q02", {"chosen": ["B"]}, now + 3 * MINUTE)
    with pytest.raises(Conflict, match="已经结束"):
        start(sessions, late, now + 3 * MINUTE)
    assert see(sessions, late, now + 3 * MINUTE)["result"] is None


def test_a_quiz_that_is_not_open_cannot_be_released(
    sessions: Sessions, people: dict[str, Caller], blueprint: Path, now: datetime
) -> None:
    with sessions() as session:
        build_quiz(session, blueprint, now)
        with pytest.raises(Conflict) as caught:
            release_quiz(session, "quiz-1", now, force=True)
        assert caught.value.code == "quiz_not_open"
        session.rollback()
        with pytest.raises(NotFound, match="没有编号为“quiz-9”的测验"):
            release_quiz(session, "quiz-9", now)


def test_a_score_on_the_pass_mark_passes(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    start(sessions, me, now)
    turn_in(sessions, me, now + MINUTE)
    finish_jobs(sessions)
    for third, passes in ((10 / 3, True), (3.3, False)):
        reading = make_reading("s001", 0.0, q01=25.0, q02=25.0, q03=third, q04=third, q05=third)
        with sessions() as session:
            bring_back(session, [reading], now)
            release_quiz(session, "quiz-1", now)
        assert see(sessions, me, now)["result"]["passed"] is passes


def test_the_list_of_a_trainer_counts_what_is_left(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    for caller in opened.values():
        start(sessions, caller, now)
    turn_in(sessions, opened["s001"], now + MINUTE)
    with sessions() as session:
        [line] = quiz_lines(session)
    assert (line.state, line.questions, line.sitting, line.handed_in) == ("open", 6, 1, 1)
    assert (line.ungraded, line.missing_marks) == (1, 0)
    finish_jobs(sessions)
    with sessions() as session:
        bring_back(session, [make_reading("s001", None)], now)
        [line] = quiz_lines(session)
    assert (line.ungraded, line.missing_marks) == (0, 1)


def test_the_home_page_lists_a_quiz_with_how_far_one_is(
    sessions: Sessions, opened: dict[str, Caller], now: datetime
) -> None:
    me = opened["s001"]
    with sessions() as session:
        [line] = quiz_list(session, me.person_id, now)
    assert line["url"] == "/services/learn/quiz/quiz-1"
    assert (line["my"], line["deadline"], line["points"]) == ("new", None, 100.0)
    start(sessions, me, now)
    with sessions() as session:
        [line] = quiz_list(session, me.person_id, now)
        assert (line["my"], line["deadline"]) == ("sitting", (now + 30 * MINUTE).isoformat())
        [line] = quiz_list(session, me.person_id, now + 31 * MINUTE)
        assert line["my"] == "handed_in"
