"""drafts of questions know blanks

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DRAFTS = sa.table("item_drafts", sa.column("item"), sa.column("body", sa.JSON()))


def upgrade() -> None:
    connection = op.get_bind()
    for item, body in connection.execute(sa.select(DRAFTS.c.item, DRAFTS.c.body)).all():
        connection.execute(
            sa.update(DRAFTS).where(DRAFTS.c.item == item).values(body={"blanks": [], **body})
        )


def downgrade() -> None:
    connection = op.get_bind()
    for item, body in connection.execute(sa.select(DRAFTS.c.item, DRAFTS.c.body)).all():
        older = {name: value for name, value in body.items() if name != "blanks"}
        connection.execute(sa.update(DRAFTS).where(DRAFTS.c.item == item).values(body=older))
