"""Whom a unit is reached by when it does not answer: the next substitute, its head, the leader on duty. Each asks the organisation as it is
now; where nobody is found the next higher one is asked, so that an urgent word never goes to nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, or_, select

from engine import settings
from engine.tables import duty, person, substitution

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.core import Core
    from engine.organisation.snapshot import Snapshot
    from engine.steps import Seen

SUBSTITUTE, HEAD, DUTY_LEADER, PERSON = "substitute", "head", "duty_leader", "person"
RANKS: Final = (SUBSTITUTE, HEAD, DUTY_LEADER)
POST: Final = "handler"
"""Whose substitute is meant where the diagram names no post."""

DEFAULTS: dict[str, Any] = {"duty_leader_unit": "management_committee", "duty_leader_post": "unit_head"}
"""Who leads on duty where no unit above has anybody on its roster; processes/tables/settings.csv says where it comes from."""


def told(core: Core, known: Snapshot, seen: Seen, to: Any, unit_id: int | None, post: str | None) -> list[int]:
    """The people that these words mean (a list, or with blanks between), each once. Words that are none are passed over."""
    words = to if isinstance(to, list) else str(to or "").split()
    found: list[int] = []
    with core.db.read() as connection:
        search = _Search(core, connection, known, seen)
        for word in words:
            if word == SUBSTITUTE:
                found += search.substitutes(unit_id, post or POST)
            elif word == HEAD:
                found += search.heads(unit_id)
            elif word == DUTY_LEADER:
                found += search.leaders(unit_id)
    return list(dict.fromkeys(found))


class _Search:
    """The organisation, asked on one connection at one moment."""

    def __init__(self, core: Core, connection: Connection, known: Snapshot, seen: Seen) -> None:
        self._core, self._connection, self._known, self._seen = core, connection, known, seen

    def substitutes(self, unit_id: int | None, post: str) -> list[int]:
        """Who stands in now for those who hold the post in the unit; where nobody does, the others who hold it; then its head."""
        if unit_id is None:
            return []
        holders = self._known.holders(unit_id, post, self._seen.wall)
        return self._standing_in(holders, unit_id, post) or holders or self.heads(unit_id)

    def heads(self, unit_id: int | None) -> list[int]:
        """The head of the unit, with who stands in for one that is away; where it has none, of the nearest unit above."""
        for each in self._upwards(unit_id):
            found = [who for post in self._known.heads for who in self._known.holders(each, post, self._seen.wall)]
            if found:
                away = [who for who in found if self._known.is_away(who, self._seen.wall)]
                return [*found, *self._standing_in(away, each, None)]
        return []

    def leaders(self, unit_id: int | None) -> list[int]:
        """Who is on duty as a head, in the unit or the nearest above; else the city's leader on duty; else who holds that post."""
        for each in self._upwards(unit_id):
            found = self._on_duty(each, self._known.heads)
            if found:
                return found
        given = settings.read(self._connection, DEFAULTS)
        unit_key, post = str(given["duty_leader_unit"]), str(given["duty_leader_post"])
        there = self._core.unit_id(unit_key, self._seen.world.realm)
        if there is None:
            return self.heads(unit_id)
        return self._on_duty(there, (post,)) or self._known.holders(there, post, self._seen.wall) or self.heads(unit_id)

    def _upwards(self, unit_id: int | None) -> Iterable[int]:
        at = unit_id
        for _ in range(len(self._known.parents)):
            if at is None:
                return
            yield at
            at = self._known.parents.get(at)

    def _standing_in(self, people: list[int], unit_id: int, post: str | None) -> list[int]:
        if not people:
            return []
        now: datetime | None = self._seen.wall
        s = substitution.c
        query = (
            select(s.substitute_id)
            .join(person, person.c.id == s.substitute_id)
            .where(
                s.principal_id.in_(people),
                s.ended_at.is_(None),
                s.since <= now,
                s.until > now,
                or_(s.unit_id.is_(None), s.unit_id == unit_id),
                person.c.active,
            )
            .order_by(s.since, s.id)
        )
        if post is not None:
            query = query.where(or_(s.post_key.is_(None), s.post_key == post))
        return list(self._connection.execute(query).scalars())

    def _on_duty(self, unit_id: int, posts: Iterable[str]) -> list[int]:
        now = self._seen.now  # as candidates on duty are found
        query = (
            select(duty.c.person_id)
            .join(person, person.c.id == duty.c.person_id)
            .where(
                duty.c.unit_id == unit_id,
                duty.c.post_key.in_(list(posts)),
                duty.c.since <= now,
                duty.c.until > now,
                person.c.active,
            )
            .order_by(duty.c.since, duty.c.id)
        )
        return list(self._connection.execute(query).scalars())
