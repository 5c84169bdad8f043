"""The laws that a command knows: those of the package, and where an installation stands beside it
those that the town imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import load_settings
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import Statutes, open_statutes, statutes_with
from lawlab.supervise.preflight import check_database


@contextmanager
def local_statutes() -> Iterator[tuple[Statutes, sessionmaker[Session] | None]]:
    """Statutes, and the sessions of the installation; None when there is no installation.

    Raises LawlabError `bad_setting`, and `no_database` when a database was named and is away.
    """
    settings = load_settings()
    there = settings.database_url or (settings.data / "lawlab.sqlite").exists()
    # A database that `lawlab serve` has yet to bring up to date may have no table for imports.
    if not there or not check_database(settings):
        yield open_statutes(), None
        return
    engine = make_engine(settings.database)
    try:
        sessions = make_sessions(engine)
        yield statutes_with(sessions), sessions
    finally:
        engine.dispose()
