"""What was done in a case before, read from its history: to which steps a task may be sent back, and what a completion brought about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import definitions
from engine.acts.renamed import Renames
from engine.bpmn.model import Kind, Node
from engine.bpmn.running import Run
from engine.bpmn.values import Names
from engine.events import Event
from engine.organisation import snapshot
from engine.tables import history, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

NOBODY = "public"
"""The login in whose name reports of the public are written: nothing is sent back to nobody."""

_PEOPLES = (Event.COMPLETED, Event.RETURNED, Event.WITHDRAWN, Event.SIGNERS_ADDED, Event.SIGNER_REMOVED)


@dataclass(frozen=True, slots=True)
class Done:
    """A step that somebody did: task, node, the calls it lay in, the token of the sub-process it lay in (none: not known), who
    (whom they stood in for, where they did), when, and the history row. The start of the case has no task."""

    seq: int
    at: datetime
    node: str
    within: str | None
    inside: int | None
    task_id: int | None
    who: int | None


@dataclass(frozen=True, slots=True)
class Target:
    """A step that an open task may be sent back to.

    `node` is what `returning.back` takes as `to`; `names` are the diagram's. `who` did it and gets it back if they still can; none where
    it is an activity as a whole. `start`: the start of the case. `previous`: the step just before. `act`: what the diagram must allow.
    `again`: it can be run again with all that follows; `straight`: it can come straight back when it is done."""

    node: str
    names: Names
    who: int | None
    at: datetime
    act: str
    start: bool = False
    previous: bool = False
    again: bool = True
    straight: bool = True


class Past:
    """The history of one case, oldest first, and its tasks, in the names of the version that it runs by now."""

    def __init__(self, core: Core, instance_id: int) -> None:
        columns = (history.c.seq, history.c.at, history.c.kind, history.c.node, history.c.task_id)
        who = (history.c.actor_id, history.c.for_id, history.c.data)
        query = select(*columns, *who).where(history.c.instance_id == instance_id).order_by(history.c.seq)
        some = (task.c.id, task.c.node, task.c.within, task.c.role, task.c.state, task.c.closed_at)
        offered = (task.c.unit_id, task.c.post_key)
        with core.db.read() as connection:
            self.rows = [dict(row) for row in connection.execute(query).mappings()]
            found = connection.execute(select(*some, *offered).where(task.c.instance_id == instance_id)).mappings()
            self.tasks = {row["id"]: dict(row) for row in found}
        self._rename()
        self.opened_by = {id_: row for row in self.rows for id_ in (row["data"] or {}).get("opened", ())}
        self._done = {row["task_id"]: self._as_done(row) for row in self.rows if self._is_done(row)}

    def _rename(self) -> None:
        """Where the case changed its version, what was done before has the names of now."""
        renames = Renames(self.rows)
        if not renames:
            return
        closed = {row["task_id"]: row["seq"] for row in self.rows if row["kind"] == Event.COMPLETED}
        for id_, row in self.tasks.items():
            if row["closed_at"] is not None:
                seq = closed.get(id_)
                if seq is None:  # taken away, by the last row of that moment
                    seq = max(each["seq"] for each in self.rows if each["at"] <= row["closed_at"])
                self.tasks[id_] = renames.task(row, seq)
        self.rows = [renames.row(row) for row in self.rows]

    def _is_done(self, row: Row) -> bool:
        known = self.tasks.get(row["task_id"])
        return row["kind"] == Event.COMPLETED and known is not None and known["role"] != "signer"

    def _as_done(self, row: Row) -> Done:
        did = self.tasks[row["task_id"]]
        data = row["data"] or {}
        inside = data.get("inside")
        who = data.get("played") or row["for_id"] or row["actor_id"]  # in a trial, as whom it was done
        return Done(row["seq"], row["at"], did["node"], did["within"], inside, row["task_id"], who)

    def done(self) -> Iterator[Done]:
        """The steps that were done, the newest first."""
        for row in reversed(self.rows):
            if row["task_id"] in self._done and row["kind"] == Event.COMPLETED:
                yield self._done[row["task_id"]]

    def start(self) -> Done | None:
        """The start of the case by a person; none when an event started it."""
        row = next((row for row in self.rows if row["kind"] == Event.STARTED), None)
        data = (row["data"] or {}) if row is not None else {}
        if row is None or not data.get("path") or row["actor_id"] is None:
            return None
        return Done(row["seq"], row["at"], data["path"][0], None, None, None, data.get("played") or row["actor_id"])

    def before(self, task_id: int) -> list[Done]:
        """The steps just before a task, the likeliest first: whose completion opened it; where an event or the server did, what people
        had done until then. A task that opened again has before it what it had the first time."""
        at: int | None = task_id
        while at is not None:
            row = self.opened_by.get(at)
            if row is None:
                return []
            if row["kind"] == Event.STARTED:
                return [each for each in (self.start(),) if each is not None]
            if row["kind"] == Event.COMPLETED and row["task_id"] in self._done:
                return [self._done[row["task_id"]]]
            if row["kind"] not in _PEOPLES:
                found = [each for each in self.done() if each.seq < row["seq"]]
                return [*found, *(each for each in (self.start(),) if each is not None)]
            at = self._earlier(at)
        return []

    def _earlier(self, task_id: int) -> int | None:
        """The task at the same place that was open before this one."""
        known = self.tasks[task_id]
        same = [
            each["id"]
            for each in self.tasks.values()
            if each["id"] < task_id and each["node"] == known["node"] and each["within"] == known["within"]
        ]
        return max(same, default=None)

    def completion(self, task_id: int) -> Row | None:
        """The history row of a task's completion."""
        found = (row for row in reversed(self.rows) if row["kind"] == Event.COMPLETED and row["task_id"] == task_id)
        return next(found, None)


def address(core: Core, run: Run, row: Row, done: Done) -> tuple[str, Node] | None:
    """How a step done before is named as a target of an open task, and the node it is: itself, or the sub-process or call it lay in that
    is over. None when it lies outside of all that is around the task, or in another part of what the task itself lies in."""
    taken: set[str] = set()
    mine: str | None = None
    for around in run.around(row["id"]):
        model = definitions.get(core, around.definition or row["main_id"]).model
        node = _here(model, around.prefix, around.owner, done)
        same = node is None or node.id != done.node or done.inside is None or done.inside == (around.host or 0)
        if node is not None and node.id == mine:
            return None
        if node is not None and same:
            return (node.id if node.id not in taken else f"/{around.prefix}{node.id}"), node
        taken |= {each.id for each in model.inside(around.owner)}
        mine = around.at
    return None


def _here(model: Any, prefix: str, owner: str | None, done: Done) -> Node | None:
    way = f"{done.within}/" if done.within else ""
    if not way.startswith(prefix):
        return None
    rest = way.removeprefix(prefix)
    at: str | None = rest.partition("/")[0] if rest else done.node
    while at is not None:
        node = model.nodes.get(at)
        if node is None:
            return None
        if node.parent == owner:
            return node if node.kind is not Kind.EVENT_SUBPROCESS else None
        at = node.parent
    return None


def targets(core: Core, run: Run, instance: Row, row: Row, past: Past) -> list[Target]:
    """Every step that an open task can go back to, the newest first, the start of the case last; what the diagram allows is not asked
    here."""
    where = {**row, "main_id": instance["definition_id"]}
    just_before = {_named(core, run, where, each) for each in past.before(row["id"])[:1]}
    found: dict[str, Target] = {}
    start = past.start()
    for done in (*past.done(), *((start,) if start is not None and _can_amend(core, start.who) else ())):
        known = address(core, run, where, done)
        if known is None or known[0] in found:
            continue
        to, node = known
        again, straight = run.sound(row["id"], to)
        if again or straight:
            at_start = done.task_id is None or node.kind is Kind.START
            whole = not (node.kind.is_inbox or node.kind is Kind.START) or node.multi_instance is not None
            previous = to in just_before
            act = "back_start" if at_start else "back" if previous else "back_any"
            who = None if whole else done.who
            found[to] = Target(to, node.names, who, done.at, act, at_start, previous, again, straight)
    if found and not any(each.previous for each in found.values()):
        return _nearest(list(found.values()), core, run, where, past)
    return list(found.values())


def _nearest(found: list[Target], core: Core, run: Run, where: Row, past: Past) -> list[Target]:
    """Where the step just before cannot be gone back to, or an event came between, the newest of those before that can."""
    for done in past.before(where["id"]):
        to = _named(core, run, where, done)
        for number, each in enumerate(found):
            if each.node == to:
                act = each.act if each.start else "back"
                found[number] = Target(
                    each.node, each.names, each.who, each.at, act, each.start, True, each.again, each.straight
                )
                return found
    return found


def _named(core: Core, run: Run, where: Row, done: Done) -> str | None:
    known = address(core, run, where, done)
    return known[0] if known is not None else None


def _can_amend(core: Core, who: int | None) -> bool:
    """Whether somebody is there to whom the start can be given back."""
    return who is not None and who != snapshot.of(core).logins.get(NOBODY)
