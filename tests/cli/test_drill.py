"""`lawlab drill recompute` and `lawlab init`: what is remembered comes from the answers alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from lawlab.cli import app
from lawlab.cli import init as installing
from lawlab.cli.init import prepare
from lawlab.config import Settings
from lawlab.domain.question import Question, QuestionType
from lawlab.store.engine import make_engine, make_sessions, migrate, writing
from lawlab.store.tables import Answer, DerivedState, ItemVersion, Mark, Memory, Person

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
ITEM = "one-1"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation from before there was practice: one wrong answer in a lesson, no memory."""
    made = Settings(data=tmp_path)
    monkeypatch.setenv("LAWLAB_DATA", str(tmp_path))
    migrate(made.database)
    question = Question(
        id=ITEM,
        type=QuestionType.JUDGE,
        stem="木桥上可以走四吨的车。",
        options={},
        answer="错",
        explanation="",
        articles=(),
        evidence="",
        difficulty=1,
    )
    version = ItemVersion(item=ITEM, version=1, bank="one", sha256="", type="judge")
    version.body, version.article_prints, version.published_at = question.to_json(), {}, NOW
    engine = make_engine(made.database)
    with make_sessions(engine)() as session:
        person = Person(login="s001", full_name="干部001", created_at=NOW)
        session.add_all([person, version])
        session.flush()
        answer = Answer(key="key-0000000000000001", person_id=person.id, place="lesson:c/l")
        answer.item_version_id, answer.received_at = version.id, NOW
        answer.response = {"chosen": ["对"]}
        session.add(answer)
        session.flush()
        mark = Mark(answer_id=answer.id, key_version=1, marker="auto", points=0.0, max_points=1.0)
        mark.marked_at = NOW
        session.add(mark)
        session.commit()
    engine.dispose()
    return made


def opened(settings: Settings) -> Iterator[Session]:
    engine = make_engine(settings.database)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()


def recompute() -> str:
    done = CliRunner().invoke(app, ["drill", "recompute"])
    assert done.exit_code == 0, done.output
    return done.output


def test_what_is_not_as_the_answers_say_is_mended_and_told(settings: Settings) -> None:
    assert "1 人的练习重新算过，1 处和原来不同，已改正。" in recompute()
    assert "1 人的练习重新算过，和原来一样。" in recompute()
    for session in opened(settings):
        row = session.get_one(Memory, (1, ITEM))
        assert (row.wrongs, row.in_book, row.last) == (1, True, dt.date(2026, 11, 26))
        writing(session)
        session.execute(delete(Memory))
        session.commit()
    assert "1 处和原来不同" in recompute()


def test_an_installation_from_before_practice_remembers_after_its_upgrade(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Content takes seconds and says nothing here.
    monkeypatch.setattr(installing, "seed", lambda *_: None)
    monkeypatch.setattr(installing, "bring_pool_in_step", lambda *_: None)
    assert prepare(settings, demo=False) is None
    for session in opened(settings):
        assert session.get_one(Memory, (1, ITEM)).in_book
        assert session.get(DerivedState, "memories") is not None
