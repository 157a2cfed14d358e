"""The assessment ledger: closed editions with the cases behind each number, exemptions, and what was filed by hand: only ever added to. And
the marks of open periods, kept for a while beside their counts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.tables import Id, Instant, metadata

assessment_edition = Table(  # a closed report; a corrected one is another row that names the old one
    "assessment_edition",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),  # "2026-06/1"
    Column("kind", String(10), nullable=False),  # month, quarter, year
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("replaces_id", ForeignKey("assessment_edition.id")),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),
    Column("by_unit_id", Integer),
    Column("note", Text, nullable=False, server_default=""),
    Column(
        "body", Text, nullable=False
    ),  # the report, canonical JSON: numbers, and the definitions with their versions
    Column("hash", String(80), nullable=False),  # over the body, which names the hash over the marks
    Column("cases", Integer, nullable=False),  # rows of `assessment_mark`
    UniqueConstraint("kind", "since", "edition"),
)

assessment_mark = (
    Table(  # which numbers of an edition a case is in: a bit for each count, in the order that the body names
        "assessment_mark",
        metadata,
        Column("edition_id", ForeignKey("assessment_edition.id"), nullable=False),
        Column("instance_id", Id, nullable=False),
        Column("unit_id", Integer),
        Column("area", String(64)),
        Column("class", String(64)),
        Column("source", String(64)),
        Column("full", BigInteger, nullable=False),  # with those that stand (挂账)
        Column("base", BigInteger, nullable=False),  # without these
        Column("adjusted", BigInteger, nullable=False),  # and without what was exempted
        PrimaryKeyConstraint("edition_id", "instance_id"),
    )
)

assessment_unit_mark = Table(  # what of a case is a unit's own: in the same bits, of counts that are by unit
    "assessment_unit_mark",
    metadata,
    Column("edition_id", ForeignKey("assessment_edition.id"), nullable=False),
    Column("instance_id", Id, nullable=False),
    Column("unit_id", Integer, nullable=False),  # 0: nobody's
    Column("full", BigInteger, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("adjusted", BigInteger, nullable=False),
    PrimaryKeyConstraint("edition_id", "instance_id", "unit_id"),
)

assessment_count_mark = Table(  # as `assessment_mark`, of an open period as a worker counted it
    "assessment_count_mark",
    metadata,
    Column("count_id", ForeignKey("kept_count.id"), nullable=False),
    Column("instance_id", Id, nullable=False),
    Column("unit_id", Integer),
    Column("area", String(64)),
    Column("class", String(64)),
    Column("source", String(64)),
    Column("full", BigInteger, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("adjusted", BigInteger, nullable=False),
    PrimaryKeyConstraint("count_id", "instance_id"),
)

assessment_count_unit_mark = Table(  # as `assessment_unit_mark`, of an open period as a worker counted it
    "assessment_count_unit_mark",
    metadata,
    Column("count_id", ForeignKey("kept_count.id"), nullable=False),
    Column("instance_id", Id, nullable=False),
    Column("unit_id", Integer, nullable=False),
    Column("full", BigInteger, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("adjusted", BigInteger, nullable=False),
    PrimaryKeyConstraint("count_id", "instance_id", "unit_id"),
)

assessment_document = Table(  # papers that exemptions and filed figures rest on, under the hash of their content
    "assessment_document",
    metadata,
    Column("hash", String(80), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

exemption = Table(  # somebody asks that an overrun of a case be left out of the adjusted figures (申诉、剔除)
    "exemption",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", Id, nullable=False),
    Column("family", String(20), nullable=False),  # which clock's figures: file, dispatch, handle, case …
    Column("reason", Text, nullable=False),
    Column("document_hash", ForeignKey("assessment_document.hash"), nullable=False),
    Column("document_name", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer, nullable=False),
    Column("by_unit_id", Integer),
    UniqueConstraint("instance_id", "family"),  # once a case
)

exemption_decision = Table(  # what another human being decided; none yet: it waits
    "exemption_decision",
    metadata,
    Column("exemption_id", ForeignKey("exemption.id"), primary_key=True, autoincrement=False),
    Column("agreed", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer, nullable=False),
    Column("by_unit_id", Integer),
)

plan_filing = (
    Table(  # a figure of the plan that the trail does not give, filed by a named person; the newest of a period counts
        "plan_filing",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("no", Integer, nullable=False),  # of the plan's indicator
        Column("since", Instant, nullable=False),
        Column("until", Instant, nullable=False),
        Column("value", String(40), nullable=False),  # a decimal
        Column("note", Text, nullable=False),
        Column("document_hash", ForeignKey("assessment_document.hash"), nullable=False),
        Column("document_name", String(200), nullable=False),
        Column("at", Instant, nullable=False),
        Column("by_id", Integer, nullable=False),
        Column("by_unit_id", Integer),
        Index("ix_plan_filing_period", "since", "until", "no"),
    )
)
