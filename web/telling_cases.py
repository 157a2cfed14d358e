"""Cases in words: their state, their steps, what happened to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from engine import definitions, subjects
from engine.bpmn.model import Node
from engine.bpmn.reading.calls import called
from engine.definitions import Definition
from engine.links import DUPLICATE
from engine.queries.cases import Case
from escalation.clocks import setting_id
from web.auth import city
from web.texts import locale, t

Row = dict[str, Any]

STATUSES: Final = {
    "active": ("办理中", "Under way"),
    "suspended": ("已暂停", "Suspended"),
    "completed": ("已结束", "Ended"),
    "rejected": ("已否决", "Rejected"),
    "cancelled": ("已终止", "Cancelled"),
}
"""States of cases in words; one that ended by itself is rather told by where it ended."""

TASK_STATES: Final = {
    "open": ("待办", "Open"),
    "completed": ("已办结", "Completed"),
    "cancelled": ("已取消", "Cancelled"),
    "returned": ("已退回", "Sent back"),
    "rejected": ("已否决", "Rejected"),
    "suspended": ("已暂停", "Suspended"),
}
"""States of tasks in words."""


def status(row: Row) -> str:
    """The state of a case: where it ended, or that it is under way."""
    if row.get("outcome") == DUPLICATE:
        return t("已并入另一案件", "Joined to another case")
    if row["status"] in STATUSES and row["status"] != "completed":
        return t(*STATUSES[row["status"]])
    node = definitions.get(city().core, row["definition_id"]).model.nodes.get(row["outcome"] or "")
    return (node.names.text(locale()) if node is not None else "") or t("已结束", "Ended")


def node_name(definition_id: int, node_id: str | None) -> str:
    """A step's name; its id when the diagram gives none. One that is not in this diagram is looked for in those it calls."""
    core = city().core
    model = definitions.get(core, definition_id).model
    node = model.nodes.get(node_id or "")
    if node is None and node_id:
        found = (definitions.newest(core, key).model.nodes.get(node_id) for key in called(model.nodes.values()))
        node = next((one for one in found if one is not None), None)
    return (node.names.text(locale()) if node is not None else "") or node_id or ""


def subject(row: Row) -> str:
    """What a task's row is about, where its diagram says so because several of one case would look alike; else empty."""
    return subjects.subject(city().core, row, english=locale() == "en")


def wait_word(row: Row, definition_id: int) -> str:
    """What a subscription waits for: by the name of the step that waits, else of what it waits for; correlations may be personal and are
    not shown."""
    node = definitions.get(city().core, definition_id).model.nodes.get(row["node"] or "")
    if name := name_of(node, ""):
        return name
    if row["kind"] == "signal":
        return t(f"信号“{row['name']}”", f"Signal “{row['name']}”")
    return t(f"消息“{row['name']}”", f"Message “{row['name']}”")


def people_of(data: Row) -> list[int]:
    """The people that a history row names: to whom, whom it asks, whom it was taken from."""
    named = (data.get("to"), data.get("person"), *(data.get("people") or ()))
    return [who for who in named if isinstance(who, int) and not isinstance(who, bool)]


def process_name(definition_id: int) -> str:
    """A process by the version it runs."""
    return definitions.get(city().core, definition_id).names.text(locale())


def name_of(node: Node | None, otherwise: str | None) -> str:
    """A step's name in the reader's language; `otherwise` where the diagram has none."""
    return (node.names.text(locale()) if node is not None else "") or otherwise or ""


def clock_name(name: str, definition: Definition) -> str:
    """A clock in words: the case's own, or the name of the step it belongs to."""
    for setting in definition.model.clocks:
        if setting.id == setting_id(name):
            return setting.names.text(locale()) or t("办案总时限", "Whole case")
    for node in definition.model.user_tasks:
        if any(c.id == name for c in node.settings.clocks):
            return name_of(node, name)
    return name


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step of the diagram for readers without pictures."""

    name: str
    times: int
    now: bool


def steps(case: Case, definition: Definition) -> list[StepCount]:
    """The people's steps in the order of the diagram: how often each ran, and where the case is."""
    active = {r["node"] for r in case.open_tasks if not r["within"]}
    own = [
        StepCount(name_of(n, n.id), case.visits.get(n.id, 0), n.id in active)
        for n in definition.model.user_tasks
        if n.id in active or case.visits.get(n.id)
    ]
    return own + _called_steps(case, definition)


def _definition(row: Row, otherwise: Definition) -> Definition:
    return otherwise if row["definition_id"] == otherwise.id else definitions.get(city().core, row["definition_id"])


def _called_steps(case: Case, definition: Definition) -> list[StepCount]:
    """The same for the steps of called processes."""
    found: dict[str, StepCount] = {}
    for row in case.tasks:
        if row["within"]:
            key = f"{row['within']}/{row['node']}"
            name = name_of(_definition(row, definition).model.nodes.get(row["node"]), row["node"])
            now = row["state"] == "open" or (key in found and found[key].now)
            found[key] = StepCount(name, case.visits.get(key, 0), now)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class LinkWord:
    """How a linked case is related, seen from here."""

    outwards: tuple[str, str]
    inwards: tuple[str, str] = field(default=("", ""))


_LINKS = {
    "supervises": LinkWord(("督办", "supervises"), ("被督办", "supervised by")),
    "about": LinkWord(("申请事由案件", "asks about"), ("有申请", "has a request")),
    "lasting_repair_of": LinkWord(("长效整改", "lasting repair of"), ("已转长效整改", "has a lasting repair")),
    "reopened_from": LinkWord(("重开自", "reopened from"), ("重开为", "reopened as")),
    "duplicate_of": LinkWord(("重复于", "duplicate of"), ("有重复件", "has a duplicate")),
}


def link_word(kind: str, *, outwards: bool) -> str:
    """The kind of a link in words."""
    known = _LINKS.get(kind)
    if known is None:
        return kind.replace("_", " ")
    return t(*(known.outwards if outwards else known.inwards))
