"""A diagram's rungs become rows, in the step in which their node is left, once; and `this` is the instance itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import instances
from engine.clock import ManualClock
from engine.errors import DefinitionRefused
from engine.tables import job
from escalation.tables import rung
from tests import laws
from tests.bpmn.drawing import chain, end, ext, start, tag, user
from tests.db.talking import ME, OPERATOR, bundle, message, throw
from tests.factories import task_at
from web.city import City

CARD = (
    '<ld:rung kind="=card" about="=case_id" unit="water_supply" round="=n" reason="=reason" basis="第七条" term="2" termUnit="work_day"'
    ' when="=n &gt; 0"/>'
)
ANSWER = '<ld:rung answers="yellow_card red_card" text="=reply"/>'
REVIEW = '<ld:rung closes="yellow_card" outcome="=verdict" text="&quot;已整改&quot;"/>'.replace(
    'text="&quot;', 'text="=&quot;'
)


def ladder() -> dict[str, bytes]:
    return bundle(
        start(),
        tag("task", ext('<ld:rung kind="reminder" unit="water_supply"/>'), id="Remind"),
        user("Card", settings=ME + CARD),
        user("Reply", settings=ME + ANSWER),
        user("Review", settings=ME + REVIEW),
        user("Last", settings=ME + '<ld:rung kind="urge" unit="water_supply"/>'),
        end(),
        chain("S", "Remind", "Card", "Reply", "Review", "Last", "E"),
        key="ladder",
    )


def rows(city: City, case: int) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        query = select(rung).where(rung.c.instance_id == case).order_by(rung.c.id)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_rungs_are_climbed_answered_and_closed(city: City, clock: ManualClock) -> None:
    city.deploy(ladder())
    given = {
        "card": "yellow_card",
        "case_id": "4611686018427387999",
        "n": 1,
        "reason": "逾期未处置",
        "reply": "今日到场",
    }
    case = city.start("ladder", {}, OPERATOR, given={**given, "verdict": "accepted"})
    (first,) = rows(city, case)
    assert (first["kind"], first["by_id"], first["task_id"], first["due_at"]) == ("reminder", None, None, None)
    city.complete(task_at(city, case, "Card"), {}, OPERATOR)
    card = rows(city, case)[1]
    me = city.actor(OPERATOR)
    assert (card["kind"], card["by_id"], card["round"]) == ("yellow_card", me.id, 1)
    assert card["case_id"] == 4611686018427387999
    assert city.core.unit_key(card["unit_id"]) == "water_supply"
    assert (card["reason"], card["basis"]) == ("逾期未处置", "第七条")
    assert card["due_at"] == clock.now() + timedelta(days=2)  # Wednesday and Friday are working days
    city.complete(task_at(city, case, "Reply"), {}, OPERATOR)
    city.complete(task_at(city, case, "Review"), {}, OPERATOR)
    card = rows(city, case)[1]
    assert (card["answer"], card["answered_by"]) == ("今日到场", me.id)
    assert (card["outcome"], card["closed_by"], card["closing"]) == ("accepted", me.id, "已整改")
    city.complete(task_at(city, case, "Last"), {}, OPERATOR)
    assert [(r["kind"], r["outcome"]) for r in rows(city, case)] == [
        ("reminder", "over"),
        ("yellow_card", "accepted"),
        ("urge", "over"),
    ]
    told = [row["data"]["what"] for row in instances.trail(city.core, case) if row["kind"] == "rung"]
    assert told == ["climbed", "climbed", "answered", "closed", "climbed"]
    laws.check(city)


def test_a_rung_whose_condition_is_not_true_is_not_climbed(city: City) -> None:
    city.deploy(ladder())
    case = city.start("ladder", {}, OPERATOR, given={"card": "yellow_card", "n": 0})
    city.complete(task_at(city, case, "Card"), {}, OPERATOR)
    assert [row["kind"] for row in rows(city, case)] == ["reminder"]


@pytest.mark.parametrize(
    "said",
    [
        'kind="urge" answers="urge"',
        'reason="x"',
        'kind="urge" term="2"',
        'closes="urge"',
        'kind="urge" outcome="accepted"',
        'kind="urge" term="2" termUnit="fortnight"',
    ],
)
def test_what_does_not_fit_together_is_refused(city: City, said: str) -> None:
    wrong = bundle(start(), user("A", settings=f"{ME}<ld:rung {said}/>"), end(), chain("S", "A", "E"), key="wrong")
    with pytest.raises(DefinitionRefused):
        city.deploy(wrong)


def test_expressions_know_the_instance_itself(city: City, clock: ManualClock) -> None:
    said = {"correlation": "=this.id", "payload": "={number: this.number, began: string(this.started)}"}
    city.deploy(
        bundle(
            start(),
            tag("scriptTask", tag("script", "{ mine: this.number, this_year: this.started.year }"), id="P", scriptFormat="feel"),
            throw("T", "message", "Told", **said),
            user("A", settings=ME),
            end(),
            chain("S", "P", "T", "A", "E"),
            key="itself",
            outside=message("Told"),
        )
    )  # fmt: skip
    case = city.start("itself", {}, OPERATOR)
    row = instances.get(city.core, case)
    assert row["facts"] == {"mine": row["number"], "this_year": clock.now().year}
    with city.core.db.read() as connection:
        payload = connection.execute(select(job.c.payload).where(job.c.instance_id == case)).scalar_one()
    assert payload["key"] == str(case)
    assert payload["payload"]["number"] == row["number"]
    assert payload["payload"]["began"].startswith("2026-06-10T09:00:00")
