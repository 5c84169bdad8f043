"""leaderboards: rules, lines of people, sums of units and cohorts

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board_groups",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("learn", sa.Double(), nullable=False),
        sa.Column("drill", sa.Double(), nullable=False),
        sa.Column("compete", sa.Double(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("span", "kind", "key", name=op.f("pk_board_groups")),
    )
    op.create_table(
        "board_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("learn", sa.Double(), nullable=False),
        sa.Column("drill", sa.Double(), nullable=False),
        sa.Column("compete", sa.Double(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_rules")),
    )
    op.create_table(
        "board_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_board_changes_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_changes")),
    )
    op.create_table(
        "board_rows",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("cohort", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("learn", sa.Double(), nullable=False),
        sa.Column("drill", sa.Double(), nullable=False),
        sa.Column("compete", sa.Double(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_board_rows_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_board_rows_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("span", "cohort", "person_id", name=op.f("pk_board_rows")),
    )
    with op.batch_alter_table("board_rows", schema=None) as batch_op:
        batch_op.create_index(
            "ix_board_rows_compete", ["span", "cohort", "compete", "person_id"], unique=False
        )
        batch_op.create_index(
            "ix_board_rows_drill", ["span", "cohort", "drill", "person_id"], unique=False
        )
        batch_op.create_index(
            "ix_board_rows_learn", ["span", "cohort", "learn", "person_id"], unique=False
        )
        batch_op.create_index("ix_board_rows_person", ["person_id"], unique=False)
        batch_op.create_index(
            "ix_board_rows_total", ["span", "cohort", "total", "person_id"], unique=False
        )


def downgrade() -> None:
    for table in ("board_groups", "board_rows", "board_changes", "board_rules"):
        op.drop_table(table)
