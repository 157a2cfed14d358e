"""The schema that the revisions make is the schema the code declares, on both databases."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

import escalation.tables
from engine import migrations
from engine.db import Database
from engine.migrations.running import FOLDER, HEAD
from engine.migrations.searching import own
from engine.migrations.writing import differences
from engine.tables import LIVE, metadata, world
from tests.postgres import PostgresServer
from web.setting_up import migrate

HOT = {t.name for t in metadata.tables.values() if t.info.get("hot")}


def test_head_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD


def test_the_revisions_make_the_declared_tables(database: Database) -> None:
    assert escalation.tables.clock.name in metadata.tables
    with database.read() as connection:
        assert differences(connection) == []
        assert {name for name in inspect(connection).get_table_names() if not own(name)} == {
            *metadata.tables,
            "alembic_version",
        }


def test_a_column_that_no_revision_makes_is_seen(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE setting ADD COLUMN forgotten INTEGER"))
        found = differences(connection)
    assert [change[0] for change in found] == ["remove_column"]


def test_the_live_world_is_there_once(database: Database) -> None:
    assert migrate(database) is False
    with database.read() as connection:
        assert connection.execute(select(world.c.id, world.c.kind)).all() == [(LIVE, "live")]
        created = connection.execute(select(world.c.created_at)).scalar_one()
    assert abs((database.now() - created).total_seconds()) < 3600


def test_a_new_world_gets_the_next_id(database: Database) -> None:
    with database.write() as connection:
        connection.execute(
            world.insert().values(
                kind="replay", name="r", clock="real", zone="UTC", created_at=database.now_on(connection)
            )
        )
        assert connection.execute(select(func.max(world.c.id))).scalar_one() == LIVE + 1


def test_an_older_program_refuses_a_newer_database(database: Database) -> None:
    migrations.check_current(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.Behind, match=r"revision 9999.*\./run migrate"):
        migrations.check_current(database)


@pytest.mark.parametrize("name", sorted(HOT))
def test_hot_keys_hold_the_instance(name: str) -> None:
    table = metadata.tables[name]
    key = "id" if name == "instance" else "instance_id"
    unique = [table.primary_key.columns, *(i.columns for i in table.indexes if i.unique)]
    assert all(key in [c.name for c in columns] for columns in unique)


def test_a_write_function_whose_text_changed_is_made_anew(postgresql_url: str) -> None:
    with closing(Database(postgresql_url)) as database:
        with database.write() as connection:
            connection.exec_driver_sql("COMMENT ON FUNCTION liandong_write(jsonb) IS 'sha256:older'")
        assert migrate(database) is True
        assert migrate(database) is False


def test_the_application_role_works_but_cannot_rewrite_history(postgresql_url: str) -> None:
    role = "app_" + uuid.uuid4().hex  # goes with the test server
    with closing(Database(postgresql_url)) as owner:
        with owner.write() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        assert migrate(owner, role) is True
        assert migrate(owner, role) is False
        with closing(Database(owner.url.set(username=role).render_as_string(hide_password=False))) as app:
            with app.write() as connection:
                connection.execute(text("INSERT INTO setting (key, value) VALUES ('a', '1')"))
                connection.execute(text("DELETE FROM setting"))
            for statement in (
                "UPDATE history SET kind = 'x'",
                "DELETE FROM history",
                "DELETE FROM definition_file",
                "UPDATE alembic_version SET version_num = 'x'",
                "CREATE TABLE mine (a int)",
                "DROP TABLE history",
            ):
                with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), app.write() as connection:
                    connection.execute(text(statement))


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Before what of a case is a unit's own was kept."""
    if request.param == "sqlite":
        with closing(Database(f"sqlite:///{tmp_path}/older.db")) as database:
            yield database
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = "older_" + uuid.uuid4().hex
    with closing(Database(server.create_database(name))) as database:
        yield database
    server.drop_database(name)


def test_what_workers_counted_before_is_counted_anew_and_a_closing_that_waits_is_not_lost(older: Database) -> None:
    migrations.upgrade(older, "0014")
    at = "'2026-06-01T00:00:00.000000+00:00'"
    with older.write() as connection:
        for number, subject in enumerate(("assessment", "closing", "picture"), 1):
            values = f"({number}, '{subject}', 'month', {at}, {at}, {at})"
            columns = "(id, subject, about, since, until, asked_at)"
            connection.execute(text(f"INSERT INTO kept_count {columns} VALUES {values}"))
            marks = '(count_id, instance_id, "full", base, adjusted)'
            connection.execute(text(f"INSERT INTO assessment_count_mark {marks} VALUES ({number}, 1, 1, 1, 1)"))
    migrations.upgrade(older, "0015")
    with older.read() as connection:
        assert connection.execute(text("SELECT subject FROM kept_count ORDER BY id")).scalars().all() == [
            "closing",
            "picture",
        ]
        assert connection.execute(text("SELECT count(*) FROM assessment_count_mark")).scalar_one() == 0
