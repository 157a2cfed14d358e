"""The action `notify`: a diagram tells people, once, in the step that takes its job away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from engine import jobs, writes
from engine.clock import RealClock
from engine.tables import duty, history, notice, substitution
from tests.bpmn.drawing import chain, end, ext, start, tag
from tests.db.talking import OPERATOR, bundle, work
from tests.factories import LEADER
from tests.receivers import http_receiver
from tests.sending import hooks_at, person_id, reach
from tests.sending import work as send
from web.city import City


def telling(**said: str) -> dict[str, bytes]:
    given = "".join(f' {name}="{value}"' for name, value in said.items())
    service = tag("serviceTask", ext(f'<ld:action name="notify"{given}/>'), id="X")
    return bundle(start(), service, work("A"), end(), chain("S", "X", "A", "E"), key="telling")


def told(city: City, **said: str) -> list[dict[str, Any]]:
    """The notices that such a diagram writes."""
    city.deploy(telling(**said))
    case = city.start("telling", {}, OPERATOR)
    city.run_due()
    return notices(city, case)


def notices(city: City, case: int) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        rows = connection.execute(select(notice).where(notice.c.instance_id == case).order_by(notice.c.person_id))
        return [dict(row) for row in rows.mappings()]


def test_the_head_of_a_unit_is_told(city: City) -> None:
    (row,) = told(city, unit="supervision_centre", zh="请答复", en="Please reply", kind="yellow_card", urgent="true")
    assert row["data"] == {"zh": "请答复", "en": "Please reply", "urgent": True}
    assert (row["kind"], row["pending"]) == ("yellow_card", True)
    assert row["person_id"] in _heads(city, "supervision_centre")


def test_whoever_holds_the_post_is_told_and_its_head_where_nobody_does(city: City) -> None:
    leaders = told(city, unit="supervision_centre", post="shift_leader", zh="请看")
    assert person_id(city, LEADER) in {row["person_id"] for row in leaders}
    assert leaders[0]["data"] == {"zh": "请看", "en": "请看"}
    (row,) = told(city, unit="supervision_centre", post="handler_of_nothing", zh="请看")
    assert row["person_id"] in _heads(city, "supervision_centre")


def test_people_are_told_by_name_each_once_and_nobody_by_a_name_that_means_nobody(city: City) -> None:
    said = f"=[&quot;{LEADER}&quot;, &quot;nobody_at_all&quot;, &quot;{LEADER}&quot;]"
    (row,) = told(city, person=said, zh="请看")
    assert row["person_id"] == person_id(city, LEADER)
    assert told(city, unit="no_such_unit", post="shift_leader", zh="请看") == []


def test_a_worker_that_dies_at_the_commit_tells_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.deploy(telling(person=LEADER, zh="请看"))
    case = city.start("telling", {}, OPERATOR)
    real = writes.commit

    def lost(db: Any, written: Any) -> str:
        real(db, written)
        raise ConnectionError("the answer was lost")

    with monkeypatch.context() as broken:
        broken.setattr(writes, "commit", lost)
        jobs.run_due(city.core)
    for _ in range(4):
        jobs.run_due(city.core)
    assert len(notices(city, case)) == 1
    with city.core.db.read() as connection:
        kinds = connection.execute(
            select(history.c.kind).where(history.c.instance_id == case).order_by(history.c.seq)
        ).scalars()
        assert list(kinds).count("action_done") == 1


def test_what_a_diagram_tells_leaves_the_house(city: City) -> None:
    with http_receiver() as hook:
        hooks_at(city, hook)
        reach(city, LEADER, "webhook", f"http://127.0.0.1:{hook.port}/")
        told(city, person=LEADER, zh="请于明日前答复", kind="red_card")
        send(city)
        ((_, _, body),) = hook.arrived
    assert body["urgent"] is True
    assert "红牌" in body["subject"]


def _heads(city: City, unit: str) -> set[int]:
    from engine.organisation import snapshot  # noqa: PLC0415

    known = snapshot.of(city.core)
    return {who for post in known.heads for who in known.holders(city.core.unit_id(unit), post, None)}


def test_a_unit_is_reached_by_rank(city: City) -> None:
    """The substitute of who holds the post, the head, and the leader on duty: of the unit or the nearest above, else the city's."""
    heads = _heads(city, "supervision_centre")
    bureau = _heads(city, "city_management_bureau")
    shift = set(_holders(city, "supervision_centre", "shift_leader"))

    def reached(**said: str) -> set[int]:
        rows = told(city, unit="supervision_centre", zh="请立即签收", urgent="true", **said)
        assert all(row["data"]["urgent"] for row in rows)
        return {row["person_id"] for row in rows}

    assert reached(to="head") == heads
    assert reached(to="substitute", post="shift_leader") == shift  # nobody stands in: those who hold it
    assert reached(to="substitute", post="no_such_post") == heads
    assert reached(to="duty_leader") == _heads(city, "management_committee")  # no roster anywhere
    now, wall = city.world().now, RealClock().now()
    _insert(city, duty, unit_id=city.core.unit_id("city_management_bureau"), post_key="unit_head",
            person_id=min(bureau), since=now - timedelta(hours=1), until=now + timedelta(hours=9), note="")  # fmt: skip
    assert reached(to="duty_leader") == {min(bureau)}
    _insert(city, substitution, principal_id=person_id(city, LEADER), substitute_id=min(bureau), reason="",
            since=wall - timedelta(hours=1), until=wall + timedelta(hours=9), made_at=wall)  # fmt: skip
    assert reached(to="substitute", post="shift_leader") == {min(bureau)}
    assert reached(to="substitute head", post="shift_leader") == {min(bureau)} | heads
    assert reached(to="person", person=LEADER) == {person_id(city, LEADER)}


def _insert(city: City, table: Any, **row: Any) -> None:
    with city.core.db.write() as connection:
        connection.execute(insert(table).values(**row))


def _holders(city: City, unit: str, post: str) -> list[int]:
    from engine.organisation import snapshot  # noqa: PLC0415

    return snapshot.of(city.core).holders(city.core.unit_id(unit), post, None)
