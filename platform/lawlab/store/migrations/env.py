"""Alembic's entry: runs the revisions on the address that `store.engine.migrate` passes."""

from typing import Any, Literal

from alembic import context

from lawlab.store.engine import make_engine
from lawlab.store.tables import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write plain SQLAlchemy types, so that old revisions do not depend on today's tables."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


engine = make_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
