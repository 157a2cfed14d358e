"""The count of changes of the organisation. Whoever changes units, posts, people, memberships, substitutes or duty says so here, in
the same transaction: nodes then read again what they remember, and steps planned under older rights are planned anew."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select, update

from engine.tables import organisation, person


def touch(connection: Connection, people: Iterable[int] = ()) -> None:
    """The organisation changed; the rights of `people` (ids) with it."""
    connection.execute(update(organisation).values(revision=organisation.c.revision + 1))
    changed = sorted(set(people))
    if changed:
        connection.execute(
            update(person).where(person.c.id.in_(changed)).values(access_revision=person.c.access_revision + 1)
        )


def current(connection: Connection) -> int:
    """The count now."""
    return int(connection.execute(_CURRENT).scalar_one())


_CURRENT = select(organisation.c.revision)
