"""Who may do what: deny by default, one place. `check_can_x` raises a sentence a user can read, `can_x` stands on top of it;
pages, API, search and commands ask the same functions, and a completing step asks them inside its own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, select, true

from engine.bpmn.model import Node
from engine.errors import LiandongError, NotAllowed, NotFound
from engine.people import Actor, unit_and_below
from engine.tables import instance, involvement, recusal, task

Row = dict[str, Any]

SEE_ALL = "see_all_cases"


def is_offered(actor: Actor, row: Row, process: str | None = None) -> bool:
    """True when this open task waits for the actor: assigned to them or to whom they stand in for, or unclaimed and offered to a post
    they hold. `process`: the key of its process, for those who stand in for some processes only."""
    held = actor.holding(row["unit_id"], row["post_key"], process)
    if row["assignee_id"] is not None:
        return row["assignee_id"] == actor.id or (held is not None and held.for_id == row["assignee_id"])
    return held is not None


def acting_for(actor: Actor, row: Row, process: str | None = None) -> int | None:
    """Whom the actor stands in for when they work this task; none: they act for themselves."""
    if row["assignee_id"] == actor.id:
        stored: int | None = row["for_id"]
        return stored
    if row["assignee_id"] is not None and row["assignee_id"] in actor.principals:
        return int(row["assignee_id"])
    held = actor.holding(row["unit_id"], row["post_key"], process)
    return held.for_id if held is not None else None


def check_can_work(actor: Actor, row: Row, node: Node, act: str, process: str | None = None) -> None:
    """May they do `act` (claim, release, transfer, complete) on this open task? Somebody else's task does not exist for them."""
    if not is_offered(actor, row, process) and not actor.holds(row["unit_id"], row["post_key"], process):
        raise NotFound(what="task")
    if act in node.settings.denied_acts:
        raise NotAllowed(
            act_zh="这样办理",
            act_en=act,
            why_zh="流程图不允许在此任务上操作",
            why_en="the diagram does not allow it on this task",
        )


def check_not_own_cause(actor: Actor, for_id: int | None, starter_id: int | None) -> None:
    """A substitute does not decide on what they, or whom they stand in for, started themselves."""
    if for_id is not None and starter_id is not None and starter_id in actor.accounts | {for_id}:
        raise NotAllowed(
            act_zh="代办此任务",
            act_en="do this task for another",
            why_zh="代理人不得办理本人或被代理人自己发起的事项",
            why_en="a substitute does not act on what they or the person they stand in for started",
        )


def check_four_eyes(
    actor: Actor, node: Node, performers: Mapping[str, Sequence[int]], for_id: int | None = None
) -> None:
    """四眼: nobody completes a task who completed one that it checks (the diagram names which): by no account of theirs, neither in
    their own name nor in that of another, nor through a substitute."""
    barred = actor.accounts | ({for_id} if for_id is not None else set())
    for other in node.settings.four_eyes:
        if barred.intersection(performers.get(other, ())):
            raise NotAllowed(
                act_zh="办理此任务",
                act_en="complete this task",
                why_zh="您（或您代理的人）办理过本案的前一环节，核查须由他人进行",
                why_en="you, or whom you stand in for, did the step that it checks; somebody else must check it",
            )


def check_power(actor: Actor, power: str, act_zh: str, act_en: str) -> None:
    """Does a post of theirs carry this power?"""
    if power not in actor.powers:
        raise NotAllowed(
            act_zh=act_zh, act_en=act_en, why_zh="您的岗位没有此权限", why_en="none of your posts carries this right"
        )


def can(check: Any, *args: Any) -> bool:
    """True when the check passes: buttons ask with this what enforcement asks with the check."""
    try:
        check(*args)
    except LiandongError:
        return False
    return True


def visible(connection: Connection, actor: Actor | None) -> ColumnElement[bool]:
    """The filter on `instance` for what the actor sees: all with the power to; what they started; what their units, or units
    below them, had or have a task of, or are responsible for, but nothing that is about one of these units. Nobody sees nothing."""
    if actor is None:
        return false()
    if SEE_ALL in actor.powers:
        return true()
    units = unit_and_below(connection, actor.unit_ids)
    mine = or_(
        instance.c.starter_id == actor.id,
        exists(select(task.c.id).where(task.c.instance_id == instance.c.id, task.c.assignee_id == actor.id)),
    )
    if not units:
        return mine
    involved = exists(
        select(involvement.c.unit_id).where(
            involvement.c.instance_id == instance.c.id, involvement.c.unit_id.in_(units)
        )
    )
    about_them = exists(
        select(recusal.c.unit_id).where(recusal.c.instance_id == instance.c.id, recusal.c.unit_id.in_(units))
    )
    return and_(or_(mine, involved), or_(instance.c.starter_id == actor.id, ~about_them))


def check_can_see(connection: Connection, actor: Actor | None, instance_id: int) -> None:
    """May they see this instance at all? "Not yours" and "does not exist" answer alike."""
    found = connection.execute(
        select(instance.c.id).where(instance.c.id == instance_id, visible(connection, actor))
    ).first()
    if found is None:
        raise NotFound(what="case")
