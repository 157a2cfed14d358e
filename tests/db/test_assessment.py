"""Figures of the assessment: 3,000 made-up cases counted again by a slow, obvious function; closed periods stay; exemptions take two."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import files
from engine.clock import ManualClock
from engine.errors import Invalid, LiandongError, NotAllowed
from engine.tables import area, instance, unit
from escalation.assessment import closing, counting, editions, exemptions, periods, reporting, unit_marks
from escalation.assessment.counts import COUNTS
from escalation.tables import assessment_edition, assessment_mark, exemption
from escalation.tables import clock as clock_table
from tests import assessing
from tests.factories import say
from web.city import City

CITY = ZoneInfo("Asia/Shanghai")
MIDDLE = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAY = periods.read("2026-05", CITY)
ASSESSOR, HEAD = "yuanzhigang", "jiaxinhua"
CASES = int(os.environ.get("ASSESSED", "3000"))
"""`ASSESSED=100000` for the long form: minutes, and some gigabytes for the slow function."""
READINGS = ("full", "base", "adjusted")


def live(city: City, span: periods.Span) -> editions.Read:
    with city.core.db.read() as connection:
        return editions.live(city.core, connection, span, None)


@pytest.mark.parametrize("label", ["2026-05", "2026-06", "2026-Q2"])
def test_every_number_is_that_of_a_slow_and_obvious_function(
    city: City, clock: ManualClock, capsys: pytest.CaptureFixture[str], label: str
) -> None:
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assessing.populate(city, CASES if label == "2026-06" else 600, MIDDLE)
    span = periods.read(label, CITY)
    found = live(city, span)
    expected: dict[str, Counter[str]] = {reading: Counter() for reading in READINGS}
    by_unit: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    behind: dict[str, set[int]] = defaultdict(set)
    of_units: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
    passed: Counter[str] = Counter()
    with city.core.db.read() as connection:
        units = {row.id: row.key for row in connection.execute(select(unit))}
        for row, counts in assessing.recount(connection, span.since, span.until):
            for reading, keys in counts.items():
                expected[reading].update(keys)
                by_unit[units.get(row["unit_id"], "none"), reading].update(keys - set(unit_marks.KEYS))
                for whose, theirs in row["of_units"][reading].items():
                    by_unit[units.get(whose, "none"), reading].update(theirs)
                    for key in theirs:
                        of_units[reading, key].add((row["id"], whose or unit_marks.NOBODY))
                passed[reading] += passed_on(row["of_units"][reading])
                for key in keys:
                    behind[f"{reading}:{key}"].add(row["id"])
        marks = connection.execute(select(found.marks)).mappings().all()
        assert found.units is not None
        theirs_ = connection.execute(select(found.units)).mappings().all()
    numbers = found.report["whole"]["numbers"]
    differences = [
        (one.key, reading, numbers.get(one.key, [0, 0, 0])[n], expected[reading][one.key])
        for one in COUNTS
        for n, reading in enumerate(READINGS)
        if numbers.get(one.key, [0, 0, 0])[n] != expected[reading][one.key]
    ]
    assert not differences
    for row in found.report["units"]:
        for one in COUNTS:
            key, three = one.key, row["numbers"].get(one.key, [0, 0, 0])
            assert three == [by_unit[row["key"], reading][key] for reading in READINGS], (row["key"], key)
    for place, one in enumerate(COUNTS):
        for reading in READINGS:
            ids = {m["instance_id"] for m in marks if m[reading] >> place & 1}
            assert ids == behind[f"{reading}:{one.key}"], (one.key, reading)
            pairs = {(m["instance_id"], m["unit_id"]) for m in theirs_ if m[reading] >> place & 1}
            assert pairs == of_units[reading, one.key], (one.key, reading)
    if label == "2026-06":  # the other month has a fifth of the cases
        assert all(sum(expected[reading][one.key] for reading in READINGS) for one in COUNTS), "every count is made up"
        assert passed["base"] > passed["adjusted"] > 0, (
            "late for one unit, in time for another, and some of them exempted"
        )
    rates = found.report["whole"]["values"]["closing_in_time_rate"]["exact"]
    assert rates == [str(Fraction(expected[r]["closed_in_time"], expected[r]["due"])) for r in READINGS]
    say(capsys, cases=len(marks), numbers=3 * len(COUNTS), differences=len(differences))


def passed_on(of_units: dict[int | None, set[str]]) -> bool:
    """Whether a case is late for one unit and in time for another."""
    several = [theirs for theirs in of_units.values() if "due_handle" in theirs]
    return any("handle_missed" in one for one in several) and any("handled_in_time" in one for one in several)


def test_units_and_areas_add_up_to_the_city(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 12, 1, tzinfo=UTC))
    assessing.populate(city, 300, MIDDLE)
    report = live(city, periods.read("2026-06", CITY)).report
    for kind in ("units", "areas"):
        total: Counter[str] = Counter()
        for row in report[kind]:
            total.update({key: three[1] for key, three in row["numbers"].items()})
        whole = Counter({key: three[1] for key, three in report["whole"]["numbers"].items() if three[1]})
        own = set(unit_marks.KEYS) if kind == "units" else set()  # a case may be several units' own
        assert {k: n for k, n in total.items() if k not in own} == {k: n for k, n in whole.items() if k not in own}
        assert all(
            total[key] >= whole[key] for key in own & {"carded", "urged", "ordered", "due_handle", "handle_missed"}
        )
    with city.core.db.read() as connection:
        towns = set(connection.execute(select(area.c.key).where(area.c.kind.in_(reporting.TOWNS))).scalars())
    assert {row["key"] for row in report["areas"]} <= towns | {"none", "qianjiang"}
    ranked = {row["key"] for row in report["areas"] if row["rank"] is not None}
    assert ranked
    assert ranked <= towns, "the city is none of its towns"


def test_a_closed_period_is_identical_after_late_edits_which_are_listed(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessing.populate(city, 300, MIDDLE)
    assessor = city.actor(ASSESSOR)
    row = closing.close(city.core, assessor, MAY)
    assert row is not None
    assert row["number"] == "2026-05/1"
    with city.core.db.read() as connection:
        kept = editions.find(connection, row["number"])
        assert editions.is_sound(connection, kept)
        assert editions.late(connection, kept, counting.marks(city.core, connection, kept, None), None) == (0, [])
        due = editions.read(city.core, connection, kept, None, MAY)
        case = connection.execute(
            select(assessment_mark.c.instance_id).where(assessment_mark.c.base.op("&")(1) != 0).limit(1)
        ).scalar_one()
    before = json.dumps(due.report, sort_keys=True)
    with city.core.db.write() as connection:
        connection.execute(
            update(instance).where(instance.c.id == case).values(started_at=MAY.until + timedelta(days=40))
        )
    with city.core.db.read() as connection:
        again = editions.read(city.core, connection, editions.find(connection, row["number"]), None, MAY)
        assert json.dumps(again.report, sort_keys=True) == before
        assert editions.is_sound(connection, kept)
        total, changed = editions.late(connection, kept, counting.marks(city.core, connection, kept, None), None)
    assert (total, [one["id"] for one in changed]) == (1, [case])
    assert "received" in changed[0]["gone"]
    assert live(city, MAY).report["whole"] != again.report["whole"]


def test_a_correction_is_a_new_edition_that_names_the_old(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessor = city.actor(ASSESSOR)
    closing.close(city.core, assessor, MAY)
    with pytest.raises(Invalid):
        closing.close(city.core, assessor, MAY)
    second = closing.close(city.core, assessor, MAY, "补录了一批案件")
    assert second is not None
    with city.core.db.read() as connection:
        first = editions.find(connection, "2026-05/1")
        assert (second["number"], second["replaces_id"]) == ("2026-05/2", first["id"])
        assert json.loads(second["body"])["replaces"] == "2026-05/1"
        newest = editions.newest(connection, MAY)
        assert newest is not None
        assert newest["number"] == "2026-05/2"


def test_who_may_close_and_when(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    with pytest.raises(NotAllowed):
        closing.close(city.core, city.actor("hejianping"), MAY)
    with pytest.raises(Invalid):
        closing.close(city.core, city.actor(ASSESSOR), periods.read("2026-06", CITY))


def test_an_edition_that_somebody_touched_is_found(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessing.populate(city, 60, MIDDLE)
    row = closing.close(city.core, city.actor(ASSESSOR), MAY)
    assert row is not None
    with city.core.db.write() as connection:
        connection.execute(update(assessment_mark).values(base=assessment_mark.c.base + 1))
    with city.core.db.read() as connection:
        assert not editions.is_sound(connection, editions.find(connection, row["number"]))
    with city.core.db.write() as connection:
        connection.execute(update(assessment_mark).values(base=assessment_mark.c.base - 1))
        connection.execute(update(assessment_edition).values(body=row["body"].replace('"format":1', '"format":2')))
    with city.core.db.read() as connection:
        assert not editions.is_sound(connection, editions.find(connection, row["number"]))


def test_an_exemption_takes_two_people_and_leaves_the_overrun(city: City, clock: ManualClock) -> None:
    clock.set(datetime(2026, 6, 2, tzinfo=UTC))
    assessing.populate(city, 200, MIDDLE)
    june = periods.read("2026-05", CITY)
    before = live(city, june)
    place = [one.key for one in COUNTS].index("missed")
    with city.core.db.read() as connection:
        m = before.marks.c
        row = clock_table.c
        late = select(row.instance_id).where(row.name == "case", row.breached_at.is_not(None))
        asked_before = select(exemption.c.instance_id)
        both = (
            m.base.op("&")(1 << place) != 0,
            m.adjusted.op("&")(1 << place) != 0,
            m.instance_id.in_(late),
            m.instance_id.not_in(asked_before),
        )
        case = connection.execute(select(m.instance_id).where(*both).limit(1)).scalar_one()
    paper = files.accept(city.core, "证明.png", PICTURE)
    assessor = city.actor(ASSESSOR)
    with pytest.raises(Invalid):
        exemptions.ask(city.core, assessor, case, "case", "台风停工", None)
    number = exemptions.ask(city.core, assessor, case, "case", "台风停工", paper)
    with pytest.raises(LiandongError):
        exemptions.ask(city.core, assessor, case, "case", "再申诉", paper)
    with pytest.raises(NotAllowed):
        exemptions.decide(city.core, assessor, number, agreed=True, note="同意")
    assert live(city, june).report["whole"] == before.report["whole"], "undecided changes nothing"
    other = second_assessor(city)
    exemptions.decide(city.core, other, number, agreed=True, note="属实")
    after = live(city, june).report["whole"]["numbers"]
    was = before.report["whole"]["numbers"]
    assert after["missed"] == [was["missed"][0], was["missed"][1], was["missed"][2] - 1]
    assert after["due"] == [was["due"][0], was["due"][1], was["due"][2] - 1]
    with pytest.raises(LiandongError):
        exemptions.decide(city.core, other, number, agreed=False, note="反悔")


def second_assessor(city: City):  # type: ignore[no-untyped-def]
    """Another person of the assessment office with that post."""
    from engine.tables import membership, person  # noqa: PLC0415

    with city.core.db.write() as connection:
        who = connection.execute(select(person.c.id).where(person.c.login == HEAD)).scalar_one()
        office = connection.execute(select(unit.c.id).where(unit.c.key == "assessment_office")).scalar_one()
        connection.execute(membership.insert().values(person_id=who, unit_id=office, post_key="assessor"))
        connection.execute(
            update(person).where(person.c.id == who).values(access_revision=person.c.access_revision + 1)
        )
    return city.actor(HEAD)


def _picture() -> bytes:
    import io  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return out.getvalue()


PICTURE = _picture()
