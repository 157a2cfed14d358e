"""A reminder names the clocks it tells of, on the page and in the message that leaves the house: two that turned yellow at once in one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from escalation import reminding
from escalation.sending import deciding, rules, wording
from escalation.tables import contact, delivery
from tests.factories import HANDLER, case_at
from tests.web.visitor import Visit, words
from web.city import City


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_the_clocks_of_a_step_and_its_case_are_told_together(city: City, visit: Visit) -> None:
    case_at(city, "Handle")
    city.advance(timedelta(minutes=105))  # of two urgent hours
    reminding.reminders(city.core)
    told = words(visit(HANDLER).get("/notices").text)
    assert told.count("即将到期") == 1
    assert "“处置”即将到期（处置时限、案件时限），请抓紧办理" in told
    assert "is due soon (Time to handle, Term of the case)" in words(visit(HANDLER, "en").get("/notices").text)


def test_and_in_the_message_too(city: City) -> None:
    who = city.actor(HANDLER).id
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection)
        row = {"person_id": who, "channel": "mail", "sealed": "", "shown": "h•••", "at": now, "verified_at": now}
        connection.execute(contact.insert().values(**row))
    case = case_at(city, "Handle")
    city.advance(timedelta(minutes=105))
    reminding.reminders(city.core)
    deciding.decide_due(city.core)
    with city.core.db.read() as connection:
        keys = connection.execute(select(delivery.c.instance_id, delivery.c.id).where(delivery.c.instance_id == case))
        found = wording.details(connection, [(row.instance_id, row.id) for row in keys])
        writer = wording.Writer(city.core, connection, rules.read(connection), who, rules.FULL)
        texts = [writer.one(row)[1] for row in found if row["kind"] == "reminded"]
    assert texts == ["“处置”即将超时（处置时限、案件时限），请尽快办理。"]
