"""Marking written answers on both databases: nobody is named, nobody is in another's way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.manual_marking import BadMark, code
from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.marking_desk import (
    Save,
    answers,
    next_answer,
    one_answer,
    overview,
    save_mark,
)
from lawlab.store.tables import (
    Grade,
    ItemVersion,
    Job,
    ManualMark,
    MarkingLease,
    Person,
    Quiz,
    Role,
    Sitting,
)

Sessions = sessionmaker[Session]
MINUTE = timedelta(minutes=1)
LEARNERS = [f"s{n:03}" for n in range(1, 7)]
WRITTEN = 5
"""How many of them wrote something; s006 did not."""


def make_question(type: QuestionType, item: str, *points: float) -> Question:
    return Question(
        id=item,
        type=type,
        stem=f"题干{item}",
        options={"A": "甲", "B": "乙"} if type is QuestionType.SINGLE else {},
        answer="B" if type is QuestionType.SINGLE else "参考答案",
        explanation="解析",
        articles=("反电信网络诈骗法#31",),
        evidence="",
        difficulty=2,
        rubric=tuple(RubricPoint(f"要点{n}", one) for n, one in enumerate(points)),
    )


def add_item(session: Session, question: Question, version: int, now: datetime) -> None:
    session.add(
        ItemVersion(
            item=question.id,
            version=version,
            bank="atf",
            type=question.type.value,
            body=question.to_json(),
            sha256="",
            article_prints={},
            published_at=now,
        )
    )


SINGLE = {"slot": "q01", "item": "single", "version": 1, "points": 70}
CASE = {"slot": "q02", "item": "case", "version": 1, "points": 20}
SHORT = {"slot": "q03", "item": "short", "version": 1, "points": 10}


@pytest.fixture
def quiz(sessions: Sessions, now: datetime) -> str:
    """A quiz with a case and a short question, six hand-ins and one who is still answering."""
    with sessions() as session:
        add_item(session, make_question(QuestionType.SINGLE, "single"), 1, now)
        add_item(session, make_question(QuestionType.CASE, "case", 12, 8), 1, now)
        add_item(session, make_question(QuestionType.SHORT, "short", 3, 2), 1, now)
        for login in ("t01", "t02", *LEARNERS, "s007"):
            name = ("教员" if login[0] == "t" else "干部") + login[1:]
            person = Person(login=login, full_name=name, created_at=now)
            person.roles = [Role(role="trainer" if login[0] == "t" else "learner")]
            session.add(person)
        made = Quiz(assignment="quiz-1", title="小测验", minutes=30, pass_mark=60, state="open")
        made.blueprint, made.paper = {"sections": []}, [SINGLE, CASE, SHORT]
        made.built_at = made.opened_at = now
        session.add(made)
        session.commit()
        for login in (*LEARNERS, "s007"):
            sit(session, login, now, handed_in=login != "s007", blank=login == "s006")
        session.commit()
    return "quiz-1"


def sit(
    session: Session,
    login: str,
    now: datetime,
    *,
    handed_in: bool = True,
    blank: bool = False,
    **facts: Any,
) -> Sitting:
    responses: dict[str, Any] = {"q01": {"chosen": ["B"]}}
    if not blank:
        responses |= {"q02": {"text": "先报警，再冻结。"}, "q03": {"text": "不借卡。"}}
    facts = {"responses": responses if handed_in else None} | facts
    person = session.scalars(select(Person).where(Person.login == login)).one()
    sitting = Sitting(assignment="quiz-1", person_id=person.id, started_at=now, **facts)
    sitting.deadline = now + 30 * MINUTE
    sitting.handed_in_at = now + 9 * MINUTE if handed_in else None
    session.add(sitting)
    session.flush()
    return sitting


def take(sessions: Sessions, login: str, now: datetime, after: str | None = None) -> Any:
    with sessions() as session:
        return next_answer(session, login, "quiz-1", "case", now, after)["answer"]


def save(
    sessions: Sessions,
    login: str,
    wanted: str,
    now: datetime,
    *rubric: float,
    revision: int = 0,
    comment: str = "",
    item: str = "case",
) -> dict[str, Any]:
    with sessions() as session:
        given = Save(revision, rubric, comment)
        return save_mark(session, login, "quiz-1", item, wanted, given, now)


def brought_back(sessions: Sessions, wanted: str, points: float | None, now: datetime) -> None:
    """What the grader does: the mark's job is done, and the gradebook says so many points."""
    with sessions() as session:
        [sitting] = (
            one
            for one in session.scalars(select(Sitting))
            if code("quiz-1", "case", one.id) == wanted
        )
        for job in session.scalars(select(Job)):
            job.state = "done"
        grade = session.get(Grade, sitting.id) or Grade(sitting_id=sitting.id, read_at=now)
        grade.score, grade.max_score, grade.needs_manual = 70.0, 100.0, points is None
        grade.slots = {"q02": {"points": points, "max_points": 20.0, "comment": None}}
        session.add(grade)
        session.commit()


# ---- what waits ---------------------------------------------------------------------------------


def test_the_overview_counts_what_waits_question_by_question(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    save(sessions, "t01", take(sessions, "t01", now)["code"], now, 12, 0)
    with sessions() as session:
        found = overview(session, quiz)
    assert (found["title"], found["handed_in"], found["mock"]) == ("小测验", 6, False)
    counts = {
        line["item"]: (line["points"], line["waiting"], line["marked"], line["blank"])
        for line in found["questions"]
    }
    assert counts == {"case": (20, 4, 1, 1), "short": (10, 5, 0, 1)}
    assert [line["type_name"] for line in found["questions"]] == ["案例分析题", "简答题"]


def test_only_attempts_that_count_are_marked(sessions: Sessions, quiz: str, now: datetime) -> None:
    with sessions() as session:
        for one in session.scalars(select(Sitting).where(Sitting.handed_in_at.is_not(None))):
            one.counts = False
        sit(session, "s001", now, attempt=2)
        session.commit()
        lines = overview(session, quiz)["questions"]
    assert [line["waiting"] for line in lines] == [1, 1]


def test_nobody_marks_a_mock_exam_or_a_question_with_points_for_everybody(
    sessions: Sessions, quiz: str
) -> None:
    with sessions() as session:
        session.get_one(Quiz, quiz).corrections = {"case": {"full": True}}
        session.commit()
        assert [line["item"] for line in overview(session, quiz)["questions"]] == ["short"]
        session.get_one(Quiz, quiz).blueprint = {"sections": [], "mock": True}
        session.commit()
        found = overview(session, quiz)
    assert (found["mock"], found["questions"]) == (True, [])


def test_papers_of_ones_own_are_grouped_by_question_and_points(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    with sessions() as session:
        first, second, *_ = session.scalars(select(Sitting).order_by(Sitting.id))
        first.paper = [SINGLE, SHORT | {"slot": "q02", "points": 20}]
        second.paper = [SINGLE, SHORT | {"slot": "q02", "points": 10}]
        session.commit()
        lines = overview(session, quiz)["questions"]
        found = answers(session, "t01", quiz, "short", now)["answers"]
    counts = {(line["item"], line["points"]): line["waiting"] for line in lines}
    assert counts == {("case", 20): 3, ("short", 10): 4, ("short", 20): 1}
    assert sorted(one["points"] for one in found) == [10, 10, 10, 10, 10, 20]
    twenty = next(one["code"] for one in found if one["points"] == 20)
    assert save(sessions, "t01", twenty, now, 3, 0, item="short")["mark"]["points"] == 12
    with sessions() as session:
        assert session.scalars(select(ManualMark.slot)).one() == "q02"


def test_a_corrected_question_is_marked_by_its_new_rubric(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    with sessions() as session:
        add_item(session, make_question(QuestionType.CASE, "case", 10, 5, 5), 2, now)
        session.get_one(Quiz, quiz).corrections = {"case": {"version": 2}}
        session.commit()
    answer = take(sessions, "t01", now)
    assert [point["points"] for point in answer["question"]["rubric"]] == [10, 5, 5]
    assert save(sessions, "t01", answer["code"], now, 10, 5, 0)["mark"]["points"] == 15


def test_an_unknown_quiz_or_answer_is_not_found(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    with sessions() as session:
        with pytest.raises(NotFound, match="no-quiz"):
            overview(session, "no-quiz")
        with pytest.raises(NotFound) as missing:
            one_answer(session, "t01", quiz, "case", "f" * 12, now)
        assert missing.value.code == "no_answer"
        assert next_answer(session, "t01", quiz, "single", now)["answer"] is None
        short = code(quiz, "single", 1)
        with pytest.raises(NotFound):
            save_mark(session, "t01", quiz, "single", short, Save(0, [1], ""), now)


# ---- one after the other ------------------------------------------------------------------------


def test_answers_come_in_an_order_of_their_own_until_none_waits(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    seen = []
    for _ in range(WRITTEN):
        answer = take(sessions, "t01", now, seen[-1] if seen else None)
        seen.append(answer["code"])
        save(sessions, "t01", answer["code"], now, 12, 8)
    assert seen == sorted(seen)
    assert len(set(seen)) == WRITTEN
    assert [code(quiz, "case", n) for n in range(1, WRITTEN + 1)] != seen
    with sessions() as session:
        done = next_answer(session, "t01", quiz, "case", now, seen[-1])
        assert session.scalars(select(MarkingLease)).all() == []
    assert done["answer"] is None
    counts = (done["waiting"], done["marked"], done["blank"], done["held"], done["total"])
    assert counts == (0, WRITTEN, 1, 0, 6)


def test_a_page_loaded_again_shows_the_same_answer_and_one_may_be_left_for_later(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    first = take(sessions, "t01", now)
    assert take(sessions, "t01", now + MINUTE)["code"] == first["code"]
    others = [first["code"]]
    for _ in range(WRITTEN - 1):
        others.append(take(sessions, "t01", now, others[-1])["code"])
    assert len(set(others)) == WRITTEN
    assert take(sessions, "t01", now, others[-1])["code"] == first["code"]
    with sessions() as session:
        assert len(session.scalars(select(MarkingLease)).all()) == 1


def test_two_trainers_get_different_answers_and_a_forgotten_one_comes_back(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    mine, yours = take(sessions, "t01", now), take(sessions, "t02", now)
    assert mine["code"] != yours["code"]
    with sessions() as session:
        listed = answers(session, "t01", quiz, "case", now)["answers"]
    assert [one["code"] for one in listed if one["held"]] == [yours["code"]]
    later = now + 11 * MINUTE
    assert take(sessions, "t02", later)["code"] == mine["code"]
    with sessions() as session:
        found = one_answer(session, "t01", quiz, "case", mine["code"], later)
    assert found["holder"] == "教员02"
    with pytest.raises(Conflict) as refused:
        save(sessions, "t01", mine["code"], later, 12, 8)
    assert refused.value.code == "being_marked"
    assert "教员02" in refused.value.sentence


def test_the_last_answers_in_another_hand_are_counted(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    for _ in range(WRITTEN - 1):
        save(sessions, "t01", take(sessions, "t01", now)["code"], now, 0, 0)
    take(sessions, "t02", now)
    with sessions() as session:
        found = next_answer(session, "t01", quiz, "case", now)
    assert (found["answer"], found["waiting"], found["held"]) == (None, 1, 1)


def test_looking_again_keeps_an_answer_longer(sessions: Sessions, quiz: str, now: datetime) -> None:
    mine = take(sessions, "t01", now)
    with sessions() as session:
        again = one_answer(session, "t01", quiz, "case", mine["code"], now + 9 * MINUTE)
    assert (again["holder"], again["answer"]["code"]) == (None, mine["code"])
    assert take(sessions, "t02", now + 15 * MINUTE)["code"] != mine["code"]


# ---- marks --------------------------------------------------------------------------------------


def test_a_mark_is_stored_with_its_job_and_nothing_names_the_learner(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    answer = take(sessions, "t01", now)
    saved = save(sessions, "t01", answer["code"], now, 12, 3.5, comment=" 没有说冻结 ")
    assert (saved["revision"], saved["state"]) == (1, "marked")
    mark = saved["mark"]
    assert (mark["rubric"], mark["points"], mark["comment"]) == ([12, 3.5], 15.5, "没有说冻结")
    assert (mark["by"], mark["at"]) == ("教员01", now.isoformat())
    with sessions() as session:
        stored, job = session.scalars(select(ManualMark)).one(), session.scalars(select(Job)).one()
        assert (job.kind, job.subject, job.state) == ("mark", str(stored.sitting_id), "waiting")
        assert (stored.slot, stored.marker) == ("q02", "t01")
        shown = [
            overview(session, quiz),
            answers(session, "t02", quiz, "case", now),
            next_answer(session, "t02", quiz, "case", now),
            one_answer(session, "t02", quiz, "case", answer["code"], now),
            saved,
        ]
    told = json.dumps(shown, ensure_ascii=False)
    assert not [login for login in LEARNERS if login in told or f"干部{login[1:]}" in told]
    assert "person" not in told
    assert '"sitting' not in told
    assert "参考答案" in told


def test_a_repeat_of_the_same_save_is_the_same_reply(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    answer = take(sessions, "t01", now)
    first = save(sessions, "t01", answer["code"], now, 12, 8, comment="好")
    assert save(sessions, "t01", answer["code"], now + MINUTE, 12, 8, comment="好") == first
    with sessions() as session:
        assert len(session.scalars(select(ManualMark)).all()) == 1


def test_a_mark_can_be_changed_and_the_older_one_stays(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    answer = take(sessions, "t01", now)
    save(sessions, "t01", answer["code"], now, 12, 8)
    changed = save(sessions, "t02", answer["code"], now + MINUTE, 0, 8, revision=1)
    assert (changed["revision"], changed["mark"]["points"]) == (2, 8)
    with sessions() as session:
        marks = session.scalars(select(ManualMark).order_by(ManualMark.revision)).all()
        assert [(one.revision, one.points, one.marker) for one in marks] == [
            (1, 20.0, "t01"),
            (2, 8.0, "t02"),
        ]


def test_a_mark_given_meanwhile_is_not_written_over(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    answer = take(sessions, "t01", now)
    save(sessions, "t02", take(sessions, "t02", now + 11 * MINUTE)["code"], now, 12, 0)
    mine = answer["code"]
    with sessions() as session:
        assert session.scalars(select(ManualMark)).one().marker == "t02"
    with pytest.raises(Conflict) as refused:
        save(sessions, "t01", mine, now + 12 * MINUTE, 0, 8)
    assert refused.value.code == "marked_meanwhile"
    assert refused.value.sentence.startswith("教员02先评了这一份：12 分")
    facts: Any = refused.value.facts["answer"]
    assert (facts["revision"], facts["mark"]["points"]) == (1, 12)


@pytest.mark.parametrize("rubric", [[12], [13, 0], [12, 0.25]])
def test_a_malformed_mark_is_refused(
    sessions: Sessions, quiz: str, now: datetime, rubric: list[float]
) -> None:
    answer = take(sessions, "t01", now)
    with pytest.raises(BadMark):
        save(sessions, "t01", answer["code"], now, *rubric)
    with sessions() as session:
        assert session.scalars(select(ManualMark)).all() == []


def test_an_empty_answer_has_its_nothing_already(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    with sessions() as session:
        listed = answers(session, "t01", quiz, "case", now)["answers"]
    [blank] = [one["code"] for one in listed if one["state"] == "blank"]
    with pytest.raises(Conflict) as refused:
        save(sessions, "t01", blank, now, 12, 8)
    assert refused.value.code == "nothing_written"


def test_a_mark_made_in_formgrader_shows_and_counts(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    first = take(sessions, "t01", now)["code"]
    brought_back(sessions, first, 7.0, now)
    second = take(sessions, "t01", now)["code"]
    assert second != first
    save(sessions, "t01", second, now, 12, 8)
    with sessions() as session:
        listed = answers(session, "t01", quiz, "case", now)["answers"]
    found = {one["code"]: (one["state"], one["elsewhere"]) for one in listed}
    assert found[first] == ("marked", 7.0)
    assert found[second] == ("marked", None)
    # The gradebook is behind while the job waits; it differs once that is done.
    brought_back(sessions, second, 20.0, now)
    with sessions() as session:
        same = one_answer(session, "t01", quiz, "case", second, now)["answer"]
    assert same["elsewhere"] is None
    brought_back(sessions, second, 5.0, now)
    with sessions() as session:
        same = one_answer(session, "t01", quiz, "case", second, now)["answer"]
    assert (same["elsewhere"], same["mark"]["points"]) == (5.0, 20)
    save(sessions, "t01", second, now, 12, 0, revision=1)
    with sessions() as session:
        same = one_answer(session, "t01", quiz, "case", second, now)["answer"]
    assert (same["elsewhere"], same["mark"]["points"]) == (None, 12)


# ---- at the same moment -------------------------------------------------------------------------


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of them returned or was refused with, all begun together."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(n: int) -> None:
        barrier.wait()
        try:
            outcomes[n] = acts[n]()
        except LawlabError as refused:
            outcomes[n] = refused  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_trainers_who_save_at_once_do_not_write_over_each_other(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    wanted = take(sessions, "t01", now)["code"]
    later = now + 11 * MINUTE
    outcomes = at_once(
        lambda: save(sessions, "t01", wanted, later, 12, 0),
        lambda: save(sessions, "t02", wanted, later, 0, 8),
    )
    refused = [one for one in outcomes if isinstance(one, Conflict)]
    [stored] = [one for one in outcomes if isinstance(one, dict)]
    assert [one.code for one in refused] == ["marked_meanwhile"]
    assert refused[0].facts["answer"]["mark"] == stored["mark"]
    with sessions() as session:
        mark = session.scalars(select(ManualMark)).one()
        assert mark.points == stored["mark"]["points"]
        assert len(session.scalars(select(Job)).all()) == 1


def test_the_same_save_twice_at_once_is_stored_once(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    wanted = take(sessions, "t01", now)["code"]
    one, other = at_once(*[lambda: save(sessions, "t01", wanted, now, 12, 8)] * 2)
    assert one == other
    assert one["revision"] == 1


def test_trainers_who_ask_for_the_next_at_once_get_one_each(
    sessions: Sessions, quiz: str, now: datetime
) -> None:
    logins = [f"t{n:02}" for n in range(1, WRITTEN + 1)]
    found = at_once(*[lambda login=login: take(sessions, login, now) for login in logins])
    assert len({one["code"] for one in found}) == WRITTEN
