"""Add to a chain, in the transaction of the act itself: what was done and that it was done are written together, or neither is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import origin
from engine.audit.chain import AUDIT, BEGINNING, link
from engine.tables import audit, audit_head

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

ORGANISATION = "organisation"
"""Units, posts, people, memberships, substitutes, duty."""
SECURITY = "security"
"""Log-ins, passwords, second factors, sessions, tokens, lock-outs, settings of security."""
IDENTITY = "identity"
"""Who reported: sealed, unmasked, deleted."""
CONTENT = "content"
"""Definitions, registers, settings."""
RECORDS = "records"
"""Verifications of the records themselves, and losses that were accepted."""


def reading(person_id: int) -> str:
    """The stream of what one person looked at: each has one, so that readers do not wait for each other."""
    return f"read:{person_id}"


def record(
    core: Core,
    connection: Connection,
    stream: str,
    kind: str,
    *,
    actor: Actor | None = None,
    about: str = "",
    data: Mapping[str, Any] | None = None,
    for_id: int | None = None,
) -> int:
    """Add a row to a stream inside the transaction of `connection`; answers its number. `kind`: what was done, as a word of code
    (`merged`, `logged_in`); `about`: what to ("unit:town_yuanlin"); `data`: before, after, reason. Personal values go in sealed
    (`engine.vault`). Who adds to one stream at the same time waits for this transaction's end."""
    seq, before = lock(core, connection, stream)
    first = actor.own_posts[0] if actor is not None and actor.own_posts else None
    row: dict[str, Any] = {
        "stream": stream,
        "seq": seq,
        "at": core.db.now_on(connection),
        "kind": kind,
        "actor_id": actor.id if actor is not None else None,
        "for_id": for_id,
        "unit_id": first.unit_id if first is not None else None,
        "post_key": first.post if first is not None else None,
        "origin": origin.current(),
        "about": about[:200],
        "data": dict(data) if data else None,
    }
    row["hash"] = link(before, row, AUDIT)
    connection.execute(insert(audit).values(**row))
    connection.execute(update(audit_head).where(audit_head.c.stream == stream).values(seq=seq, hash=row["hash"]))
    return seq


def lock(core: Core, connection: Connection, stream: str) -> tuple[int, str]:
    """The next number of a stream and the hash before it; the head's row is this transaction's until it ends."""
    make = (postgresql if core.db.postgresql else sqlite).insert(audit_head)
    connection.execute(make.values(stream=stream, seq=-1, hash=BEGINNING).on_conflict_do_nothing())
    head = connection.execute(
        select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.stream == stream).with_for_update()
    ).one()
    return head.seq + 1, head.hash
