"""Banks published before there was a table of them get their row from their items."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from sqlalchemy import text

from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import ItemBank


def test_old_banks_get_law_and_prefix_from_their_items(
    database_at: Callable[[str], str],
) -> None:
    old_database = database_at("0003")
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
