"""How commands open an installation: settings, sessions, and one way to end with a sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from sqlalchemy.orm import Session, sessionmaker
from typer import Exit

from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError
from lawlab.store.engine import make_engine, make_sessions
from lawlab.supervise.preflight import check_database


@contextmanager
def installation() -> Iterator[tuple[Settings, sessionmaker[Session]]]:
    """Settings and sessions of the installation that the environment names.

    What a person can mend ends the command with 2 and its sentence; so does a missing database.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        settings = load_settings()
        check_database(settings)
        engine = make_engine(settings.database)
        try:
            yield settings, make_sessions(engine)
        finally:
            engine.dispose()
    except LawlabError as error:
        fail(error)


@contextmanager
def database() -> Iterator[tuple[Settings, Session]]:
    """The same, with one session."""
    with installation() as (settings, sessions), sessions() as session:
        yield settings, session


def fail(error: LawlabError) -> None:
    """Say the sentence on stderr and end with 2."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(error.sentence, style="red", markup=False)
    raise Exit(2)
