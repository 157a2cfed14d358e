"""What the office and a reporter write to each other. Each message is a row of its case, written in a step with a history row that says
that something was written, and by whom of the office; never what the reporter said.

Kinds: `note`, `answer`, `solved`, `unsolved` by the reporter; `question`, `reply` by the office; `seen`: nothing more to say to it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import access, effects, files, steps, worlds
from engine.acts.base import clean_text
from engine.audit import words
from engine.errors import Invalid, NotFound
from engine.events import Event
from engine.people import Actor
from engine.public import codes, limits, technical, terms
from engine.tables import LIVE, application, instance, public_message, public_report

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

RECEIVE = "receive"
"""The power to talk with reporters and to look at held reports."""
QUESTION, REPLY, SEEN = "question", "reply", "seen"
NOTE, ANSWER, SOLVED, UNSOLVED = "note", "answer", "solved", "unsolved"
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `by_id`: who of the office wrote it, none for a reporter; `reporter`: a short name of which one (none: all)."""

    at: datetime
    kind: str
    text: str
    by_id: int | None
    reporter: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in which a reporter wrote last."""

    instance_id: int
    number: str
    title: str
    at: datetime
    kind: str


def write(
    seen: Seen,
    writes: WriteSet,
    kind: str,
    text: str,
    *,
    code_hash: str | None,
    by_id: int | None = None,
    message_id: str | None = None,
) -> Row:
    """Inside a step: the row of a message. Its history row is the caller's to write; answers what belongs into its data: which message,
    and a digest of it."""
    row: Row = {
        "id": message_id or f"{seen.instance['history_count']:06d}-{secrets.token_hex(8)}",
        "at": seen.now,
        "kind": kind,
        "text": text,
        "by_id": by_id,
        "code_hash": code_hash,
    }
    writes.insert(public_message, **row)
    return {"message": {"id": row["id"], "digest": words.digest_of(row)}}


# ---------------------------------------------------------------- the office


def check_can_talk(core: Core, actor: Actor, instance_id: int) -> None:
    """May they read and write to who reported this case? They must see it, and hold the power."""
    access.check_power(actor, RECEIVE, "与上报人沟通", "talk with who reported")
    with core.db.read() as connection:
        access.check_can_see(connection, actor, instance_id)


def of_case(core: Core, actor: Actor, instance_id: int) -> list[Message] | None:
    """The messages of a case, oldest first; none when it was not reported by the public, or the actor may not read them."""
    if not access.can(check_can_talk, core, actor, instance_id):
        return None
    with core.db.read() as connection:
        if not _hashes(connection, instance_id):
            return None
        return _messages(connection.execute(_query(instance_id)).mappings())


def say(
    core: Core, instance_id: int, kind: str, text: str, by: int | str, *, to: str | None = None, key: str | None = None
) -> Reply:
    """The office asks (`question`), answers (`reply`), or marks what was written as read (`seen`, without text). `to`: the short name of
    one reporter; none: all who reported it. NotFound, NotAllowed; Invalid without a text."""
    if kind not in (QUESTION, REPLY, SEEN):
        raise Invalid(why_zh="没有这种消息", why_en="there is no such kind of message")
    said = clean_text(text, LONGEST) if kind != SEEN else ""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor = seen.someone
        check_can_talk(core, actor, instance_id)
        written = write(seen, writes, kind, said, code_hash=_reporter(core, instance_id, to), by_id=actor.id)
        effects.record(seen, writes, Event.WROTE, actor=actor, data={"what": kind, **written})
        return {"instance": instance_id}

    request = {"act": "say", "kind": kind, "text": said, "to": to}
    return steps.run(core, instance_id, plan, by, key, request, while_suspended=True)


def waiting(core: Core, actor: Actor, days: int = 90, most: int = 100) -> list[Waiting]:
    """Cases in which a reporter wrote last, the longest waiting first: somebody should answer, or mark it as read."""
    access.check_power(actor, RECEIVE, "查看公众来件", "see what the public wrote")
    m, later = public_message, public_message.alias("later")
    with core.db.read() as connection:
        since = worlds.on(connection, core, LIVE).now - timedelta(days=days)
        after = (
            select(later.c.id)
            .where(
                later.c.instance_id == m.c.instance_id,
                (later.c.at > m.c.at) | ((later.c.at == m.c.at) & (later.c.id > m.c.id)),
            )
            .exists()
        )
        rows = connection.execute(
            select(m.c.instance_id, m.c.at, m.c.kind, instance.c.number, instance.c.title)
            .join(instance, instance.c.id == m.c.instance_id)
            .where(m.c.at > since, m.c.by_id.is_(None), m.c.kind != SOLVED, ~after, access.visible(connection, actor))
            .order_by(m.c.at)
            .limit(most)
        )
        return [Waiting(r.instance_id, r.number, r.title, r.at, r.kind) for r in rows]


# ---------------------------------------------------------------- the reporter


def seen_by(core: Core, instance_id: int, code_hash: str) -> list[Message]:
    """What one reporter may read: their own messages, and the office's to them or to all."""
    query = _query(instance_id).where(
        (public_message.c.code_hash == code_hash) | public_message.c.code_hash.is_(None), public_message.c.kind != SEEN
    )
    with core.db.read() as connection:
        return _messages(connection.execute(query).mappings())


def is_asked(messages: Sequence[Message]) -> bool:
    """True when the office asked something that the reporter has not answered yet."""
    for one in reversed(messages):
        if one.by_id is None and one.kind == ANSWER:
            return False
        if one.kind == QUESTION:
            return True
    return False


def tell(
    core: Core,
    instance_id: int,
    code_hash: str,
    text: str,
    photos: Sequence[files.Accepted] = (),
    key: str | None = None,
) -> Reply:
    """A reporter adds something, or answers when they were asked. Text, photos, or both. TooOften beyond the city's limit a day."""
    said = clean_text(text, LONGEST) if text.strip() or not photos else ""
    messages = seen_by(core, instance_id, code_hash)
    kind = ANSWER if is_asked(messages) else NOTE
    if photos:
        files.keep(core, photos)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        _check_often(core, seen, messages)
        written = write(seen, writes, kind, said, code_hash=code_hash)
        data = {"what": kind, **written, **({"photos": len(photos)} if photos else {})}
        effects.record(seen, writes, Event.WROTE, actor=seen.actor, data=data)
        files.add(core, seen, writes, photos, purpose=f"public:{codes.short(code_hash)}")
        return {"instance": instance_id, "kind": kind}

    return technical.step(core, instance_id, plan, key, {"text": said, "photos": [f.id for f in photos]})


def _check_often(core: Core, seen: Seen, messages: Sequence[Message]) -> None:
    with core.db.read() as connection:
        most = int(terms.read(connection)["public_messages_by_report_and_day"])
    if sum(1 for one in messages if one.by_id is None and one.at > seen.now - timedelta(days=1)) >= most:
        raise limits.TooOften


def _query(instance_id: int) -> Any:
    return (
        select(public_message)
        .where(public_message.c.instance_id == instance_id)
        .order_by(public_message.c.at, public_message.c.id)
    )


def _messages(rows: Any) -> list[Message]:
    return [
        Message(r["at"], r["kind"], r["text"], r["by_id"], codes.short(r["code_hash"])[:6] if r["code_hash"] else None)
        for r in rows
    ]


def _reporter(core: Core, instance_id: int, name: str | None) -> str | None:
    if name is None:
        return None
    with core.db.read() as connection:
        found = [one for one in _hashes(connection, instance_id) if codes.short(one)[:6] == name]
    if len(found) != 1:
        raise NotFound(what="reporter")
    return str(found[0])


def _hashes(connection: Connection, instance_id: int) -> list[str]:
    """Of the codes of all who reported a case, or applied for it."""
    reports = select(public_report.c.code_hash).where(public_report.c.instance_id == instance_id)
    applications = select(application.c.code_hash).where(application.c.instance_id == instance_id)
    return [*connection.execute(reports).scalars(), *connection.execute(applications).scalars()]
