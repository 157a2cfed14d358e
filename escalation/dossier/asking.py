"""Who may have a dossier, and the record of each that was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import select

from engine import access
from engine.audit import recording
from engine.errors import Invalid, NotFound
from engine.tables import instance
from engine.tables.columns import LARGEST_ID
from escalation.dossier.making import make
from escalation.dossier.sealing import Dossier

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

POWERS = ("supervise", access.SEE_ALL, "see_clues")
"""Of which one is needed, beside seeing the case by more than a copy."""

MADE = "dossier_made"
"""What the chain of the records says of each."""


def check(core: Core, actor: Actor, case: int) -> None:
    """May they have the dossier of this case? A case that they do not see, or that is about their unit, does not exist (NotFound)."""
    if case > LARGEST_ID:
        raise NotFound(what="case")
    with core.db.read() as connection:
        access.check_can_see(connection, actor, case, copies=False)
    if actor.powers.isdisjoint(POWERS):
        access.check_power(actor, POWERS[0], "查看案件卷宗", "see the dossier of a case")


def allowed(core: Core, actor: Actor, case: int) -> bool:
    """The same as a question: for the button."""
    return access.can(check, core, actor, case)


def look(core: Core, actor: Actor, case: int, event: str | None = None) -> Dossier:
    """The dossier, for somebody who looks what it would hold: nothing leaves the house, so it is a look at the case and no more."""
    check(core, actor, case)
    return make(core, case, event)


def hand_out(core: Core, actor: Actor, case: int, event: str | None = None, form: str = "json") -> Dossier:
    """The dossier, to be taken away; that it was is recorded first, with its hash."""
    found = look(core, actor, case, event)
    _record(core, found, actor, form)
    return found


def action(core: Core, instance_id: int, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The action `dossier` of diagrams: make the dossier of the case `case_id` (none: of the instance itself) up to its newest events.
    Answers what names it for ever: {"hash", "event", "case_id", "page"} (`page`: where it is shown); whoever has the right makes the same
    bytes again from these. Invalid where that is no case, or a confidential one of others."""
    case = _case(parameters.get("case_id"), instance_id)
    with core.db.read() as connection:
        confidential = connection.execute(select(instance.c.confidential).where(instance.c.id == case)).scalar()
    if confidential and case != instance_id:
        raise Invalid(why_zh="保密案件不得制作卷宗", why_en="a confidential case has no dossier for others")
    found = make(core, case)
    _record(core, found, None, f"case:{instance_id}")
    page = f"/cases/{case}/dossier?{urlencode({'event': found.event})}"
    return {"hash": found.hash, "event": found.event, "case_id": str(case), "page": page}


def _case(given: Any, instance_id: int) -> int:
    if given is None:
        return instance_id
    text = str(given)
    if not text.isascii() or not text.isdecimal() or int(text) > LARGEST_ID:
        raise Invalid(why_zh=f"不是案件编号：{text[:60]}", why_en=f"this is no case: {text[:60]}")
    return int(text)


def _record(core: Core, made: Dossier, actor: Actor | None, form: str) -> None:
    data = {"event": made.event, "hash": made.hash, "form": form}
    with core.db.write() as connection:
        recording.record(core, connection, recording.RECORDS, MADE, actor=actor, about=f"case:{made.case}", data=data)
