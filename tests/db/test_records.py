"""Checkpoints and their copy: what is sealed when, by whom of several workers, and what happens when machines stop half-way."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from engine import backup, effects, steps
from engine.audit import checkpoints, growth, recording, results, signing
from engine.audit.copies import Copy, copy_for
from engine.audit.verifying import verify
from engine.db import Database
from engine.events import Event
from engine.migrations import roles
from engine.people import load_actor
from engine.steps import Reply, Seen
from engine.tables import alarm, audit, checkpoint, history, instance, setting
from engine.writes import WriteSet
from escalation import records
from tests.conftest import MakeDatabase
from tests.factories import COLLECTOR, LEADER, REPORT
from web.city import City
from web.wiring import open_city

SOON = timedelta(seconds=10)


def case(city: City) -> int:
    return city.start("case_dispatch", REPORT, COLLECTOR)


def numbers(city: City) -> list[int]:
    with city.core.db.read() as connection:
        return list(connection.execute(select(checkpoint.c.n).order_by(checkpoint.c.n)).scalars())


def good(city: City, copy: Copy | None = None) -> Any:
    report = verify(city.core, copy=copy)
    assert report.good, report.findings
    return report


def test_several_workers_seal_while_people_work(city: City) -> None:
    """The number of a checkpoint decides who made it; nothing is left out, and the copy holds each once."""
    stop = threading.Event()
    errors: list[Exception] = []

    def again(act: Any) -> None:
        try:
            while not stop.is_set():
                act()
        except Exception as error:  # noqa: BLE001  told below
            errors.append(error)
            stop.set()

    acts = [lambda: case(city), *[lambda: checkpoints.make(city.core)] * 3]
    threads = [threading.Thread(target=again, args=(act,)) for act in acts]
    for each in threads:
        each.start()
    stop.wait(3)
    stop.set()
    for each in threads:
        each.join()
    assert not errors, errors
    checkpoints.make(city.core)
    found = numbers(city)
    assert found == list(range(1, len(found) + 1))
    assert [one.n for _, one in copy_for(city.core.db.url).lines() if one is not None] == found
    report = good(city)
    assert (report.unsealed, report.warnings) == (0, [])


def test_a_step_that_read_before_a_checkpoint_and_wrote_after_it_is_sealed_by_the_next(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = case(city)

    def slow(seen: Seen, writes: WriteSet) -> Reply:
        time.sleep(0.01)  # times are kept to the millisecond: the checkpoint must be later than what the step read
        checkpoints.make(city.core)
        effects.record(seen, writes, Event.COMMENTED, actor=seen.actor, data={"text": "slow"})
        return {}

    steps.run(city.core, number, slow, COLLECTOR)
    checkpoints.make(city.core)
    report = good(city)
    assert (report.unsealed, report.warnings) == (0, [])
    # planted: without looking back it is never sealed, and the verification says that somebody should look
    monkeypatch.setattr(growth, "OVERLAP", timedelta(0))
    monkeypatch.setattr("engine.audit.chains.OVERLAP", timedelta(0))
    monkeypatch.setattr("engine.audit.seals.OVERLAP", timedelta(0))
    steps.run(city.core, number, slow, COLLECTOR)
    checkpoints.make(city.core)
    report = verify(city.core)
    assert (report.unsealed, {w.kind for w in report.warnings}) == (1, {"row_late"})
    monkeypatch.setattr(checkpoints, "LONG_LOOK", 1)  # what looks far back finds it
    checkpoints.make(city.core)
    assert verify(city.core).unsealed == 0


def test_it_seals_in_time_and_not_for_nothing(city: City) -> None:
    core = city.core
    checkpoints.make(core)
    assert checkpoints.run_due(core, SOON) is False
    assert numbers(city) == [1]  # nothing happened
    case(city)
    checkpoints.run_due(core, SOON)
    assert numbers(city) == [1]  # not yet a minute
    checkpoints.run_due(core, timedelta(seconds=61))
    assert numbers(city) == [1, 2]  # the next tick would be too late
    with core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "audit_checkpoint_rows").values(value=3))
    for _ in range(3):
        case(city)
    checkpoints.run_due(core, SOON)
    assert numbers(city) == [1, 2, 3]  # so many rows do not wait


def test_many_heads_are_sealed_piece_by_piece(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MOST_HEADS", 2)
    for _ in range(5):
        case(city)
    rounds = 1
    while checkpoints.make(city.core):
        rounds += 1
    assert 3 <= rounds < 10
    report = good(city)
    assert (report.unsealed, report.warnings) == (0, [])


def test_a_copy_that_was_not_written_or_only_half_is_completed(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = copy_for(city.core.db.url)
    case(city)
    checkpoints.make(city.core)
    with monkeypatch.context() as dies:
        dies.setattr(checkpoints, "keep", lambda *_: 0)
        case(city)
        checkpoints.make(city.core)
    last = copy.last()
    assert last is not None
    assert last.n == 1
    with copy.file.open("ab") as file:
        file.write(b'{"n":2,"bo')
    checkpoints.run_due(city.core, SOON)
    assert [one.n if one else None for _, one in copy.lines()] == [1, None, 2]
    assert [note.kind for note in good(city).notes] == ["copy_line"]
    copy.file.unlink()
    assert "no_copy" in verify(city.core).kinds


def test_a_folder_that_cannot_be_written_stops_no_sealing_and_is_said_once(
    city: City, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case(city)
    (tmp_path / "gone").write_text("a file where the folder was")
    with monkeypatch.context() as away:
        away.setenv("LIANDONG_AUDIT_DIR", str(tmp_path / "gone"))
        for _ in range(2):
            checkpoints.make(city.core)
            checkpoints.run_due(city.core, SOON)
        assert numbers(city) == [1, 2]
        with city.core.db.read() as connection:
            assert connection.execute(select(alarm.c.kind)).scalars().all() == ["audit_copy"]
        (tmp_path / "gone").unlink()
        checkpoints.run_due(city.core, SOON)
        copied = copy_for(city.core.db.url)
        assert [one.n for _, one in copied.lines() if one is not None] == [1, 2]


def test_deeds_leave_nothing_when_their_act_fails(city: City) -> None:
    def fails() -> None:
        with city.core.db.write() as connection:
            recording.record(city.core, connection, recording.SECURITY, "logged_in")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with city.core.db.write() as connection:
        recording.record(city.core, connection, recording.SECURITY, "logged_in")
    checkpoints.make(city.core)
    good(city)


def test_an_older_key_stays_known_and_a_stranger_s_does_not_count(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    case(city)
    checkpoints.make(city.core)
    monkeypatch.setenv("LIANDONG_AUDIT_KEY", "YSBuZXdlciBrZXkgb2YgYSBjaXR5IGZvciB0ZXN0cyE=")
    case(city)
    checkpoints.make(city.core)
    assert len(signing.trusted(copy_for(city.core.db.url).folder)) == 2
    good(city)
    only = signing.signer().public
    assert verify(city.core, keys={signing.key_id(only): only}).kinds == {"checkpoint_forged": 1}
    stranger = Ed25519PrivateKey.generate().public_key()
    assert verify(city.core, keys={signing.key_id(stranger): stranger}).kinds["checkpoint_forged"] == 2
    monkeypatch.setenv("LIANDONG_AUDIT_KEY", "bm8ga2V5")
    with pytest.raises(signing.NoAuditKey):
        checkpoints.make(city.core)


def test_history_from_before_chains_is_sealed_as_it_is(city: City) -> None:
    old, new = case(city), case(city)
    with city.core.db.write() as connection:
        connection.execute(update(history).where(history.c.instance_id == old).values(hash=None, written_at=None))
        connection.execute(update(instance).where(instance.c.id == old).values(history_hash=None))
    checkpoints.make(city.core)
    city.comment(old, "现在起有链", LEADER)
    city.comment(new, "一直有链", LEADER)
    checkpoints.make(city.core)
    report = good(city)
    assert [note.kind for note in report.notes] == ["before_chains"]
    with city.core.db.write() as connection:
        connection.execute(
            update(history).where(history.c.instance_id == old, history.c.seq == 0).values(kind="commented")
        )
    assert verify(city.core).kinds == {"row_changed": 1}


@pytest.fixture
def other_url(make_database: MakeDatabase, database_kind: str) -> str:
    if database_kind == "sqlite":
        return make_database("sqlite", "empty")
    return make_database("postgresql", "empty")


@pytest.fixture
def restored(city: City, other_url: str, tmp_path: Path) -> Iterator[City]:
    """A backup of the city, restored; the city went on and sealed more after it."""
    case(city)
    checkpoints.make(city.core)
    case(city)
    backup.write(city.core.db, tmp_path / "backup.tar.gz")
    checkpoints.make(city.core)
    case(city)
    checkpoints.make(city.core)
    with closing(Database(other_url)) as empty:
        _emptied(empty)
        backup.restore(empty, tmp_path / "backup.tar.gz")
    with closing(open_city(other_url, city.core.clock)) as opened:
        yield opened


def _emptied(database: Database) -> None:
    with database.write() as connection:
        connection.execute(checkpoint.delete())


def test_a_restored_backup_verifies_and_what_it_lost_is_said(city: City, restored: City) -> None:
    copy = copy_for(city.core.db.url)
    checkpoints.keep(restored.core)  # elsewhere, with a copy of its own: whole
    good(restored)
    report = verify(restored.core, copy=copy)  # held against the copy of what was lost: not
    assert report.kinds["checkpoint_missing"] == 2
    assert report.kinds["row_missing"] > 0
    case(restored)
    checkpoints.make(restored.core, copy)
    assert numbers(restored) == [1, 4]  # sealed on, above what the copy knows
    assert not verify(restored.core, copy=copy).good
    results.accept(restored.core, "机房断电，从昨夜备份恢复", copy)
    report = good(restored, copy)
    assert [note.kind for note in report.notes] == ["restored"]
    assert "机房断电" in report.notes[0].zh
    case(restored)
    checkpoints.make(restored.core, copy)
    assert good(restored, copy).unsealed == 0


def test_a_worker_verifies_when_asked_and_daily_and_sounds_an_alarm(city: City) -> None:
    number = case(city)
    assert not results.run_due(city.core, records.verify)  # nothing is sealed yet
    checkpoints.make(city.core)
    assert results.run_due(city.core, records.verify)
    assert not results.run_due(city.core, records.verify)
    with city.core.db.read() as connection:
        results.ask(city.core, load_actor(connection, LEADER))
    with city.core.db.write() as connection:
        connection.execute(update(history).where(history.c.instance_id == number).values(origin="elsewhere"))
    assert results.run_due(city.core, records.verify)
    with city.core.db.read() as connection:
        standing = results.standing(connection)
        alarms = connection.execute(text("SELECT kind, said_zh FROM alarm")).all()
    assert (standing.summary["good"], standing.coming) == (False, False)
    assert [a.kind for a in alarms] == ["records"]
    assert f"case:{number} #0" in alarms[0].said_zh
    with city.core.db.write() as connection:
        connection.execute(update(setting).where(setting.c.key == "audit_verify_hours").values(value=0))
    assert results.run_due(city.core, records.verify)


# ---------------------------------------------------------------- the application's role


def test_the_application_s_role_adds_to_records_and_changes_none(make_database: MakeDatabase) -> None:
    url = make_database("postgresql", "city")
    with closing(open_city(url)) as owner:
        number = case(owner)
        role = "app_" + uuid.uuid4().hex  # its own: roles belong to the server that all tests share
        with owner.core.db.write() as connection:
            connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
            roles.admit(connection, role)
    as_application = make_url(url).set(username=role).render_as_string(hide_password=False)
    with closing(open_city(as_application)) as city:
        city.comment(number, "以应用角色", COLLECTOR)
        with city.core.db.write() as connection:
            recording.record(city.core, connection, recording.SECURITY, "logged_in")
        records.seal(city.core)
        records.verify_due(city.core)
        with city.core.db.read() as connection:
            assert results.standing(connection).summary["good"] is True
        for table in (history, audit, checkpoint):
            change = next(c for c in table.columns if not c.primary_key)
            for statement in (
                update(table).values({change.name: change}),
                table.delete(),
                text(f"TRUNCATE {table.name}"),
                text(f"DROP TABLE {table.name}"),
                text(f"ALTER TABLE {table.name} DISABLE TRIGGER ALL"),
            ):
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    _execute(city, statement)
        again = {"stream": "security", "seq": 0, "kind": "x", "hash": "x", "at": city.core.db.now()}
        with pytest.raises(Exception, match="duplicate key"):
            _execute(city, insert(audit).values(**again))


def _execute(city: City, statement: Any) -> None:
    with city.core.db.write() as connection:
        connection.execute(statement)
