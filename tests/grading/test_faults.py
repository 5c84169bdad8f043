"""The grader goes on waiting for a database that is away, and stops for a mistake of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from lawlab.config import Settings
from lawlab.grading.worker import Grader
from lawlab.store.engine import make_engine, make_sessions


@pytest.fixture
def grader(tmp_path: Path) -> Iterator[Callable[[str], Grader]]:
    with ExitStack() as engines:

        def make(url: str) -> Grader:
            engine = make_engine(url)
            engines.callback(engine.dispose)
            return Grader(make_sessions(engine), Settings(data=tmp_path))

        yield make


def test_a_server_that_is_away_is_asked_again(
    grader: Callable[[str], Grader], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    waiting = grader(f"postgresql+psycopg://lawlab@/postgres?host={tmp_path}")
    assert waiting.step() is False
    assert caplog.messages == ["数据库暂时不可用，稍后再试：database_away"]


def test_a_database_without_tables_is_no_reason_to_wait(
    grader: Callable[[str], Grader], postgres_url: str
) -> None:
    with pytest.raises(ProgrammingError):
        grader(postgres_url).step()
