"""What planted bugs around a person must turn red: the tests themselves, on a city of their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import pytest

from engine.clock import ManualClock
from tests.db import test_personal
from web.city import City

Check = Callable[[City], None]


def _said(check: Check) -> Check:
    """`pytest.raises` that saw nothing says so by what is no Exception."""

    @wraps(check)
    def checked(city: City) -> None:
        try:
            check(city)
        except pytest.fail.Exception as failed:
            raise AssertionError(str(failed)) from failed

    return checked


@_said
def delegated_four_eyes(city: City) -> None:
    """Who prepared a task counts as having done it."""
    test_personal.test_delegation_keeps_four_eyes_and_substitutes(city)


@_said
def delegating(city: City) -> None:
    """What is delegated comes back as a proposal."""
    test_personal.test_what_is_delegated_comes_back_as_a_proposal(city)


@_said
def copies(city: City) -> None:
    """Who has a copy sees the case, and nobody else learns of it."""
    test_personal.test_copies_receipts_and_being_named(city)


@_said
def personal(city: City) -> None:
    """No draft and no proposal holds what is personal."""
    test_personal.test_what_is_personal_is_in_no_draft_and_no_proposal(city)


@_said
def urging(city: City) -> None:
    """Who may urge, and how often."""
    assert isinstance(city.core.clock, ManualClock)
    test_personal.test_signing_for_drafts_and_urging(city, city.core.clock)


@_said
def signing(city: City) -> None:
    """A signature is asked for and stays."""
    test_personal.test_a_signature_is_asked_for_and_stays(city)
