"""Clocks of an instance that goes on by another version: what was promised stays as it was, to the second, whatever it is called there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from engine.bpmn.changing.clock_pairing import DROPPED, owned
from engine.bpmn.settings import ClockSetting
from engine.errors import CannotChange
from engine.migrating.changing import Changing
from engine.steps import Step
from engine.tables import task as task_table
from escalation.tables import clock, clock_entry

Row = dict[str, Any]
Key = tuple[str, int]
Start = Callable[[Step, ClockSetting, int, Row, int | None], Row]


def change(step: Step, changing: Changing, running: list[Row], start: Start) -> set[Key]:
    """Running clocks are those that the plan says; answers which of them it gives up (`name`, `task_id`): they stop in this step. A promise
    that has no counterpart and that nobody gave up would never be kept or broken, so such a case cannot change (CannotChange); one that
    the new version makes of a task that is open begins now, by `start`. What becomes of each is told with the change."""
    told: list[Row] = changing.told.setdefault("clocks", [])
    of_case = {setting.id for setting in changing.target.model.clocks}
    renamed: dict[Key, str] = {}
    dropped: set[Key] = set()
    for row in running:
        task = step.seen.open_tasks.get(row["task_id"])
        key, says = (
            (row["name"], row["task_id"]),
            {"clock": row["name"], "task": row["task_id"], "due": _text(row["due_at"])},
        )
        told.append(says)
        if task is not None and task["within"]:
            continue  # by the called process's own version
        becomes = changing.asked.clock(_id(row["name"]))
        known = of_case if task is None else {setting.id for setting in _settings(changing, task)}
        if becomes == DROPPED:
            dropped.add(key)
            says["dropped"] = True
        elif becomes not in known:
            raise _no_clock(changing, _id(row["name"]))
        elif becomes != _id(row["name"]):
            renamed[key] = becomes + row["name"].removeprefix(_id(row["name"]))
            says |= {"clock": renamed[key], "from": row["name"]}
    if renamed or dropped:
        _check_asked(step, changing, {*renamed, *dropped})
    if renamed:
        _rename(step, changing, running, renamed)
    if dropped:
        _let_go(step, running, dropped)
    for task in step.seen.open_tasks.values():
        if not task["within"]:
            has = {_id(row["name"]) for row in running if row["task_id"] == task["id"]}
            _begin(step, changing, task, has, start)
    return dropped


# ---------------------------------------------------------------- called otherwise


def _rename(step: Step, changing: Changing, running: Iterable[Row], renamed: dict[Key, str]) -> None:
    """The rows of clocks and of their ledgers under the new names, with all else as it is. What history told of them stays: the row of the
    change says what each was called (`engine.acts.renamed`)."""
    writes, case = step.writes, step.writes.instance_id
    with step.core.db.read() as connection:
        query = select(clock.c.name, clock.c.task_id).where(clock.c.instance_id == case)
        taken = {(row.name, row.task_id) for row in connection.execute(query)} - renamed.keys()
        entries = connection.execute(select(clock_entry).where(clock_entry.c.instance_id == case)).mappings().all()
    for (name, task_id), new in renamed.items():
        if (new, task_id) in taken:
            raise _cannot(
                "clock_name", changing, name, f"在新版中是“{new}”，而此案已有过“{new}”", f"is “{new}” there, had by this case already"
            )  # fmt: skip
    for each in entries:
        new_name = renamed.get((each["name"], each["task_id"]))
        if new_name is not None:
            writes.delete(clock_entry, name=each["name"], task_id=each["task_id"], n=each["n"])
            writes.insert(clock_entry, **{**each, "name": new_name})
    for row in running:
        key = (row["name"], row["task_id"])
        if key in renamed:
            writes.delete(clock, name=row["name"], task_id=row["task_id"])
            row["name"] = renamed[key]
            writes.insert(clock, **row)


def _check_asked(step: Step, changing: Changing, keys: Collection[Key]) -> None:
    """A request that waits for its decision names a clock: it would come too late for one that is called otherwise, or is no more."""
    from escalation import requests  # noqa: PLC0415  it reads the rows that `clocks` makes, which reads this

    for each in requests.pending(step.core, step.writes.instance_id):
        if (each["clock"], each["task_id"] or 0) in keys:
            raise _cannot(
                "clock_asked", changing, each["clock"], "有申请等待批复，批复后再迁移", "has a request that waits for its decision"
            )  # fmt: skip


# ---------------------------------------------------------------- given up, and new


def _let_go(step: Step, running: Iterable[Row], dropped: Collection[Key]) -> None:
    """Open tasks are no longer sorted by what is given up."""
    from escalation import ledger  # noqa: PLC0415  it changes the rows that `clocks` makes
    from escalation.clocks import from_row  # noqa: PLC0415

    gone = {(r["name"], r["task_id"]): r for r in running if (r["name"], r["task_id"]) in dropped}
    nothing = {key: replace(from_row(row), due_at=None, warn_at=None) for key, row in gone.items()}
    ledger.retime(step.seen, step.writes, nothing)


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


# ---------------------------------------------------------------- why not


def _no_clock(changing: Changing, name: str) -> CannotChange:
    """Why a case cannot change whose running clock the new version does not have."""
    return _cannot(
        "clock", changing, name, "正在计时，新版在此没有这一时限", "runs, and the new version has none such there"
    )


def _cannot(code: str, changing: Changing, name: str, zh: str, en: str) -> CannotChange:
    owner = owned(changing.source.model).get(_id(name))
    names = owner[1].names if owner is not None else None
    called = (names.text("zh") or name, names.text("en") or name) if names is not None else (name, name)
    return CannotChange(code, f"时限“{called[0]}”{zh}", f"the limit “{called[1]}” {en}")


def _id(name: str) -> str:
    """The id in the diagram of a clock row: without the count of a clock that was started again."""
    return name.partition("#")[0]


def _text(due: Any) -> str | None:
    return due.isoformat() if due is not None else None
