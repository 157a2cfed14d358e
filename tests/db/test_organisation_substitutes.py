"""Substitutes and duty: who may set them, and what they may not be used for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from engine.errors import Invalid, NotAllowed, NotFound
from engine.organisation import duties, substitutes
from engine.tables import audit, duty, person
from tests.db.organised import ADMINISTRATOR, SECURITY, STARTER, UNIT_WORK, cases, rows, unit_id
from web.city import City

HEAD, HANDLER, COLLEAGUE, OUTSIDER = (
    "weichangjiang",
    "dingyumei",
    "guhongxia",
    "cailihua",
)  # of sanitation, but for the last


def days(city: City, count: float) -> datetime:
    return city.core.db.now() + timedelta(days=count)


def test_a_substitute_works_for_another_and_no_longer_than_said(city: City) -> None:
    city.deploy(UNIT_WORK)
    one, two = cases(city, 2, "sanitation")
    made = city.substitute(HANDLER, OUTSIDER, None, days(city, 3), HANDLER, reason="年休假")
    city.complete(city.tasks(one)[0], {}, OUTSIDER)
    assert city.trail(one)[-1]["for_id"] == city.actor(HANDLER).id
    with pytest.raises(NotFound):
        substitutes.end(city.core, made, STARTER)
    substitutes.end(city.core, made, HEAD, "提前返岗")
    substitutes.end(city.core, made, HEAD)
    with pytest.raises(NotFound):
        city.complete(city.tasks(two)[0], {}, OUTSIDER)
    told = [(r["kind"], r["actor_id"]) for r in rows(city, audit, stream="organisation")]
    assert told == [("substitution_made", city.actor(HANDLER).id), ("substitution_ended", city.actor(HEAD).id)]


def test_who_may_set_a_substitute(city: City) -> None:
    city.substitute(HANDLER, COLLEAGUE, None, days(city, 1), HEAD)
    city.substitute(HANDLER, COLLEAGUE, days(city, 2), days(city, 3), ADMINISTRATOR)
    for stranger in (OUTSIDER, COLLEAGUE, SECURITY):
        with pytest.raises(NotAllowed):
            city.substitute(HANDLER, OUTSIDER, None, days(city, 1), stranger)
    with pytest.raises(NotAllowed):  # the head of one unit, a post in another
        city.substitute("cailihua", COLLEAGUE, None, days(city, 1), HEAD)
    with pytest.raises(NotFound):
        city.substitute(HANDLER, COLLEAGUE, None, days(city, 1), HANDLER, unit="nowhere")


def test_what_no_substitute_may_be(city: City) -> None:
    def refused(
        principal: str, substitute: str, by: str = ADMINISTRATOR, until: float = 1, since: float | None = None
    ) -> str:
        begins = days(city, since) if since is not None else None
        with pytest.raises(Invalid) as caught:
            city.substitute(principal, substitute, begins, days(city, until), by)
        return str(caught.value)

    assert "later" in refused(HANDLER, COLLEAGUE, until=-1)
    assert "later" in refused(HANDLER, COLLEAGUE, since=3, until=2)
    assert "180 days" in refused(HANDLER, COLLEAGUE, until=181)
    assert "themselves" in refused(HANDLER, HANDLER)
    assert "stand in for the post" in refused(SECURITY, "xuguangming")
    assert "dispatch" in refused("hejianping", "sunguoqing")  # who dispatches does not close
    assert "check" in refused(HANDLER, STARTER)  # who checks does not handle
    with city.core.db.write() as connection:  # a second account of the handler
        number = rows(city, person, login=HANDLER)[0]["staff_no"]
        connection.execute(person.update().where(person.c.login == COLLEAGUE).values(staff_no=number))
    assert "themselves" in refused(HANDLER, COLLEAGUE)
    city.substitute("cailihua", HANDLER, None, days(city, 2), "cailihua")
    assert "already" in refused("cailihua", HANDLER)
    assert "away" in refused("luqiuju", "cailihua")
    assert "end that first" in refused(HANDLER, "luqiuju"), (
        "whoever stands in for somebody does not leave, and nobody is left"
    )
    city.substitute(HANDLER, "luqiuju", None, days(city, 2), HANDLER, processes=["document"])


def test_the_duty_roster(city: City) -> None:
    begins, ends = days(city, 1), days(city, 2)
    first = duties.put(city.core, "sanitation", "handler", HANDLER, begins, ends, HEAD, note="夜班")
    duties.put(city.core, "sanitation", "handler", COLLEAGUE, begins, ends, ADMINISTRATOR)
    with pytest.raises(Invalid, match="already"):
        duties.put(city.core, "sanitation", "handler", HANDLER, begins, ends, HEAD)
    with pytest.raises(Invalid, match="does not hold"):
        duties.put(city.core, "sanitation", "handler", OUTSIDER, begins, ends, HEAD)
    with pytest.raises(Invalid, match="later"):
        duties.put(city.core, "sanitation", "handler", HANDLER, ends, begins, HEAD)
    with pytest.raises(NotAllowed):
        duties.put(city.core, "drainage", "handler", OUTSIDER, begins, ends, HEAD)
    with pytest.raises(NotAllowed):
        duties.remove(city.core, first, HANDLER)
    duties.remove(city.core, first, HEAD)
    with pytest.raises(NotFound):
        duties.remove(city.core, first, HEAD)
    now = duties.put(city.core, "sanitation", "handler", HANDLER, days(city, -1), ends, HEAD)
    duties.remove(city.core, now, HEAD)
    (row,) = rows(city, duty, id=now)
    assert row["until"] <= city.core.db.now()
    with pytest.raises(Invalid, match="over"):
        duties.remove(city.core, now, HEAD)
    kinds = [r["kind"] for r in rows(city, audit, stream="organisation")]
    assert kinds == ["duty_put", "duty_put", "duty_removed", "duty_put", "duty_removed"]
    assert unit_id(city, "sanitation") == row["unit_id"]


def test_who_stands_in_for_a_head_sets_nothing_that_outlasts_it(city: City) -> None:
    city.substitute(HEAD, OUTSIDER, None, days(city, 2), HEAD)
    put = (city.core, "sanitation", "handler", HANDLER)
    with pytest.raises(
        Invalid, match="only stand in for the head"
    ):  # a chain: the third would be head for longer than the second
        city.substitute(HEAD, COLLEAGUE, None, days(city, 3), OUTSIDER)
    with pytest.raises(Invalid, match="only stand in for the head"):
        city.substitute(HANDLER, COLLEAGUE, None, days(city, 3), OUTSIDER)
    with pytest.raises(Invalid, match="only stand in for the head"):
        duties.put(*put, days(city, 1), days(city, 3), OUTSIDER)
    city.substitute(HANDLER, COLLEAGUE, None, days(city, 1), OUTSIDER)
    duties.remove(city.core, duties.put(*put, days(city, 1), days(city, 1.5), OUTSIDER), OUTSIDER)
    told = [(r["kind"], r["for_id"]) for r in rows(city, audit, stream="organisation")]
    head = city.actor(HEAD).id
    acts = ("substitution_made", "duty_put", "duty_removed")
    assert told == [("substitution_made", None), *((kind, head) for kind in acts)]
