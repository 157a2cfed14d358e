"""An instance as operators see it: where its tokens stand, where each may be moved, and what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import access, effects, privacy
from engine.bpmn.runtime.live import Token
from engine.bpmn.runtime.returning import Unsound, rooted, sound_move
from engine.bpmn.values import Names
from engine.errors import NotFound
from engine.people import Actor
from engine.steps import Seen, read

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A node: its id and what it is called."""

    node: str
    names: Names


@dataclass(frozen=True, slots=True)
class Standing:
    """A token: the node it is in, whether it is an open task, and where it may be moved."""

    id: int
    at: Place
    is_task: bool
    targets: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """The case, its tokens (none when it has ended), the names of its facts but for personal ones, and, for who `sees` the case, what
    they are."""

    instance: Row
    tokens: tuple[Standing, ...]
    names: tuple[str, ...]
    facts: Row
    sees: bool


def look(core: Core, actor: Actor, instance_id: int) -> Looked:
    """One instance. NotAllowed without the power to operate; NotFound: there is none, or it is about the actor's unit."""
    access.check_power(actor, "operate", "查看流程状态", "see where a process stands")
    seen = read(core, instance_id, actor.id)
    access.check_not_confidential(seen.instance)
    if not access.can(access.check_not_recused, actor, seen.recused):
        raise NotFound(what="case")
    with core.db.read() as connection:
        sees = access.can(access.check_can_see, connection, actor, instance_id)
        hidden = privacy.hidden_facts(connection)
    facts = {name: value for name, value in seen.instance["facts"].items() if name not in hidden}
    return Looked(seen.instance, tuple(_tokens(core, seen)), tuple(facts), facts if sees else {}, sees)


def _tokens(core: Core, seen: Seen) -> Iterator[Standing]:
    if seen.instance["state"] is None:
        return
    _, run = effects.resume(core, seen)
    for token in run.workflow.everything():
        if rooted(token) is token and not token.task_spec.listens:
            yield Standing(
                token.id,
                _place(token.task_spec.node),
                token.id in seen.open_tasks,
                tuple(_targets(token)),
            )


def _targets(token: Token) -> Iterator[Place]:
    scope: Any = token.workflow
    named: set[str] = set()
    while True:
        for element in scope.spec.task_specs.values():
            name = element.node.id
            if element.name == name and name not in named and _fits(token, name):
                named.add(name)
                yield _place(element.node)
        if scope.host is None:
            return
        scope = scope.host.workflow


def _fits(token: Token, name: str) -> bool:
    try:
        sound_move(token, name)
    except Unsound:
        return False
    return True


def _place(node: Any) -> Place:
    return Place(node.id, node.names)
