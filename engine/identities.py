"""Who reported: answers to fields that a form marks as personal (`x-personal`), kept apart from the case.

They never become facts: `split` takes them out of the answers before the process sees them, `prepare` seals them, each class of one
reporter under a key of its own (so that a class can be destroyed when its time is over), and `add` writes them as rows of `identity`
in the step that took the answers in. History says which fields were given and the hash of the ciphertext, nothing else. On PostgreSQL
the application's role may add such rows and see which fields are known, but not read what is sealed (`engine.migrations.roles`);
reading is `engine.unmasking`, deletion `engine.retention`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from engine import vault
from engine.tables import identity
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from forms import Form

Row = dict[str, Any]
Personal = dict[str, tuple[str, Any]]
"""Name of a field to its class and value."""

BEFORE_MARKS = {"reporter_name": "name", "reporter_phone": "contact"}
"""Fields of forms deployed before fields could be marked, with their class: personal in every form."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One class of what one reporter said, as it is stored."""

    id: str
    fields: Mapping[str, str]
    sealed: str

    def told(self) -> Row:
        """What history says of it. With the hash, an exchanged ciphertext shows."""
        return {"id": self.id, "fields": dict(self.fields), "hash": hash_of(self.sealed)}


@dataclass(frozen=True, slots=True)
class Known:
    """A field that was given, without its value. `deleted_at`: when the value was destroyed."""

    name: str
    of: str
    at: datetime
    deleted_at: datetime | None


def split(form: Form | None, answers: Mapping[str, Any]) -> tuple[Row, Personal]:
    """Validated answers as those that become facts, and those that must not. What was left empty is in neither."""
    plain: Row = {}
    personal: Personal = {}
    for name, value in answers.items():
        one = form.properties.get(name) if form is not None else None
        of = (one.personal if one is not None else None) or BEFORE_MARKS.get(name)
        if of is None:
            plain[name] = value
        elif value is not None:
            personal[name] = (of, value)
    return plain, personal


def prepare(core: Core, instance_id: int, personal: Personal) -> list[Sealed]:
    """Seal what a step is about to keep of one reporter. The keys are written at once, in a transaction of their own: one whose step
    never comes seals nothing. Costs nothing when there is nothing personal. WrongKey when the city's key does not fit."""
    if not personal:
        return []
    with core.db.write() as connection:
        return _seal(core, connection, instance_id, personal)


def add(seen: Seen, writes: WriteSet, sealed: list[Sealed]) -> Row:
    """Inside a step: the rows. Answers what belongs into the step's history data: `{"identity": […]}`, or nothing."""
    for one in sealed:
        writes.insert(identity, id=one.id, fields=dict(one.fields), sealed=one.sealed, at=seen.now, deleted_at=None)
    return {"identity": [one.told() for one in sealed]} if sealed else {}


def keep(core: Core, connection: Connection, instance_id: int, personal: Personal, at: datetime) -> list[Row]:
    """The same outside a step, in the caller's transaction: for a report that is held (the case need not exist yet) or that joins
    another's case. Answers what history or audit may say of it. `at`: business time."""
    sealed = _seal(core, connection, instance_id, personal)
    for one in sealed:
        connection.execute(
            insert(identity).values(
                instance_id=instance_id, id=one.id, fields=dict(one.fields), sealed=one.sealed, at=at, deleted_at=None
            )
        )
    return [one.told() for one in sealed]


def known(connection: Connection, instance_id: int) -> list[Known]:
    """Which fields were given, by whomever, without their values. Who may ask is the caller's to decide (`access.check_can_see`)."""
    rows = connection.execute(
        select(identity.c.fields, identity.c.at, identity.c.deleted_at)
        .where(identity.c.instance_id == instance_id)
        .order_by(identity.c.at, identity.c.id)
    )
    return [Known(name, of, row.at, row.deleted_at) for row in rows for name, of in row.fields.items()]


def fingerprint(personal: Personal) -> str:
    """Tells one request from another without keeping what cannot be kept: a hash that only the city's key can repeat."""
    return vault.keyed_hash({name: value for name, (_, value) in personal.items()}) if personal else ""


def hash_of(sealed: str) -> str:
    """Of a ciphertext, with the algorithm's name."""
    return "sha256:" + hashlib.sha256(sealed.encode()).hexdigest()


def _seal(core: Core, connection: Connection, instance_id: int, personal: Personal) -> list[Sealed]:
    reporter = secrets.token_hex(8)
    found = []
    for of in sorted({of for of, _ in personal.values()}):
        values = {name: value for name, (other, value) in personal.items() if other == of}
        row_id = f"{reporter}.{of}"
        sealed = vault.seal(core, connection, vault.reporter(instance_id, row_id), values)
        found.append(Sealed(row_id, dict.fromkeys(values, of), sealed))
    return found
