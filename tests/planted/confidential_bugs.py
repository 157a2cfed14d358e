"""Bugs that were nearly made around confidential instances: a power that shows them, a handler who reads of themselves, an unasked act."""

from __future__ import annotations

import pytest
from sqlalchemy import true

from engine import access, subscriptions
from engine.errors import NotFound
from engine.queries import offers
from tests.db import test_confidential
from tests.factories import OPERATOR
from tests.planted.bug import Bug
from web.city import City


def who_works_it(city: City) -> None:
    """Its post, its unit, its case decide who sees it."""
    test_confidential.test_who_works_it_sees_it_and_nobody_else(city, test_confidential.begun(city))


def lists(city: City) -> None:
    """Nobody else finds it in a list, an inbox or on a desk."""
    test_confidential.test_lists_searches_counts_and_desks_show_it_to_those_only(city, test_confidential.begun(city))


def acts(city: City) -> None:
    """An operator does not hold it."""
    case = test_confidential.begun(city)
    try:
        test_confidential.ACTS["suspend"](city, f"{case}.1", OPERATOR)
    except NotFound:
        return
    raise AssertionError("an operator held a confidential instance")


def forging(city: City) -> None:
    """An operator begins none of it by a message."""
    try:
        city.message("clue_referred", "", {"late_unit": "water_supply"}, OPERATOR)
    except NotFound:
        return
    raise AssertionError("an operator began a clue")


def powers_show_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "in_confidence", lambda _actor: true())


def its_case_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "not_kept_from", lambda _actor: true())


def an_inbox_does_not_ask(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "not_about", lambda *_args: [])


def a_step_does_not_ask(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "check_can_see", lambda *_args, **_more: None)
    patch.setattr(access, "check_not_confidential", lambda _row: None)


def letters_reach_all(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(subscriptions, "_open_to", lambda _table, **_said: ())


CONFIDENTIAL_BUGS = (
    Bug(powers_show_it, who_works_it),
    Bug(its_case_is_forgotten, who_works_it),
    Bug(an_inbox_does_not_ask, lists),
    Bug(a_step_does_not_ask, acts),
    Bug(letters_reach_all, forging),
)
