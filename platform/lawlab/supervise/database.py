"""Which revision of the tables a database has, and which this version of lawlab wants."""

from __future__ import annotations

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from lawlab.store.engine import MIGRATIONS, make_engine


def revisions(url: str) -> tuple[str | None, str | None]:
    """The revision that the database has (None: no tables of ours yet) and the newest there is.

    Raises sqlalchemy.exc.SQLAlchemyError when the database cannot be reached.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return found, ScriptDirectory.from_config(config).get_current_head()
