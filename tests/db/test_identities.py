"""Who reported is sealed apart from the case: nowhere else in the database, read only with the right and a reason, gone when its time
is over (promise 23)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from engine import identities, retention, unmasking, vault
from engine.audit import recording
from engine.clock import ManualClock
from engine.db import Database
from engine.errors import Invalid, NotAllowed, NotFound
from engine.tables import alarm, audit, history, identity, metadata, setting, subject_key, substitution
from tests.bpmn.drawing import chain, end, process, start, user
from tests.factories import COLLECTOR, DISPATCHER, LEADER, OPERATOR, REPORT, STRANGER, case_at, do
from web import cli, health
from web.city import City
from web.setting_up import migrate
from web.wiring import open_city

NAME, PHONE = "金丝雀女士", "13900001111"
NAMED = {**REPORT, "source": "hotline_12345", "reporter_name": NAME, "reporter_phone": PHONE}
ACCEPTOR = "zhouxiaoyan"
WHY = "电话回访，核对地点"


def places(db: Database, *canaries: str) -> list[str]:
    """Tables and columns of the database in which one of these texts stands."""
    found = []
    with db.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found += [f"{table.name}.{k}" for k, v in row.items() if any(c in repr(v) for c in canaries)]
    return found


def may_learn(city: City, case: int, who: str) -> bool:
    try:
        unmasking.unmask(city.core, case, who, WHY)
    except (NotAllowed, NotFound):
        return False
    return True


def audited(city: City, kind: str) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        rows = connection.execute(
            select(audit).where(audit.c.stream == recording.IDENTITY, audit.c.kind == kind).order_by(audit.c.seq)
        ).mappings()
        return [dict(r) for r in rows]


def test_a_named_reporter_is_in_no_fact_no_history_no_search_and_read_with_a_reason_alone(city: City) -> None:
    case = city.start("case_dispatch", NAMED, ACCEPTOR, idempotency_key="once")
    again = city.start("case_dispatch", NAMED, ACCEPTOR, idempotency_key="once")
    assert again == case
    do(city, case, "Verify")
    assert places(city.core.db, NAME, PHONE) == []
    assert "reporter_name" not in city.instance(case)["facts"]
    (told, contact) = city.trail(case)[0]["data"]["identity"]
    with city.core.db.read() as connection:
        stored = {r.id: r for r in connection.execute(select(identity))}
        assert {one.name: one.of for one in identities.known(connection, case)} == {
            "reporter_name": "name",
            "reporter_phone": "contact",
        }
    assert identities.hash_of(stored[told["id"]].sealed) == told["hash"], "an exchanged ciphertext would show"
    assert contact["fields"] == {"reporter_phone": "contact"} or told["fields"] == {"reporter_phone": "contact"}

    for who in (COLLECTOR, DISPATCHER, OPERATOR):
        assert not may_learn(city, case, who)
    for reason in ("", "  ", "x\x00"):
        with pytest.raises(Invalid):
            unmasking.unmask(city.core, case, LEADER, reason)
    assert audited(city, "unmasked") == []
    (found,) = unmasking.unmask(city.core, case, LEADER, WHY)
    assert found.values == {"reporter_name": NAME, "reporter_phone": PHONE}
    (row,) = audited(city, "unmasked")
    assert (row["about"], row["data"]["reason"], row["actor_id"]) == (f"case:{case}", WHY, city.actor(LEADER).id)
    assert places(city.core.db, NAME, PHONE) == [], "the audit names fields, not values"
    nameless = city.start("case_dispatch", REPORT, ACCEPTOR)
    with pytest.raises(Invalid):
        unmasking.unmask(city.core, nameless, LEADER, WHY)
    with pytest.raises(NotFound):
        unmasking.unmask(city.core, 12345, LEADER, WHY)


FORM = b"""{"type": "object", "title": "\xe5\x9b\x9e\xe8\xae\xbf", "x-title": {"en": "Call back"}, "properties": {
  "said": {"type": "string", "title": "\xe5\x86\x85\xe5\xae\xb9", "x-title": {"en": "Said"}},
  "id_card": {"type": "string", "title": "\xe8\xaf\x81\xe4\xbb\xb6", "x-title": {"en": "Id"}, "x-personal": "id_number"}},
  "required": ["said", "id_card"]}"""


def test_personal_answers_of_a_task_are_sealed_in_its_step(city: City) -> None:
    files = {
        "asks.bpmn": process(
            start(),
            user("Ask", settings='<ld:form ref="ask"/><ld:candidates post="operator"/>'),
            end(),
            chain("S", "Ask", "E"),
            id="asks",
        ),
        "ask.json": FORM,
    }
    city.deploy(files)
    case = city.start("asks", {}, OPERATOR)
    (task,) = city.tasks(case)
    city.complete(task, {"said": "谢谢", "id_card": "429005199001011234"}, OPERATOR)
    assert city.instance(case)["facts"] == {"said": "谢谢"}
    assert places(city.core.db, "429005199001011234") == []
    with city.core.db.read() as connection:
        (one,) = identities.known(connection, case)
    assert (one.name, one.of) == ("id_card", "id_number")


def test_looking_up_many_reporters_raises_one_alarm(city: City) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "unmask_per_hour").values(value=2))
    cases = [city.start("case_dispatch", {**NAMED, "title": f"案件 {n}"}, ACCEPTOR) for n in range(4)]

    def alarms() -> int:
        with city.core.db.read() as connection:
            return connection.execute(select(func.count()).select_from(alarm)).scalar_one()

    for n, expected in enumerate((0, 0, 1, 1)):
        unmasking.unmask(city.core, cases[n], LEADER, WHY)
        unmasking.unmask(city.core, cases[0], LEADER, WHY)  # the same case again counts once
        assert alarms() == expected, n
    unmasking.unmask(city.core, cases[0], ACCEPTOR, WHY)
    assert alarms() == 1, "others are counted for themselves"


def test_each_class_is_destroyed_when_its_days_after_the_end_are_over(city: City, clock: ManualClock) -> None:
    days = {"name": 40, "contact": 10}
    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "identity_retention_days").values(value=days))
    ended = case_at(city, "Close", source="hotline_12345", reporter_name=NAME, reporter_phone=PHONE)
    running = city.start("case_dispatch", NAMED, ACCEPTOR)
    clock.advance(timedelta(days=400))
    do(city, ended, "Close")
    with city.core.db.write() as connection:  # held for ever: never a case
        held = 4_700_000_000_000_000_001
        identities.keep(
            city.core, connection, held, {"reporter_phone": ("contact", PHONE)}, clock.now() + timedelta(days=5)
        )
    assert retention.delete_old(city.core) == 0
    clock.advance(timedelta(days=11))
    assert retention.delete_old(city.core) == 1
    (found,) = unmasking.unmask(city.core, ended, LEADER, WHY)
    assert (found.values, found.deleted) == ({"reporter_name": NAME}, ("reporter_phone",))
    clock.advance(timedelta(days=20))
    assert retention.delete_old(city.core) == 1, "of the report that was held"
    clock.advance(timedelta(days=20))
    assert retention.delete_old(city.core) == 1
    with pytest.raises(Invalid):
        unmasking.unmask(city.core, ended, LEADER, WHY)
    (found,) = unmasking.unmask(city.core, running, LEADER, WHY)
    assert found.values == {"reporter_name": NAME, "reporter_phone": PHONE}, "a case that runs keeps its reporter"
    assert [row["data"]["why"] for row in audited(city, "deleted")] == ["retention"] * 3
    with city.core.db.read() as connection:
        gone = connection.execute(select(subject_key.c.subject).where(subject_key.c.wrapped.is_(None))).scalars().all()
    assert len(gone) == 3

    assert retention.erase(city.core, running, LEADER, "本人来电要求删除") == 2
    with pytest.raises(Invalid):
        retention.erase(city.core, running, LEADER, "再次")
    with pytest.raises(NotAllowed):
        retention.erase(city.core, running, DISPATCHER, "x")
    assert places(city.core.db, NAME, PHONE) == []


def test_a_copy_of_the_table_says_nothing_after_the_key_is_gone(city: City) -> None:
    case = city.start("case_dispatch", NAMED, ACCEPTOR)
    with city.core.db.read() as connection:
        copy = connection.execute(select(identity.c.id, identity.c.sealed)).all()
        assert vault.unseal(connection, vault.reporter(case, copy[0].id), copy[0].sealed)
    retention.erase(city.core, case, LEADER, "本人要求")
    with city.core.db.read() as connection:
        assert [vault.unseal(connection, vault.reporter(case, row.id), row.sealed) for row in copy] == [None, None]


# ---------------------------------------------------------------- PostgreSQL: roles of their own


@pytest.fixture
def roles_city(make_database: Callable[[str, str], str], clock: ManualClock) -> Iterator[tuple[City, Database]]:
    """A city whose pages run as the application's role, and a connection of the role of identities; and the owner's connection."""
    app_role, identity_role = (f"{what}_{uuid.uuid4().hex}" for what in ("app", "identity"))
    with closing(Database(make_database("postgresql", "city"))) as owner:
        with owner.write() as connection:
            for role in (app_role, identity_role):
                connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        assert migrate(owner, app_role, identity_role) is True
        assert migrate(owner, app_role, identity_role) is False

        def url(role: str) -> str:
            return owner.url.set(username=role).render_as_string(hide_password=False)

        with closing(open_city(url(app_role), clock, identity_url=url(identity_role))) as opened:
            yield opened, owner


def test_on_postgresql_the_application_cannot_read_who_reported(roles_city: tuple[City, Database]) -> None:
    city, owner = roles_city
    case = city.start("case_dispatch", NAMED, ACCEPTOR)
    do(city, case, "Verify")
    with city.core.db.read() as connection:
        assert len(identities.known(connection, case)) == 2
    for statement in (
        "SELECT sealed FROM identity",
        "SELECT * FROM identity",
        "SELECT count(*) FROM identity WHERE sealed IS NOT NULL",
        "UPDATE identity SET sealed = NULL",
        "DELETE FROM identity",
        f'SELECT liandong_write(\'{{"i": {case}, "-identity": [{{"id": "x"}}]}}\')',
    ):
        with pytest.raises(DBAPIError, match="permission denied"), city.core.db.write() as connection:
            connection.exec_driver_sql(statement)
    (found,) = unmasking.unmask(city.core, case, LEADER, WHY)
    assert found.values["reporter_phone"] == PHONE
    assert retention.erase(city.core, case, LEADER, "本人要求") == 2
    with city.core.identities.write() as connection:
        for statement in (
            "UPDATE audit SET kind = 'x'",
            "DELETE FROM audit",
            "SELECT * FROM session",
            "DELETE FROM history",
        ):
            with pytest.raises(DBAPIError, match="permission denied"), connection.begin_nested():
                connection.exec_driver_sql(statement)
    with owner.read() as connection:
        assert (
            connection.execute(select(func.count()).select_from(audit).where(audit.c.kind == "unmasked")).scalar() == 1
        )
    with city.core.db.write() as connection:  # a held report, written by the application
        identities.keep(
            city.core, connection, 4_700_000_000_000_000_002, {"reporter_name": ("name", NAME)}, city.world().now
        )
    assert retention.delete_old(city.core) == 0
    with closing(open_city(city.core.db.url.render_as_string(hide_password=False))) as without:
        second = without.start("case_dispatch", NAMED, ACCEPTOR)
        with pytest.raises(unmasking.NotReachable):
            unmasking.unmask(without.core, second, LEADER, WHY)


def test_a_substitute_who_looks_is_recorded_as_one(city: City) -> None:
    leader, dispatcher = city.actor(LEADER), city.actor(DISPATCHER)
    now = city.core.db.now()
    with city.core.db.write() as connection:
        connection.execute(
            insert(substitution).values(
                principal_id=leader.id,
                substitute_id=dispatcher.id,
                since=now - timedelta(hours=1),
                until=now + timedelta(hours=1),
                made_at=now,
            )
        )
    case = city.start("case_dispatch", NAMED, ACCEPTOR)
    assert unmasking.unmask(city.core, case, DISPATCHER, WHY)
    assert unmasking.unmask(city.core, case, LEADER, WHY)
    assert [row["for_id"] for row in audited(city, "unmasked")] == [leader.id, None]


def test_the_answer_of_a_stranger_to_the_case_is_that_there_is_none(city: City) -> None:
    case = city.start("case_dispatch", NAMED, ACCEPTOR)
    with pytest.raises(NotFound):
        unmasking.unmask(city.core, case, STRANGER, WHY)
    assert os.environ.get("IDENTITY_DATABASE_URL") is None
    assert city.core.identities is city.core.db
    with city.core.db.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit WHERE stream = 'identity'")).scalar_one() == 0
        assert connection.execute(select(func.count()).select_from(history)).scalar_one() > 0


def test_doctor_sees_what_another_key_sealed_for_a_while(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> list[str]:
        return [found.what for found in health._key(city.core)]

    def seal(subject: str) -> None:
        with city.core.db.write() as connection:
            vault.seal(city.core, connection, subject, "x")

    seal("reporter:1:a")
    assert "opens with the city's key" in said()[0]
    monkeypatch.setenv("LIANDONG_KEY", Fernet.generate_key().decode())
    assert "another than the one" in said()[0]
    with pytest.raises(vault.WrongKey):
        seal("reporter:2:b")
    other = vault.city_key().encrypt(Fernet.generate_key()).decode()
    with city.core.db.write() as connection:  # as if it had sealed all the same
        connection.execute(
            insert(subject_key).values(subject="reporter:2:b", wrapped=other, made_at=city.core.db.now_on(connection))
        )
    assert "another than the one" in said()[0]
    monkeypatch.undo()
    assert "another than the one" in said()[0]


def test_a_missing_key_file_is_not_made_anew_beside_what_is_sealed(
    city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with city.core.db.write() as connection:
        vault.seal(city.core, connection, "reporter:1:a", "x")
    monkeypatch.delenv("LIANDONG_KEY")
    monkeypatch.setenv("LIANDONG_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("DATABASE_URL", city.core.db.url.render_as_string(hide_password=False))
    monkeypatch.delenv("APP_DATABASE_URL", raising=False)
    for word in ("migrate", "serve", "worker"):
        assert cli.main([word]) == 1, word
        assert "The city's key is not the right one" in capsys.readouterr().err
    assert "missing, or another than the one" in next(found.what for found in health._key(city.core))
    assert not (tmp_path / "key").exists()
