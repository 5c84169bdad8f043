"""search

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_documents")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_search_documents_kind")),
    )
    # Grams are ASCII words (domain.search), so both engines only have to split at spaces.
    if op.get_bind().dialect.name == "sqlite":
        op.execute("create virtual table search_index using fts5(grams, tokenize='ascii')")
    else:
        op.execute(
            "create table search_index (rowid integer primary key"
            " references search_documents on delete cascade, grams tsvector not null)"
        )
        op.execute("create index ix_search_index_grams on search_index using gin (grams)")


def downgrade() -> None:
    op.execute("drop table search_index")
    op.drop_table("search_documents")
