"""Promise 15: whoever owns the database, and not the files beside it, changes nothing that was sealed without a verification saying so."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import timedelta

import pytest

from engine.audit import checkpoints, reading
from engine.audit.chain import AUDIT, HISTORY
from engine.audit.copies import copy_for
from engine.clock import ManualClock
from engine.people import load_actor
from engine.public import talking
from engine.tables import audit, history
from escalation import records
from tests import clocking
from tests.bench.story import OLD, PROCESS, REPORT, YOUNG, Walker
from tests.db.test_files import photo
from tests.factories import say
from tests.tampering import ATTACKS, Undo, attack
from web.city import City
from web.setting_up import load_everything
from web.wiring import open_city

NAMED = {**REPORT, "lat": 30.4, "lon": 112.9, "reporter_name": "王小丽", "reporter_phone": "13912340000"}
QUICK, LONG = len(ATTACKS), 1000


def lived_in(city: City, clock: ManualClock) -> None:
    """Cases at all places and acts of all sorts, sealed by several checkpoints."""
    walker = Walker(city)
    for steps in (YOUNG[:1], YOUNG, (*YOUNG, *OLD)):
        case = city.start(PROCESS, NAMED, walker.clerk)
        walker.walk(case, steps)
        talking.say(city.core, case, talking.QUESTION, "哪一侧？", walker.clerk)
        city.attach(case, [city.accept("现场.jpg", photo())], walker.clerk) if len(steps) == 3 else None
        clocking.shelve(city, case, clock.now() + timedelta(days=300)) if steps == YOUNG else None
        with city.core.db.read() as connection:
            actor = load_actor(connection, walker.clerk)
        for minute in range(3):
            reading.Looks().looked(city.core, actor, reading.EXPORT, f"list:{minute}")
        seal(city)
    clock.advance(timedelta(days=30))
    city.run_due()
    seal(city)


def seal(city: City) -> None:
    checkpoints.make(city.core)


def tamper(city: City, clock: ManualClock, times: int) -> dict[str, int]:
    """So many attacks, each kind as often; answers how often each was found. What was not found fails."""
    lived_in(city, clock)
    copy = copy_for(city.core.db.url)
    report = records.verify(city.core)
    assert report.good, report.findings
    assert (report.unsealed, report.warnings) == (0, [])
    undo, dice, found = Undo(city, copy), random.Random(15), dict.fromkeys(ATTACKS, 0)
    for number in range(times):
        name = list(ATTACKS)[number % len(ATTACKS)]
        said = attack(city, copy, name, dice)
        assert not records.verify(city.core).good, said
        found[name] += 1
        undo()
    last = records.verify(city.core)
    assert last.good, last.findings
    return found


def test_every_kind_of_tampering_is_found(city: City, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    found = tamper(city, clock, QUICK)
    say(capsys, tampered=QUICK, found=sum(found.values()), kinds=len(found))


@pytest.mark.faults
def test_a_thousand_tamperings(city: City, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    found = tamper(city, clock, LONG)
    say(capsys, tampered=LONG, found=sum(found.values()), kinds=len(found))


def test_every_column_is_hashed() -> None:
    assert set(history.columns.keys()) == {*HISTORY, "hash"}
    assert set(audit.columns.keys()) == {*AUDIT, "hash"}


def test_what_nobody_can_read_is_a_finding_and_hides_nothing(sqlite_url: str, clock: ManualClock) -> None:
    """SQLite takes any text in any column."""
    with closing(open_city(sqlite_url, clock)) as city:
        load_everything(city.core)
        lived_in(city, clock)
        with city.core.db.write() as connection:
            connection.exec_driver_sql("UPDATE history SET at = 'yesterday' WHERE seq = 1")
            connection.exec_driver_sql("UPDATE audit_head SET seq = 1000 WHERE stream = 'content'")
        kinds = records.verify(city.core).kinds
        assert kinds["unreadable"] == 1
        assert kinds["head_disagrees"] == 1
