"""Every table of the engine. Hot tables (marked `hot`) carry the instance id in the primary key and in each unique index, so
that the schema can be distributed by instance; a step writes hot rows of one instance only.

Times are aware UTC. JSON columns hold plain JSON. `data_version` says which code wrote a row's documents."""

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
from engine.tables.instances import (
    attachment,
    blob,
    gram,
    history,
    incident,
    instance,
    involvement,
    job,
    link,
    receipt,
    subscription,
    task,
)
from engine.tables.people import api_token, area, attempt, membership, person, post, session, unit, worker

__all__ = [
    "DATA_VERSION",
    "HOT",
    "LIVE",
    "Id",
    "Instant",
    "Json",
    "api_token",
    "area",
    "attachment",
    "attempt",
    "blob",
    "definition",
    "definition_file",
    "gram",
    "history",
    "incident",
    "instance",
    "instant_text",
    "involvement",
    "job",
    "letter",
    "link",
    "membership",
    "metadata",
    "person",
    "post",
    "process_start",
    "process_timer",
    "receipt",
    "register_row",
    "session",
    "setting",
    "subscription",
    "task",
    "unit",
    "worker",
    "world",
]

LIVE = 1
"""The id of the live world, made by the first migration."""

DATA_VERSION = 2
"""Raised when the shape of a stored document changes."""
