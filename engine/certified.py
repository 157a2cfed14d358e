"""Certificates against the histories of their cases: whoever changed one behind the program's back is found when records are verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from engine import certificates
from engine.audit.agreeing import Histories
from engine.audit.findings import Report
from engine.tables import certificate

Row = Mapping[Any, Any]


def agree(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """A check of `engine.audit.verifying`: each certificate was issued as it stands, by a step of its case; its state is what history says
    last; and none is gone."""
    rows: dict[int, dict[str, Row]] = {}
    query = select(certificate).where(certificate.c.instance_id.between(first, last))
    for row in connection.execute(query).mappings():
        rows.setdefault(row["instance_id"], {})[row["id"]] = row
    for instance_id, history in histories.items():
        with report.reading(f"case:{instance_id}"):
            for which, zh, en in _differing(history, rows.get(instance_id, {})):
                where = f"case:{instance_id} certificate {which}"
                report.found("row_differs", where, f"{where}：{zh}", f"{where}: {en}")


def _differing(history: Sequence[RowMapping], rows: Mapping[str, Row]) -> Iterator[tuple[str, str, str]]:
    issued: dict[str, Row] = {}
    states: dict[str, str] = {}
    for each in history:
        data = each["data"] or {}
        result = data.get("result")
        if each["kind"] != "action_done" or not isinstance(result, dict):
            continue
        if data.get("name") == "certificate" and "hash" in result:
            issued.setdefault(result["id"], result)
        elif data.get("name") == "certificate_state" and "before" in result:  # the row of whose it is
            states[result["id"]] = result["state"]
    for which in sorted(issued.keys() | rows.keys()):
        row, said = rows.get(which), issued.get(which)
        if row is None or said is None:
            yield which, "被删除，或从未签发", "is gone, or was never issued"
        elif (row["number"], row["hash"]) != (said["number"], said["hash"]) or certificates.digest(row) != row["hash"]:
            yield which, "内容与签发时不符", "is not as it was issued"
        elif row["state"] != states.get(which, certificates.VALID):
            yield which, "状态与历史不符", "is in another state than history says"
