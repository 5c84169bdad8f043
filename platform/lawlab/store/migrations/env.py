"""Alembic's entry: runs the revisions on the address that `store.engine.migrate` passes."""

from typing import Any, Literal

from alembic import context

from lawlab.store.engine import make_engine
from lawlab.store.search import is_index_table
from lawlab.store.tables import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write plain SQLAlchemy types, so that old revisions do not depend on today's tables."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the full-text index alone: it is made by hand, for each database in its own way."""
    return not (kind == "table" and is_index_table(name or ""))


engine = make_engine(context.config.attributes["url"])
with engine.connect() as connection:
    if engine.dialect.name == "postgresql":
        # Changing a large table may take as long as it likes: nobody is being served.
        connection.exec_driver_sql("set statement_timeout = 0")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_name=include_name,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
