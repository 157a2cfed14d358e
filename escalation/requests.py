"""Requests that a clock get more time or stand: 延期, 挂账, 依法中止. Each is a process of its own, asked by who works the task whose clock
it is or by the head of their unit, and approved by another unit. Here is what may be asked; `escalation.asking` asks it,
`escalation.granting` carries it out.

What was asked stands in the history of the case from the first on (`Event.CLOCK_ASKED`) and is read from there, never from the facts of
the request: those are for its readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select

from engine import access, settings
from engine.calendar import Unit
from engine.events import Event
from engine.organisation import rights
from engine.people import Actor
from engine.states import InstanceStatus
from engine.steps import Seen
from engine.tables import history, instance, link
from escalation import sla
from escalation.clocks import from_row, setting_id
from escalation.tables import clock_entry

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

EXTENSION, SHELVING, SUSPENSION = "extension", "shelving", "clock_suspension"
KINDS: Final = (EXTENSION, SHELVING, SUSPENSION)
"""The processes by which it is asked, by their keys: each with rules and an act of its own here, so code names them too."""

ABOUT = "about"
"""The kind of the link from a request to its case."""

SHELVED = "shelved"
"""The ground of a pause that is a 挂账."""

DEFAULTS: Final[dict[str, Any]] = {
    "extension_times_most": 2,
    "extension_second_needs_form": True,
    "shelving_days_most": 365,
    "suspension_days_most": 180,
    "pause_emergency": False,
    "clock_request_processes": {},
}
"""Domain A1.7: at most two extensions of one original limit each, before the deadline, refusals do not count; a second one needs a signed
form; 挂账 once, at most a year. A2: emergency hours never stand, a permit's clock only for what the law names. A row of `setting` wins;
`clock_request_processes`, {kind of request: [processes of whose clocks it may be asked]}, is all content: without its row, of none."""

EMERGENCY: Final = frozenset({Unit.URGENT_HOUR, Unit.URGENT_DAY})

REFUSALS: Final = {
    "not_entitled": (
        "只有办理该任务的人或其单位负责人可以申请",
        "only who works the task whose clock it is, or the head of their unit, may ask",
    ),
    "not_here": ("此流程的时限不能这样申请", "of such a process this cannot be asked"),
    "too_late": (
        "时限已过：逾期是事实，不能补办",
        "its time is over: that it is late is a fact which no later act undoes",
    ),
    "stopped": ("该时限已经结束", "the clock has stopped"),
    "standing": ("该时限正在暂停", "the clock stands already"),
    "no_limit": ("该时钟没有时限", "the clock has no limit"),
    "used_up": ("批准次数已用完", "it was granted as often as it may be"),
    "emergency": ("紧急工作时不得暂停", "emergency hours never stand"),
    "pending": ("已有一件同类申请待批", "a request of this kind is waiting already"),
    "no_form": ("再次延期须附签批单", "a second extension needs a signed form"),
    "no_document": ("须写明依据的文书", "say which paper it rests on"),
    "no_ground": ("请选择法定事由", "choose a legal ground"),
    "bad_until": ("截止日期须在今天之后、最长期限之内", "the last day must lie ahead, within the longest time allowed"),
    "not_approved": ("没有有效的批准", "nobody has approved it"),
    "not_independent": (
        "批准人不得属于申请单位、责任单位及其上下级单位",
        "who approves may not belong to the asking or the responsible unit, to one below it or just above it",
    ),
    "touched": (
        "运维员改动过本申请，不能据此执行，请重新申请",
        "an operator changed this request, so nothing is done by it: ask anew",
    ),
}
"""Why not, by the code of the error that the process catches."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, as the case's history holds it."""

    request: int
    kind: str
    clock: str
    task_id: int
    by: int
    unit: int | None
    reason: str = ""
    document: str = ""
    ground: str | None = None
    until: datetime | None = None

    def told(self) -> Row:
        """The data of the history row."""
        said = {
            "request": str(self.request),
            "kind": self.kind,
            "clock": self.clock,
            "by": self.by,
            "unit": self.unit,
            "text": self.reason,
            "document": self.document,
            "ground": self.ground,
            "until": self.until.isoformat() if self.until is not None else None,
        }
        return {key: value for key, value in said.items() if value not in (None, "")}


# ---------------------------------------------------------------- who may ask


def asking_unit(connection: Connection, actor: Actor, seen: Seen, row: Mapping[str, Any]) -> int | None:
    """The unit for which the actor may ask about a clock of the case: that of its task, or of any open one where the clock is the whole
    case's, if they work it or head the unit. None: they may not."""
    process, heads = seen.instance["key"], rights.organised(connection, actor)
    if not actor.home_units.isdisjoint(seen.recused):
        return None
    for task in sorted(seen.open_tasks.values(), key=lambda each: int(each["id"])):
        if task["role"] is not None or row["task_id"] not in (0, task["id"]):
            continue
        unit: int | None = task["unit_id"] or seen.instance["unit_id"]
        works = access.is_offered(actor, task, process) or access.holds_its_post(actor, task, process)
        if works or access.owns(actor, task, process):
            return unit or next((post.unit_id for post in actor.own_posts), None)
        if unit is not None and unit in heads:
            return unit
    return None


def judge(
    kind: str, row: Mapping[str, Any] | None, now: datetime, entries: Iterable[Row], rules: Mapping[str, Any]
) -> str | None:
    """Why a clock cannot be given what is asked; None: it can. `entries`: the ledger of the whole case."""
    if row is None or row["stopped_at"] is not None:
        return "stopped"
    one = sla.breach(from_row(row), now)
    for code, holds in (
        ("too_late", one.breached_at is not None),
        ("standing", one.paused_at is not None),
        ("no_limit", one.budget is None and one.due_at is None),
    ):
        if holds:
            return code
    if kind == EXTENSION:
        return "used_up" if len(extended(row["name"], entries)) >= int(rules["extension_times_most"]) else None
    if one.budget is not None and one.unit in EMERGENCY and not rules["pause_emergency"]:
        return "emergency"
    shelved = any(each["kind"] == "paused" and each["ground"] == SHELVED for each in entries)
    return "used_up" if kind == SHELVING and shelved else None


def applies(kind: str, process: str, rules: Mapping[str, Any]) -> bool:
    """Whether this can be asked of a process's clocks; never of a request's own."""
    listed = rules["clock_request_processes"]
    return process not in KINDS and isinstance(listed, dict) and process in listed.get(kind, ())


def extended(name: str, entries: Iterable[Row]) -> set[int]:
    """The requests by which a promise of the case was extended, in whatever task it stood: handing a case on gives nobody new ones."""
    return {
        each["request_id"] or -each["n"]
        for each in entries
        if each["kind"] == "extended" and setting_id(each["name"]) == setting_id(name)
    }


def carried(row: Mapping[str, Any], rows: Iterable[Row]) -> list[Row]:
    """The clocks of the whole case that promise the same term as this one of a task: they are extended with it."""
    same = (row["amount"], row["unit"])
    return [
        each
        for each in rows
        if row["task_id"]
        and each["task_id"] == 0
        and each["stopped_at"] is None
        and (each["amount"], each["unit"]) == same
    ]


def ledger_of(core: Core, case_id: int) -> list[Row]:
    """Every entry of every clock of a case."""
    query = select(clock_entry).where(clock_entry.c.instance_id == case_id)
    with core.db.read() as connection:
        return [dict(each) for each in connection.execute(query).mappings()]


def rules_of(core: Core) -> Row:
    """The city's numbers for all of this."""
    with core.db.read() as connection:
        return settings.read(connection, DEFAULTS)


def check_answers(
    kind: str, answers: Mapping[str, Any], seen: Seen, rules: Mapping[str, Any], *, second: bool
) -> str | None:
    """Why what was written cannot be asked so; None: it can."""
    document = str(answers.get("request_document") or "").strip()
    if kind == EXTENSION:
        return "no_form" if second and rules["extension_second_needs_form"] and not document else None
    until = until_of(answers, seen)
    days = int(rules["shelving_days_most" if kind == SHELVING else "suspension_days_most"])
    if until is None or not seen.now < until <= seen.now + timedelta(days=days + 1):
        return "bad_until"
    if kind == SUSPENSION and not answers.get("request_ground"):
        return "no_ground"
    return "no_document" if kind == SUSPENSION and not document else None


def until_of(answers: Mapping[str, Any], seen: Seen) -> datetime | None:
    """The instant at which a pause would end by itself: when the last day is over."""
    said = answers.get("request_until")
    try:
        day = date.fromisoformat(str(said))
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=seen.world.zone) + timedelta(days=1)


# ---------------------------------------------------------------- what was asked of a case


def of_case(core: Core, case_id: int) -> list[Row]:
    """Every request about a case, the newest first: `id`, `key`, `number`, `status`, `outcome`, `started_at`, `ended_at`, `starter_id`,
    `clock`, `task_id`."""
    i = instance.c
    columns = (i.id, i.key, i.number, i.status, i.outcome, i.started_at, i.ended_at, i.starter_id, i.facts)
    query = (
        select(*columns)
        .join(link, link.c.instance_id == i.id)
        .where(link.c.other_id == case_id, link.c.kind == ABOUT, i.key.in_(KINDS))
        .order_by(i.started_at.desc(), i.id.desc())
    )
    with core.db.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    for row in rows:
        facts = row.pop("facts")
        row |= {"clock": facts.get("clock"), "task_id": facts.get("clock_task"), "title": facts.get("clock_title")}
        row["reason"], row["answer"] = facts.get("request_reason"), facts.get("answer_text")
    return rows


def pending(core: Core, case_id: int) -> list[Row]:
    """Those of them that nobody has decided: a pause that was granted is over for its request only when it ends."""
    done = {each["request_id"] for each in ledger_of(core, case_id)}
    open_ = (InstanceStatus.ACTIVE, InstanceStatus.SUSPENDED)
    return [row for row in of_case(core, case_id) if row["status"] in open_ and row["id"] not in done]


def waits_already(kind: str, row: Mapping[str, Any], waiting: Iterable[Row], request: int | None = None) -> bool:
    """Whether another request than this one asks the same, undecided: more time for this clock; or that the case stand."""
    same = (row["name"], row["task_id"])
    return any(
        each["id"] != request
        and each["key"] == kind
        and (kind != EXTENSION or (each["clock"], each["task_id"]) == same)
        for each in waiting
    )


def asked_of(core: Core, case_id: int, request: int) -> Asked | None:
    """What a request asked, from the history of its case."""
    query = select(history.c.data, history.c.task_id, history.c.actor_id).where(
        history.c.instance_id == case_id, history.c.kind == str(Event.CLOCK_ASKED)
    )
    with core.db.read() as connection:
        rows = [(row.data or {}, row.task_id) for row in connection.execute(query)]
    for data, task_id in rows:
        if data.get("request") == str(request):
            return Asked(
                request,
                data["kind"],
                data["clock"],
                task_id or 0,
                data["by"],
                data.get("unit"),
                data.get("text", ""),
                data.get("document", ""),
                data.get("ground"),
                datetime.fromisoformat(data["until"]) if data.get("until") else None,
            )
    return None


def case_of(core: Core, request: int) -> int | None:
    """The case that a request is about: its link, which only `ask` writes."""
    query = select(link.c.other_id).where(link.c.instance_id == request, link.c.kind == ABOUT)
    with core.db.read() as connection:
        found = connection.execute(query).scalar()
    return int(found) if found is not None else None
