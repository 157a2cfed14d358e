"""Those who answer an emergency, each a process to be killed: `python -m tests.faults.responder URL` forks for each line, as
`tests.faults.worker` does.

`event POINT:SECRET`: brings the signed event, and is killed at that call of the database. `respond MINUTES`: does what workers and
people do, jobs, breaches, notices, signed orders, until so long after the last start order nothing is due."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from flask.testing import FlaskClient
from sqlalchemy import exists, or_, select
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from engine import definitions, jobs, signed_events, worlds
from engine.acts import signature
from engine.clock import RealClock
from engine.errors import LiandongError
from engine.tables import LIVE, instance, job, task
from escalation import sweep
from tests import sending
from tests.emergency import _holder
from tests.faults import worker
from tests.faults.wrecking import Death, wrecked
from tests.plans import REPORTS, SHARED
from web.app import create_app
from web.city import City
from web.demo import pictures
from web.wiring import open_city

Row = dict[str, Any]

PLAN = "plan_flood"
SOURCE = "rain_gauge"
EVENT = {"id": "e1", "name": f"{PLAN}_triggered", "payload": {"area": "qianjiang", **REPORTS[PLAN]}}


def client(city: City) -> FlaskClient:
    """Of the pages of this city."""
    return create_app(city, b"test").test_client()


def send(by: FlaskClient, secret: str) -> TestResponse:
    """The event, always the same one, signed anew as whoever got no answer does."""
    body = json.dumps(EVENT).encode()
    stamp = str(int(RealClock().now().timestamp()))
    headers = {
        "X-Liandong-Source": SOURCE,
        "X-Liandong-Timestamp": stamp,
        "X-Liandong-Signature": signed_events.signature(secret, stamp, body),
    }
    return by.post("/api/v1/events", data=body, headers=headers)


def event(city: City, by: FlaskClient, said: str) -> str:
    """Bring the event, and die on the way."""
    point, _, secret = said.partition(":")
    with wrecked(city.core.db, int(point), Death):
        send(by, secret)
    return "done"


def respond(city: City, minutes: str) -> str:
    """Answer until all is told and nothing is due; a database that is away is waited for."""
    while True:
        with suppress(DBAPIError, psycopg.Error):
            jobs.run_due(city.core, 3, lease_for=worker.LEASE)
            sweep.breaches(city.core, 20)
            sign(city)
            sending.work(city, "webhook")
            if over(city, timedelta(minutes=int(minutes))):
                return "done"
        signal.sigtimedwait([], 0.02)


def signs(row: Row) -> bool:
    """Whether anybody signs for this order: those that only the graver levels bring are left lying."""
    order = (row["variables"] or {})["order"]
    return bool(order["level"] == 4)


def sign(city: City) -> None:
    """What people do: verify, order, and sign for some of the orders."""
    signed = signature.drawn(city.core, pictures.signature(1))
    for row in waiting(city):
        answers = {"verify_decision": "real"} if row["node"] == "Verify" else SHARED[row["node"]]
        ref = f"{row['instance_id']}.{row['id']}"
        with suppress(LiandongError):  # another was first
            city.complete(ref, answers, _holder(city, row), f"done-{ref}", signed=signed)


def waiting(city: City) -> list[Row]:
    """What people still have to do."""
    with city.core.db.read() as connection:
        wanted = task.c.node.in_(("Verify", "StartOrder", "SignOrder"))
        found = [dict(r) for r in connection.execute(select(task).where(task.c.state == "open", wanted)).mappings()]
    return [row for row in found if row["node"] != "SignOrder" or signs(row)]


def over(city: City, after: timedelta) -> bool:
    """Whether so long after the last start order all that was due by then is done, and told. The clock stands from then on: else reports
    fall due faster than they are seen missing."""
    with city.core.db.read() as connection:
        facts = connection.execute(select(instance.c.facts).where(instance.c.key.startswith("plan_"))).scalars().all()
    if not facts or not all(each.get("ordered_at") for each in facts):
        return False
    until = max(datetime.fromisoformat(each["ordered_at"]) for each in facts) + after
    now = city.world().now
    if now > until:
        with city.core.db.write() as connection:
            worlds.stop(connection, city.core, LIVE)
    with city.core.db.read() as connection:
        due = connection.execute(select(exists().where(or_(job.c.kind != "timer", job.c.due_at <= now)))).scalar_one()
    return now > until and not due and not waiting(city) and not sending.left(city)


def main(url: str) -> None:
    """Fork for every line read, from a process that has read the plan and made the pages: a fork then answers at once."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # what is said on the pipe is heard
    jobs.BACKOFF = timedelta(seconds=0.1)
    city = open_city(url)
    by = client(city)
    definitions.newest(city.core, PLAN)
    city.core.db.close()

    def forked(act: Callable[[str], str], argument: str) -> str:
        city.core.db.engine.dispose(close=False)
        return act(argument)

    worker.main(
        {
            "event": lambda _, said: forked(lambda a: event(city, by, a), said),
            "respond": lambda _, said: forked(lambda a: respond(city, a), said),
        }
    )


if __name__ == "__main__":
    main(sys.argv[1])
