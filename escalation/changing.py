"""Clocks of an instance that goes on by another version: what was promised stays as it was, to the second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.bpmn.settings import ClockSetting
from engine.errors import CannotChange
from engine.migrating.changing import Changing
from engine.steps import Step
from engine.tables import task as task_table

Row = dict[str, Any]
Start = Callable[[Step, ClockSetting, int, Row, int | None], Row]


def change(step: Step, changing: Changing, running: list[Row], start: Start) -> None:
    """A promise that the new version does not know would never be kept or broken, so such a case cannot change (CannotChange); one that it
    makes of a task that is open begins now, by `start`. What becomes of each is told with the change."""
    told: list[Row] = changing.told.setdefault("clocks", [])
    of_case = {setting.id for setting in changing.target.model.clocks}
    for row in running:
        task = step.seen.open_tasks.get(row["task_id"])
        if task is None or not task["within"]:
            known = of_case if task is None else {setting.id for setting in _settings(changing, task)}
            if _id(row["name"]) not in known:
                raise _no_clock(changing, task, _id(row["name"]))
        told.append({"clock": row["name"], "task": row["task_id"], "due": _text(row["due_at"])})
    for task in step.seen.open_tasks.values():
        if not task["within"]:
            _begin(step, changing, task, {row["name"] for row in running if row["task_id"] == task["id"]}, start)


def _begin(step: Step, changing: Changing, task: Row, has: set[str], start: Start) -> None:
    """What the new version promises of an open task and the old one did not."""
    scope = step.run.data(task["id"])
    rows = [
        start(step, setting, task["id"], scope, task["unit_id"])
        for setting in _settings(changing, task)
        if setting.id not in has
    ]
    if not rows:
        return
    told = [{"clock": row["name"], "task": task["id"], "due": _text(row["due_at"]), "new": True} for row in rows]
    changing.told["clocks"] += told
    first = {
        name: min((each for each in (task[name], *(row[name] for row in rows)) if each is not None), default=None)
        for name in ("due_at", "warn_at")
    }
    step.writes.update(task_table, id=task["id"], **first)


def _settings(changing: Changing, task: Row) -> tuple[ClockSetting, ...]:
    return changing.target.model.nodes[changing.change.nodes[task["node"]]].settings.clocks


def _no_clock(changing: Changing, task: Row | None, name: str) -> CannotChange:
    """Why a case cannot change whose running clock the new version does not have."""
    model = changing.source.model
    settings = model.clocks if task is None else model.nodes[task["node"]].settings.clocks
    names = next((setting.names for setting in settings if setting.id == name), None)
    zh, en = (names.text("zh") or name, names.text("en") or name) if names is not None else (name, name)
    return CannotChange(
        "clock",
        f"时限“{zh}”正在计时，新版在此没有这一时限",
        f"the limit “{en}” runs, and the new version has none such there",
    )


def _id(name: str) -> str:
    """The id in the diagram of a clock row: without the count of a clock that was started again."""
    return name.partition("#")[0]


def _text(due: Any) -> str | None:
    return due.isoformat() if due is not None else None
