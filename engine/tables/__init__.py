"""Every table of the engine. Hot tables (marked `hot`) carry the instance id in the primary key and in each unique index, so
that the schema can be distributed by instance; a step writes hot rows of one instance only.

Times are aware UTC. JSON columns hold plain JSON. `data_version` says which code wrote a row's documents."""

from engine.tables.acts import copy, draft, notice, operation
from engine.tables.batches import batch, batch_item
from engine.tables.calendars import calendar_book
from engine.tables.columns import HOT, Id, Instant, Json, instant_text, metadata
from engine.tables.content import (
    definition,
    definition_file,
    letter,
    process_start,
    process_timer,
    register_row,
    setting,
    world,
)
from engine.tables.desk import feed, saved_view
from engine.tables.dispatching import dispatch_model, dispatch_proposal
from engine.tables.emergencies import drill, event_source, source_event
from engine.tables.instances import (
    attachment,
    blob,
    history,
    incident,
    instance,
    involvement,
    job,
    link,
    receipt,
    subscription,
    task,
    words,
)
from engine.tables.login import (
    api_token,
    attempt,
    login_link,
    past_password,
    recovery_code,
    session,
    totp,
    worker,
)
from engine.tables.people import (
    area,
    duty,
    membership,
    organisation,
    organisation_change,
    person,
    post,
    post_conflict,
    stamp,
    substitution,
    turn,
    unit,
)
from engine.tables.permits import application, certificate, reservation
from engine.tables.publishing import (
    process_draft,
    process_draft_file,
    process_migration,
    process_migration_item,
    process_presence,
    process_proposal,
    process_proposal_file,
)
from engine.tables.records import (
    alarm,
    audit,
    audit_head,
    checkpoint,
    identity,
    public_message,
    public_report,
    recusal,
    subject_key,
)

__all__ = [
    "DATA_VERSION",
    "HOT",
    "LIVE",
    "Id",
    "Instant",
    "Json",
    "alarm",
    "api_token",
    "application",
    "area",
    "attachment",
    "attempt",
    "audit",
    "audit_head",
    "batch",
    "batch_item",
    "blob",
    "calendar_book",
    "certificate",
    "checkpoint",
    "copy",
    "definition",
    "definition_file",
    "dispatch_model",
    "dispatch_proposal",
    "draft",
    "drill",
    "duty",
    "event_source",
    "feed",
    "history",
    "identity",
    "incident",
    "instance",
    "instant_text",
    "involvement",
    "job",
    "letter",
    "link",
    "login_link",
    "membership",
    "metadata",
    "notice",
    "operation",
    "organisation",
    "organisation_change",
    "past_password",
    "person",
    "post",
    "post_conflict",
    "process_draft",
    "process_draft_file",
    "process_migration",
    "process_migration_item",
    "process_presence",
    "process_proposal",
    "process_proposal_file",
    "process_start",
    "process_timer",
    "public_message",
    "public_report",
    "receipt",
    "recovery_code",
    "recusal",
    "register_row",
    "reservation",
    "saved_view",
    "session",
    "setting",
    "source_event",
    "stamp",
    "subject_key",
    "subscription",
    "substitution",
    "task",
    "totp",
    "turn",
    "unit",
    "words",
    "worker",
    "world",
]

LIVE = 1
"""The id of the live world, made by the first migration."""

DATA_VERSION = 2
"""Raised when the shape of a stored document changes."""
