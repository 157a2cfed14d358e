"""Reports that are held because they look like no report: why, which, and what becomes of them. A person decides, with a reason; who
reported stays sealed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select, update

from engine import access, effects, files, identities, instances, origin, retention, worlds
from engine.acts.base import clean_text
from engine.audit import recording
from engine.errors import NotFound
from engine.events import Event
from engine.people import Actor, load_actor
from engine.public import limits, reporting, technical, terms
from engine.public.talking import RECEIVE
from engine.tables import LIVE, attachment, public_report

if TYPE_CHECKING:
    from engine.core import Core
    from engine.public.reporting import Draft
    from engine.steps import Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

WORDS, FAST, MANY, TRAP = "words", "fast", "many", "trap"
"""Why a report is held: words of advertising; sent faster than anybody writes; many from one address; a field that no person sees."""


@dataclass(frozen=True, slots=True)
class Held:
    """A report that waits for somebody to look at it. `reasons`: words of code; `known`: which personal fields were given."""

    instance_id: int
    at: datetime
    answers: Row
    reasons: tuple[str, ...]
    photos: tuple[str, ...]
    known: tuple[str, ...]


def reasons(core: Core, draft: Draft, address: str, seconds: float, *, trapped: bool) -> str:
    """Why this report should be looked at first, as words with spaces; "" for most. `seconds`: how long the form was open."""
    with core.db.read() as connection:
        asked = terms.read(connection)
    said = " ".join(str(draft.answers.get(k) or "") for k in ("title", "description", "place")).casefold()
    found = []
    if any(str(word).casefold() in said for word in asked["public_hold_words"]):
        found.append(WORDS)
    if seconds < float(asked["public_hold_seconds"]):
        found.append(FAST)
    if limits.reports_of(core, address) >= int(asked["public_hold_by_address_and_hour"]):
        found.append(MANY)
    if trapped:
        found.append(TRAP)
    return " ".join(found)


def waiting(core: Core, actor: Actor, most: int = 100) -> list[Held]:
    """Held reports, the oldest first. NotAllowed without the power."""
    access.check_power(actor, RECEIVE, "查看待审来件", "see held reports")
    with core.db.read() as connection:
        rows = connection.execute(
            select(public_report)
            .where(public_report.c.state == reporting.HELD)
            .order_by(public_report.c.at)
            .limit(most)
        ).mappings()
        return [_held(connection, dict(r)) for r in rows]


def count(core: Core) -> int:
    """How many are held."""
    with core.db.read() as connection:
        query = select(func.count()).where(public_report.c.state == reporting.HELD)
        return int(connection.execute(query).scalar_one())


def photo(core: Core, actor: Actor, instance_id: int, file_id: str, *, thumbnail: bool = False) -> files.Fetched:
    """A photo of a held report, for those who decide on it."""
    access.check_power(actor, RECEIVE, "查看待审来件", "see held reports")
    with core.db.read() as connection:
        _find(connection, instance_id)
    return files.fetch_unasked(core, instance_id, file_id, thumbnail=thumbnail)


def release(core: Core, instance_id: int, by: int | str, note: str = "") -> int:
    """It is a report: it becomes a case, started by the public; history names who released it. Answers the case's id. NotFound when it
    is held no more."""
    actor = _actor(core, by)
    with core.db.read() as connection:
        row = _find(connection, instance_id)
    code_hash = row["code_hash"]
    said = clean_text(note, 500) if note.strip() else ""

    def beside(seen: Seen, writes: WriteSet) -> None:
        writes.update(
            public_report,
            code_hash=code_hash,
            state=reporting.STARTED,
            answers=None,
            decided_at=seen.now,
            decided_by=actor.id,
            note=said,
        )
        effects.record(
            seen, writes, Event.WROTE, actor=actor, data={"what": "released", **({"text": said} if said else {})}
        )

    with origin.coming_from(""):
        instances.start(
            core,
            row["answers"]["process"],
            row["answers"]["answers"],
            technical.person_id(core),
            key=reporting.key_of(code_hash),
            given=row["answers"]["given"],
            beside=beside,
        )
    return instance_id


def refuse(core: Core, instance_id: int, by: int | str, reason: str) -> None:
    """It is no report: its photos go, and so does who sent it. The reason is told to who holds the receipt code. NotFound when it is
    held no more; Invalid without a reason."""
    actor = _actor(core, by)
    said = clean_text(reason, 500)
    with core.db.write() as connection:
        row = _find(connection, instance_id)
        now = worlds.on(connection, core, LIVE).now
        done = connection.execute(
            update(public_report)
            .where(public_report.c.code_hash == row["code_hash"], public_report.c.state == reporting.HELD)
            .values(state=reporting.REFUSED, decided_at=now, decided_by=actor.id, note=said)
        )
        if done.rowcount != 1:
            raise NotFound(what="report")
        connection.execute(delete(attachment).where(attachment.c.instance_id == instance_id))
        data = {"why_held": row["why_held"], "reason": said}
        recording.record(
            core, connection, recording.CONTENT, "report_refused", actor=actor, about=f"report:{instance_id}", data=data
        )
    retention.forget_refused(core, instance_id, actor, said)


# ---------------------------------------------------------------- inside


def _actor(core: Core, by: int | str) -> Actor:
    with core.db.read() as connection:
        actor = load_actor(connection, by)
    access.check_power(actor, RECEIVE, "处理待审来件", "decide on held reports")
    return actor


def _find(connection: Connection, instance_id: int) -> Row:
    query = select(public_report).where(
        public_report.c.instance_id == instance_id, public_report.c.state == reporting.HELD
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="report")
    return dict(row)


def _held(connection: Connection, row: Row) -> Held:
    pictures = connection.execute(
        select(attachment.c.id).where(attachment.c.instance_id == row["instance_id"]).order_by(attachment.c.id)
    ).scalars()
    answers = row["answers"] or {}
    return Held(
        instance_id=row["instance_id"],
        at=row["at"],
        answers={**answers.get("given", {}), **answers.get("answers", {})},
        reasons=tuple(row["why_held"].split()),
        photos=tuple(pictures),
        known=tuple(one.name for one in identities.known(connection, row["instance_id"])),
    )
