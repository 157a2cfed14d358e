"""Who acts for another for a time (代理): made by the person, by the head of the unit, or by the system administrator."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine import settings
from engine.acts.base import clean_text
from engine.audit.recording import ORGANISATION, record
from engine.errors import Invalid, NotAllowed, NotFound
from engine.organisation import judging, picture, plans, revision, rights
from engine.organisation.draft import Draft
from engine.organisation.picture import overlap
from engine.people import Actor, load_actor
from engine.tables import instant_text, substitution

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

LONGEST_DAYS = {"substitution_days_most": 180}
"""When nobody has set it."""


def make(
    core: Core,
    principal: int | str,
    substitute: int | str,
    since: datetime | None,
    until: datetime,
    by: int | str,
    *,
    unit: str | None = None,
    post: str | None = None,
    processes: Iterable[str] | None = None,
    reason: str = "",
) -> int:
    """From `since` (none: now) up to `until` (database time) the substitute may do what the principal's posts allow: those of `unit`,
    this `post`, tasks of these `processes` (none: all). Answers the id. NotFound: no such person, unit or post. NotAllowed: `by` is
    neither the principal, nor may organise the units concerned, nor administers. Invalid: the time is wrong, or longer than `by`
    stands in for the head by whose right they act; there is nothing to lend; a post of system, security or audit administration is
    among what is lent; the substitute is the same human being, or would hold two posts that one person may not hold."""
    keys = sorted(set(processes)) if processes is not None else []
    said = clean_text(reason, 500) if reason.strip() else ""
    with core.db.write() as connection:
        actor = load_actor(connection, by)
        one, other = load_actor(connection, principal), load_actor(connection, substitute)
        draft = Draft(picture.load(core, connection))
        now = draft.now.now
        wanted: Row = {
            "principal": one.login,
            "substitute": other.login,
            "since": since or now,
            "until": until,
            "unit": unit,
            "post": post,
            "processes": keys or None,
            "reason": said,
        }
        _check_place(draft, unit, post)
        lent = {p.unit_id for p in one.own_posts if p.unit_key == (unit or p.unit_key) and p.post == (post or p.post)}
        for_id = None
        if one.id not in actor.accounts:
            for_id = rights.check_organises(connection, actor, lent, "设置代理", "set a substitute", until=until)
        _check_time(connection, wanted, now)
        _check_pair(draft, wanted, one, other)
        if not lent:
            raise Invalid(
                why_zh="被代理人没有可代理的岗位", why_en="they hold no post that somebody could stand in for"
            )
        draft.put_substitute(wanted)
        judging.judge(draft)
        if draft.problems:
            raise plans.refused(draft.problems)
        ids = {key: row["id"] for key, row in draft.now.units.items()}
        row = {
            "principal_id": one.id,
            "substitute_id": other.id,
            **{name: wanted[name] for name in ("since", "until", "processes", "reason")},
            "unit_id": ids[unit] if unit is not None else None,
            "post_key": post,
            "made_at": now,
            "made_by": actor.id,
        }
        new = connection.execute(insert(substitution).values(**row).returning(substitution.c.id)).scalar_one()
        after = {"substitution": new, "substitute": other.id, "unit": unit, "post": post, "processes": keys or None}
        after |= {"since": instant_text(wanted["since"]), "until": instant_text(until)}
        _say(core, connection, "substitution_made", actor, one.id, {"after": after, "reason": said}, for_id)
        revision.touch(connection, [one.id, other.id])
        return int(new)


def end(core: Core, substitution_id: int, by: int | str, reason: str = "") -> None:
    """End it before its time: by the principal, the substitute, who organises the unit, or who administers. NotFound: no such
    substitution, or none that is theirs to see. Ending it again changes nothing."""
    said = clean_text(reason, 500) if reason.strip() else ""
    with core.db.write() as connection:
        actor = load_actor(connection, by)
        query = select(substitution).where(substitution.c.id == substitution_id).with_for_update()
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(what="substitution")
        for_id = None
        if not actor.accounts & {row["principal_id"], row["substitute_id"]}:
            units = _units(connection, row)
            try:
                for_id = rights.check_organises(connection, actor, units, "结束代理", "end this substitution")
            except NotAllowed as error:
                raise NotFound(what="substitution") from error
        now = core.db.now_on(connection)
        if row["ended_at"] is not None or row["until"] <= now:
            return
        ended = update(substitution).where(substitution.c.id == substitution_id).values(ended_at=now)
        connection.execute(ended)
        before = {"substitution": substitution_id, "substitute": row["substitute_id"]}
        before["until"] = instant_text(row["until"])
        data = {"before": before, "reason": said}
        _say(core, connection, "substitution_ended", actor, row["principal_id"], data, for_id)
        revision.touch(connection, [row["principal_id"], row["substitute_id"]])


def _units(connection: Connection, row: Any) -> set[int]:
    if row["unit_id"] is not None:
        return {row["unit_id"]}
    try:
        return {p.unit_id for p in load_actor(connection, row["principal_id"]).own_posts}
    except NotFound:
        return set()


def _say(
    core: Core, connection: Connection, kind: str, actor: Actor, principal_id: int, data: Row, for_id: int | None
) -> None:
    data = {k: v for k, v in data.items() if v}
    record(core, connection, ORGANISATION, kind, actor=actor, about=f"person:{principal_id}", data=data, for_id=for_id)


def _check_place(draft: Draft, unit: str | None, post: str | None) -> None:
    if unit is not None and not draft.unit(unit):
        raise NotFound(what="unit")
    if post is not None and not draft.post(post):
        raise NotFound(what="post")


def _check_time(connection: Connection, wanted: Row, now: datetime) -> None:
    since, until = wanted["since"], wanted["until"]
    most = settings.read(connection, LONGEST_DAYS)["substitution_days_most"]
    if until <= max(since, now):
        raise Invalid(
            why_zh="结束时间须晚于开始时间和现在", why_en="it must end later than it begins, and later than now"
        )
    if until - max(since, now) > timedelta(days=most):
        raise Invalid(why_zh=f"代理最长 {most} 天", why_en=f"a substitution lasts {most} days at most")


def _check_pair(draft: Draft, wanted: Row, one: Actor, other: Actor) -> None:
    if draft.now.human(one.login) == draft.now.human(other.login):
        raise Invalid(
            why_zh="代理人不能是本人（包括本人的其他账号）",
            why_en="nobody stands in for themselves, by no account of theirs",
        )
    time = (wanted["since"], wanted["until"])
    leaves = wanted["unit"] is None and wanted["post"] is None and not wanted["processes"]
    for row in draft.now.substitutes.values():
        if not overlap(time, (row["since"], row["until"])):
            continue
        if all(row[name] == wanted[name] for name in ("principal", "substitute", "unit", "post", "processes")):
            raise Invalid(why_zh="该时间段内已有相同的代理", why_en="they stand in for them at that time already")
        whole = row["unit"] is None and row["post"] is None and not row["processes"]
        if row["substitute"] == one.login and whole and leaves:
            raise Invalid(
                why_zh=f"“{one.name}”在该时间段内正代理他人，请先结束该代理或改由他人代理，否则无人办理",
                why_en=f"“{one.name}” stands in for somebody at that time: end that first, or let another do it; else nobody does",
            )
        if row["principal"] == other.login and whole:
            raise Invalid(
                why_zh=f"“{other.name}”在该时间段内已委托他人代理，不能再作代理人",
                why_en=f"“{other.name}” is away at that time: somebody stands in for them",
            )
