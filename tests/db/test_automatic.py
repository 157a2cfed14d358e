"""What the diagram does for people by itself: tasks done by a rule or because the same person did them, copies handed out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from engine import access
from engine.operating import suspending
from engine.settings import put
from engine.tables import copy, notice
from tests import laws
from tests.bpmn.drawing import chain, end, flow, start, tag, user
from tests.db import organising
from tests.db.talking import bundle
from tests.factories import OPERATOR
from web.city import City

POST = '<ld:candidates unit="market_regulation" post="reviewer"/>'
ALONE = '<ld:candidates unit="ecology" post="reviewer"/>'


def asked(settings: str) -> str:
    return POST + settings


def completed(city: City, case: int) -> list[tuple[str, Any, Any]]:
    """Node, who, and why by itself, of every completion."""
    return [
        (row["node"], row["actor_id"], (row["data"] or {}).get("auto"))
        for row in city.trail(case)
        if row["kind"] == "completed"
    ]


def test_by_a_rule_by_the_same_person_and_never_for_ever(city: City) -> None:
    answers = "={agreed: true, round: if round = null then 1 else round + 1}"
    city.deploy(
        bundle(
            start(),
            user("Ask", settings=POST),
            user("Small", settings=asked(f'<ld:auto when="=amount &lt; 100" answers="{answers}"/>')),
            user("Again", settings=asked('<ld:auto same="previous"/>')),
            user("Later", settings=asked('<ld:auto same="earlier"/>')),
            end(),
            chain("S", "Ask", "Small", "Again", "Later", "E"),
            key="by_itself",
        )
    )
    me = organising.hire(city, "only_one", "market_regulation", "reviewer")
    small = city.start("by_itself", {"amount": 5}, OPERATOR, given={"amount": 5})
    (ask,) = city.tasks(small)
    city.complete(ask, {}, "only_one")
    assert [t.node for t in city.tasks(small)] == ["Small"]
    suspending.suspend(city.core, small, OPERATOR, "核对")
    assert city.run_due() == 0
    suspending.resume(city.core, small, OPERATOR, "继续")
    city.run_due()
    laws.check(city, small)
    assert city.instance(small)["status"] == "active"  # a rule is nobody's work: the next one is for people
    assert completed(city, small) == [("Ask", me, None), ("Small", None, {"why": "when"})]
