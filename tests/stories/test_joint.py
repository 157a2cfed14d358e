"""主办 and 协办: units work one case beside each other, each with its own task and clock; the lead answers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.acts import assisting
from engine.errors import Invalid, NotAllowed, NotFound
from escalation.tables import clock
from tests import laws
from tests.factories import HANDLER, STRANGER, case_at, do, task_at
from web.city import City

HOLDERS = {"gas_supply": "wangqiansheng", "sanitation": "dingyumei"}


def nodes(city: City, case: int) -> list[tuple[str, str | None]]:
    return sorted((t.node, t.unit) for t in city.tasks(case))


def test_units_work_beside_each_other_and_the_lead_answers(city: City) -> None:
    case = case_at(city, "Dispatch")
    do(city, case, "Dispatch", assisting_units=["gas_supply"])
    do(city, case, "SignFor")
    assert nodes(city, case) == [("AssistSign", "gas_supply"), ("Handle", "water_supply")]
    city.complete(task_at(city, case, "AssistSign"), {}, HOLDERS["gas_supply"])
    assert nodes(city, case) == [("Assist", "gas_supply"), ("Handle", "water_supply")]
    handle = task_at(city, case, "Handle")
    laws.check(city)
    with city.core.db.read() as connection:
        running = connection.execute(
            select(clock.c.name).where(clock.c.instance_id == case, clock.c.stopped_at.is_(None))
        ).scalars()
        assert sorted(running) == ["assist", "case", "handle"], "each has a clock of its own"

    wrong: list[list[str]] = [[], ["water_supply"], ["no_such_unit"], [f"u{n}" for n in range(6)]]
    for units in wrong:
        with pytest.raises(Invalid):
            assisting.ask(city.core, handle.ref, units, HANDLER)
    with pytest.raises(NotFound):
        assisting.ask(city.core, handle.ref, ["sanitation"], STRANGER)
    first = assisting.ask(city.core, handle.ref, ["sanitation"], HANDLER, text="请清运", key="k")
    assert assisting.ask(city.core, handle.ref, ["sanitation"], HANDLER, text="请清运", key="k") == first
    asked = [t for t in city.tasks(case) if t.node in ("AssistSign", "Assist")]
    assert sorted(str(t.unit) for t in asked) == ["gas_supply", "sanitation"]
    with pytest.raises(NotAllowed):  # who assists does not lead
        assisting.ask(city.core, asked[0].ref, ["water_supply"], HOLDERS[str(asked[0].unit)])
    city.complete(task_at(city, case, "Assist"), {"assist_note": "已配合"}, HOLDERS["gas_supply"])
    assert nodes(city, case) == [("AssistSign", "sanitation"), ("Handle", "water_supply")]
    assert task_at(city, case, "Handle").ref == handle.ref, "the lead's task is the same, with its own time"
    do(city, case, "Handle")
    assert nodes(city, case) == [("Feedback", "command_centre")], "what others had not done is taken back"
    assert city.instance(case)["facts"]["assisted_units"] == ["gas_supply", "sanitation"]
    laws.check(city)
    do(city, case, "Feedback", feedback_decision="return", feedback_note="补照片")
    assert nodes(city, case) == [("Handle", "water_supply")], "nobody is asked twice"
    for node in ("Handle", "Feedback", "Check", "Close"):
        do(city, case, node)
    assert city.instance(case)["outcome"] == "EndClosed"
    laws.check(city)


def test_where_the_unit_says_so_its_head_signs_out(city: City) -> None:
    case = case_at(city, "Dispatch")
    do(city, case, "Dispatch", responsible_unit="landscape")
    do(city, case, "SignFor", "xuehongbing")
    do(city, case, "Handle", "xuehongbing")
    assert nodes(city, case) == [("SignOut", "landscape")]
    with pytest.raises((NotFound, NotAllowed)):
        city.complete(task_at(city, case, "SignOut"), {"sign_out_decision": "sign"}, "xuehongbing")
    back = {"sign_out_decision": "return", "sign_out_note": "没有照片"}
    city.complete(task_at(city, case, "SignOut"), back, "yeqingsong")
    do(city, case, "Handle", "xuehongbing")
    city.complete(task_at(city, case, "SignOut"), {"sign_out_decision": "sign"}, "yeqingsong")
    assert nodes(city, case) == [("Feedback", "command_centre")]
    laws.check(city)
