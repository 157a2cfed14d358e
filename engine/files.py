"""Attachments: rows of an instance, written as a step with history; their contents once each, under their hash.

A file is accepted first (its kind told by content, pictures drawn anew), then kept, then attached. Its id follows from its content,
so that a form's answers can name a photo before the case exists, and the same photo sent twice is one attachment."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import access, definitions, effects, filetypes, pictures, settings
from engine.acts import catalogue
from engine.acts.base import check_on_case
from engine.errors import Invalid, LiandongError, NotFound
from engine.events import Event
from engine.people import Actor, load_actor
from engine.steps import Reply, Seen, run
from engine.tables import attachment, blob, stamp
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEFAULTS: dict[str, Any] = {
    "file_bytes_most": 20_000_000,
    "files_per_case_most": 100,
    "files_per_case_public_most": 40,
    "file_bytes_per_case_most": 300_000_000,
    "file_bytes_per_person_and_day_most": 1_000_000_000,
    "file_bytes_public_and_day_most": 20_000_000_000,
    "photo_side_most": 2048,
    "file_types": sorted(filetypes.ENDINGS),
}
"""Proposals; rows of `setting` win. Sizes in bytes, the photo's longer side in pixels."""

PUBLIC = "public"
"""The login of the technical person who writes for the public (`engine.public.technical`)."""

ORPHANS_LIVE = timedelta(days=1)
"""Contents that no attachment names are deleted after this: the step they were kept for never came."""


class TooLarge(LiandongError):
    """A file, or all files together, are larger than allowed."""

    code = "file_too_large"
    status = 413
    zh = "文件“{name}”超过上限：{what_zh}。"
    en = "The file “{name}” is over the limit: {what_en}."


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that passed every check on its content. `id` names it wherever it is attached."""

    id: str
    name: str
    type: str
    hash: str
    content: bytes
    thumbnail: bytes | None

    @property
    def size(self) -> int:
        """Bytes as kept."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's content, to be sent as an attachment with `X-Content-Type-Options: nosniff`."""

    name: str
    type: str
    hash: str
    content: bytes


def accept(core: Core, name: str, content: bytes) -> Accepted:
    """Check a file and make it fit to be kept. TooLarge, or Invalid: empty, of a kind that is not taken, damaged."""
    with core.db.read() as connection:
        limits = settings.read(connection, DEFAULTS)
    shown = name[:80] or "?"
    most = int(limits["file_bytes_most"])
    if len(content) > most:
        raise TooLarge(name=shown, what_zh=f"单个文件最大 {_mb(most)}", what_en=f"one file has {_mb(most)} at most")
    if not content:
        raise Invalid(why_zh=f"文件“{shown}”是空的", why_en=f"the file “{shown}” is empty")
    media_type = filetypes.type_of(content, name)
    if media_type is None or media_type not in limits["file_types"]:
        kinds = "、".join(sorted(filetypes.ENDINGS[t] for t in limits["file_types"] if t in filetypes.ENDINGS))
        raise Invalid(
            why_zh=f"不接收文件“{shown}”：按内容判断不是 {kinds} 文件",
            why_en=f"the file “{shown}” is not taken: by its content it is none of {kinds}",
        )
    thumbnail = None
    if media_type.startswith("image/"):
        picture = pictures.redraw(content, int(limits["photo_side_most"]))
        content, media_type, thumbnail = picture.content, picture.type, picture.thumbnail
    hashed = hash_of(content)
    return Accepted(
        id=hashed.partition(":")[2][:40],
        name=filetypes.clean_name(name, media_type),
        type=media_type,
        hash=hashed,
        content=content,
        thumbnail=thumbnail,
    )


def hash_of(content: bytes) -> str:
    """The key of a content, naming its algorithm."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def keep(core: Core, accepted: Sequence[Accepted]) -> None:
    """Store contents ahead of the step that attaches them. What is there already is only marked as wanted, so that nobody sweeps it
    away meanwhile."""
    contents = {f.hash: f.content for f in accepted}
    contents.update({hash_of(f.thumbnail): f.thumbnail for f in accepted if f.thumbnail is not None})
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        for hashed in sorted(contents):  # one order for all: two who keep the same never wait in a ring
            values = {"hash": hashed, "size": len(contents[hashed]), "content": contents[hashed], "at": now}
            upsert = (postgresql if core.db.postgresql else sqlite).insert(blob).values(**values)
            connection.execute(upsert.on_conflict_do_update(index_elements=["hash"], set_={"at": now}))


def add(
    core: Core,
    seen: Seen,
    writes: WriteSet,
    accepted: Sequence[Accepted],
    *,
    task_id: int | None = None,
    purpose: str = "",
) -> list[str]:
    """Inside a step: attach kept files to its instance, each with a history row; answers their ids. What is attached already stays
    as it is. TooLarge when the case or the person has no room left."""
    if not accepted:
        return []
    actor = seen.actor
    if actor is None:
        raise NotFound(what="person")
    there = _there(core, writes.instance_id)
    new = {f.id: f for f in accepted if f.id not in there}
    if new:
        _check_room(core, seen, actor, there, list(new.values()))
    for file in new.values():
        writes.insert(
            attachment,
            id=file.id,
            hash=file.hash,
            thumbnail=hash_of(file.thumbnail) if file.thumbnail is not None else None,
            name=file.name,
            type=file.type,
            size=file.size,
            purpose=purpose[:40],
            task_id=task_id,
            by_id=actor.id,
            at=seen.now,
        )
        effects.record(
            seen,
            writes,
            Event.ATTACHED,
            actor=actor,
            task_id=task_id,
            data={"attachment": file.id, "name": file.name, "hash": file.hash, "purpose": purpose[:40]},
        )
    return [f.id for f in accepted]


def attach(
    core: Core,
    instance_id: int,
    accepted: Sequence[Accepted],
    by: int | str,
    *,
    task_id: int | None = None,
    purpose: str = "",
    key: str | None = None,
) -> Reply:
    """Attach files to a case one sees; with `task_id` to a task one works. Answers {"instance", "files": ids}."""
    with core.db.read() as connection:
        access.check_can_see(connection, load_actor(connection, by), instance_id)
    keep(core, accepted)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        with core.db.read() as connection:
            access.check_can_see(connection, seen.actor, instance_id)
        if task_id is not None:
            _check_task(core, seen, task_id)
        else:
            check_on_case(core, seen, "attach")
        return {"instance": instance_id, "files": add(core, seen, writes, accepted, task_id=task_id, purpose=purpose)}

    request = {"act": "attach", "files": [(f.name, f.hash) for f in accepted], "task": task_id, "purpose": purpose}
    return run(core, instance_id, plan, by, key, request, while_suspended=task_id is None)


def listing(core: Core, instance_id: int, by: int | str) -> list[Row]:
    """The attachments of a case one sees, oldest first, without their contents."""
    with core.db.read() as connection:
        access.check_can_see(connection, load_actor(connection, by), instance_id)
        rows = connection.execute(
            select(attachment).where(attachment.c.instance_id == instance_id).order_by(attachment.c.at, attachment.c.id)
        ).mappings()
        return [dict(r) for r in rows]


def fetch(core: Core, instance_id: int, file_id: str, by: int | str, *, thumbnail: bool = False) -> Fetched:
    """A file of a case one sees, or its small picture. NotFound: no such file, or not theirs to see."""
    with core.db.read() as connection:
        access.check_can_see(connection, load_actor(connection, by), instance_id)
    return fetch_unasked(core, instance_id, file_id, thumbnail=thumbnail)


def fetch_unasked(core: Core, instance_id: int, file_id: str, *, thumbnail: bool = False) -> Fetched:
    """The same where the caller has decided who may see it. NotFound: no such file, or no picture of which there is a small one."""
    with core.db.read() as connection:
        column = attachment.c.thumbnail if thumbnail else attachment.c.hash
        row = connection.execute(
            select(attachment.c.name, attachment.c.type, blob.c.hash, blob.c.content)
            .join(blob, blob.c.hash == column)
            .where(attachment.c.instance_id == instance_id, attachment.c.id == file_id)
        ).first()
    if row is None:
        raise NotFound(what="file")
    return Fetched(row.name, "image/jpeg" if thumbnail else row.type, row.hash, bytes(row.content))


def sweep(core: Core) -> int:
    """Delete contents that no attachment and no stamp names and nobody kept lately; answers how many."""
    with core.db.write() as connection:
        old = core.db.now_on(connection) - ORPHANS_LIVE
        named = exists(
            select(attachment.c.id).where(or_(attachment.c.hash == blob.c.hash, attachment.c.thumbnail == blob.c.hash))
        )
        kept = exists(select(stamp.c.person_id).where(stamp.c.hash == blob.c.hash))
        return connection.execute(delete(blob).where(blob.c.at < old, ~named, ~kept)).rowcount


# ---------------------------------------------------------------- inside


def _there(core: Core, instance_id: int) -> dict[str, int]:
    with core.db.read() as connection:
        rows = connection.execute(
            select(attachment.c.id, attachment.c.size).where(attachment.c.instance_id == instance_id)
        )
        return {file_id: size for file_id, size in rows}  # noqa: C416  rows are not pairs to the type checker


def _check_room(core: Core, seen: Seen, actor: Actor, there: dict[str, int], new: list[Accepted]) -> None:
    added = sum(f.size for f in new)
    name = new[0].name
    with core.db.read() as connection:
        limits = settings.read(connection, DEFAULTS)
        today = connection.execute(
            select(func.coalesce(func.sum(attachment.c.size), 0)).where(
                attachment.c.by_id == actor.id, attachment.c.at > seen.now - timedelta(days=1)
            )
        ).scalar_one()
    most = int(limits["files_per_case_most"])
    if actor.login == PUBLIC:  # whoever works the case keeps room for theirs, whatever the public sends
        with core.db.read() as connection:
            here = (attachment.c.instance_id == seen.instance["id"], attachment.c.by_id == actor.id)
            sent = connection.execute(select(func.count()).select_from(attachment).where(*here)).scalar_one()
        share = int(limits["files_per_case_public_most"])
        if int(sent) + len(new) > share:
            raise TooLarge(
                name=name,
                what_zh=f"每案最多收公众 {share} 个附件",
                what_en=f"the public adds {share} files to a case at most",
            )
    if len(there) + len(new) > most:
        raise TooLarge(name=name, what_zh=f"每案最多 {most} 个附件", what_en=f"a case has {most} attachments at most")
    most = int(limits["file_bytes_per_case_most"])
    if sum(there.values()) + added > most:
        raise TooLarge(
            name=name, what_zh=f"每案附件共 {_mb(most)}", what_en=f"a case has {_mb(most)} of attachments at most"
        )
    # the public all write in one name
    most = int(limits[f"file_bytes_{'public' if actor.login == PUBLIC else 'per_person'}_and_day_most"])
    if int(today) + added > most:
        raise TooLarge(
            name=name, what_zh=f"每人每天上传共 {_mb(most)}", what_en=f"one person sends {_mb(most)} a day at most"
        )


def _check_task(core: Core, seen: Seen, task_id: int) -> None:
    row = seen.open_tasks.get(task_id)
    if row is None or seen.actor is None:
        raise NotFound(what="task")
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    access.check_can_work(seen.actor, row, seen.instance["key"])
    catalogue.check("attach", node, definition.model)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:g} MB"
