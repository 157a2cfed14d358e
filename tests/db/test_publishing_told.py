"""Who may decide about a version or a migration is told that it waits, in the house and out; who proposed it, what came; nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import publishing
from engine.migrating import deciding, working
from engine.people import load_actor
from engine.queries import notices as reading
from engine.tables import membership, notice, person
from escalation.sending import deciding as sending
from escalation.sending import rules, wording
from escalation.sending.rules import Rules
from escalation.tables import contact, delivery
from tests.changing import OTHER
from tests.db.test_publishing import proposed
from tests.factories import COLLECTOR, DESIGNER, OPERATOR
from tests.small import deploy, drawn_up, line, task, tried
from web.city import City


def told(city: City) -> list[tuple[str, str]]:
    """Who was told what that is about no case, in order."""
    query = select(person.c.login, notice.c.kind).join(person, person.c.id == notice.c.person_id)
    with city.core.db.read() as connection:
        rows = connection.execute(query.where(notice.c.instance_id == 0).order_by(notice.c.at, notice.c.id)).all()
    return [(row.login, row.kind) for row in rows]


def reads(city: City, login: str) -> list[dict[str, Any]]:
    return reading.newest(city.core, city.actor(login))


def test_a_version_to_approve_is_told_to_who_may_and_its_end_to_who_proposed_it(city: City) -> None:
    one = proposed(city)
    assert told(city) == [(OTHER, "publish_asked")]
    (row,) = reads(city, OTHER)
    assert (row["instance_id"], row["data"]["proposal"], row["data"]["text"]) == (0, one, "说明改清楚")
    assert row["data"]["zh"] != row["data"]["en"]
    assert reading.unread(city.core, city.actor(OTHER)) == 1
    assert reads(city, DESIGNER) == reads(city, COLLECTOR) == []
    publishing.refuse(city.core, one, OTHER, "先不改")
    assert told(city)[1:] == [(DESIGNER, "publish_refused")]
    assert reads(city, DESIGNER)[0]["data"]["text"] == "先不改"
    two = proposed(city, "乙")
    publishing.approve(city.core, two, OTHER)
    assert told(city)[2:] == [(OTHER, "publish_asked"), (DESIGNER, "publish_approved")]
    opened = reads(city, OTHER)[0]
    reading.open_one(city.core, city.actor(OTHER), 0, opened["id"])
    assert reading.unread(city.core, city.actor(OTHER)) == 1


def test_what_could_not_be_published_is_told_to_both(city: City) -> None:
    one, two = proposed(city), proposed(city, "乙", due=timedelta(hours=1))
    publishing.approve(city.core, two, OTHER)
    publishing.approve(city.core, one, OTHER)
    publishing.publish(city.core, one)
    with city.core.db.write() as connection:
        from engine.tables import process_proposal  # noqa: PLC0415

        past = city.core.db.now_on(connection) - timedelta(seconds=1)
        connection.execute(update(process_proposal).where(process_proposal.c.id == two).values(try_at=past))
    publishing.run_due(city.core)
    assert publishing.get(city.core, two).state == "failed"
    assert sorted(told(city)[-2:]) == sorted([(DESIGNER, "publish_failed"), (OTHER, "publish_failed")])


def test_a_migration_to_approve_is_told_and_its_end_too(city: City) -> None:
    deploy(city, *line(task("A")))
    city.start("tiny", {}, OPERATOR)
    deploy(city, *line(task("A")))
    plan = drawn_up(city)
    tried(city, plan)
    assert told(city) == [], "a dry run is nobody's to decide"
    deciding.propose(city.core, plan, DESIGNER, "改按新版")
    assert told(city) == [(OTHER, "migration_asked")]
    deciding.refuse(city.core, plan, OTHER, "先缓一缓")
    again = drawn_up(city)
    tried(city, again)
    deciding.propose(city.core, again, DESIGNER, "改按新版")
    deciding.approve(city.core, again, OTHER)
    while working.run_due(city.core):
        pass
    assert told(city)[1:] == [
        (DESIGNER, "migration_refused"),
        (OTHER, "migration_asked"),
        (DESIGNER, "migration_approved"),
        (DESIGNER, "migration_done"),
    ]
    assert {row["data"]["plan"] for row in reads(city, OTHER)} == {plan, again}


def test_no_account_of_the_proposer_and_nobody_who_lost_the_right(city: City) -> None:
    with city.core.db.write() as connection:
        number = connection.execute(select(person.c.staff_no).where(person.c.login == DESIGNER)).scalar_one()
        connection.execute(update(person).where(person.c.login == OTHER).values(staff_no=number))
    proposed(city)
    assert told(city) == [], "another account of the same human being decides nothing"
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == OTHER).values(staff_no="another"))
    proposed(city, "乙")
    assert len(reads(city, OTHER)) == 1
    with city.core.db.write() as connection:
        who = load_actor(connection, OTHER).id
        connection.execute(membership.delete().where(membership.c.person_id == who))
    assert reads(city, OTHER) == []
    assert reading.unread(city.core, city.actor(OTHER)) == 0


@pytest.mark.parametrize("locale, subject", [("zh", "请审批：“督办”新版本"), ("en", "To approve: a version of")])
def test_it_leaves_the_house_by_the_channels_rules(city: City, locale: str, subject: str) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(person).where(person.c.login == OTHER).values(locale=locale))
        who = load_actor(connection, OTHER).id
        now = city.core.db.now_on(connection)
        row = {"person_id": who, "channel": "mail", "sealed": "", "shown": "o•••", "at": now, "verified_at": now}
        connection.execute(contact.insert().values(**row))
    one = proposed(city)
    assert sending.decide_due(city.core) == 1
    with city.core.db.read() as connection:
        keys = [tuple(each) for each in connection.execute(select(delivery.c.instance_id, delivery.c.id))]
        (found,) = wording.details(connection, keys)
        law: Rules = rules.read(connection)
        said = wording.Writer(city.core, connection, law, who, rules.FULL).one(found)
        assert said[0].startswith(subject)
        assert "{" not in said[1]
        assert said[2].endswith(f"/definitions/proposals/{one}") or not law.site
        stranger = load_actor(connection, COLLECTOR).id
        other = wording.Writer(city.core, connection, law, stranger, rules.FULL).one(found)
        assert "督办" not in other[0] + other[1]
    assert sending.decide_due(city.core) == 0
