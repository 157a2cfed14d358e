"""The action `take_files`: the files of the instance whose message began this one come along (移送材料随案移送), inside the step that takes
its job away.

    <ld:action name="take_files" result="={files: result.files}"/>

It has no parameter: an instance takes from nobody but who sent for it. What was attached there until this step is attached here too,
under the same hash, name and purpose, by whom it was attached, and each has a row of history of its own here, so that the files are
read here by whoever sees this instance, stay when the other is gone, and stand in this one's own dossier. The contents are kept once.
Answers {"files": how many there are}. Invalid: no instance began this one; the one that did is confidential and this one is not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import effects
from engine.errors import Invalid
from engine.events import Event
from engine.tables import attachment, history, instance

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

NAME = "take_files"
"""The action, as diagrams call it."""

_SAME = ("id", "hash", "thumbnail", "name", "type", "size", "purpose", "by_id")


def take(core: Core, seen: Seen, writes: WriteSet, _: Row) -> Row:
    """The action. Taking along again adds only what is not here yet."""
    with core.db.read() as connection:
        source = _sender(connection, seen)
        theirs = _files(connection, source)
        here = {row["id"] for row in _files(connection, seen.instance["id"])}
    for file in theirs:
        if file["id"] in here:
            continue
        writes.insert(attachment, **{name: file[name] for name in _SAME}, task_id=None, at=seen.now)
        said = {"attachment": file["id"], "name": file["name"], "hash": file["hash"], "purpose": file["purpose"]}
        effects.record(seen, writes, Event.ATTACHED, data={**said, "from": str(source)})
    return {"files": len(here | {file["id"] for file in theirs})}


@dataclass(frozen=True, slots=True)
class Gone:
    """When an instance's files were taken along, and the ids of those that were."""

    at: datetime
    files: frozenset[str]


def gone(core: Core, instance_id: int, told: Sequence[Row]) -> Gone | None:
    """What of an instance's files another took along that it sent for; for whoever may see the sender, who learns nothing else of that
    other one. `told`: rows of the sender's history. None: nobody took any yet, and what is attached may still go."""
    reached = {int(one) for row in told if row["kind"] == Event.SENT for one in (row["data"] or {}).get("to", ())}
    if not reached:
        return None
    with core.db.read() as connection:
        query = select(history.c.instance_id, history.c.at, history.c.data).where(
            history.c.instance_id.in_(reached), history.c.kind == str(Event.ACTION_DONE)
        )
        taken = [
            row for row in connection.execute(query.order_by(history.c.at)) if (row.data or {}).get("name") == NAME
        ]
        here = {row["id"] for row in _files(connection, instance_id)}
        along = _ids(connection, {row.instance_id for row in taken}) & here
    return Gone(taken[0].at, frozenset(along)) if taken else None


def _ids(connection: Connection, instances: Collection[int]) -> set[str]:
    return set(connection.execute(select(attachment.c.id).where(attachment.c.instance_id.in_(instances))).scalars())


def _sender(connection: Connection, seen: Seen) -> int:
    """The instance whose message began this one."""
    own = seen.instance["id"]
    first = select(history.c.data).where(history.c.instance_id == own, history.c.seq == 0)
    begun: Row = connection.execute(first).scalar() or {}
    sender = begun.get("from")
    if sender is None or "message" not in begun:
        raise Invalid(
            why_zh="没有带附件移送来的事项：本事项不是由其他事项的消息发起的",
            why_en="there is nobody to take files from: no message of another instance began this one",
        )
    secret = connection.execute(select(instance.c.confidential).where(instance.c.id == int(sender))).scalar()
    if secret and not seen.instance["confidential"]:
        raise Invalid(
            why_zh="保密事项的附件只能移送给保密事项",
            why_en="files of a confidential matter are only taken along by a confidential one",
        )
    return int(sender)


def _files(connection: Connection, instance_id: int) -> list[Row]:
    query = select(attachment).where(attachment.c.instance_id == instance_id)
    return [dict(row) for row in connection.execute(query.order_by(attachment.c.at, attachment.c.id)).mappings()]
