"""A unit's desk: its people sign for what has come, its head says who does it; nobody else does."""

from __future__ import annotations

import pytest

from engine.acts import assigning
from engine.errors import Invalid, NotAllowed, NotFound
from engine.queries import desk as reading
from tests.db import organising
from tests.factories import DISPATCHER, HANDLER, STRANGER, case_at, only_task
from tests.web.visitor import Visit
from web.city import City

COLLEAGUE, HEAD, OTHER_HEAD = "water_colleague", "water_head", "drain_head"


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def ref(city: City) -> str:
    organising.hire(city, COLLEAGUE, "water_supply", "handler")
    organising.hire(city, HEAD, "water_supply", "unit_head")
    organising.hire(city, OTHER_HEAD, "drainage", "unit_head")
    return only_task(city, case_at(city, "Handle")).ref


def test_assigning_is_for_the_head_of_the_unit(city: City, ref: str) -> None:
    to = city.actor(COLLEAGUE).id
    with pytest.raises(NotAllowed):
        assigning.assign(city.core, ref, city.actor(HANDLER).id, COLLEAGUE)
    for stranger in (OTHER_HEAD, STRANGER):
        with pytest.raises(NotFound):
            assigning.assign(city.core, ref, to, stranger)
    with pytest.raises(Invalid):
        assigning.assign(city.core, ref, city.actor(DISPATCHER).id, HEAD)
    first = assigning.assign(city.core, ref, to, HEAD, reason="就近", key="k")
    assert assigning.assign(city.core, ref, to, HEAD, reason="就近", key="k") == first
    case = int(ref.partition(".")[0])
    assert only_task(city, case).assignee == to
    told = [h for h in city.trail(case) if h["kind"] == "transferred"]
    assert [(h["data"]["to"], h["data"]["assigned"], h["actor_id"]) for h in told] == [(to, True, city.actor(HEAD).id)]


def test_the_desk(city: City, ref: str, visit: Visit) -> None:
    handler = visit(COLLEAGUE)
    page = handler.get("/desk").get_data(as_text=True)
    assert ref in page
    assert "分派</button>" not in page
    assert handler.submit("/desk", "/desk/sign", ref=ref).status_code == 303
    head = visit(HEAD)
    page = head.get("/desk").get_data(as_text=True)
    assert "已签收，待分派" in page
    assert ref in page
    head.submit("/desk", "/desk/assign", to=str(city.actor(COLLEAGUE).id))
    assert only_task(city, int(ref.partition(".")[0])).assignee == city.actor(COLLEAGUE).id
    assert ref not in visit(OTHER_HEAD).get("/desk").get_data(as_text=True)


def test_what_is_lent_and_what_is_delegated_stays_on_the_desk(city: City, ref: str) -> None:
    other = only_task(city, case_at(city, "Handle")).ref
    organising.hire(city, "stand_in", "drainage", "applicant")
    organising.lend(city, HANDLER, "stand_in")
    city.claim(other, "stand_in")
    city.claim(ref, HANDLER)
    city.delegate(ref, STRANGER, HANDLER, "请先拟一稿")
    head = city.actor(HEAD)
    unit_id = head.own_posts[0].unit_id
    found = reading.desk(city.core, head, unit_id, city.world().now)
    assert {f"{r['instance_id']}.{r['id']}" for r in found.taken} == {ref, other}
    loads = {one.id: one.open for one in found.workers}
    assert loads[city.actor(HANDLER).id] == 2, "both are the handler's to answer for"
    organising.come_back(city, HANDLER, "stand_in")
    found = reading.desk(city.core, head, unit_id, city.world().now)
    assert len(found.taken) == 2, "claimed for the handler, it is the handler's"


def test_the_desk_says_for_whom(city: City, ref: str, visit: Visit) -> None:
    city.claim(ref, HANDLER)
    city.delegate(ref, STRANGER, HANDLER, "请先拟一稿")
    page = visit(HEAD).get("/desk").get_data(as_text=True)
    assert f"受{city.actor(HANDLER).name}委托拟办" in page
    assert f'value="{ref}"><input type="hidden" name="unit"' not in page, "it comes back before it is given to another"
