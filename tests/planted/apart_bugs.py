"""Bugs that were nearly made around whom a task is kept from: the parent judges its own unit; only the account that acts is looked at."""

from __future__ import annotations

import pytest

from engine import not_of
from engine.errors import NotAllowed
from engine.organisation.snapshot import Snapshot
from tests.db import organising, test_not_of
from tests.factories import task_at
from tests.planted.bug import Bug
from web.city import City


def the_parent_may_judge(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(not_of, "around", lambda city, units: city.below(units))


def second_accounts_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Snapshot, "of_human", lambda self, who: self.units_of.get(who, frozenset()))


def neither_unit_nor_parent_nor_their_substitutes_judge(city: City) -> None:
    """Who is late does not judge itself, nor does the one above it, nor who stands in for somebody who is both."""
    test_not_of.staff(city)
    test_not_of.draw(city)
    case = test_not_of.case_of(city)
    ref = task_at(city, case, "Judge").ref
    organising.hire(city, "twin", "command_centre", "dispatcher", "h9")
    organising.hire(city, "twin_at_home", test_not_of.LATE, "handler", "h9")
    organising.hire(city, "stands_in", "transport", "handler")
    organising.lend(city, "twin", "stands_in")
    for who in ("late", "boss", "twin", "stands_in"):
        assert _refused(city, ref, who), who
    city.complete(ref, {}, "judge")


def _refused(city: City, ref: str, who: str) -> bool:
    try:
        city.complete(ref, {}, who)
    except NotAllowed:
        return True
    return False


APART_BUGS = (
    Bug(the_parent_may_judge, neither_unit_nor_parent_nor_their_substitutes_judge),
    Bug(second_accounts_are_forgotten, neither_unit_nor_parent_nor_their_substitutes_judge),
)
