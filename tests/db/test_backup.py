"""A backup holds everything, from one moment, and comes back whole in either database or not at all (promise 14)."""

import gzip
import io
import json
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select, text, update

from engine import backup, files
from engine.backup import BackupBroken, NotEmpty, writing
from engine.backup import format as shape
from engine.clock import ManualClock
from engine.db import Database
from engine.tables import blob, history, instance, session
from tests.bench.story import OLD, YOUNG, Walker
from tests.db.test_files import photo
from web.city import City
from web.wiring import open_city

KINDS = ["sqlite", "postgresql"]
MakeDatabase = Callable[[str, str], str]


def empty_url(make_database: MakeDatabase, kind: str, tmp_path: Path) -> str:
    """A database with no tables at all."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    url = make_database("postgresql", "empty")
    with closing(Database(url)) as database, database.write() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    return url


def sums(path: Path) -> Any:
    with tarfile.open(path) as archive:
        member = archive.extractfile(shape.SUMS)
        assert member is not None
        return json.loads(member.read())


def lived_in(city: City) -> list[tuple[int, str]]:
    """Three cases at different places, one with photos, one closed; answers those that still run, with the open task."""
    walker = Walker(city)
    closed = walker.start()
    walker.walk(closed, (*YOUNG, *OLD))
    running = []
    for steps in (YOUNG[:1], YOUNG):
        case = walker.start()
        ref = walker.walk(case, steps)
        assert ref is not None
        running.append((case, ref))
    city.attach(running[0][0], [city.accept("现场.jpg", photo())], walker.clerk)
    return running


@pytest.mark.parametrize("kind", KINDS)
def test_a_city_comes_back_whole_in_either_database(
    city: City, clock: ManualClock, make_database: MakeDatabase, kind: str, tmp_path: Path
) -> None:
    running = lived_in(city)
    counts = backup.write(city.core.db, tmp_path / "a.tar.gz")
    assert counts["instance"] == 3
    assert counts["blob"] == 2
    url = empty_url(make_database, kind, tmp_path)
    with closing(Database(url)) as target:
        assert backup.restore(target, tmp_path / "a.tar.gz") == counts
        backup.write(target, tmp_path / "b.tar.gz")
    assert sums(tmp_path / "a.tar.gz") == sums(tmp_path / "b.tar.gz")
    with closing(open_city(url, clock)) as restored:
        walker = Walker(restored)
        (photo_row,) = files.listing(restored.core, running[0][0], walker.clerk)
        fetched = files.fetch(restored.core, running[0][0], photo_row["id"], walker.clerk)
        assert files.hash_of(fetched.content) == photo_row["hash"]
        walker.walk(running[0][0], (*YOUNG[1:], ("SignFor", {"sign_decision": "accept"})), running[0][1])
        walker.walk(running[1][0], OLD, running[1][1])
        assert restored.instance(running[1][0])["status"] == "completed"
        fresh = walker.start()
        assert restored.instance(fresh)["status"] == "active"
        restored.deploy({"x.bpmn": _SMALL}, "xuguangming")


_SMALL = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:x" id="d">
  <bpmn:process id="after_restore" isExecutable="true">
    <bpmn:startEvent id="Begin"/><bpmn:endEvent id="Finish"/>
    <bpmn:sequenceFlow id="f" sourceRef="Begin" targetRef="Finish"/>
  </bpmn:process>
</bpmn:definitions>
"""


def under_load(city: City, make_database: MakeDatabase, kind: str, tmp_path: Path, backups: int) -> None:
    """Back up again and again while two people work; each must come back whole, and of one moment."""
    walker = Walker(city)
    stop = threading.Event()
    done = [0, 0]
    failed: list[BaseException] = []

    def work(who: int) -> None:
        try:
            while not stop.is_set():
                case = walker.start()
                walker.walk(case, (*YOUNG, *OLD))
                done[who] += 1
        except BaseException as error:  # noqa: BLE001  told below
            failed.append(error)

    workers = [threading.Thread(target=work, args=(who,)) for who in (0, 1)]
    for worker in workers:
        worker.start()
    while min(done) < 1 and not failed:
        stop.wait(0.01)
    paths = [tmp_path / f"{number}.tar.gz" for number in range(backups)]
    try:
        found = [backup.write(city.core.db, path) for path in paths]
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert not failed, failed
    assert found[0]["instance"] <= sum(done) + 1
    for number, path in enumerate(paths):
        folder = tmp_path / str(number)
        folder.mkdir()
        with closing(Database(empty_url(make_database, kind, folder))) as target:
            assert backup.restore(target, path) == found[number]
            assert _torn(target) == []


@pytest.mark.slow
def test_a_backup_under_load_is_of_one_moment(
    city: City, make_database: MakeDatabase, database_kind: str, tmp_path: Path
) -> None:
    under_load(city, make_database, database_kind, tmp_path, 2)


@pytest.mark.faults
def test_twenty_backups_under_load(city: City, make_database: MakeDatabase, database_kind: str, tmp_path: Path) -> None:
    under_load(city, make_database, database_kind, tmp_path, 20)


@pytest.mark.planted
def test_planted_a_backup_of_many_moments(
    city: City, make_database: MakeDatabase, database_kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = writing._table

    def many(_: Any, archive: tarfile.TarFile, table: Table) -> dict[str, Any]:
        time.sleep(0.02)
        with city.core.db.read() as later:
            return one(later, archive, table)

    monkeypatch.setattr(writing, "_table", many)
    with pytest.raises((BackupBroken, AssertionError)):
        under_load(city, make_database, database_kind, tmp_path, 3)


def _torn(database: Database) -> list[Any]:
    """Cases whose rows are not of one moment."""
    lines = select(func.count()).where(history.c.instance_id == instance.c.id).scalar_subquery()
    with database.read() as connection:
        open_tasks = "SELECT instance_id FROM task WHERE state = 'open' AND instance_id IN (SELECT id FROM instance WHERE state IS NULL)"
        return [
            *connection.execute(select(instance.c.id).where(instance.c.history_count != lines)),
            *connection.execute(text(open_tasks)),
        ]


def test_it_refuses_a_database_that_holds_anything(
    city: City, make_database: MakeDatabase, database_kind: str, tmp_path: Path
) -> None:
    backup.write(city.core.db, tmp_path / "a.tar.gz")
    with pytest.raises(NotEmpty):
        backup.restore(city.core.db, tmp_path / "a.tar.gz")
    with closing(Database(make_database(database_kind, "empty"))) as migrated:
        backup.restore(migrated, tmp_path / "a.tar.gz")
        with pytest.raises(NotEmpty):
            backup.restore(migrated, tmp_path / "a.tar.gz")


def test_it_never_overwrites_and_only_its_owner_reads_it(city: City, tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    backup.write(city.core.db, path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        backup.write(city.core.db, path)
    assert [p.name for p in tmp_path.glob("a.tar*")] == ["a.tar.gz"]


def test_who_is_logged_in_is_not_in_it(city: City, tmp_path: Path) -> None:
    now = city.core.db.now()
    with city.core.db.write() as connection:
        connection.execute(
            session.insert().values(id="CANARY", person_id=1, created_at=now, seen_at=now, expires_at=now)
        )
    backup.write(city.core.db, tmp_path / "a.tar.gz")
    assert b"CANARY" not in gzip.decompress((tmp_path / "a.tar.gz").read_bytes())


def _changed(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The backup with members changed, or left out (none)."""
    target = path.with_name("changed.tar.gz")
    with tarfile.open(path) as old, tarfile.open(target, "w:gz") as new:
        for info in old:
            file = old.extractfile(info)
            assert file is not None
            content = change(info.name, file.read())
            if content is not None:
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return target


CHANGES: dict[str, Callable[[str, bytes], bytes | None]] = {
    "a row": lambda n, c: c.replace("井盖".encode(), "路灯".encode()) if n.startswith("tables/instance/") else c,
    "a row gone": lambda n, c: c.partition(b"\n")[2] if n.startswith("tables/history/") else c,
    "a table gone": lambda n, c: None if n.startswith("tables/task/") else c,
    "a photo": lambda n, c: c + b"x" if n.startswith("blobs/") else c,
    "a photo gone": lambda n, c: None if n.startswith("blobs/") else c,
    "no end": lambda n, c: None if n == shape.SUMS else c,
    "no beginning": lambda n, c: None if n == shape.MANIFEST else c,
    "from the future": lambda n, c: c.replace(b'"version":1', b'"version":2') if n == shape.MANIFEST else c,
}


@pytest.fixture(scope="module")
def written() -> dict[str, bytes]:
    """The sound backups, by the kind of database they are from."""
    return {}


@pytest.fixture
def sound(written: dict[str, bytes], request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Path:
    """A backup of a city that was lived in: written once for each kind of database."""
    path = tmp_path / "a.tar.gz"
    if database_kind not in written:
        city: City = request.getfixturevalue("city")
        lived_in(city)
        backup.write(city.core.db, path)
        written[database_kind] = path.read_bytes()
    path.write_bytes(written[database_kind])
    return path


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_backup_restores_nothing(
    sound: Path, make_database: MakeDatabase, database_kind: str, what: str
) -> None:
    changed = _changed(sound, CHANGES[what])
    with closing(Database(make_database(database_kind, "empty"))) as target:
        with pytest.raises(BackupBroken):
            backup.restore(target, changed)
        with target.read() as connection:
            assert connection.execute(select(func.count()).select_from(instance)).scalar_one() == 0
            assert connection.execute(select(func.count()).select_from(blob)).scalar_one() == 0
        backup.restore(target, sound)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08\x00", gzip.compress(b"x" * 1000)], ids=range(4))
def test_another_file_is_no_backup(sqlite_url: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    with closing(Database(sqlite_url)) as target, pytest.raises(BackupBroken):
        backup.restore(target, tmp_path / "x")


def test_a_backup_cut_off_anywhere_restores_nothing(sound: Path, sqlite_url: str, tmp_path: Path) -> None:
    whole = sound.read_bytes()
    cut = tmp_path / "cut.tar.gz"
    with closing(Database(sqlite_url)) as target:
        for share in (0.1, 0.5, 0.9, 0.999):
            cut.write_bytes(whole[: int(len(whole) * share)])
            with pytest.raises(BackupBroken):
                backup.restore(target, cut)
        backup.restore(target, sound)


def test_what_does_not_fit_together_is_seen_though_every_hash_is_right(
    city: City, sqlite_url: str, tmp_path: Path
) -> None:
    (case, _), *_ = lived_in(city)
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == case).values(history_count=99))
    backup.write(city.core.db, tmp_path / "a.tar.gz")
    with closing(Database(sqlite_url)) as target, pytest.raises(BackupBroken, match="history"):
        backup.restore(target, tmp_path / "a.tar.gz")
