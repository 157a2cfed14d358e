"""To learn who reported: for those with the power `unmask` who see the case, with a reason, kept in the audit in the same transaction.

It runs on the connection of `Core.identities`: on PostgreSQL a role of its own, which alone may read what is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, distinct, func, select
from sqlalchemy.exc import ProgrammingError

from engine import access, alarms, settings, vault
from engine.acts.base import clean_text
from engine.audit import recording
from engine.errors import Invalid, LiandongError
from engine.people import Actor, load_actor
from engine.tables import audit, identity, post

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

POWER = "unmask"
DEFAULTS: dict[str, Any] = {"unmask_per_hour": 10, "unmask_per_day": 40}
"""Proposals; rows of `setting` win. So many cases whose reporters one human being looks up until an alarm is raised."""

MOST_REASON = 500


class NotReachable(LiandongError):
    """The connection at hand may not read identities."""

    code = "identity_not_reachable"
    status = 503
    zh = "本服务的数据库账号无权读取来件人身份。请运维人员设置 IDENTITY_DATABASE_URL。"
    en = "This service's database role may not read identities. Ask the operators to set IDENTITY_DATABASE_URL."


@dataclass(frozen=True, slots=True)
class Reporter:
    """What one reporter said of themselves. `values` lacks what was deleted, `deleted` names that."""

    at: datetime
    values: dict[str, Any]
    classes: dict[str, str]
    deleted: tuple[str, ...]


def unmask(core: Core, instance_id: int, by: int | str, reason: str) -> list[Reporter]:
    """Who reported this case, each with what is known of them. NotAllowed without the power, NotFound when the case is not theirs to
    see, Invalid without a reason or when nobody gave a name."""
    said = clean_text(reason, MOST_REASON)
    with reading(core) as connection:
        actor = check_may(connection, by, instance_id)
        rows = connection.execute(
            select(identity).where(identity.c.instance_id == instance_id).order_by(identity.c.at, identity.c.id)
        ).all()
        found = _reporters(connection, instance_id, rows)
        if not any(one.values for one in found):
            raise Invalid(why_zh="此案没有可查看的来件人信息", why_en="nothing is known of who reported this case")
        recording.record(
            core,
            connection,
            recording.IDENTITY,
            "unmasked",
            actor=actor,
            about=f"case:{instance_id}",
            data={"reason": said, "fields": sorted({name for one in found for name in one.values})},
            for_id=in_place_of(connection, actor),
        )
        _watch(core, connection, actor)
    return found


def check_may(connection: Connection, by: int | str, instance_id: int) -> Actor:
    """The actor, if they may know who reported this case."""
    actor = load_actor(connection, by)
    access.check_can_see(connection, actor, instance_id)
    access.check_power(actor, POWER, "查看来件人身份", "learn who reported")
    return actor


def in_place_of(connection: Connection, actor: Actor) -> int | None:
    """Whom the actor stands in for when they have the power by a post of another's alone."""
    carries = {
        row.key
        for row in connection.execute(
            select(post.c.key, post.c.powers).where(post.c.key.in_({p.post for p in actor.posts}))
        )
        if POWER in row.powers
    }
    held = [p for p in actor.posts if p.post in carries]
    return None if any(p.for_id is None for p in held) else next((p.for_id for p in held), None)


@contextmanager
def reading(core: Core) -> Iterator[Connection]:
    """A transaction that may read what is sealed. NotReachable when this service was given no such connection."""
    try:
        with core.identities.write() as connection:
            yield connection
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient_privilege
            raise NotReachable from error
        raise


def _reporters(connection: Connection, instance_id: int, rows: Any) -> list[Reporter]:
    found: dict[str, Reporter] = {}
    for row in rows:
        one = found.setdefault(row.id.partition(".")[0], Reporter(row.at, {}, {}, ()))
        values = None
        if row.sealed is not None:
            values = vault.unseal(connection, vault.reporter(instance_id, row.id), row.sealed)
        one.classes.update(row.fields)
        if values is None:
            found[row.id.partition(".")[0]] = Reporter(
                one.at, one.values, one.classes, (*one.deleted, *sorted(row.fields))
            )
        else:
            one.values.update(values)
    return list(found.values())


def _watch(core: Core, connection: Connection, actor: Actor) -> None:
    """Raise an alarm when somebody looks up more than usual. The stream's end is this transaction's: nobody counts beside us."""
    limits = settings.read(connection, DEFAULTS)
    now = core.db.now_on(connection)
    spans = (
        ("unmask_per_hour", timedelta(hours=1), "一小时", "an hour"),
        ("unmask_per_day", timedelta(days=1), "一天", "a day"),
    )
    for key, span, zh, en in spans:
        most = int(limits[key])
        since = now - span
        counted = connection.execute(
            select(func.count(distinct(audit.c.about))).where(
                audit.c.stream == recording.IDENTITY,
                audit.c.kind == "unmasked",
                audit.c.actor_id.in_(actor.accounts),
                audit.c.at > since,
            )
        ).scalar_one()
        about = f"person:{min(actor.accounts)}"
        if counted > most and not alarms.sounded(connection, key, about, since):
            alarms.sound(
                core,
                connection,
                key,
                about,
                f"{zh}内查看了 {counted} 个案件的来件人身份（上限 {most}）",
                f"Learned who reported {counted} cases within {en} (limit {most})",
            )
