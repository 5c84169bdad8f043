"""`lawlab contest recompute` and `lawlab board recompute`: what derives is made anew, and said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from lawlab.cli import app
from lawlab.config import Settings
from lawlab.domain.contest_script import Format, Script
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import BoardRow, CohortMembership, Contest, ContestResult, Person, Score

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A person with points, and a finished contest in which nobody took part."""
    made = Settings(data=tmp_path)
    monkeypatch.setenv("LAWLAB_DATA", str(tmp_path))
    migrate(made.database)
    engine = make_engine(made.database)
    with make_sessions(engine)() as session:
        person = Person(login="s001", full_name="干部001", created_at=NOW)
        person.cohorts = [CohortMembership(cohort="staff", since=NOW.date())]
        contest = Contest(key="k" * 16, title="比武", state="finished", made_by="t01", made_at=NOW)
        contest.script = Script(Format.PERSON, ()).to_json()
        session.add_all([person, contest])
        session.flush()
        score = Score(person_id=person.id, source="lesson:a/b", phase="learn", points=5.0)
        score.changed_at = NOW
        wrong = ContestResult(contest_id=contest.id, person_id=person.id, points=9, right=1)
        wrong.answered, wrong.milliseconds, wrong.rank = 1, 1, 1
        session.add_all([score, wrong])
        session.commit()
    engine.dispose()
    return made


def test_results_that_follow_from_nothing_are_gone(settings: Settings) -> None:
    assert "1 处和原来不同" in CliRunner().invoke(app, ["contest", "recompute"]).output
    assert "和原来一样" in CliRunner().invoke(app, ["contest", "recompute"]).output


def test_boards_are_made_from_points(settings: Settings) -> None:
    assert "已改正" in CliRunner().invoke(app, ["board", "recompute"]).output
    assert "和原来一样" in CliRunner().invoke(app, ["board", "recompute"]).output
    engine = make_engine(settings.database)
    with make_sessions(engine)() as session:
        rows = session.scalars(select(BoardRow).where(BoardRow.span == "all")).all()
        assert [(row.cohort, row.total) for row in rows] == [("staff", 5.0)]
    engine.dispose()
