"""What PostgreSQL tells its clients by itself: connections of their own for locks and messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import make_url

PATIENCE_S = 3
"""For a server that is not there; one that is answers in milliseconds."""


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection to the database of `url` that commits each statement. Raises psycopg.Error."""
    address = make_url(url)
    _, facts = address.get_dialect()().create_connect_args(address)
    facts.setdefault("connect_timeout", PATIENCE_S)
    connection = await psycopg.AsyncConnection.connect(**facts, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()
