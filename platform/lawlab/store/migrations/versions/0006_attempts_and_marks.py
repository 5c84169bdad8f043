"""attempts with papers of their own, trainers' marks, corrected keys

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("quizzes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("corrections", sa.JSON(), server_default="{}", nullable=False)
        )
        batch_op.add_column(sa.Column("expected", sa.JSON(), nullable=True))
    with op.batch_alter_table("sittings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempt", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("paper", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("counts", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
        batch_op.add_column(sa.Column("auto_points", sa.Double(), nullable=True))
        batch_op.add_column(
            sa.Column("left_page", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.drop_constraint("uq_sittings_assignment", type_="unique")
        batch_op.create_unique_constraint(
            "uq_sittings_assignment", ["assignment", "person_id", "attempt"]
        )
    with op.batch_alter_table("grades", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("late_penalty", sa.Double(), server_default="0", nullable=False)
        )
    op.create_table(
        "manual_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rubric", sa.JSON(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("marker", sa.String(length=40), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["sittings.id"], name=op.f("fk_manual_marks_sitting_id_sittings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_marks")),
        sa.UniqueConstraint(
            "sitting_id", "slot", "revision", name=op.f("uq_manual_marks_sitting_id")
        ),
    )
    op.create_table(
        "marking_leases",
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sitting_id"], ["sittings.id"], name=op.f("fk_marking_leases_sitting_id_sittings")
        ),
        sa.PrimaryKeyConstraint("sitting_id", "slot", name=op.f("pk_marking_leases")),
    )
    op.create_table(
        "regrades",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.String(length=60), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("correction", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment"], ["quizzes.assignment"], name=op.f("fk_regrades_assignment_quizzes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
    )
    with op.batch_alter_table("regrades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_regrades_assignment"), ["assignment"], unique=False)


def downgrade() -> None:
    op.drop_table("regrades")
    op.drop_table("marking_leases")
    op.drop_table("manual_marks")
    with op.batch_alter_table("grades", schema=None) as batch_op:
        batch_op.drop_column("late_penalty")
    with op.batch_alter_table("sittings", schema=None) as batch_op:
        batch_op.drop_constraint("uq_sittings_assignment", type_="unique")
        batch_op.create_unique_constraint("uq_sittings_assignment", ["assignment", "person_id"])
        for column in ("left_page", "auto_points", "counts", "paper", "attempt"):
            batch_op.drop_column(column)
    with op.batch_alter_table("quizzes", schema=None) as batch_op:
        batch_op.drop_column("expected")
        batch_op.drop_column("corrections")
