"""The dossier of a case: everything up to its last event, the same bytes whenever and wherever it is made, and no byte of it can be changed
unseen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine import backup
from engine.audit import recording, signing
from engine.clock import ManualClock
from engine.db import Database
from engine.errors import Invalid, NotFound
from engine.tables import instance, notice, unit
from escalation import dossier, sweep
from escalation.dossier import asking, canonical
from escalation.tables import rung
from tests.factories import COLLECTOR, REPORT, case_at, do
from web.city import City
from web.wiring import open_city

HOSTILE = '#import "x" *粗* _斜_ [a](b) $x^2$ `raw` <label> @ref \\ // /* ~ -- = + "引号" \u202e\u0000x'.replace(
    "\0", ""
)
KEYS = signing.trusted(Path("/nonexistent"))


def worked(city: City, clock: ManualClock, **report: Any) -> int:
    """A case that went some way, a day late."""
    case = city.start("case_dispatch", {**REPORT, "lat": 30.4, "lon": 112.9, **report}, COLLECTOR)
    for node, minutes in (("File", 5), ("Dispatch", 5), ("SignFor", 2), ("Handle", 60 * 24)):
        clock.advance(timedelta(minutes=minutes))
        sweep.breaches(city.core)
        do(city, case, node)
    return case


def section(made: dossier.Dossier, name: str) -> Any:
    return next(each["content"] for each in made.document["sections"] if each["name"] == name)


def test_it_holds_the_case_and_verifies(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    made = dossier.make(city.core, case)
    verdict = dossier.verify(made.content, KEYS)
    assert verdict.findings == []
    assert (verdict.hash, verdict.rows, verdict.withheld) == (made.hash, len(city.trail(case)), 0)
    assert [row["zh"] for row in section(made, "handovers")] == ["立案", "派遣", "签收", "处置", "反馈"]
    late = next(c for c in section(made, "clocks") if c["name"] == "case")
    assert late["breached_at"] == late["due_at"] == "2026-06-10T03:05:00.000000+00:00"
    assert (late["zh"], late["amount"], late["unit"]) == ("案件时限", "2", "urgent_hour")
    assert {a["name"]: a["value"] for a in section(made, "answers")}["title"] == "井盖缺失"
    names = section(made, "names")
    assert "市供水公司" in {each["zh"] for each in names["units"].values()}
    assert names["posts"]["handler"]["zh"] == "经办人"


def test_made_again_it_is_the_same_whatever_came_after(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    made = dossier.make(city.core, case)
    clock.advance(timedelta(minutes=7))
    assert dossier.make(city.core, case).content == made.content  # no present time in it
    do(city, case, "Feedback")
    with city.core.db.write() as connection:  # and names of today are not those of then
        connection.execute(update(notice).values(read_at=clock.now()))
    newer = dossier.make(city.core, case)
    assert newer.hash != made.hash
    assert dossier.make(city.core, case, made.event).content == made.content
    clock.advance(timedelta(minutes=7))
    do(city, case, "Check")
    do(city, case, "Close")
    assert dossier.make(city.core, case, made.event).content == made.content
    assert dossier.make(city.core, case, newer.event).content == newer.content


@pytest.mark.parametrize("event", ["99", "-1", "x", "1+2", "1+2:3", "", "0+0", "9" * 40])
def test_an_event_that_never_was_is_refused(city: City, clock: ManualClock, event: str) -> None:
    case = case_at(city, "File")
    with pytest.raises(Invalid):
        dossier.make(city.core, case, event)
    with pytest.raises(NotFound):
        dossier.make(city.core, case + 1)


def test_both_databases_give_the_same_bytes(
    city: City, clock: ManualClock, make_database: Callable[[str, str], str], tmp_path: Path
) -> None:
    case = worked(city, clock, title=HOSTILE[:90])
    made = dossier.make(city.core, case)
    backup.write(city.core.db, tmp_path / "b.tar")
    other = "sqlite" if city.core.db.postgresql else "postgresql"
    url = make_database(other, "empty") if other == "postgresql" else f"sqlite:///{tmp_path / 'o.db'}"
    with closing(Database(url)) as database:
        if other == "postgresql":
            with database.write() as connection:
                connection.exec_driver_sql("DROP SCHEMA public CASCADE")
                connection.exec_driver_sql("CREATE SCHEMA public")
        backup.restore(database, tmp_path / "b.tar")
    with closing(open_city(url, clock)) as restored:
        assert dossier.make(restored.core, case).content == made.content


def test_a_forged_one_is_found(city: City, clock: ManualClock) -> None:
    made = dossier.make(city.core, worked(city, clock))
    document = made.document
    document["sections"][1]["content"] = []
    (said,) = {f.kind for f in dossier.verify(canonical.data(document), KEYS).findings}
    assert said == "section_changed"
    document = made.document
    document["sections"].pop()
    assert {f.kind for f in dossier.verify(canonical.data(document), KEYS).findings} == {"hash_changed"}
    assert {f.kind for f in dossier.verify(made.content, {}).findings} == {"unknown_key"}


def test_a_row_that_speaks_of_what_is_confidential_is_withheld(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    other = case_at(city, "File")
    city.comment(case, f"{other}", COLLECTOR)
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == other).values(confidential=True))
    made = dossier.make(city.core, case)
    verdict = dossier.verify(made.content, KEYS)
    assert (verdict.findings, verdict.withheld) == ([], 1)
    assert str(other) not in made.content.decode()


def test_the_action_names_it_for_ever(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    said = asking.action(city.core, 1, {"case_id": str(case)})
    do(city, case, "Feedback")
    made = dossier.make(city.core, case, said["event"])
    assert (made.hash, str(case)) == (said["hash"], said["case_id"])
    for wrong in ("x", "9" * 30, "-1"):
        with pytest.raises(Invalid):
            asking.action(city.core, 1, {"case_id": wrong})
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == case).values(confidential=True))
    with pytest.raises(Invalid):
        asking.action(city.core, 1, {"case_id": str(case)})
    assert asking.action(city.core, case, {})["case_id"] == str(case)


def test_units_keep_the_names_they_had(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    made = dossier.make(city.core, case)
    with city.core.db.write() as connection:
        row = connection.execute(select(unit.c.key, unit.c.name_zh).where(unit.c.key == "water_supply")).one()
        connection.execute(update(unit).where(unit.c.key == row.key).values(name_zh="新水务集团"))
        data = {"before": {"name_zh": row.name_zh}, "after": {"name_zh": "新水务集团"}}
        recording.record(
            city.core, connection, recording.ORGANISATION, "unit_changed", about=f"unit:{row.key}", data=data
        )
    assert dossier.make(city.core, case, made.event).content == made.content
    do(city, case, "Feedback")
    assert "新水务集团" in dossier.make(city.core, case).content.decode()


def test_times_held_are_the_time_of_the_case(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    for node, minutes in (("Feedback", 3), ("Check", 90), ("Close", 11)):
        clock.advance(timedelta(minutes=minutes))
        do(city, case, node)
    holding = section(dossier.make(city.core, case), "holding")
    row = city.instance(case)
    whole = (row["ended_at"] - row["started_at"]).total_seconds()
    assert holding["seconds"] == whole == sum(u["seconds"] for u in holding["units"])
    assert whole == sum(s["seconds"] for s in holding["stretches"])


def test_what_is_confidential_is_in_no_other_dossier(city: City, clock: ManualClock) -> None:
    case = worked(city, clock)
    other = case_at(city, "File")
    open_one = case_at(city, "File")
    row = {"world_id": 1, "case_id": case, "kind": "yellow_card", "node": "N", "at": clock.now(), "reason": "超期"}
    with city.core.db.write() as connection:
        connection.execute(insert(rung).values(instance_id=other, id=1, **{**row, "kind": "refer_clue"}))
        connection.execute(insert(rung).values(instance_id=open_one, id=1, **row))
        connection.execute(update(instance).where(instance.c.id == other).values(confidential=True))
    made = dossier.make(city.core, case)
    assert str(other) not in made.content.decode()
    assert b"refer_clue" not in made.content
    assert [r["kind"] for r in section(made, "rungs")] == ["yellow_card"]
    last = city.trail(case)[-1]["seq"]
    assert made.event == f"{last}+{open_one}:0~2"
    assert dossier.make(city.core, case, made.event).content == made.content
    with pytest.raises(Invalid):
        dossier.make(city.core, case, f"{last}+{other}:0")
