"""Banks published before there was a table of them get their row from their items."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import ItemBank


@pytest.fixture(params=["sqlite", "postgresql"])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as it was before the revision, for once on each engine."""
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    if request.param == "postgresql":
        server: str = request.getfixturevalue("postgres_url")
        socket = server.partition("host=")[2]
        with psycopg.connect(f"host={socket} user=lawlab dbname=postgres", autocommit=True) as db:
            db.execute("drop database if exists before_banks")
            db.execute("create database before_banks")
        url = server.replace("/postgres?", "/before_banks?")
    migrate(url, "0003")
    return url


def test_old_banks_get_law_and_prefix_from_their_items(old_database: str) -> None:
    engine = make_engine(old_database)
    items = [
        ("bridges", "brg-001", ["某镇爱护桥梁条例#3", "刑法#1"]),
        ("bridges", "brg-002", ["某镇爱护桥梁条例#4"]),
        ("bridges", "brg-003", ["刑法#2"]),
        ("docks", "dck-x-001", ["某镇码头管理办法#1"]),
    ]
    with engine.begin() as connection:
        for bank, item, articles in items:
            connection.execute(
                text(
                    "insert into item_versions (item, version, bank, type, body, sha256,"
                    " article_prints, published_at) values"
                    " (:item, 1, :bank, 'judge', :body, '', '{}', :now)"
                ),
                {
                    "item": item,
                    "bank": bank,
                    "body": json.dumps({"id": item, "articles": articles}),
                    "now": dt.datetime.now(dt.UTC),
                },
            )
    migrate(old_database)
    with make_sessions(engine)() as session:
        rows = session.query(ItemBank).order_by(ItemBank.slug).all()
    engine.dispose()
    assert [(row.slug, row.law, row.prefix, row.awaits) for row in rows] == [
        ("bridges", "某镇爱护桥梁条例", "brg", []),
        ("docks", "某镇码头管理办法", "dck-x", []),
    ]
