"""a plan sent twice is planned once

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("plan_key", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(
            "uq_activities_created_by", ["created_by", "plan_key", "starts_at"]
        )


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_constraint("uq_activities_created_by", type_="unique")
        batch_op.drop_column("plan_key")
