"""Where somebody is logged in, and how that is ended from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from engine.audit import recording
from engine.login import rules
from engine.sessions import FULL, reference
from engine.tables import session

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor


@dataclass(frozen=True, slots=True)
class Open:
    """A session in a list of them."""

    reference: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    method: str


def listing(core: Core, person_id: int) -> list[Open]:
    """Where a person is logged in now, the one last seen first."""
    with core.db.read() as connection:
        now, law = core.db.now_on(connection), rules.read(connection)
        rows = connection.execute(
            select(session)
            .where(
                session.c.person_id == person_id,
                session.c.stage == FULL,
                session.c.expires_at > now,
                session.c.seen_at > now - law.idle,
            )
            .order_by(session.c.seen_at.desc())
        ).all()
    return [Open(reference(r.id), r.created_at, r.seen_at, r.expires_at, r.address, r.agent, r.method) for r in rows]


def end(core: Core, by: Actor, person_id: int, named: str | None = None, *, but: str | None = None) -> int:
    """End one session of a person by its reference, or all of them but one; answers how many."""
    with core.db.write() as connection:
        ids = connection.execute(select(session.c.id).where(session.c.person_id == person_id)).scalars()
        chosen = [i for i in ids if (named is None or reference(i) == named) and reference(i) != but]
        if chosen:
            connection.execute(delete(session).where(session.c.id.in_(chosen)))
            recording.record(
                core,
                connection,
                recording.SECURITY,
                "sessions_ended",
                actor=by,
                about=f"person:{person_id}",
                data={"sessions": [reference(i) for i in chosen]},
            )
    return len(chosen)
