"""daily practice: what people remember, how they play, what they report

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "derived_states",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_derived_states")),
    )
    op.create_table(
        "drill_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest", sa.Date(), nullable=True),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_plans")),
    )
    op.create_table(
        "chain_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_version_id"],
            ["item_versions.id"],
            name=op.f("fk_chain_runs_item_version_id_item_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_chain_runs_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_runs")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_chain_runs_person_id")),
    )
    with op.batch_alter_table("chain_runs", schema=None) as batch_op:
        batch_op.create_index("ix_chain_runs_person_week", ["person_id", "week"], unique=False)
        batch_op.create_index(batch_op.f("ix_chain_runs_week"), ["week"], unique=False)
    op.create_table(
        "drill_days",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_drill_days_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_drill_days")),
    )
    op.create_table(
        "drill_items",
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("chapter", sa.String(length=120), nullable=False),
        sa.Column("article", sa.String(length=120), nullable=False),
        sa.Column("articles", sa.JSON(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_version_id"],
            ["item_versions.id"],
            name=op.f("fk_drill_items_item_version_id_item_versions"),
        ),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_drill_items")),
        sa.UniqueConstraint("course", "position", name=op.f("uq_drill_items_course")),
    )
    with op.batch_alter_table("drill_items", schema=None) as batch_op:
        batch_op.create_index("ix_drill_items_article", ["article"], unique=False)
    op.create_table(
        "duels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("challenger_id", sa.Integer(), nullable=False),
        sa.Column("opponent_id", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("winner_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("challenger_id <> opponent_id", name=op.f("ck_duels_two")),
        sa.ForeignKeyConstraint(
            ["challenger_id"], ["people.id"], name=op.f("fk_duels_challenger_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["opponent_id"], ["people.id"], name=op.f("fk_duels_opponent_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["winner_id"], ["people.id"], name=op.f("fk_duels_winner_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duels")),
        sa.UniqueConstraint("challenger_id", "key", name=op.f("uq_duels_challenger_id")),
    )
    with op.batch_alter_table("duels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duels_opponent_id"), ["opponent_id"], unique=False)
    op.create_table(
        "favourites",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_favourites_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "item", name=op.f("pk_favourites")),
    )
    op.create_table(
        "item_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("item_version_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome in ('fine', 'corrected', 'withdrawn')", name=op.f("ck_item_reports_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["item_version_id"],
            ["item_versions.id"],
            name=op.f("fk_item_reports_item_version_id_item_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_item_reports_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_reports")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_item_reports_person_id")),
    )
    with op.batch_alter_table("item_reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_item_reports_item_version_id"), ["item_version_id"], unique=False
        )
    op.create_table(
        "memories",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("wrongs", sa.Integer(), nullable=False),
        sa.Column("last_wrong_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rights_since", sa.Integer(), nullable=False),
        sa.Column("in_book", sa.Boolean(), nullable=False),
        sa.Column("last_right", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_memories_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "item", name=op.f("pk_memories")),
    )
    with op.batch_alter_table("memories", schema=None) as batch_op:
        batch_op.create_index("ix_memories_book", ["person_id", "in_book"], unique=False)
        batch_op.create_index("ix_memories_due", ["person_id", "due"], unique=False)
        batch_op.create_index("ix_memories_first", ["person_id", "first"], unique=False)
        batch_op.create_index("ix_memories_last", ["person_id", "last"], unique=False)
        batch_op.create_index("ix_memories_item", ["item"], unique=False)
    op.create_table(
        "duel_seats",
        sa.Column("duel_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("dealt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["duel_id"], ["duels.id"], name=op.f("fk_duel_seats_duel_id_duels")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_duel_seats_person_id_people")
        ),
        sa.PrimaryKeyConstraint("duel_id", "person_id", name=op.f("pk_duel_seats")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_answers_person_received", ["person_id", "received_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_index("ix_answers_person_received")
    op.drop_table("duel_seats")
    with op.batch_alter_table("memories", schema=None) as batch_op:
        batch_op.drop_index("ix_memories_item")
        batch_op.drop_index("ix_memories_last")
        batch_op.drop_index("ix_memories_first")
        batch_op.drop_index("ix_memories_due")
        batch_op.drop_index("ix_memories_book")
    op.drop_table("memories")
    with op.batch_alter_table("item_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_item_reports_item_version_id"))
    op.drop_table("item_reports")
    op.drop_table("favourites")
    with op.batch_alter_table("duels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_duels_opponent_id"))
    op.drop_table("duels")
    with op.batch_alter_table("drill_items", schema=None) as batch_op:
        batch_op.drop_index("ix_drill_items_article")
    op.drop_table("drill_items")
    op.drop_table("drill_days")
    with op.batch_alter_table("chain_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chain_runs_week"))
        batch_op.drop_index("ix_chain_runs_person_week")
    op.drop_table("chain_runs")
    op.drop_table("drill_plans")
    op.drop_table("derived_states")
