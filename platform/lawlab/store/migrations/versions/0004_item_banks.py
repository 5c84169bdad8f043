"""banks of questions

Revision ID: 0004
Revises: 0003
"""

from collections import Counter, defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    banks = op.create_table(
        "item_banks",
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("law", sa.String(length=80), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("awaits", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_item_banks")),
    )
    # What the banks published so far are about shows in their items.
    items = sa.table("item_versions", sa.column("bank"), sa.column("body", sa.JSON()))
    laws: dict[str, Counter[str]] = defaultdict(Counter)
    prefixes: dict[str, Counter[str]] = defaultdict(Counter)
    for bank, body in op.get_bind().execute(sa.select(items.c.bank, items.c.body)):
        laws[bank].update(ref.partition("#")[0] for ref in body["articles"][:1])
        prefixes[bank][body["id"].rpartition("-")[0]] += 1
    rows = [
        {
            "slug": bank,
            "law": max(laws[bank] or [""], key=lambda law: laws[bank][law]),
            "prefix": prefixes[bank].most_common(1)[0][0][:20],
            "awaits": [],
        }
        for bank in sorted(prefixes)
    ]
    if rows:
        op.bulk_insert(banks, rows)


def downgrade() -> None:
    op.drop_table("item_banks")
