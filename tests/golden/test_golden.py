"""Databases of every release open in this one, come up to its schema, and their cases finish the way they would have (promise 16)."""

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import backup
from engine.audit.verifying import verify
from engine.clock import ManualClock
from engine.db import Database
from engine.migrations import HEAD, revision_of
from engine.unmasking import unmask
from escalation.tables import clock as clock_table
from escalation.tables import rung
from tests import laws
from tests.bench.story import OLD, YOUNG, Walker
from tests.db.talking import OPERATOR
from tests.db.test_calls import second
from tests.db.test_messages import cases as cases_of
from tests.golden.making import BEGAN, FOLDER, PEOPLE_OF_ACTS, PLACES, REPORTER
from web.city import City
from web.setting_up import migrate
from web.wiring import open_city

RELEASES = sorted(path.name.removesuffix(".db.gz") for path in FOLDER.glob("*.db.gz"))
TAIL = [node for node, _ in OLD]
PATHS = {
    "reported": ["Verify", "File", "Dispatch", *TAIL],
    "verified": ["Verify", "File", "Dispatch", *TAIL],
    "dispatched": ["Verify", "File", "Dispatch", *TAIL],
    "sent_back_twice": ["Verify", "File", "Dispatch", "SignFor", "Dispatch", "SignFor", "Dispatch", *TAIL],
    "handling": ["Verify", "File", "Dispatch", *TAIL],
}


def test_this_release_has_one() -> None:
    assert HEAD in RELEASES


@pytest.fixture(params=RELEASES)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    file = tmp_path / "golden.db"
    file.write_bytes(gzip.decompress((FOLDER / f"{request.param}.db.gz").read_bytes()))
    return file, json.loads((FOLDER / f"{request.param}.json").read_text())


def finish(city: City, cases: dict[str, str]) -> None:
    walker = Walker(city)
    for place, case in cases.items():
        instance_id = int(case)
        (task,) = city.tasks(instance_id)
        rest = [step for step in (*YOUNG, *OLD) if step[0] in PATHS[place][len(PLACES[place]) :]]
        assert task.node == rest[0][0]
        walker.walk(instance_id, tuple(rest), task.ref)
        done = city.instance(instance_id)
        assert (done["status"], done["outcome"]) == ("completed", "EndClosed")
        passed = [row["node"] for row in city.trail(instance_id) if row["kind"] == "completed"]
        assert passed == PATHS[place]


def finish_talks(city: City, talks: dict[str, str]) -> None:
    """What waited for messages, signals, a called process or the time goes on where it was."""
    if not talks:
        return  # of a release before there were such
    waiter, hearer, caller, thrower = (int(case) for case in talks.values())
    assert city.message("Go", "r1", {"n": 5}) == waiter
    assert city.instance(waiter)["facts"]["got"] == 5
    assert city.signal("Alarm", {"level": 4}) == [hearer]
    late = city.start("waiter", {}, OPERATOR, given={"ref": "r2"})
    city.run_due()
    assert city.instance(hearer)["facts"]["level"] == 4
    assert city.instance(late)["facts"]["got"] == 2
    assert [row["kind"] for row in city.trail(thrower)] == ["started", "sent"]
    (task,) = city.tasks(caller)
    city.complete(task, {"opinion": "可以"}, OPERATOR)
    (task,) = city.tasks(caller)
    city.complete(task, {}, second(city))
    assert city.instance(caller)["facts"]["answer"] == "可以"
    assert len(cases_of(city, "timed")) == 1, "the time came once while nobody ran it"
    laws.check(city)


def finish_acts(city: City, acts: dict[str, str]) -> None:
    """What waited for a signer, was sent back for a while, or was being voted on goes on where it was."""
    if not acts:
        return  # of a release before there were such
    one, two, three = PEOPLE_OF_ACTS
    signer, detour, votes = (int(case) for case in acts.values())
    city.complete(city.tasks(signer)[0], {"agree": "yes"}, three)
    (task,) = city.tasks(signer)
    assert (task.node, task.assignee) == ("B", city.actor(two).id)
    (task,) = city.tasks(detour)
    assert (task.node, task.assignee) == ("A", city.actor(one).id)
    city.complete(task, {}, one)
    assert [t.node for t in city.tasks(detour)] == ["B"]
    for voter in (two, three):
        task = next(t for t in city.tasks(votes) if t.assignee == city.actor(voter).id)
        city.complete(task, {"agree": "yes"}, voter)
    assert city.instance(votes)["facts"]["result"]["passed"] is True
    assert city.instance(votes)["status"] == "completed"
    laws.check(city)


def finish_waits(city: City, clock: ManualClock, waits: dict[str, str]) -> None:
    """Clocks that stood stand still and stop in time; a late case is supervised further; a timer in working time fires when it is due."""
    if not waits:
        return  # of a release before there were such
    shelved, late, ladder, timed = (int(case) for case in waits.values())
    (task,) = city.tasks(shelved)
    assert task.due_at is None, "its clocks stand"
    assert all(c["breached_at"] is None for c in laws.rows(city, clock_table, shelved))
    assert any(c["breached_at"] is not None for c in laws.rows(city, clock_table, late))
    for _ in range(8):
        clock.advance(timedelta(days=1))
        city.run_due()
    assert [r["kind"] for r in laws.rows(city, rung, ladder)] == ["reminder", "urge"], "it climbs on"
    assert city.tasks(ladder), "and a named person is to decide on a card"
    assert [t.node for t in city.tasks(timed)] == ["A"]
    laws.check(city)


def records_stand_up(city: City, sealed: str | None) -> None:
    """Chains verify as far as they were kept; who reported is opened by who may."""
    report = verify(city.core)
    assert set(report.kinds) <= {"never_sealed"}, report.kinds  # no worker ran while it was made
    if sealed is not None:
        (known,) = unmask(city.core, int(sealed), "zhouxiaoyan", "回访核实情况")
        assert known.values["reporter_name"] == REPORTER


def test_it_opens_migrates_and_its_cases_finish(golden: tuple[Path, dict[str, Any]]) -> None:
    file, about = golden
    url = f"sqlite:///{file}"
    with closing(Database(url)) as database:
        assert revision_of(database) == about["revision"]
        migrate(database)
        assert revision_of(database) == HEAD
    clock = ManualClock(BEGAN + timedelta(days=4 if about.get("waits") else 1))
    with closing(open_city(url, clock)) as city:
        finish(city, about["cases"])
        finish_talks(city, about.get("talks", {}))
        finish_acts(city, about.get("acts", {}))
        finish_waits(city, clock, about.get("waits", {}))
        records_stand_up(city, about.get("sealed"))


def test_its_backup_finishes_on_postgresql(
    golden: tuple[Path, dict[str, Any]], make_database: Callable[[str, str], str], tmp_path: Path
) -> None:
    file, about = golden
    with closing(Database(f"sqlite:///{file}")) as database:
        migrate(database)
        backup.write(database, tmp_path / "golden.tar.gz")
    url = make_database("postgresql", "empty")
    with closing(Database(url)) as target:
        backup.restore(target, tmp_path / "golden.tar.gz")
    clock = ManualClock(BEGAN + timedelta(days=4 if about.get("waits") else 1))
    with closing(open_city(url, clock)) as city:
        finish(city, about["cases"])
        finish_talks(city, about.get("talks", {}))
        finish_acts(city, about.get("acts", {}))
        finish_waits(city, clock, about.get("waits", {}))
        records_stand_up(city, about.get("sealed"))
