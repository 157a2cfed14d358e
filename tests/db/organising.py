"""The organisation as tests change it: people, substitutes and duty, written as the shipped acts write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from engine.organisation import revision
from engine.tables import duty, membership, person, substitution, unit
from web.city import City
from web.setting_up import load_people


def hire(city: City, login: str, unit_key: str, post: str, staff_no: str | None = None) -> int:
    """A person with a post, as one account of the human being with this number."""
    load_people(city.core, [{"login": login, "name": login, "unit": unit_key, "post": post}])
    who = city.actor(login).id
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.id == who).values(staff_no=staff_no))
        revision.touch(connection, [who])
    return who


def dismiss(city: City, login: str, unit_key: str | None = None) -> None:
    """Their posts end now, all or those of one unit."""
    who = city.actor(login).id
    over = update(membership).where(membership.c.person_id == who).values(until=city.core.db.now())
    with city.core.db.write() as connection:
        if unit_key is not None:
            over = over.where(membership.c.unit_id == city.core.unit_id(unit_key))
        connection.execute(over)
        revision.touch(connection, [who])


def put(city: City, login: str, unit_key: str, post: str) -> None:
    """One post more for a person."""
    row = {"person_id": city.actor(login).id, "unit_id": city.core.unit_id(unit_key), "post_key": post}
    with city.core.db.write() as connection:
        connection.execute(insert(membership).values(**row))
        revision.touch(connection, [row["person_id"]])  # type: ignore[list-item]


def lend(city: City, principal: str, substitute: str, **scope: Any) -> int:
    """`substitute` acts for `principal` from now on for a day."""
    now, one, other = city.core.db.now(), city.actor(principal).id, city.actor(substitute).id
    row = {
        "principal_id": one,
        "substitute_id": other,
        "since": now - timedelta(minutes=1),
        "until": now + timedelta(days=1),
        "made_at": now,
        **scope,
    }
    with city.core.db.write() as connection:
        key = connection.execute(insert(substitution).values(**row)).inserted_primary_key
        revision.touch(connection, [one, other])
    return int(key[0]) if key is not None else 0


def come_back(city: City, principal: str, substitute: str) -> None:
    """The substitute's time is over."""
    one, other = city.actor(principal).id, city.actor(substitute).id
    over = update(substitution).where(substitution.c.principal_id == one, substitution.c.substitute_id == other)
    with city.core.db.write() as connection:
        connection.execute(over.values(ended_at=city.core.db.now()))
        revision.touch(connection, [one, other])


def on_duty(city: City, login: str, unit_key: str, post: str, since: datetime, hours: int) -> None:
    """On duty for so many hours from a business time on."""
    row = {
        "unit_id": city.core.unit_id(unit_key),
        "post_key": post,
        "person_id": city.actor(login).id,
        "since": since,
        "until": since + timedelta(hours=hours),
    }
    with city.core.db.write() as connection:
        connection.execute(insert(duty).values(**row))
        revision.touch(connection)


def lead(city: City, key: str, parent: str) -> None:
    """Put a unit under another."""
    with city.core.db.write() as connection:
        connection.execute(update(unit).where(unit.c.key == key).values(parent_id=city.core.unit_id(parent)))
        revision.touch(connection)
