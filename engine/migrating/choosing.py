"""Which running cases a plan is for: all that run by a version, or those among them that it chooses; the rest stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, or_, select

from engine import worlds
from engine.errors import Invalid
from engine.migrating.asked import Chosen
from engine.states import InstanceStatus
from engine.tables import LIVE, instance, job, subscription, task

if TYPE_CHECKING:
    from engine.core import Core

_RUNS = (InstanceStatus.ACTIVE, InstanceStatus.SUSPENDED)
_WAITS = ("timer", "action", "auto")
MOST_NAMED = 2000
"""Numbers that a plan may name; who means more chooses by step, unit or day."""


def running(definition_id: int) -> Any:
    """The cases of the live world that run by a version, as a query of their ids."""
    c = instance.c
    return (
        select(c.id)
        .where(c.world_id == LIVE, c.status.in_([str(each) for each in _RUNS]), c.definition_id == definition_id)
        .where(~c.confidential)
        .order_by(c.id)
    )


def cases(core: Core, connection: Connection, definition_id: int, chosen: Chosen) -> list[int]:
    """Ids of the cases that are meant. Invalid with the numbers that name none which runs by the version, and
    for a unit that is not there."""
    query = running(definition_id)
    if chosen.numbers:
        _check_named(connection, definition_id, chosen.numbers)
        query = query.where(instance.c.number.in_(chosen.numbers))
    if chosen.node:
        query = query.where(_stands_at(chosen.node))
    if chosen.unit:
        query = query.where(_with_unit(_unit(core, chosen.unit)))
    zone = worlds.on(connection, core, LIVE).zone
    if chosen.since is not None:
        query = query.where(instance.c.started_at >= datetime.combine(chosen.since, time(), zone))
    if chosen.until is not None:
        query = query.where(instance.c.started_at < datetime.combine(chosen.until + timedelta(days=1), time(), zone))
    return list(connection.execute(query).scalars())


def standing(connection: Connection, definition_id: int) -> dict[str, int]:
    """How many of the cases that run by a version have an open task at which node: what one may choose by."""
    query = (
        select(task.c.node, func.count(func.distinct(task.c.instance_id)))
        .where(task.c.instance_id.in_(running(definition_id).order_by(None)))
        .where(task.c.closed_at.is_(None), task.c.within.is_(None))
        .group_by(task.c.node)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def units(connection: Connection, definition_id: int) -> set[int]:
    """Ids of the units that have an open task of these cases, or are responsible for one."""
    here = running(definition_id).order_by(None)
    theirs = select(task.c.unit_id).where(task.c.instance_id.in_(here), task.c.closed_at.is_(None))
    own = select(instance.c.unit_id).where(instance.c.id.in_(here))
    return {row[0] for row in connection.execute(theirs.union(own)) if row[0] is not None}


# ---------------------------------------------------------------- inside


def _stands_at(node: str) -> Any:
    """A task, a timer, an action or a message is waited for there."""
    at = (
        select(task.c.instance_id).where(task.c.closed_at.is_(None), task.c.within.is_(None), task.c.node == node),
        select(job.c.instance_id).where(job.c.kind.in_(_WAITS), job.c.node == node),
        select(subscription.c.instance_id).where(subscription.c.node == node),
    )
    return or_(*(instance.c.id.in_(each) for each in at))


def _with_unit(unit_id: int) -> Any:
    theirs = select(task.c.instance_id).where(task.c.closed_at.is_(None), task.c.unit_id == unit_id)
    return or_(instance.c.unit_id == unit_id, instance.c.id.in_(theirs))


def _unit(core: Core, key: str) -> int:
    found = core.unit_id(key)
    if found is None:
        raise Invalid(why_zh=f"没有单位“{key[:40]}”", why_en=f"there is no unit “{key[:40]}”")
    return found


def _check_named(connection: Connection, definition_id: int, numbers: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) > MOST_NAMED:
        raise Invalid(
            why_zh=f"一次最多列出 {MOST_NAMED} 个编号，更多请按环节、单位或日期选择",
            why_en=f"name at most {MOST_NAMED} numbers; choose more by step, unit or day",
        )
    query = select(instance.c.number).where(
        instance.c.number.in_(wanted),
        instance.c.id.in_(running(definition_id).order_by(None)),
    )
    known = set(connection.execute(query).scalars())
    missing = [number[:40] for number in wanted if number not in known]
    if missing:
        some = missing[:5]
        more = len(missing) - len(some)
        raise Invalid(
            why_zh="没有按原版在办的案件：" + "、".join(some) + (f" 等 {len(missing)} 件" if more else ""),
            why_en="no case that runs by the old version: " + ", ".join(some) + (f" and {more} more" if more else ""),
        )
