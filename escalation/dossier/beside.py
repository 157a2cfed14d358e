"""What lies beside the steps of a case: whom it was told and who read it, its files by their hashes, what it is tied to, and the rungs of
its supervision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, or_, select

from engine.events import Event
from engine.tables import attachment, copy, history, instance, link, notice
from escalation.tables import delivery, rung

if TYPE_CHECKING:
    from escalation.dossier.cutting import Cut
    from escalation.dossier.naming import Names
    from escalation.dossier.trail import Trail

Row = dict[str, Any]


def notices(connection: Connection, instance_id: int, cut: Cut, names: Names) -> list[Row]:
    """Who was told what, when they read it, and by which ways it left the house. Addresses are not told."""
    ways: dict[str, list[Row]] = {}
    sent = select(delivery).where(delivery.c.instance_id == instance_id, delivery.c.at <= cut.at)
    for row in connection.execute(sent.order_by(delivery.c.at, delivery.c.id)).mappings():
        told = {"id": row["id"], "channel": row["channel"], "at": row["at"]}
        if row["sent_at"] is not None and row["sent_at"] <= cut.at:
            told["sent_at"] = row["sent_at"]
        ways.setdefault(row["notice_id"], []).append(told)
    query = select(notice).where(notice.c.instance_id == instance_id, notice.c.at <= cut.at)
    found = []
    for row in connection.execute(query.order_by(notice.c.at, notice.c.id)).mappings():
        if not _told_by(row["id"], cut.ends[instance_id]):
            continue
        names.learn(people=[row["person_id"], row["by_id"]])
        found.append(
            _without_none(
                {
                    "id": row["id"],
                    "person": row["person_id"],
                    "kind": row["kind"],
                    "task": row["task_id"],
                    "by": row["by_id"],
                    "at": row["at"],
                    "read_at": row["read_at"] if row["read_at"] is not None and row["read_at"] <= cut.at else None,
                    "ways": ways.get(row["id"]),
                }
            )
        )
    return found


def copies(connection: Connection, instance_id: int, cut: Cut, names: Names) -> list[Row]:
    """Whom it was shown to (抄送, 传阅), and what they wrote on it by then."""
    query = select(copy).where(copy.c.instance_id == instance_id, copy.c.at <= cut.at).order_by(copy.c.at, copy.c.id)
    found = []
    for row in connection.execute(query).mappings():
        if not _told_by(row["id"], cut.ends[instance_id]):
            continue
        read = row["read_at"] is not None and row["read_at"] <= cut.at
        names.learn(people=[row["person_id"], row["by_id"]])
        found.append(
            _without_none(
                {
                    "person": row["person_id"],
                    "kind": row["kind"],
                    "by": row["by_id"],
                    "at": row["at"],
                    "note": row["note"] or None,
                    "read_at": row["read_at"] if read else None,
                }
            )
        )
    return found


def files(connection: Connection, instance_id: int, cut: Cut, names: Names) -> list[Row]:
    """Attachments by the hash of their content: name, kind, size, who added them. The content itself is not in a dossier."""
    query = select(attachment).where(attachment.c.instance_id == instance_id, attachment.c.at <= cut.at)
    return _files(connection, query, names)


def attached(connection: Connection, trail: Trail, names: Names) -> list[Row]:
    """The same by the history up to its last event, in dossiers of the second edition: of the case, and of a supervision, whose files came
    with its demands and with the unit's replies."""
    ids = {(row["data"] or {}).get("attachment") for row in trail.told if row["kind"] == Event.ATTACHED}
    query = select(attachment).where(attachment.c.instance_id == trail.instance, attachment.c.id.in_(ids - {None}))
    return _files(connection, query, names)


def attached_to(connection: Connection, instance_id: int, cut: Cut, names: Names) -> list[Row]:
    """The same of a request about a clock, whose history is not told: what was attached when the last event was written."""
    then = history.c.at <= cut.at if cut.written_at is None else history.c.written_at <= cut.written_at
    said = select(history.c.data).where(history.c.instance_id == instance_id, history.c.kind == Event.ATTACHED, then)
    ids = {(data or {}).get("attachment") for data in connection.execute(said).scalars()}
    query = select(attachment).where(attachment.c.instance_id == instance_id, attachment.c.id.in_(ids - {None}))
    return _files(connection, query, names)


def _files(connection: Connection, query: Select[Any], names: Names) -> list[Row]:
    found = []
    for row in connection.execute(query.order_by(attachment.c.at, attachment.c.id)).mappings():
        names.learn(people=[row["by_id"]])
        kept = ("id", "hash", "name", "type", "size", "purpose", "task_id", "by_id", "at")
        found.append({k: row[k] for k in kept if row[k] not in (None, "")})
    return found


def links(connection: Connection, instance_id: int, cut: Cut, names: Names) -> list[Row]:
    """What the case is tied to, by number; nothing of what is confidential."""
    query = (
        select(link, instance.c.number, instance.c.key)
        .join(
            instance,
            or_(
                (link.c.instance_id == instance_id) & (instance.c.id == link.c.other_id),
                (link.c.other_id == instance_id) & (instance.c.id == link.c.instance_id),
            ),
        )
        .where(link.c.at <= cut.at, instance.c.confidential.is_(False))
        .order_by(link.c.at, link.c.instance_id, link.c.other_id, link.c.kind)
    )
    found = []
    for row in connection.execute(query).mappings():
        names.learn(people=[row["by_id"]])
        outwards = row["instance_id"] == instance_id
        found.append(
            _without_none(
                {
                    "kind": row["kind"],
                    "outwards": outwards,
                    "other": row["other_id"] if outwards else row["instance_id"],
                    "number": row["number"],
                    "process": row["key"],
                    "at": row["at"],
                    "by": row["by_id"],
                }
            )
        )
    return found


def rungs(connection: Connection, cut: Cut, trails: Mapping[int, Trail], names: Names) -> list[Row]:
    """The rungs of supervision in their order: who reminded, urged or showed a card, why, until when the unit might answer, what it
    answered. Of the supervisions in this dossier, hence of none that is confidential."""
    query = (
        select(rung)
        .where(rung.c.case_id == cut.case, rung.c.instance_id.in_(cut.supervisions), rung.c.at <= cut.at)
        .order_by(rung.c.at, rung.c.instance_id, rung.c.id)
    )
    found = []
    for row in connection.execute(query).mappings():
        told = dict(row)
        trail = trails[row["instance_id"]]
        if not _happened(trail, row["id"], "climbed", row["at"], cut):
            continue
        if not _happened(trail, row["id"], "answered", row["answered_at"], cut):
            told |= {"answered_at": None, "answered_by": None, "answer": ""}
        if not _happened(trail, row["id"], "closed", row["closed_at"], cut):
            told |= {"closed_at": None, "closed_by": None, "closing": "", "outcome": None}
        names.learn(
            people=[told["by_id"], told["answered_by"], told["closed_by"]], units=[told["unit_id"], told["by_unit_id"]]
        )
        found.append({k: v for k, v in told.items() if k in _RUNG and v not in (None, "")})
    return found


def _happened(trail: Trail, number: int, what: str, at: datetime | None, cut: Cut) -> bool:
    """Whether this had become of a rung by then: as history tells, else by its time."""
    if at is None:
        return False
    for row in trail.rows:
        data = row["data"] or {}
        if row["kind"] == Event.RUNG and (data.get("rung"), data.get("what")) == (number, what):
            return bool(row["seq"] <= trail.end)
    return at <= cut.at


_RUNG = (
    "instance_id",
    "id",
    "unit_id",
    "kind",
    "round",
    "node",
    "task_id",
    "at",
    "by_id",
    "by_unit_id",
    "reason",
    "basis",
    "due_at",
    "answered_at",
    "answered_by",
    "answer",
    "outcome",
    "closed_at",
    "closed_by",
    "closing",
)


def confidential(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of these instances that are confidential: no row of a dossier speaks of them."""
    query = select(instance.c.id).where(instance.c.id.in_(sorted(ids)), instance.c.confidential.is_(True))
    return set(connection.execute(query).scalars())


def _told_by(row_id: str, end: int) -> bool:
    """Whether the history row that a notice or copy begins its id with is not after the last event."""
    seq, _, _ = row_id.partition(".")
    return not seq.isdecimal() or int(seq) <= end


def _without_none(row: Row) -> Row:
    return {k: v for k, v in row.items() if v is not None}
