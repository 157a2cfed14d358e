"""What the stream `content` says of definitions, registers and settings, against what they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from engine import settings
from engine.audit.chain import canonical
from engine.audit.digests import DEPLOYED, REGISTER_CHANGED, about_definition, register_digest
from engine.audit.findings import Report
from engine.audit.recording import CONTENT
from engine.definitions import bundle_hash
from engine.tables import audit, definition, definition_file, setting


def check(connection: Connection, report: Report) -> None:
    """Find what was changed in the database without a word in the audit. What was never audited is not looked at."""
    _definitions(connection, report)
    _registers(connection, report)
    _settings(connection, report)


def _said(connection: Connection, kind: str) -> dict[str, dict[str, Any]]:
    """The newest row of a kind for each thing it is about."""
    query = (
        select(audit.c.about, audit.c.data).where(audit.c.stream == CONTENT, audit.c.kind == kind).order_by(audit.c.seq)
    )
    return {row.about: row.data or {} for row in connection.execute(query)}


def _definitions(connection: Connection, report: Report) -> None:
    said = _said(connection, DEPLOYED)
    files: dict[int, dict[str, bytes]] = {}
    for row in connection.execute(select(definition_file)):
        files.setdefault(row.definition_id, {})[row.name] = bytes(row.content)
    there = {}
    for row in connection.execute(select(definition.c.id, definition.c.key, definition.c.version, definition.c.hash)):
        about = about_definition(row.key, row.version)
        there[about] = row.hash
        if bundle_hash(files.get(row.id, {})) != row.hash:
            _differs(report, about, "流程文件与其哈希不符", "its files are not those of its hash")
    for about, data in said.items():
        if there.get(about) != data.get("hash"):
            _differs(report, about, "流程版本与发布记录不符", "is not the version that was deployed")


def _registers(connection: Connection, report: Report) -> None:
    for about, data in _said(connection, REGISTER_CHANGED).items():
        if register_digest(connection, about.removeprefix("register:")) != data.get("digest"):
            _differs(
                report, about, "登记表内容与最近一次变更记录不符", "holds other rows than its last recorded change left"
            )


def _settings(connection: Connection, report: Report) -> None:
    there = dict(connection.execute(select(setting.c.key, setting.c.value)).all())
    for about, data in _said(connection, settings.CHANGED).items():
        if canonical(there.get(about.removeprefix("setting:"))) != canonical(data.get("after")):
            _differs(
                report, about, "设置值与最近一次变更记录不符", "has another value than its last recorded change gave it"
            )


def _differs(report: Report, where: str, zh: str, en: str) -> None:
    report.found("row_differs", where, f"{where}：{zh}", f"{where}: {en}")
