"""Who may change what of the organisation. Powers are asked of `engine.access`; here is what depends on the unit."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select

from engine import access
from engine.errors import Invalid, NotAllowed
from engine.people import Actor, Post, unit_and_below
from engine.tables import membership, post, substitution, unit
from engine.tables.columns import database_now

ADMINISTER, SECURE, ORGANISE = "administer", "secure", "organise"


def organised_units(connection: Connection, actor: Actor) -> frozenset[int]:
    """Units whose substitutes and duty the actor may set, for buttons: every unit for those who administer."""
    if ADMINISTER in actor.powers:
        return frozenset(connection.execute(select(unit.c.id)).scalars())
    return organised(connection, actor)


def organised(connection: Connection, actor: Actor) -> frozenset[int]:
    """Units whose substitutes and duty the actor sets: those where a post of theirs carries `organise`, and all below them."""
    carrying = _carrying(connection)
    return unit_and_below(
        connection, {each.unit_id for each in actor.posts if each.post in carrying and each.processes is None}
    )


def check_organises(
    connection: Connection,
    actor: Actor,
    unit_ids: set[int],
    act_zh: str,
    act_en: str,
    *,
    until: datetime | None = None,
) -> int | None:
    """May they set substitutes and duty of all these units, up to `until`? System administrators may everywhere. Answers for whom they
    act: none by a right of their own, else the head they stand in for. NotAllowed: they may not. Invalid: they only stand in for who
    may, and what they set would last longer than that."""
    if access.can(access.check_power, actor, ADMINISTER, act_zh, act_en):
        return None
    carrying = _carrying(connection)
    rest = unit_ids - unit_and_below(connection, {p.unit_id for p in actor.own_posts if p.post in carrying})
    if unit_ids and not rest:
        return None
    ends = {}
    for principal in sorted(actor.principals) if unit_ids else ():
        lent = [p for p in actor.posts if p.for_id == principal and p.post in carrying and p.processes is None]
        if rest <= unit_and_below(connection, {p.unit_id for p in lent}):
            ends[principal] = min(_lent_until(connection, actor, p) for p in lent)
    if not ends:
        raise NotAllowed(
            act_zh=act_zh,
            act_en=act_en,
            why_zh="只有本人、单位负责人（本单位及下级）或系统管理员可以设置",
            why_en="that is for the person, for who heads the unit or one above it, and for system administrators",
        )
    principal = max(ends, key=lambda each: ends[each])
    if until is not None and until > ends[principal]:
        raise Invalid(
            why_zh="您只是代理单位负责人，所作安排不能晚于您的代理结束时间",
            why_en="you only stand in for the head of the unit: what you set may not last longer than that",
        )
    return principal


def _carrying(connection: Connection) -> set[str]:
    return {key for key, powers in connection.execute(select(post.c.key, post.c.powers)) if ORGANISE in powers}


def _lent_until(connection: Connection, actor: Actor, lent: Post) -> datetime:
    """Until when this post is lent to them: as long as the substitution, and as long as its principal holds it."""
    s, m = substitution.c, membership.c
    query = (
        select(s.until, m.until, s.processes)
        .select_from(substitution)
        .join(membership, m.person_id == s.principal_id)
        .where(s.principal_id == lent.for_id, s.substitute_id == actor.id, s.ended_at.is_(None))
        .where(or_(s.unit_id.is_(None), s.unit_id == lent.unit_id), or_(s.post_key.is_(None), s.post_key == lent.post))
        .where(m.unit_id == lent.unit_id, m.post_key == lent.post)
        .where(or_(s.since.is_(None), s.since <= database_now()), s.until > database_now())
    )
    ends = [min(until, held or until) for until, held, only in connection.execute(query) if only is None]
    return max(ends, default=datetime.min.replace(tzinfo=UTC))


def check_reviews(actor: Actor, proposed_by: int | None, concerned: set[int]) -> None:
    """May they approve or refuse this change? Four eyes count human beings, and nobody decides on their own posts."""
    act = {"act_zh": "审核此项变更", "act_en": "review this change"}
    access.check_power(actor, SECURE, act["act_zh"], act["act_en"])
    if proposed_by in actor.accounts:
        raise NotAllowed(
            **act, why_zh="变更由您提出，须由他人审核", why_en="you proposed it; somebody else must review it"
        )
    if concerned & actor.accounts:
        raise NotAllowed(
            **act,
            why_zh="变更涉及您自己的岗位，须由他人审核",
            why_en="it changes your own posts; somebody else must review it",
        )
