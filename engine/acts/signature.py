"""A signature on an act: drawn by hand there and then, or the stamp that its person keeps. It is attached to the case, and the history row
of the act holds its hash, so that nobody exchanges it later. Whether one is asked for stands in the diagram (`ld:signature`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import files, pictures
from engine.audit import recording
from engine.bpmn.model import Node
from engine.errors import Invalid
from engine.people import Actor
from engine.steps import Seen
from engine.tables import attachment, blob, stamp
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PURPOSE = "signature"
"""Of the attachment."""

REQUIRED = "required"
"""`ld:signature ask`: without one the task is not done. The other word is `offered`."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A picture of a signature, fit to be kept."""

    file: files.Accepted
    how: Literal["drawn", "stamp"]

    def told(self) -> Row:
        """What the history row of the act says of it."""
        return {"signature": {"attachment": self.file.id, "hash": self.file.hash, "how": self.how}}


def drawn(core: Core, content: bytes) -> Signature:
    """A signature drawn on the page. Invalid: no picture, or nothing is drawn; files.TooLarge."""
    return Signature(_picture(core, content), "drawn")


def stamped(core: Core, actor: Actor) -> Signature:
    """The actor's own stamp. Invalid when they keep none."""
    query = select(blob.c.content).join(stamp, stamp.c.hash == blob.c.hash).where(stamp.c.person_id == actor.id)
    with core.db.read() as connection:
        content = connection.execute(query).scalar()
    if content is None:
        raise Invalid(why_zh="您还没有保存签章", why_en="you keep no stamp yet")
    return Signature(_picture(core, bytes(content)), "stamp")


def stamp_of(core: Core, actor: Actor) -> tuple[str, bytes] | None:
    """The actor's own stamp, to be shown to them alone: media type and content."""
    query = select(blob.c.content).join(stamp, stamp.c.hash == blob.c.hash).where(stamp.c.person_id == actor.id)
    with core.db.read() as connection:
        content = connection.execute(query).scalar()
    return (pictures.type_of(bytes(content)) or "image/png", bytes(content)) if content is not None else None


def keep_stamp(core: Core, actor: Actor, content: bytes) -> None:
    """Keep a picture as the actor's stamp in place of the one before. Invalid, files.TooLarge: as `drawn`. Audited."""
    file = _picture(core, content)
    files.keep(core, [file])
    with core.db.write() as connection:
        before = connection.execute(select(stamp.c.hash).where(stamp.c.person_id == actor.id)).scalar()
        values = {"person_id": actor.id, "hash": file.hash, "at": core.db.now_on(connection)}
        upsert = (postgresql if core.db.postgresql else sqlite).insert(stamp).values(**values)
        connection.execute(
            upsert.on_conflict_do_update(index_elements=["person_id"], set_={k: values[k] for k in ("hash", "at")})
        )
        data = {"before": before, "after": file.hash}
        recording.record(
            core, connection, recording.SECURITY, "stamp_kept", actor=actor, about=f"person:{actor.id}", data=data
        )


def drop_stamp(core: Core, actor: Actor) -> None:
    """Keep none any more; what was signed with it stays. Audited."""
    with core.db.write() as connection:
        before = connection.execute(select(stamp.c.hash).where(stamp.c.person_id == actor.id)).scalar()
        if before is None:
            return
        connection.execute(delete(stamp).where(stamp.c.person_id == actor.id))
        data = {"before": before, "after": None}
        recording.record(
            core, connection, recording.SECURITY, "stamp_dropped", actor=actor, about=f"person:{actor.id}", data=data
        )


def check(node: Node, given: Signature | None) -> None:
    """Invalid when the diagram asks for a signature and there is none."""
    if node.settings.signature == REQUIRED and given is None:
        raise Invalid(why_zh="此任务须签名或盖章后提交", why_en="this task is signed or stamped before it is done")


def add(core: Core, seen: Seen, writes: WriteSet, given: Signature | None, task_id: int) -> None:
    """Inside a step: attach it. The contents are kept already (`files.keep`)."""
    there = {row["id"] for row in writes.inserts.get(attachment.name, ())}
    if given is not None and given.file.id not in there:
        files.add(core, seen, writes, [given.file], task_id=task_id, purpose=PURPOSE)


def _picture(core: Core, content: bytes) -> files.Accepted:
    file = files.accept(core, "signature.png", content)
    if not file.type.startswith("image/") or pictures.is_blank(file.content):
        raise Invalid(why_zh="签名是空白的", why_en="nothing is signed")
    return file
