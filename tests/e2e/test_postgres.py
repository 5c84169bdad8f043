"""The whole platform on PostgreSQL by one setting: sign in, learn, sit a quiz, be graded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import make_url, select

from lawlab.demo import QUIZ
from lawlab.grading.config import gradebook_url
from lawlab.grading.gradebook import read_gradebook
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Answer, Grade
from lawlab.testing import Running, demo_program, running

LESSON = "anti-telecom-fraud/01_what-it-is"
GRADED_WITHIN = 60


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Running]:
    socket = postgres_url.partition("host=")[2]
    with psycopg.connect(f"host={socket} user=lawlab dbname=postgres", autocommit=True) as admin:
        admin.execute("create database served")
    url = postgres_url.replace("/postgres?", "/served?")
    data = tmp_path_factory.mktemp("postgres-platform")
    demo_program(data, database_url=url)
    with running(data, database_url=url) as platform:
        yield platform


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    reply = client.post(f"/services/api{path}", json=body, headers={"X-Lawlab": "1"})
    assert reply.status_code < 300, reply.text
    return reply.json()


def test_a_learner_goes_from_sign_in_to_a_grade(
    platform: Running, enter: Callable[..., httpx.Client]
) -> None:
    client = enter("s001")
    card = client.get(f"/services/api/lessons/{LESSON}").json()["cards"][0]
    answer = {"person": "s001", "item": card["id"], "version": card["version"]}
    chosen = {"chosen": ["A"] if card["options"] else ["对"]}
    lesson = {"key": "k" * 20, "place": f"lesson:{LESSON}", "response": chosen}
    first = post(client, "/answers", answer | lesson)
    assert post(client, "/answers", answer | lesson) == first

    paper = post(client, f"/quizzes/{QUIZ}/start", {"person": "s001"})
    for slot in paper["slots"]:
        question = slot["question"]
        given = {"chosen": ["对"]} if question["type"] == "judge" else {"chosen": ["A", "B"]}
        given = {"chosen": ["A"]} if question["type"] == "single" else given
        given = {"text": "先报警"} if question["type"] == "case" else given
        body = {"person": "s001", "item": question["id"], "version": question["version"]}
        body |= {"key": f"key-{slot['slot']:0>16}", "place": f"quiz:{QUIZ}", "response": given}
        post(client, "/answers", body)
    receipt = post(client, f"/quizzes/{QUIZ}/hand-in", {"person": "s001"})
    assert receipt == post(client, f"/quizzes/{QUIZ}/hand-in", {"person": "s001"})

    engine = make_engine(platform.settings.database)
    assert engine.dialect.name == "postgresql"
    deadline = time.monotonic() + GRADED_WITHIN
    with make_sessions(engine)() as session:
        while (grade := session.scalar(select(Grade))) is None:
            assert time.monotonic() < deadline, platform.log()[-2000:]
            session.rollback()
            time.sleep(0.2)
        assert (grade.max_score, grade.needs_manual) == (100, True)
        assert len(session.scalars(select(Answer)).all()) == 1 + len(paper["slots"])
    engine.dispose()
    # nbgrader's gradebook is a database beside it.
    assert make_url(gradebook_url(platform.settings)).database == "served_law2022"
    assert not (platform.settings.nbgrader_course / "gradebook.db").exists()
    assert [one.login for one in read_gradebook(platform.settings, QUIZ)] == ["s001"]
    assert client.get("/services/api/board?group=staff").json()["rows"][0]["login"] == "s001"
