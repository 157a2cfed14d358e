"""Hot tables: an instance and what belongs to it. Each carries the instance id in its keys."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from engine.tables.columns import HOT, Id, Instant, Json, metadata

instance = Table(
    "instance",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("world_id", ForeignKey("world.id"), nullable=False),
    Column("definition_id", ForeignKey("definition.id"), nullable=False),
    Column("key", String(100), nullable=False),
    Column("number", String(40), nullable=False),
    Column("status", String(12), nullable=False),
    Column("outcome", String(100)),  # id of the end event reached
    Column("revision", Integer, nullable=False),
    Column("state", Text),  # see engine/bpmn/state.py; null when nothing is left to run
    Column("facts", Json, nullable=False),
    Column("title", String(300), nullable=False, server_default=""),
    Column("class", String(64)),
    Column("area", String(64)),
    Column("place", String(300)),
    Column("lat", Float),
    Column("lon", Float),
    Column("source", String(64)),
    Column("grade", String(32)),
    Column("unit_id", Integer),
    Column("starter_id", Integer),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("history_count", Integer, nullable=False),
    Column("history_hash", String(80)),  # of the newest history row: the end of the instance's chain
    # only those who work it see it: no power, no unit above, no list of all shows it
    Column("confidential", Boolean, nullable=False, server_default=text("false")),
    Column("about_id", Id),  # the case that a confidential instance is about: whoever worked that never sees this
    Column("data_version", Integer, nullable=False),
    Index("ix_instance_confidential", "id", postgresql_where=text("confidential"), sqlite_where=text("confidential")),
    Index("ix_instance_listing", "world_id", "key", "started_at"),
    Index("ix_instance_started", "world_id", "started_at"),
    Index(
        "ix_instance_ended",
        "world_id",
        "ended_at",
        postgresql_where=text("ended_at is not null"),
        sqlite_where=text("ended_at is not null"),
    ),
    # what lists are filtered by; a step that changes none of these leaves all indexes as they are
    *(Index(f"ix_instance_{column}", "world_id", column, "started_at") for column in ("class", "area", "status")),
    Index("ix_instance_unit", "world_id", "unit_id", "started_at"),
    Index("ix_instance_number", "number"),
    # every step changes this row: with room on its page none of its indexes is touched
    postgresql_with={"fillfactor": 80},
    info=HOT,
)

task = Table(
    "task",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", Integer, nullable=False),
    Column("world_id", Integer, nullable=False),
    Column("definition_id", Integer, nullable=False),
    Column("node", String(100), nullable=False),
    Column("state", String(10), nullable=False),  # see engine/states.py
    Column("unit_id", Integer),  # offered to this unit (none: any) …
    Column("post_key", String(64)),  # … and this post
    Column("assignee_id", Integer),
    Column("for_id", Integer),  # whom the assignee stands in for
    Column("owner_id", Integer),  # who delegated it to the assignee, and gets it back
    Column(
        "role", String(10)
    ),  # none: the task itself; signer: somebody who was added to give an opinion; detour: sent back
    Column("signed_at", Instant),  # when the unit said that it had received it (签收)
    Column("signed_by", Integer),
    Column("urged_at", Instant),  # when it was last urged (催办)
    Column("item", Json),  # the element of a multi-instance collection
    Column("variables", Json),  # what its expressions see in front of the facts, as it was when it opened
    Column("within", Text),  # the call activities of the instance's own diagram it lies in: "Call/Inner"; none: in none
    Column("opened_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Integer),
    Column("warn_at", Instant),
    Column("due_at", Instant),
    PrimaryKeyConstraint("instance_id", "id"),
    Index(
        "ix_task_open",
        "instance_id",
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
    Index(
        "ix_task_suspended",
        "instance_id",
        postgresql_where=text("state = 'suspended'"),
        sqlite_where=text("state = 'suspended'"),
    ),
    Index(
        "ix_task_offered",
        "world_id",
        "post_key",
        "unit_id",
        "due_at",
        postgresql_where=text("state = 'open' and assignee_id is null"),
        sqlite_where=text("state = 'open' and assignee_id is null"),
    ),
    Index(  # what somebody has delegated
        "ix_task_owner",
        "owner_id",
        postgresql_where=text("state = 'open' and owner_id is not null"),
        sqlite_where=text("state = 'open' and owner_id is not null"),
    ),
    Index(  # the same for one step of a process, which may be few among many
        "ix_task_offered_node",
        "world_id",
        "post_key",
        "unit_id",
        "node",
        "due_at",
        postgresql_where=text("state = 'open' and assignee_id is null"),
        sqlite_where=text("state = 'open' and assignee_id is null"),
    ),
    Index(
        "ix_task_assigned",
        "assignee_id",
        "due_at",
        postgresql_where=text("state = 'open' and assignee_id is not null"),
        sqlite_where=text("state = 'open' and assignee_id is not null"),
    ),
    Index(  # what somebody did in a month: their own figures
        "ix_task_done",
        "closed_by",
        "closed_at",
        postgresql_where=text("closed_by is not null"),
        sqlite_where=text("closed_by is not null"),
    ),
    info=HOT,
)

involvement = Table(  # which units ever had a task of an instance: the scope of what a unit sees
    "involvement",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("unit_id", Integer, nullable=False),
    PrimaryKeyConstraint("unit_id", "instance_id"),
    Index("ix_involvement_case", "instance_id", "unit_id"),
    info=HOT,
)

history = Table(
    "history",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("node", String(100)),
    Column("task_id", Integer),
    Column("actor_id", Integer),  # null: the system itself
    Column("unit_id", Integer),
    Column("post_key", String(64)),
    # what was answered or said, and the nodes passed in this step: {"answers": {...}, "path": [...], "text": ...}
    Column("data", Json),
    Column("for_id", Integer),  # whom the actor stood in for
    Column("origin", String(120)),  # where it came from: address, session or token; none: the system, or not known
    Column("hash", String(80)),  # over the hash before and this row; none: written before chains were kept
    Column("written_at", Instant),  # database time, never business time: what the next checkpoint looks for
    PrimaryKeyConstraint("instance_id", "seq"),
    Index("ix_history_written", "written_at"),
    Index("ix_history_at", "at"),  # what was passed in a period (queries/flows.py); added to at its end only
    Index(  # which unit a case was another's at an earlier time: few rows, asked of every case of a figure
        "ix_history_moved",
        "instance_id",
        "seq",
        postgresql_where=text("kind = 'moved'"),
        sqlite_where=text("kind = 'moved'"),
    ),
    info=HOT,
)

job = Table(
    "job",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(80), nullable=False),  # kind, node task id and occurrence: a job cannot be made twice
    Column("world_id", Integer, nullable=False),
    Column("kind", String(20), nullable=False),  # timer, action, send, deliver, back
    Column("node", String(100)),
    Column("due_at", Instant, nullable=False),
    Column("payload", Json),
    Column("state", String(10), nullable=False),  # waiting, failed (an incident holds it)
    Column("tries", Integer, nullable=False),
    Column("lease_until", Instant),  # database time, never business time
    Column("fence", Integer, nullable=False),
    Column("error", Text),
    Column("calendars", Integer),  # the book of calendars by which a timer in working time was counted
    PrimaryKeyConstraint("instance_id", "id"),
    Index(  # those that a changed calendar may move
        "ix_job_calendars",
        "calendars",
        "instance_id",
        postgresql_where=text("calendars is not null"),
        sqlite_where=text("calendars is not null"),
    ),
    Index(
        "ix_job_due",
        "world_id",
        "due_at",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    info=HOT,
)

subscription = Table(  # a token that waits for a message or a signal; `idx` counts the events of its node
    "subscription",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("task_id", Integer, nullable=False),
    Column("idx", Integer, nullable=False),
    Column("world_id", Integer, nullable=False),
    Column("kind", String(10), nullable=False),  # message, signal
    Column("name", String(200), nullable=False),
    Column("key", String(200), nullable=False),  # the correlation; "": the name is enough
    Column("node", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    Column("inside", Boolean, nullable=False, server_default=text("false")),  # it comes from other instances only
    PrimaryKeyConstraint("instance_id", "task_id", "idx"),
    Index("ix_subscription_waiting", "world_id", "kind", "name", "key", "at"),
    info=HOT,
)

incident = Table(
    "incident",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", Integer, nullable=False),  # the history row that tells of it
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("node", String(100)),
    Column("job_id", String(80)),
    Column("message", Text, nullable=False),
    Column("message_zh", Text, nullable=False, server_default=""),  # "": told by the first version, in English only
    Column("resolved_at", Instant),
    Column("resolved_by", Integer),
    PrimaryKeyConstraint("instance_id", "id"),
    info=HOT,
)

receipt = Table(  # an idempotency key with the reply it got
    "receipt",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("key", String(200), nullable=False),  # person id and the key they sent
    Column("request", String(80), nullable=False),  # hash of the request
    Column("reply", Json, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "key"),
    info=HOT,
)

attachment = Table(
    "attachment",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("id", String(40), nullable=False),
    Column("hash", String(80), nullable=False),
    Column("thumbnail", String(80)),  # the blob of a small picture, for images
    Column("name", String(200), nullable=False),
    Column("type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Column("purpose", String(40), nullable=False, server_default=""),  # the form field it answers
    Column("task_id", Integer),
    Column("by_id", Integer),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("instance_id", "id"),
    Index(None, "by_id", "at"),  # what one person sent today
    Index(None, "hash"),
    Index(None, "thumbnail"),
    info=HOT,
)

blob = Table(
    "blob",
    metadata,
    Column("hash", String(80), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("instance_id", Id, nullable=False),
    Column("other_id", Id, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Integer),
    PrimaryKeyConstraint("instance_id", "other_id", "kind"),
    Index(None, "other_id", "instance_id"),
    info=HOT,
)

words = Table(  # what a case is found by (engine/search.py); one inverted index lies over both columns (engine/migrations/searching.py)
    "words",
    metadata,
    Column("instance_id", Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),  # when the case began: hits are told newest first
    Column("words", Text, nullable=False),
    Column("scope", Text, nullable=False),  # whose it is; a trigger adds each unit that takes part
    info=HOT,
)
