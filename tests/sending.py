"""What tests of notices share: people who are reached, notices that wait, and passes until nothing is left."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from engine import settings
from engine.people import load_actor
from engine.tables import notice, person
from escalation.sending import contacts, deciding, delivering, rules
from escalation.tables import contact, delivery
from tests.receivers import Receiver
from web.city import City

HASTE = {
    "sending_timeout_seconds": 0.4,
    "sending_lease_seconds": 2,
    "sending_wait_seconds": 0.02,
    "sending_wait_minutes_most": 0.002,
    "sending_tries": 60,
}
"""So that a failure costs a test no minutes."""


def put(city: City, **values: Any) -> None:
    """Set settings."""
    with city.core.db.write() as connection:
        for key, value in values.items():
            settings.put(city.core, connection, key, value)


def mail_by(city: City, receiver: Receiver) -> None:
    """The city's mail server is this one."""
    put(city, mail_host="127.0.0.1", mail_port=receiver.port, mail_security="none", mail_from="city@liandong.example")


def hooks_at(city: City, *receivers: Receiver) -> None:
    """Notices may be posted to these."""
    put(city, webhook_hosts=[f"127.0.0.1:{each.port}" for each in receivers], webhook_private=True)


def reach(city: City, login: str, channel: str, address: str, **how: Any) -> int:
    """Somebody is told by this channel from now on; answers its id."""
    with city.core.db.read() as connection:
        actor = load_actor(connection, login)
    made = contacts.add(city.core, actor, channel, address)
    with city.core.db.write() as connection:
        values = {"verified_at": city.core.db.now_on(connection), **how}
        connection.execute(update(contact).where(contact.c.id == made).values(**values))
    return made


def person_id(city: City, login: str) -> int:
    with city.core.db.read() as connection:
        found: int = connection.execute(select(person.c.id).where(person.c.login == login)).scalar_one()
    return found


def tell(city: City, case: int, login: str, count: int = 1, *, kind: str = "mentioned", first: int = 1000) -> list[str]:
    """Notices that wait, as a step would have written them; answers their ids."""
    who, now = person_id(city, login), city.world().now
    rows = [
        {
            "instance_id": case, "id": f"{first + n}.{who}", "world_id": 1, "person_id": who, "kind": kind,
            "at": now, "pending": True,
        }
        for n in range(count)
    ]  # fmt: skip
    with city.core.db.write() as connection:
        connection.execute(insert(notice), rows)
    return [str(row["id"]) for row in rows]


def work(city: City, *channels: str) -> None:
    """One round: decide, then send what is due."""
    while deciding.decide_due(city.core):
        pass
    for each in channels or rules.CHANNELS:
        delivering.send_due(city.core, each, 10_000)


def left(city: City) -> int:
    """Notices and deliveries that wait."""
    with city.core.db.read() as connection:
        waiting = connection.execute(
            select(func.count()).select_from(delivery).where(delivery.c.state == "waiting")
        ).scalar_one()
        pending = connection.execute(select(func.count()).select_from(notice).where(notice.c.pending)).scalar_one()
    return int(waiting + pending)


def work_off(city: City, *channels: str, seconds: float = 120) -> None:
    """Rounds until nothing waits. Fails after so long."""
    end = time.monotonic() + seconds
    while left(city):
        assert time.monotonic() < end, f"{left(city)} still wait"
        work(city, *channels)
        time.sleep(0.02)


def deliveries(city: City, *states: str) -> list[dict[str, Any]]:
    """Rows of `delivery` in these states (none: all), in order."""
    query = select(delivery).order_by(delivery.c.instance_id, delivery.c.seq, delivery.c.channel)
    with city.core.db.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row for row in rows if not states or row["state"] in states]


def lapse(city: City) -> None:
    """Every lease on a delivery has just run out."""
    with city.core.db.write() as connection:
        past = city.core.db.now_on(connection) - timedelta(seconds=1)
        connection.execute(update(delivery).values(lease_until=past))
