"""The rungs of supervision are the city's: what an administrator changes in the register is climbed from the next rung on, and a newer
release of the shipped table leaves it alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import registers
from engine.clock import ManualClock
from engine.errors import NotAllowed
from engine.registers import keeping
from forms import InvalidAnswers
from tests.factories import case_at, do, task_at
from tests.stories.test_ladder import HOUR, ladder_of, rungs, until
from web.city import City
from web.setting_up import load_defined_registers

ADMINISTRATOR, SUPERVISOR, LATE = "shenjiahao", "zhuxiaodong", "xiahexiang"


def edit(city: City, row_key: str, by: str, **values: Any) -> None:
    """As the page of the register does."""
    register = registers.find(city.core, "supervision_policy")
    assert register is not None
    newest = keeping.versions(city.core, register, row_key)[0]
    keeping.change(city.core, city.actor(by), register, row_key, newest.number, {**newest.data, **values}, "办公会决定")


def test_what_the_city_changes_is_climbed(city: City, clock: ManualClock) -> None:
    for nobody in (SUPERVISOR, LATE):
        with pytest.raises(NotAllowed):
            edit(city, "major-3", nobody, wait=30)
    with pytest.raises(InvalidAnswers):
        edit(city, "major-3", ADMINISTRATOR, kind="black_card")
    edit(city, "major-3", ADMINISTRATOR, wait=1, unit="management_committee", reply=3, reply_unit="natural_day")
    load_defined_registers(city.core)  # as every start does

    case = case_at(city, "File")
    do(city, case, "File", grade="major")
    do(city, case, "Dispatch")
    do(city, case, "SignFor")
    city.advance(2 * HOUR + timedelta(seconds=1))
    ladder = ladder_of(city, case)
    until(city, clock, ladder, "IssueCard")
    urge = rungs(city, ladder)[1]
    assert clock.now() - urge["at"] <= HOUR + timedelta(minutes=1), "one working hour, in the middle of the morning"
    card = task_at(city, ladder, "IssueCard")
    assert card.unit == "management_committee"
    city.complete(card, {"card_decision": "issue", "card_reason": "逾期未处置"}, "yuhaiyan")
    yellow = rungs(city, ladder)[2]
    assert yellow["kind"] == "yellow_card"
    assert timedelta(days=3) <= yellow["due_at"] - yellow["at"] < timedelta(days=4)
