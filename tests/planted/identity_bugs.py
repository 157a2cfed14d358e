"""Bugs that were nearly made around who reported: shown, kept too long, or learned with nobody knowing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import literal

from engine import access, alarms, identities, retention, unmasking, vault
from engine.audit import recording
from engine.clock import ManualClock
from engine.tables import identity
from tests.db import test_identities as those
from tests.planted.bug import Bug
from web.city import City


def hidden(city: City) -> None:
    """A named reporter is in no fact, and read with the right and a reason alone."""
    those.test_a_named_reporter_is_in_no_fact_no_history_no_search_and_read_with_a_reason_alone(city)


def many(city: City) -> None:
    """Looking up many reporters raises an alarm, once."""
    those.test_looking_up_many_reporters_raises_one_alarm(city)


def in_time(city: City) -> None:
    """Each class goes when its days after the end are over, not before."""
    assert isinstance(city.core.clock, ManualClock)
    those.test_each_class_is_destroyed_when_its_days_after_the_end_are_over(city, city.core.clock)


def for_ever(city: City) -> None:
    """Once deleted, a copy of the ciphertext says nothing."""
    those.test_a_copy_of_the_table_says_nothing_after_the_key_is_gone(city)


def answers_stay_facts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(identities, "split", lambda _form, answers: (dict(answers), {}))


def sealed_without_a_key(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vault, "seal", lambda _core, _connection, _subject, value: str(value))


def everybody_may_unmask(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "check_power", lambda *_: None)


def unmasked_without_a_trace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recording, "record", lambda *_, **__: 0)


def nobody_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(unmasking, "_watch", lambda *_: None)


def an_alarm_each_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alarms, "sounded", lambda *_: False)


def deleted_at_the_end_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retention, "_before", lambda now, *_: literal(now, identity.c.at.type))


def the_key_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vault, "forget", lambda *_: True)


PAIRS: tuple[tuple[Callable[[Any], None], Callable[[City], None]], ...] = (
    (answers_stay_facts, hidden),
    (sealed_without_a_key, hidden),
    (everybody_may_unmask, hidden),
    (unmasked_without_a_trace, hidden),
    (nobody_counts, many),
    (an_alarm_each_time, many),
    (deleted_at_the_end_at_once, in_time),
    (the_key_stays, for_ever),
)
IDENTITY_BUGS = tuple(Bug(plant, check) for plant, check in PAIRS)
