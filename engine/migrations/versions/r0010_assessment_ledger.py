"""The assessment ledger: closed editions and the cases behind them, exemptions, filed figures; clocks found by the period of a report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.types import Id, Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Forwards only: a backup is the way back."""
    op.create_table(
        "assessment_document",
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_assessment_document")),
    )
    op.create_table(
        "assessment_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_unit_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=80), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["assessment_edition.id"], name=op.f("fk_assessment_edition_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_edition")),
        sa.UniqueConstraint("kind", "since", "edition", name=op.f("uq_assessment_edition_kind_since_edition")),
        sa.UniqueConstraint("number", name=op.f("uq_assessment_edition_number")),
    )
    op.create_table(
        "assessment_mark",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=64), nullable=True),
        sa.Column("class", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("full", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("adjusted", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["assessment_edition.id"], name=op.f("fk_assessment_mark_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "instance_id", name=op.f("pk_assessment_mark")),
    )
    op.create_table(
        "exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", Id, nullable=False),
        sa.Column("family", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.String(length=80), nullable=False),
        sa.Column("document_name", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_hash"], ["assessment_document.hash"], name=op.f("fk_exemption_document_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemption")),
        sa.UniqueConstraint("instance_id", "family", name=op.f("uq_exemption_instance_id_family")),
    )
    op.create_table(
        "plan_filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.String(length=80), nullable=False),
        sa.Column("document_name", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_hash"], ["assessment_document.hash"], name=op.f("fk_plan_filing_document_hash")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_filing")),
    )
    with op.batch_alter_table("plan_filing", schema=None) as batch_op:
        batch_op.create_index("ix_plan_filing_period", ["since", "until", "no"], unique=False)

    op.create_table(
        "exemption_decision",
        sa.Column("exemption_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["exemption_id"], ["exemption.id"], name=op.f("fk_exemption_decision_exemption_id")),
        sa.PrimaryKeyConstraint("exemption_id", name=op.f("pk_exemption_decision")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.create_index("ix_clock_stopped", ["world_id", "stopped_at"], unique=False)
        batch_op.create_index("ix_clock_term", ["world_id", "due_at"], unique=False)
