"""Reservations: what two cases want of one stretch at one time is told to the later at least, and nothing outlives its case."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import reservations, worlds
from engine.errors import BusinessError
from engine.people import load_actor
from engine.queries import reservations as reserved
from tests import laws
from tests.bpmn.drawing import chain, end, ext, start, tag
from tests.db.talking import OPERATOR, bundle, work
from tests.factories import STRANGER
from web.city import City

ROAD = {"register": "road_segments", "row": "zhanghua-1", "from": "2026-07-01", "until": "2026-07-10"}


def deploy(city: City) -> None:
    """A process that asks for a stretch and waits."""
    given = {
        "register": "=register", "row": "=row", "begins": "=begins", "ends": "=ends", "from": "=from", "until": "=until",
        "purpose": "=purpose", "result": "={met: result.conflicts}",
    }  # fmt: skip
    said = "".join(f' {name}="{value}"' for name, value in given.items())
    service = tag("serviceTask", ext(f'<ld:action name="reserve"{said}/>'), id="X")
    city.deploy(bundle(start(), service, work("A"), end(), chain("S", "X", "A", "E"), key="digging"))


@pytest.fixture(autouse=True)
def _deployed(city: City) -> Iterator[None]:
    deploy(city)
    yield
    laws.check(city)


def dig(city: City, begins: float | None = None, ends: float | None = None, /, **other: Any) -> int:
    facts = {"title": "挖掘", "begins": begins, "ends": ends, "purpose": "gas", **ROAD, **other}
    case = city.start("digging", {}, OPERATOR, given=facts, world=other.get("world", 1))
    city.run_due()
    return case


def met(city: City, case: int) -> list[int]:
    return [int(one["instance"]) for one in city.instance(case)["facts"].get("met", [])]


def test_stretch_and_time_must_both_meet(city: City) -> None:
    first = dig(city, 100, 200)
    alone = [
        dig(city, 200, 300),  # it only touches
        dig(city, 0, 100),
        dig(city, 100, 200, **{"from": "2026-07-11", "until": "2026-07-12"}),  # the day after
        dig(city, 100, 200, **{"from": "2026-06-01", "until": "2026-06-30"}),
        dig(city, 100, 200, row="zhanghua-2"),
        dig(city, 100, 200, register="advertising_sites"),
    ]
    assert [met(city, case) for case in alone] == [[]] * 6
    last_day = dig(city, 150, 160, **{"from": "2026-07-10", "until": "2026-07-20"})
    assert met(city, last_day) == [first, alone[2]]
    whole = dig(city, None, None, **{"from": "2026-06-25", "until": "2026-07-12"})
    assert met(city, whole)[0] == alone[3]  # those that begin earlier first
    assert set(met(city, whole)) == {first, last_day, alone[0], alone[1], alone[2], alone[3]}
    told = city.instance(last_day)["facts"]["met"][0]
    assert (told["state"], told["first_day"], told["last_day"]) == ("asked", "2026-07-01", "2026-07-10")
    assert (told["begins"], told["ends"], told["title"]) == (100, 200, "挖掘")


def test_of_two_at_once_at_least_the_later_is_told(city: City) -> None:
    cases = [city.start("digging", {}, OPERATOR, given={"begins": 0, "ends": 50, **ROAD}) for _ in range(2)]
    answers: dict[int, Any] = {}
    ready = threading.Barrier(2)

    def ask(case: int) -> None:
        ready.wait()
        answers[case] = reservations.reserve(city.core, case, {"begins": 0, "ends": 50, **ROAD})

    threads = [threading.Thread(target=ask, args=(case,)) for case in cases]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert any(answers[case]["conflicts"] for case in cases)


def test_it_is_done_once_changed_by_its_id_and_ends_with_its_case(city: City) -> None:
    case, other = dig(city, 0, 50), dig(city, 20, 60)
    again = reservations.reserve(city.core, case, {"begins": 0, "ends": 50, "purpose": "gas", **ROAD})
    assert [one["instance"] for one in again["conflicts"]] == [str(other)]
    assert len(reservations.of_instance(city.core, case)) == 1

    reservations.reserve(city.core, case, {"begins": 0, "ends": 10, "state": "held", **ROAD})
    (row,) = reservations.of_instance(city.core, case)
    assert (row["state"], row["ends"]) == ("held", 10)
    assert row["until_at"] == datetime(2026, 7, 10, 16, tzinfo=UTC)  # the whole last day here
    assert reservations.reserve(city.core, other, {"begins": 20, "ends": 60, **ROAD})["conflicts"] == []

    extra = {"id": "more", "begins": 55, "ends": 80, **ROAD}
    assert len(reservations.reserve(city.core, case, extra)["conflicts"]) == 1
    assert reservations.release(city.core, case, {"id": "more"}) == {"released": 1}
    assert reservations.release(city.core, case, {"id": "more"}) == {"released": 0}
    city.cancel(case, OPERATOR, "撤回申请")
    assert [row["state"] for row in reservations.of_instance(city.core, case)] == ["released", "released"]
    assert reservations.reserve(city.core, case, extra)["conflicts"] != []  # it only asks: nothing is written any more
    assert [row["state"] for row in reservations.of_instance(city.core, case)] == ["released", "released"]

    city.advance(timedelta(days=60))
    city.complete(city.tasks(other)[0], {}, OPERATOR)
    assert [row["state"] for row in reservations.of_instance(city.core, other)] == ["over"]


def test_what_makes_no_sense_is_an_error_of_the_diagram(city: City) -> None:
    case = dig(city, 0, 50)
    for wrong, code in (
        ({"row": ""}, "reservation_place"),
        ({"begins": 50, "ends": 50}, "reservation_stretch"),
        ({"begins": -1, "ends": 50}, "reservation_stretch"),
        ({"ends": "x"}, "reservation_stretch"),
        ({"until": "2026-06-30"}, "reservation_time"),
        ({"from": None}, "reservation_time"),
        ({"from": "tomorrow"}, "reservation_time"),
    ):
        with pytest.raises(BusinessError) as refused:
            reservations.reserve(city.core, case, {**ROAD, **wrong})
        assert refused.value.error_code == code


def test_worlds_do_not_meet_and_strangers_see_what_is_public(city: City) -> None:
    drill = worlds.create(city.core, "drill", "演练", city.world().now)
    case = dig(city, 0, 50)
    assert met(city, dig(city, 0, 50, world=drill.id)) == []
    since, until = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)

    def seen(by: str | None) -> list[Any]:
        actor = None
        if by is not None:
            with city.core.db.read() as connection:
                actor = load_actor(connection, by)
        return reserved.between(city.core, since, until, actor, register="road_segments")

    assert [(one.instance, one.state, one.title) for one in seen(OPERATOR)] == [(case, "asked", "挖掘")]
    assert seen(STRANGER) == seen(None) == []  # asked only
    held = {"begins": 0, "ends": 50, "state": "held", "purpose": "gas", **ROAD}
    reservations.reserve(city.core, case, held)
    assert seen(None) == []  # nothing of it was made public
    reservations.reserve(city.core, case, {**held, "public": {"works": "燃气管道"}})
    for by in (None, STRANGER):
        (one,) = seen(by)
        assert (one.instance, one.number, one.title, one.public) == (None, None, None, {"works": "燃气管道"})
        assert (one.state, one.first_day, one.last_day) == ("held", "2026-07-01", "2026-07-10")
    assert reserved.between(city.core, until, until + timedelta(days=9)) == []
