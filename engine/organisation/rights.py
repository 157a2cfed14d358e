"""Who may change what of the organisation. Powers are asked of `engine.access`; here is what depends on the unit."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine import access
from engine.errors import NotAllowed
from engine.people import Actor, unit_and_below
from engine.tables import post, unit

ADMINISTER, SECURE, ORGANISE = "administer", "secure", "organise"


def organised_units(connection: Connection, actor: Actor) -> frozenset[int]:
    """Units whose substitutes and duty the actor may set, for buttons: every unit for those who administer."""
    if ADMINISTER in actor.powers:
        return frozenset(connection.execute(select(unit.c.id)).scalars())
    return organised(connection, actor)


def organised(connection: Connection, actor: Actor) -> frozenset[int]:
    """Units whose substitutes and duty the actor sets: those where a post of theirs carries `organise`, and all below them."""
    carrying = {key for key, powers in connection.execute(select(post.c.key, post.c.powers)) if ORGANISE in powers}
    return unit_and_below(
        connection, {each.unit_id for each in actor.posts if each.post in carrying and each.processes is None}
    )


def check_organises(connection: Connection, actor: Actor, unit_ids: set[int], act_zh: str, act_en: str) -> None:
    """May they set substitutes and duty of all these units? System administrators may everywhere."""
    if access.can(access.check_power, actor, ADMINISTER, act_zh, act_en):
        return
    if not unit_ids or not unit_ids <= organised(connection, actor):
        raise NotAllowed(
            act_zh=act_zh,
            act_en=act_en,
            why_zh="只有本人、单位负责人（本单位及下级）或系统管理员可以设置",
            why_en="that is for the person, for who heads the unit or one above it, and for system administrators",
        )


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
