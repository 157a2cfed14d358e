"""The ten emergency plans, from trigger to review, and what makes each another."""

from __future__ import annotations

import pytest

from tests import laws
from tests.emergency import COORDINATOR, answer
from tests.plans import LEVELS, OWN, REPORTS, assess, opened, play
from web.city import City

PLANS = sorted(REPORTS)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"  # that steps are the same on both databases is shown where they are tested


def started(city: City, plan: str) -> int:
    report = {"area": "qianjiang", **REPORTS[plan]}
    case = city.start(plan, report, COORDINATOR)
    inputs = {name: value for name, value in REPORTS[plan].items() if name not in ("title", "area")}
    answer(city, case, "Verify", {"verify_decision": "real", **inputs})
    return case


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_from_trigger_to_review(city: City, plan: str) -> None:
    case = started(city, plan)
    assert city.instance(case)["facts"]["proposed_level"] == LEVELS[plan]
    done = play(city, case, plan)
    assert {row["node"] for row in opened(city, case)} == {"Assess", "SituationReport"}
    assess(city, case, "end")
    done += play(city, case, plan)
    found = city.instance(case)
    assert (found["status"], found["outcome"]) == ("completed", "EndReviewed")
    assert set(OWN[plan]) == set(done) & set(OWN[plan]), "each step of its own was done"
    facts = found["facts"]
    assert facts["standdown"] and {a["result"] for a in facts["order_answers"]} == {"done"}
    assert len(facts["order_answers"]) == done.count("CarryOut") == len({a["key"] for a in facts["order_answers"]})
    laws.check(city)
