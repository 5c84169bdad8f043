"""Answers over HTTP: stored once, the first reply again, nothing told before its time."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from lawlab.config import REPOSITORY
from lawlab.domain.question import QuestionType
from lawlab.services.content import publish_bank
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_papers import open_quiz
from lawlab.services.scoring import recompute_lesson_scores
from lawlab.store.statutes import open_statutes
from lawlab.store.tables import Answer, Mark, Quiz, Score, Sitting

if TYPE_CHECKING:
    from conftest import Office

LESSON = "anti-telecom-fraud/01_what-it-is"
QUIZ = "atf-quiz-1"
CONTENT_DAY = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)


def test_a_lesson_shows_cards_without_keys_until_they_are_answered(office: Office) -> None:
    browser = office.browser("s001")
    before = browser.get(f"/lessons/{LESSON}")
    assert before.status_code == 200
    assert before.json()["total"] == 4
    for secret in ("explanation", "why_wrong", "evidence", "rubric"):
        assert secret not in before.text
    assert all("answer" not in card for card in before.json()["cards"])

    card = before.json()["cards"][0]
    reply = browser.answer(card["id"], "A" if card["options"] else "对")
    assert reply.status_code == 201
    assert reply.json()["revealed"]["explanation"]
    assert reply.json()["progress"] == {"answered": 1, "total": 4, "complete": False}
    after = browser.get(f"/lessons/{LESSON}").json()["cards"]
    assert after[0]["answered"] == {
        key: value for key, value in reply.json().items() if key != "progress"
    }
    assert [other["answered"] for other in after[1:]] == [None] * 3


def test_a_repeat_gets_the_first_reply_and_stores_nothing(office: Office) -> None:
    browser = office.browser("s001")
    first = browser.answer("atf-001", "A", key="k" * 20)
    office.clock.pass_(minutes=5)
    again = browser.answer("atf-001", "A", key="k" * 20)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    with office.sessions() as session:
        assert session.query(Answer).count() == 1
        assert session.query(Mark).count() == 1


def test_one_key_cannot_carry_two_answers(office: Office) -> None:
    browser = office.browser("s001")
    browser.answer("atf-001", "A", key="k" * 20)
    other = browser.answer("atf-001", "B", key="k" * 20)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


def test_a_queued_answer_of_another_person_is_refused(office: Office) -> None:
    reply = office.browser("s002").answer("atf-001", "A", person="s001")
    assert (reply.status_code, reply.json()["code"]) == (409, "other_person")
    with office.sessions() as session:
        assert session.query(Answer).count() == 0


def test_the_same_answer_twenty_times_at_once_is_stored_once(office: Office) -> None:
    browser = office.browser("s001")
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: browser.answer("atf-001", "A", key="k" * 20), range(20)))
    assert sorted(reply.status_code for reply in replies) == [200] * 19 + [201]
    assert len({reply.text for reply in replies}) == 1
    with office.sessions() as session:
        assert session.query(Answer).count() == 1


def test_points_stay_in_step_with_answers_given_at_once(office: Office) -> None:
    cards = [
        card["id"] for card in office.browser("s001").get(f"/lessons/{LESSON}").json()["cards"]
    ]
    browsers = [office.browser(login) for login in ("s001", "s002", "v001")]
    jobs = [(browser, card) for browser in browsers for card in cards]

    def answer(job: tuple[object, str]) -> int:
        browser, card = job
        judge = card in {"atf-022", "atf-023", "atf-024", "atf-025", "atf-026", "atf-027"}
        return browser.answer(card, "对" if judge else "A").status_code  # type: ignore[attr-defined,no-any-return]

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(answer, jobs)) == {201}
    with office.sessions() as session:
        stored = {(score.person_id, score.source): score.points for score in session.query(Score)}
        assert stored == recompute_lesson_scores(session)
        assert len(stored) == 3
        assert all(score.completed and score.answered == 4 for score in session.query(Score))


def test_the_first_answer_counts_and_a_better_second_one_changes_no_points(
    office: Office,
) -> None:
    browser = office.browser("s001")
    right = browser.answer("atf-001", "A").json()["revealed"]["answer"]
    wrong = next(letter for letter in "ABCD" if letter not in right)
    other = office.browser("s002")
    first = other.answer("atf-001", wrong)
    second = other.answer("atf-001", right)
    assert (first.json()["right"], second.json()["right"]) == (False, True)
    with office.sessions() as session:
        points = {score.person_id: score.points for score in session.query(Score)}
    assert points[2] == 1.0


def test_bad_responses_say_what_is_allowed_and_store_nothing(office: Office) -> None:
    browser = office.browser("s001")
    for response in ({"chosen": ["Z"]}, {"chosen": ["A", "B"]}, {"chosen": []}, {"text": "A"}, {}):
        reply = browser.answer("atf-001", "A", response=response)
        assert reply.status_code in {400, 422}, response
        assert reply.json()["code"] in {"bad_response", "malformed"}
    unknown = [
        browser.answer("atf-999", "A"),
        browser.answer("atf-001", "A", version=7),
        browser.answer("atf-001", "A", place="lesson:anti-telecom-fraud/99_none"),
        browser.answer("atf-001", "A", place="party:x"),
        browser.answer("atf-030", "A", response={"text": "x"}),
    ]
    assert [reply.status_code for reply in unknown] == [404] * 5
    with office.sessions() as session:
        assert session.query(Answer).count() == 0


def test_a_write_from_a_foreign_page_is_refused(office: Office) -> None:
    browser = office.browser("s001")
    evil = browser.answer("atf-001", "A")
    assert evil.status_code == 201
    for headers in (
        {"Origin": "http://evil.example", "X-Lawlab": "1"},
        {"Origin": "null", "X-Lawlab": "1"},
        {"X-Lawlab": ""},
    ):
        headers = {name: value for name, value in headers.items() if value}
        reply = browser._ask("POST", "/answers", {}, headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "bad_origin"), headers


def test_signed_out_is_a_401_in_json_and_never_a_redirect(office: Office) -> None:
    browser = office.browser("s001")
    browser.cookies["jupyterhub-session-id"] = "another"
    for reply in (
        browser.get("/me"),
        browser.get("/home"),
        browser.answer("atf-001", "A"),
        browser.get("/quizzes/atf-quiz-1"),
        browser.get("/board"),
    ):
        assert (reply.status_code, reply.json()["code"]) == (401, "signed_out")


def test_a_disabled_person_is_signed_out_at_once(office: Office) -> None:
    from lawlab.services.people import disable_person

    browser = office.browser("s001")
    assert browser.get("/me").status_code == 200
    with office.sessions() as session:
        disable_person(session, "s001", now=office.clock.now)
    assert browser.get("/me").status_code == 401


def test_articles_come_with_their_chapter_and_unknown_ones_say_what_there_is(
    office: Office,
) -> None:
    browser = office.browser("s001")
    found = browser.get("/statutes/反电信网络诈骗法/articles/31").json()
    assert found["number"] == "第三十一条"
    assert found["path"] == ["第五章 综合措施"]
    assert len(found["paragraphs"]) == 2
    assert found["effective"] == dt.date(2022, 12, 1).isoformat()
    unknown = browser.get("/statutes/反电信网络诈骗法/articles/99")
    assert unknown.status_code == 404
    assert "50" in unknown.json()["message"]
    assert browser.get("/statutes/不存在的法/articles/1").status_code == 404


def test_home_and_board_follow_answers(office: Office) -> None:
    browser = office.browser("s001")
    home = browser.get("/home").json()
    assert home["points"] == 0
    assert [due["kind"] for due in home["due"]] == ["quiz", "lesson"]
    etag = browser.get("/board?group=staff").headers["etag"]
    assert browser.get("/board?group=staff", **{"If-None-Match": etag}).status_code == 304
    browser.answer("atf-001", "A")
    assert browser.get("/home").json()["points"] > 0
    board = browser.get("/board?group=staff", **{"If-None-Match": etag})
    assert board.status_code == 200
    assert board.json()["rows"][0]["login"] == "s001"
    units = browser.get("/board?group=unit").json()["rows"]
    assert units[0]["unit"] == "党政综合办公室"
    assert (units[0]["members"], units[0]["participants"], units[0]["participation"]) == (2, 1, 0.5)
    assert browser.get("/board?group=nobody").status_code == 404


def test_a_lesson_keeps_the_keys_of_a_quiz_that_its_person_is_sitting(office: Office) -> None:
    browser, other = office.browser("s001"), office.browser("s002")
    with office.sessions() as session:
        asked = {slot["item"] for slot in session.get_one(Quiz, QUIZ).paper}
    cards = browser.get(f"/lessons/{LESSON}").json()["cards"]
    shared = [card["id"] for card in cards if card["id"] in asked and card["type"] == "single"]
    assert shared, "the demo's paper and first lesson share no question any more"
    first = {"item": shared[0], "chosen": "A", "key": "before-000000000000"}
    assert browser.answer(**first).status_code == 201

    browser.post(f"/quizzes/{QUIZ}/start", {"person": "s001"})
    lesson = browser.get(f"/lessons/{LESSON}").json()
    assert (lesson["answered"], lesson["total"]) == (1, len(cards))
    assert all(card["answered"] is None for card in lesson["cards"])
    for item in shared:
        refused = browser.answer(item, "A")
        assert (refused.status_code, refused.json()["code"]) == (409, "in_quiz")
    assert browser.answer(**first).json()["code"] == "in_quiz"
    assert other.answer(shared[0], "A").status_code == 201

    browser.post(f"/quizzes/{QUIZ}/hand-in", {"person": "s001"})
    assert browser.answer(**first).status_code == 200
    shown = {c["id"]: c["answered"] for c in browser.get(f"/lessons/{LESSON}").json()["cards"]}
    assert shown[shared[0]]["revealed"]


EVERY_TYPE = """
title = "各种题"
bank = "anti-telecom-fraud"
minutes = 30
pass_mark = 60
seed = 1
"""
POINTS = {
    "single": 10,
    "multiple": 10,
    "judge": 10,
    "fill": 18,
    "order": 20,
    "short": 12,
    "case": 20,
}
GIVEN: dict[str, dict[str, object]] = {
    "single": {"chosen": ["A"]},
    "multiple": {"chosen": ["B", "A"]},
    "judge": {"chosen": ["错"]},
    "fill": {"filled": ["６个月", ""]},
    "order": {"chosen": ["D", "A", "C", "B"]},
    "short": {"text": "即时查询"},
    "case": {"text": "先报警"},
}


def test_every_type_of_question_can_be_answered_and_comes_back_as_given(
    office: Office, tmp_path: Path
) -> None:
    sections = [
        f'[[section]]\ntype = "{name}"\ncount = 1\npoints = {POINTS[name]}\n'
        for name in QuestionType
    ]
    file = tmp_path / "every.toml"
    file.write_text(EVERY_TYPE + "".join(sections), "utf-8")
    with office.sessions() as session:
        bank = REPOSITORY / "assessments" / "banks" / "anti-telecom-fraud.yaml"
        publish_bank(session, bank, open_statutes(), CONTENT_DAY)
        build_quiz(session, file, office.clock.now)
        open_quiz(session, "every", office.clock.now)
    browser = office.browser("s001")
    slots = browser.post("/quizzes/every/start", {"person": "s001"}).json()["slots"]
    assert {slot["question"]["type"] for slot in slots} == set(GIVEN)
    for slot in slots:
        question = slot["question"]
        body = {"place": "quiz:every", "version": question["version"]}
        reply = browser.answer(question["id"], "A", response=GIVEN[question["type"]], **body)
        assert reply.status_code == 201, reply.text
    kept = browser.get("/quizzes/every").json()["slots"]
    assert {slot["question"]["type"]: slot["response"] for slot in kept} == GIVEN
    browser.post("/quizzes/every/hand-in", {"person": "s001"})
    with office.sessions() as session:
        [frozen] = session.scalars(select(Sitting.responses))
    assert frozen == {slot["slot"]: slot["response"] for slot in kept}
