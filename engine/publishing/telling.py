"""Whoever may decide about a version to be, or about cases that are to change theirs, is told that it waits; who proposed it, what came.
In the transaction of the act itself, like its audit row: by notices that are about no case (`engine.notices`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from engine import notices, people
from engine.drafts.keeping import POWER

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]

PUBLISH_ASKED, PUBLISH_APPROVED, PUBLISH_REFUSED = "publish_asked", "publish_approved", "publish_refused"
PUBLISH_FAILED: Final = "publish_failed"
MIGRATION_ASKED, MIGRATION_APPROVED, MIGRATION_REFUSED = "migration_asked", "migration_approved", "migration_refused"
MIGRATION_DONE: Final = "migration_done"


def deciders(connection: Connection, proposer: Actor) -> list[int]:
    """Everybody who may decide what somebody proposed: with the power to design, and no account of theirs."""
    return [who for who in people.with_power(connection, POWER) if who not in proposer.accounts]


def tell(
    core: Core, connection: Connection, seq: int, kind: str, who: Iterable[int | None], data: Row, by: int | None
) -> None:
    """Tell them. `seq`: the number of the audit row that says the same; `data`: `proposal` or `plan` (its id), `zh` and `en` (what the
    process is called), `text` (what was written with it)."""
    notices.tell_beside(core, connection, seq, kind, who, by=by, data=data)
