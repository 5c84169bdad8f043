"""on which days points were earned before the day of their newest change

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "score_days",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_score_days_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "source", "day", name=op.f("pk_score_days")),
    )


def downgrade() -> None:
    op.drop_table("score_days")
