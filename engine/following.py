"""What every step brings along for people, whatever act it was: notices, copies that the diagram hands out, tasks that it does by itself.
A listener of steps (`Core.listeners`): its rows are written with the step or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import automatic, definitions, feel, notices
from engine.acts import copying, receivers
from engine.bpmn.settings import CopyTo
from engine.candidates import TECHNICAL
from engine.events import Event
from engine.organisation import snapshot
from engine.steps import Step
from engine.tables import history, recusal

Row = dict[str, Any]

_ENDINGS = {Event.REJECTED: "rejected", Event.CANCELLED: "cancelled"}


def follow(step: Step) -> None:
    """Add these rows. In a replay nobody works: there it hands out nothing and tells nobody."""
    said = step.writes.inserts[history.name][-1]
    by_itself = automatic.decide(step, said)
    if step.seen.world.kind == "replay":
        return
    _tell(step, said, by_itself)
    _hand_out(step)


def _tell(step: Step, said: Row, by_itself: frozenset[int]) -> None:
    """A task became somebody's own; one they had was closed by something else than what was done with it; a case that they started has
    ended. Tasks in a role of their own (signers, those sent back to) are told of by the act that opened them."""
    seen, writes, outcome, seq = step.seen, step.writes, step.outcome, said["seq"]
    event = Event(said["kind"])
    for row in step.opened:
        if row["assignee_id"] is not None and row["role"] is None and row["id"] not in by_itself:
            kind = "sent_back" if event is Event.RETURNED else "assigned"
            notices.tell(seen, writes, seq, kind, (row["assignee_id"],), task_id=row["id"])
            lent = receivers.standing_in(step.core, seen, row, row["assignee_id"])
            notices.tell(seen, writes, seq, kind, lent, task_id=row["id"], data={"for": row["assignee_id"]})
    for task_id in outcome.cancelled:
        had = seen.open_tasks[task_id]["assignee_id"]
        if had is not None and task_id != said["task_id"]:
            notices.tell(seen, writes, seq, "taken", (had,), task_id=task_id, data={"event": str(event)})
    starter = seen.instance.get("starter_id")
    if not outcome.ended or starter is None:
        return
    if starter != snapshot.of(step.core, seen.organisation).logins.get(TECHNICAL):
        text = (said["data"] or {}).get("text")
        data = {"text": text} if text else {"outcome": outcome.end_node} if outcome.end_node else None
        notices.tell(seen, writes, seq, _ENDINGS.get(event, "ended"), (starter,), data=data)


def _hand_out(step: Step) -> None:
    """The copies that the diagram wants for what opened, and for what was done."""
    seen = step.seen
    for node, task_id, wanted, scope in _wanted(step):
        named = _named(step, wanted, scope)
        about = {row["unit_id"] for row in step.writes.inserts.get(recusal.name, ())}  # what this very step found out
        known = snapshot.of(step.core, seen.organisation)
        allowed = receivers.able(step.core, seen, named) if named else frozenset()
        people = [who for who in named if who in allowed and about.isdisjoint(known.units_of.get(who, frozenset()))]
        if people:
            how = "circulate" if wanted.circulate else "copy"
            most = receivers.most(step.core)
            copying.hand_out(
                seen, step.writes, people[:most], how, by=None, note=wanted.note, node=node, task_id=task_id
            )


def _wanted(step: Step) -> Iterator[tuple[str, int, CopyTo, Mapping[str, Any]]]:
    for opened in step.outcome.opened:
        for each in opened.node.settings.copies if opened.role is None else ():
            if not each.done:
                yield opened.node.id, opened.id, each, opened.scope
    row = step.seen.open_tasks.get(step.completed) if step.completed is not None else None
    if row is not None and row["role"] is None:
        node = definitions.get(step.core, row["definition_id"]).model.nodes[row["node"]]
        for each in node.settings.copies:
            if each.done:
                yield node.id, row["id"], each, {**step.facts, **(row["variables"] or {})}


def _named(step: Step, wanted: CopyTo, scope: Mapping[str, Any]) -> list[int]:
    """Whom the diagram means, each once: names that mean nobody are passed over."""
    known = snapshot.of(step.core, step.seen.organisation)
    person, unit_key, post = (
        feel.to_json(step.run.value(value, scope)) for value in (wanted.person, wanted.unit, wanted.post)
    )
    found = [known.known(ref) for ref in (person if isinstance(person, list) else [person])]
    if isinstance(post, str) and post:
        if wanted.unit is None:
            found += known.holders(None, post, step.seen.wall)
        for key in unit_key if isinstance(unit_key, list) else [unit_key]:
            unit_id = step.core.unit_id(key, step.seen.world.realm) if isinstance(key, str) else None
            if unit_id is not None:
                found += known.holders(unit_id, post, step.seen.wall)
    return list(dict.fromkeys(who for who in found if who is not None))
