"""Whom a case may be shown to, or a task be given for a while: judged by the organisation as it is, in the step itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, settings
from engine.candidates import TECHNICAL
from engine.errors import Invalid
from engine.organisation import snapshot
from engine.people import NEVER_LENT, load_actor
from engine.tables import membership, person, post
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.core import Core
    from engine.steps import Seen

Row = dict[str, Any]

DEFAULTS = {"notice_people_most": 200}
"""People that one act names or tells at most; the row of `setting` wins."""


def most(core: Core) -> int:
    """How many people one act may name."""
    with core.db.read() as connection:
        return int(settings.read(connection, DEFAULTS)["notice_people_most"])


def check(core: Core, seen: Seen, people: Sequence[int]) -> list[int]:
    """These people, each once, if all of them may be shown the case. Invalid: nobody or too many are named, somebody does not work here,
    has only posts that show no cases (三员分立), or belongs to a unit that the case is about (回避)."""
    named = list(dict.fromkeys(people))
    limit = most(core)
    if not named or len(named) > limit:
        raise Invalid(why_zh=f"请选择 1 至 {limit} 人", why_en=f"choose 1 to {limit} people")
    refused = [who for who in named if who not in able(core, seen, named)]
    if refused:
        shown = names(core, refused)
        raise Invalid(
            why_zh=f"不能选择{'、'.join(shown)}：已离职、没有可查看案件的岗位，或其单位须回避本案",
            why_en=f"{', '.join(shown)} cannot be chosen: they left, hold no post that shows cases, or the case is about their unit",
        )
    return named


def able(core: Core, seen: Seen, people: Iterable[int]) -> frozenset[int]:
    """Which of them may be shown the case."""
    wanted = set(people)
    known = snapshot.of(core, seen.organisation)
    held = (
        select(membership.c.person_id, post.c.powers)
        .join(post, post.c.key == membership.c.post_key)
        .join(person, person.c.id == membership.c.person_id)
        .where(membership.c.person_id.in_(sorted(wanted)), person.c.active)
        .where((membership.c.since.is_(None)) | (membership.c.since <= database_now()))
        .where((membership.c.until.is_(None)) | (membership.c.until > database_now()))
    )
    with core.db.read() as connection:
        sees = {row.person_id for row in connection.execute(held) if NEVER_LENT.isdisjoint(row.powers)}
    technical = known.logins.get(TECHNICAL)
    return frozenset(
        who
        for who in wanted & sees
        if who != technical
        and not any(seen.recused & known.units_of.get(account, frozenset()) for account in known.accounts(who))
    )


def holders(core: Core, seen: Seen, row: Row) -> list[int]:
    """Who has a task (and whom they do it for), else who holds the post it is offered to; nobody of a unit the case is about."""
    if row["assignee_id"] is not None:
        return [who for who in (row["assignee_id"], row["for_id"], row["owner_id"]) if who is not None]
    if row["post_key"] is None:
        return []
    known = snapshot.of(core, seen.organisation)
    found = known.holders(row["unit_id"], row["post_key"], seen.wall)
    return [who for who in found if not seen.recused & known.units_of.get(who, frozenset())]


def reached(core: Core, seen: Seen, row: Row) -> list[int]:
    """The same, and who stands in for them now: whoever is to be told that something is to be done."""
    found = holders(core, seen, row)
    lent = [each for who in found for each in standing_in(core, seen, row, who)]
    return list(dict.fromkeys([*found, *lent]))


def standing_in(core: Core, seen: Seen, row: Row, person_id: int) -> list[int]:
    """Who does this task while its person is away: nobody of a unit that the case is about, nobody at all of a confidential one."""
    if seen.instance.get("confidential"):
        return []
    known = snapshot.of(core, seen.organisation)
    found = known.stand_ins(person_id, row["unit_id"], row["post_key"], seen.instance["key"], seen.wall)
    return [who for who in found if not seen.recused & known.of_human(who)]


def blind(connection: Connection, instance_id: int, people: Iterable[int]) -> list[int]:
    """Those of them who may not see the case."""

    def sees(who: int) -> None:
        access.check_can_see(connection, load_actor(connection, who), instance_id)

    return [who for who in dict.fromkeys(people) if not access.can(sees, who)]


def names(core: Core, people: Sequence[int]) -> list[str]:
    """Their names, for a sentence; of somebody unknown the number."""
    with core.db.read() as connection:
        rows = connection.execute(select(person.c.id, person.c.name).where(person.c.id.in_(people)))
        known: dict[int, str] = {row.id: row.name for row in rows}
    return [known.get(who, str(who)) for who in people]
