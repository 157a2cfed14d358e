"""What was said in a case, and who reported it, against what history says of both: a digest of each message, a hash of each ciphertext."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, select, text

from engine.audit import standing
from engine.audit.agreeing import Histories
from engine.audit.findings import Report
from engine.audit.recording import IDENTITY
from engine.tables import audit, identity, public_message

Row = Mapping[Any, Any]

_MESSAGE = ("id", "at", "kind", "text", "by_id", "code_hash")
_UNREADABLE = "identity_unread"


def digest_of(message: Row) -> str:
    """The digest of a row of `public_message`; its id, which nobody can guess, keeps short texts from being guessed."""
    return standing.digest([message[name] for name in _MESSAGE])


def messages(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Messages between the office and reporters: each as it was written, none gone, none added."""
    query = select(public_message).where(public_message.c.instance_id.between(first, last))
    there: dict[int, dict[str, Row]] = {}
    for row in connection.execute(query).mappings():
        there.setdefault(row["instance_id"], {})[row["id"]] = row
    for instance_id, history in histories.items():
        with report.reading(f"case:{instance_id}"):
            _messages(instance_id, history, there.get(instance_id, {}), report)


def _messages(instance_id: int, history: Sequence[RowMapping], rows: Mapping[str, Row], report: Report) -> None:
    told = ((each["data"] or {}).get("message") for each in history)
    said = {
        m["id"]: m["digest"] for m in told if isinstance(m, dict)
    }  # what a message of BPMN began or moved names it as text
    begun_with_digests = standing.SAID in (history[0]["data"] or {})
    for name in sorted(said.keys() | (rows.keys() if begun_with_digests else set())):
        if name not in rows or said.get(name) != digest_of(rows[name]):
            where = f"case:{instance_id} message {name}"
            report.found(
                "row_differs",
                where,
                f"{where}：与上报人的往来消息与历史不符：被更改、删除或添加",
                f"{where}: is not what history says was written: it was changed, deleted or added",
            )


def identities(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Who reported: the fields and the ciphertext that history names, or a deletion that the audit names."""
    told = {
        (instance_id, one["id"]): one
        for instance_id, history in histories.items()
        for each in history
        for one in _told(each)
    }
    if not told:
        return
    readable = _readable(connection)
    if not readable and not any(note.kind == _UNREADABLE for note in report.notes):
        report.note(
            _UNREADABLE,
            "identity",
            "本连接的数据库账号无权读取来件人密文：未核对密文，其余已核对",
            "this connection's role may not read what is sealed of reporters: ciphertexts were not compared, the rest was",
        )
    columns = [c for c in identity.columns if readable or c is not identity.c.sealed]
    rows = {
        (row["instance_id"], row["id"]): row
        for row in connection.execute(select(*columns).where(identity.c.instance_id.between(first, last))).mappings()
    }
    deleted = _deleted(connection, {key[0] for key, row in rows.items() if row["deleted_at"] is not None})
    for (instance_id, name), one in sorted(told.items()):
        row = rows.get((instance_id, name))
        if row is None or not _fits(row, one, readable=readable, deleted=(instance_id, name) in deleted):
            where = f"case:{instance_id} identity {name}"
            report.found(
                "row_differs",
                where,
                f"{where}：来件人信息与历史不符：被更换，或未留审计即删除",
                f"{where}: is not what history says was sealed: it was exchanged, or deleted without a word in the audit",
            )


def _told(row: Row) -> list[dict[str, Any]]:
    data = row["data"] if isinstance(row["data"], dict) else {}
    found = data.get("identity")
    return [one for one in found if isinstance(one, dict) and "id" in one] if isinstance(found, list) else []


def _fits(row: Row, told: Mapping[str, Any], *, readable: bool, deleted: bool) -> bool:
    if row["fields"] != told.get("fields"):
        return False
    if row["deleted_at"] is not None:
        return deleted and not (readable and row["sealed"] is not None)
    if not readable:
        return True
    return row["sealed"] is not None and "sha256:" + sha256(row["sealed"].encode()).hexdigest() == told.get("hash")


def _readable(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return True
    asked = text("SELECT has_column_privilege('identity', 'sealed', 'SELECT')")
    return bool(connection.execute(asked).scalar_one())


def _deleted(connection: Connection, cases: set[int]) -> set[tuple[int, str]]:
    """Which rows the audit says were destroyed."""
    if not cases:
        return set()
    query = select(audit.c.about, audit.c.data).where(
        audit.c.stream == IDENTITY, audit.c.kind == "deleted", audit.c.about.in_([f"case:{each}" for each in cases])
    )
    return {
        (int(row.about.removeprefix("case:")), row.data["id"])
        for row in connection.execute(query)
        if isinstance(row.data, dict) and "id" in row.data
    }
