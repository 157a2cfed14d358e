"""Which acts can be done on many tasks at once, and how each is done on one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, definitions, identities
from engine.acts import base, catalogue, completing, delegating, holding, receiving
from engine.errors import Invalid
from engine.people import load_actor
from engine.steps import Reply
from engine.tables import instance, task

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.core import Core

Row = dict[str, Any]
Do = Callable[["Core", str, int, Mapping[str, Any], str], Reply]
"""Does an act on a task (core, its reference, who, what else the act takes, idempotency key)."""


def _complete(core: Core, ref: str, by: int, params: Mapping[str, Any], key: str) -> Reply:
    return completing.complete(core, ref, params["answers"], by, key=key)


def _transfer(core: Core, ref: str, by: int, params: Mapping[str, Any], key: str) -> Reply:
    return holding.transfer(core, ref, params["to"], by, reason=params["reason"], key=key)


def _delegate(core: Core, ref: str, by: int, params: Mapping[str, Any], key: str) -> Reply:
    return delegating.delegate(core, ref, params["to"], by, reason=params["reason"], key=key)


DOES: dict[str, Do] = {
    "claim": lambda core, ref, by, _, key: holding.claim(core, ref, by, key=key),
    "release": lambda core, ref, by, _, key: holding.release(core, ref, by, key=key),
    "sign": lambda core, ref, by, _, key: receiving.sign(core, ref, by, key=key),
    "complete": _complete,
    "transfer": _transfer,
    "delegate": _delegate,
}
"""Acts by their word (`engine/acts/catalogue.py`)."""

TAKES: dict[str, dict[str, type]] = {
    "complete": {"answers": dict},
    "transfer": {"to": int, "reason": str},
    "delegate": {"to": int, "reason": str},
}
"""What an act takes beside the task."""


def params(act: str, given: Mapping[str, Any]) -> Row:
    """What an act takes, checked and whole. Invalid: no such act for many tasks, something is missing, or is not of its kind."""
    if act not in DOES:
        known = catalogue.ACTS.get(act)
        raise Invalid(
            why_zh=f"不能批量{known.zh if known else act}",
            why_en=f"“{known.en if known else act}” cannot be done on many tasks at once",
        )
    takes = TAKES.get(act, {})
    wrong = sorted(given.keys() - takes.keys())
    found: Row = {}
    for name, kind in takes.items():
        value = given.get(name, kind() if kind is not int else None)
        if not isinstance(value, kind) or isinstance(value, bool):
            wrong.append(name)
        found[name] = value
    if wrong:
        raise Invalid(why_zh=f"参数不对：{'、'.join(wrong)}", why_en=f"wrong parameters: {', '.join(wrong)}")
    return found


def check_nothing_personal(core: Core, refs: list[str], answers: Mapping[str, Any]) -> None:
    """A batch is kept as it was asked for: what a form marks as personal is answered singly. Invalid when it is among the answers."""
    if not answers:
        return
    forms = set()
    with core.db.read() as connection:
        for ref in refs:
            row = _row(connection, ref)
            if row is not None:
                forms.add((row["definition_id"], row["node"]))
    for definition_id, node in forms:
        definition = definitions.get(core, definition_id)
        if identities.split(definition.form_of(definition.model.nodes[node]), answers)[1]:
            raise Invalid(
                why_zh="填写内容含个人信息，请逐件办理",
                why_en="the answers hold personal data: do these tasks one by one",
            )


def check_may_batch(core: Core, ref: str, by: int) -> None:
    """Where the actor may work the task at all, the diagram must allow it to be done among many. NotAllowed otherwise."""
    with core.db.read() as connection:
        row = _row(connection, ref)
        if row is None:
            return  # the act itself says so
        actor = load_actor(connection, by)
        process = connection.execute(select(instance.c.key).where(instance.c.id == row["instance_id"])).scalar()
    if access.can(access.check_can_work, actor, row, process):
        model = definitions.get(core, row["definition_id"]).model
        catalogue.check("batch", model.nodes[row["node"]], model)


def _row(connection: Connection, ref: str) -> Row | None:
    instance_id, task_id = base.split(ref)
    query = select(task).where(task.c.instance_id == instance_id, task.c.id == task_id)
    row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None
