"""Rows that say again what a chain says: where they differ, somebody changed them behind the program's back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from engine.audit.findings import Report
from engine.tables import attachment, task

Row = Mapping[Any, Any]
Histories = Mapping[int, Sequence[RowMapping]]
"""Whole chains of a range of cases, by case: those only that were chained from their first row."""

Check = Callable[[Connection, int, int, Histories, Report], None]
"""Holds rows of the cases from the first to the last id against their histories."""


def tasks(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Tasks: opened, signed for, closed, by whom and when, as history tells."""
    names = ("instance_id", "id", "state", "opened_at", "closed_at", "closed_by", "signed_at", "signed_by")
    query = select(*(task.c[name] for name in names)).where(task.c.instance_id.between(first, last))
    rows: dict[int, dict[int, Row]] = {}
    for row in connection.execute(query).mappings():
        rows.setdefault(row["instance_id"], {})[row["id"]] = row
    for instance_id in rows.keys() | histories.keys():
        if instance_id in histories:
            with report.reading(f"case:{instance_id}"):
                for task_id, zh, en in _tasks(histories[instance_id], rows.get(instance_id, {})):
                    _differs(report, f"case:{instance_id} task {task_id}", zh, en)


def _tasks(history: Sequence[RowMapping], rows: Mapping[int, Row]) -> Iterator[tuple[int, str, str]]:
    opened = {t: each["at"] for each in history for t in (each["data"] or {}).get("opened", ())}
    done = {each["task_id"]: each for each in history if each["kind"] == "completed"}
    signed = {each["task_id"]: (each["actor_id"], each["at"]) for each in history if each["kind"] == "signed"}
    rejected = {each["task_id"] for each in history if each["kind"] == "rejected"}
    instants = {each["at"] for each in history}
    for task_id in sorted(opened.keys() | rows.keys()):
        row = rows.get(task_id)
        if row is None:
            yield task_id, "记录显示曾开启，但任务已不存在", "history opened it, and there is no such task"
        elif task_id not in opened:
            yield task_id, "任务存在，但历史中从未开启", "is there, and history never opened it"
        elif row["opened_at"] != opened[task_id]:
            yield task_id, "开启时间与历史不符", "was opened at another time than history tells"
        elif (row["state"] == "completed") != (task_id in done):
            yield task_id, "是否完成与历史不符", "differs from history in whether it was done"
        elif task_id in done and (row["closed_by"], row["closed_at"]) != (
            done[task_id]["actor_id"],
            done[task_id]["at"],
        ):
            yield (
                task_id,
                "完成人或完成时间与历史不符",
                "was done by somebody else or at another time than history tells",
            )
        elif (row["state"] == "rejected") != (task_id in rejected):
            yield task_id, "是否被否决与历史不符", "differs from history in whether it was rejected"
        elif (row["signed_by"], row["signed_at"]) != signed.get(task_id, (None, None)):
            yield (
                task_id,
                "签收人或签收时间与历史不符",
                "was signed for by somebody else or at another time than history tells",
            )
        elif row["state"] not in ("open", "suspended") and row["closed_at"] not in instants:
            yield task_id, "关闭时间与历史不符", "was closed when nothing happened"
        elif row["state"] in ("open", "suspended") and (row["closed_at"], row["closed_by"]) != (None, None):
            yield task_id, "未关闭却有关闭时间", "is open and has been closed"


def attachments(connection: Connection, first: int, last: int, histories: Histories, report: Report) -> None:
    """Attachments: each was attached with this content under this name, and none is gone."""
    query = select(attachment.c.instance_id, attachment.c.id, attachment.c.hash, attachment.c.name).where(
        attachment.c.instance_id.between(first, last)
    )
    there: dict[int, dict[str, tuple[str, str]]] = {}
    for row in connection.execute(query):
        there.setdefault(row.instance_id, {})[row.id] = (row.hash, row.name)
    for instance_id, history in histories.items():
        with report.reading(f"case:{instance_id}"):
            _attachments(instance_id, history, there.get(instance_id, {}), report)


def _attachments(
    instance_id: int, history: Sequence[RowMapping], found: Mapping[str, tuple[str, str]], report: Report
) -> None:
    said = {
        each["data"]["attachment"]: (each["data"]["hash"], each["data"]["name"])
        for each in history
        if each["kind"] == "attached" and (each["data"] or {}).get("hash")
    }
    for name in sorted(said.keys() | found.keys()):
        if said.get(name) != found.get(name):
            _differs(
                report,
                f"case:{instance_id} attachment {name}",
                "附件与历史不符：被更换、删除或添加",
                "is not what history says was attached: it was replaced, deleted or added",
            )


def instance(row: Row, history: Sequence[RowMapping], report: Report) -> None:
    """The case itself: when it began, who began it, and whether it has ended."""
    begun, where = history[0], f"case:{row['id']}"
    if (row["started_at"], row["starter_id"]) != (begun["at"], begun["actor_id"]):
        _differs(
            report,
            where,
            "发起人或发起时间与历史不符",
            "was started by somebody else or at another time than history tells",
        )
    if row["ended_at"] is not None and row["ended_at"] not in {each["at"] for each in history}:
        _differs(report, where, "结束时间与历史不符", "ended when nothing happened")
    if (row["status"] in ("active", "suspended")) != (row["ended_at"] is None):
        _differs(report, where, "状态与结束时间不符", "says both that it has ended and that it has not")


def _differs(report: Report, where: str, zh: str, en: str) -> None:
    report.found("row_differs", where, f"{where}：{zh}", f"{where}: {en}")


CHECKS: tuple[Check, ...] = (tasks, attachments)
