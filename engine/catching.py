"""Which errors of a task the diagram catches: the reasons a person may give when it cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import definitions
from engine.bpmn.model import Event, Kind, Node, ProcessModel, Trigger
from engine.bpmn.values import Names

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

ANY = "error"
"""The code of an error whose catcher asks for none."""


@dataclass(frozen=True, slots=True)
class Caught:
    """An error that something around a task catches."""

    code: str
    names: Names


def around(core: Core, row: Row, main: int) -> list[Caught]:
    """The errors that a task may be failed with, nearest catcher first. `main`: the instance's own definition, whose call activity
    may catch what a called process does not; calls within calls are not looked through."""
    found = list(_caught(definitions.get(core, row["definition_id"]).model, row["node"]))
    within = (row["within"] or "").split("/")
    if len(within) == 1 and within[0]:
        found += _caught(definitions.get(core, main).model, within[0])
    first: dict[str, Caught] = {}
    for one in found:
        first.setdefault(one.code, one)
    return list(first.values())


def _caught(model: ProcessModel, node_id: str) -> Iterator[Caught]:
    """From scope to scope outward: the border of the activity, then the event sub-processes beside it."""
    at: Node | None = model.nodes.get(node_id)
    while at is not None:
        for node in model.nodes.values():
            if node.kind is Kind.BOUNDARY and node.host == at.id:
                yield from _errors(node, node.names)
            elif node.kind is Kind.EVENT_SUBPROCESS and node.parent == at.parent and node.id != at.id:
                for begin in model.inside(node.id):
                    if begin.kind is Kind.START:
                        yield from _errors(begin, begin.names if begin.names.text() else node.names)
        at = model.nodes.get(at.parent or "")


def _errors(node: Node, names: Names) -> Iterator[Caught]:
    for event in node.events:
        if event.trigger is Trigger.ERROR:
            yield Caught(_code(event), names)


def _code(event: Event) -> str:
    return event.name.text if event.name is not None and event.name.text else ANY
