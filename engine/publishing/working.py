"""Approved proposals become versions when their time has come, by database time. The version, the state of the proposal and the audit row
are one transaction on a row that is held: two workers, or one that died, publish it once or not yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, select, update

from engine import definitions, deployment, incidents
from engine.drafts import keeping
from engine.errors import DefinitionRefused, LiandongError
from engine.people import load_actor
from engine.publishing import proposals, telling
from engine.publishing.proposals import APPROVED, FAILED, PUBLISHED
from engine.tables import definition, process_draft, process_proposal

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

AGAIN = timedelta(minutes=1)
"""What went wrong for no reason of its own is tried again after this."""
TRIES = 3

log = structlog.get_logger("liandong.publishing")


def run_due(core: Core, most: int = 100) -> int:
    """Publish what is due; answers how many proposals were looked at."""
    c = process_proposal.c
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        query = select(c.id).where(c.state == APPROVED, c.try_at <= now).order_by(c.try_at, c.id).limit(most)
        due = list(connection.execute(query).scalars())
    for proposal_id in due:
        try:
            publish(core, proposal_id)
        except Exception as error:
            log.exception("not published", proposal=proposal_id)
            _tried(core, proposal_id, error)
    return len(due)


def publish(core: Core, proposal_id: int) -> int | None:
    """Make a version of one approved proposal whose time has come; answers its number. None: it is not due, another worker has it, or
    it failed (its row then says why)."""
    with core.db.read() as connection:
        files = proposals.files_on(connection, proposal_id)
    refused: LiandongError | None = None
    models: list[Any] = []
    try:
        models = deployment.prepared(files)
    except DefinitionRefused as error:
        refused = error
    with core.db.write() as connection:
        row = _take(core, connection, proposal_id)
        if row is None:
            return None
        now = proposals.newest_version(connection, row["key"])
        if now != row["base"]:
            refused = proposals.outdated(row["base"], now)
        elif definitions.bundle_hash(files) != row["hash"]:
            refused = _not_as_proposed()
        version = None
        if refused is None:
            try:
                with connection.begin_nested():
                    version = _put(core, connection, row, models, files)
            except DefinitionRefused as error:
                refused = error
        if refused is not None:
            _fail(core, connection, row, {"zh": refused.text("zh"), "en": refused.text("en")})
            return None
        _done(core, connection, row, version)
        return version


# ---------------------------------------------------------------- inside


def _take(core: Core, connection: Connection, proposal_id: int) -> Row | None:
    c = process_proposal.c
    now = core.db.now_on(connection)
    query = select(process_proposal).where(c.id == proposal_id, c.state == APPROVED, c.try_at <= now)
    row = connection.execute(query.with_for_update(skip_locked=True)).mappings().first()
    return dict(row) if row is not None else None


def _put(core: Core, connection: Connection, row: Row, models: list[Any], files: Mapping[str, bytes]) -> int:
    made = deployment.put(
        core, connection, models, files, row["proposed_by"], row["note"], anew=row["again"] is not None
    )
    query = select(definition.c.version).where(definition.c.id.in_(made), definition.c.key == row["key"])
    return int(connection.execute(query).scalar_one())


def _done(core: Core, connection: Connection, row: Row, version: int | None) -> None:
    values = {"state": PUBLISHED, "version": version, "published_at": core.db.now_on(connection), "error": None}
    connection.execute(update(process_proposal).where(process_proposal.c.id == row["id"]).values(**values))
    if row["draft_id"] is not None:  # whoever drew on after proposing keeps their draft
        c = process_draft.c
        connection.execute(
            update(process_draft)
            .where(c.id == row["draft_id"], c.hash == row["hash"], c.state == keeping.OPEN)
            .values(state=keeping.PUBLISHED)
        )
    decided = load_actor(connection, row["decided_by"]) if row["decided_by"] is not None else None
    proposals.say(core, connection, "process_published", decided, row, {"version": version})


def _fail(core: Core, connection: Connection, row: Row, why: dict[str, str]) -> None:
    values = {"state": FAILED, "error": why, "tries": row["tries"] + 1}
    connection.execute(update(process_proposal).where(process_proposal.c.id == row["id"]).values(**values))
    seq = proposals.say(core, connection, "process_failed", None, row, {"why": why["en"]})
    people = [row["proposed_by"], row["decided_by"]]
    telling.tell(core, connection, seq, telling.PUBLISH_FAILED, people, proposals.about(row, ""), None)


def _tried(core: Core, proposal_id: int, error: Exception) -> None:
    why = incidents.explain(error)[:1000]
    with core.db.write() as connection:
        row = _take(core, connection, proposal_id)
        if row is None:
            return
        if row["tries"] + 1 >= TRIES:
            _fail(core, connection, row, {"zh": why, "en": why})
            return
        values = {"tries": row["tries"] + 1, "try_at": core.db.now_on(connection) + AGAIN}
        connection.execute(update(process_proposal).where(process_proposal.c.id == proposal_id).values(**values))


def _not_as_proposed() -> LiandongError:
    return DefinitionRefused((), first="文件与所批准的不一致", first_en="the files are not those that were approved")
