"""Bugs that were nearly made around reservations and the terms of road permits."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import and_

from engine import effects, registers, reservations
from engine.clock import ManualClock
from engine.tables import instance, reservation
from escalation import clocks
from tests.db import test_reservations
from tests.planted.bug import Bug
from tests.stories import test_road_permit_places, test_road_permit_terms
from web.city import City


def met_in_place_and_time(city: City) -> None:
    """What only touches does not meet; the last day counts; what is asked for counts as what is held."""
    test_reservations.deploy(city)
    test_reservations.test_stretch_and_time_must_both_meet(city)


def ended_with_its_case(city: City) -> None:
    """A reservation is done once, and lives no longer than its case."""
    test_reservations.deploy(city)
    test_reservations.test_it_is_done_once_changed_by_its_id_and_ends_with_its_case(city)


def counted_from_its_own_day(city: City) -> None:
    """Five years from hand-over, three from an overhaul."""
    test_road_permit_places.TestMoratorium().test_5_years_from_hand_over_and_3_from_an_overhaul_art_33(city)


def accepted_from_the_day_of_receipt(city: City) -> None:
    """Silence is acceptance from the day of receipt."""
    assert isinstance(city.core.clock, ManualClock)
    terms = test_road_permit_terms.TestAcceptance()
    terms.test_silence_for_5_working_days_is_acceptance_from_the_day_of_receipt_art_32(city, city.core.clock)


def what_is_asked_for_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    held = and_(reservation.c.state == reservations.HELD, instance.c.ended_at.is_(None))
    patch.setattr(reservations, "standing", lambda: held)


def the_last_day_is_not_counted(patch: pytest.MonkeyPatch) -> None:
    real = reservations.moment
    patch.setattr(reservations, "moment", lambda value, zone, **_: real(value, zone))


def a_reservation_outlives_its_case(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reservations, "_reserves", lambda _: False)


def a_moratorium_counts_from_the_other_date(patch: pytest.MonkeyPatch) -> None:
    real = registers.matching

    def matching(core: Any, register: str, *args: Any, **said: Any) -> list[dict[str, Any]]:
        found = real(core, register, *args, **said)
        if register != "road_segments":
            return found
        return [{**row, "handed_over": row.get("overhauled"), "overhauled": row.get("handed_over")} for row in found]

    patch.setattr(effects, "matching", matching)


def a_term_begins_when_it_is_noticed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "_since", lambda step, *_: step.now)


RESERVATION_BUGS = (
    Bug(what_is_asked_for_is_forgotten, met_in_place_and_time),
    Bug(the_last_day_is_not_counted, met_in_place_and_time),
    Bug(a_reservation_outlives_its_case, ended_with_its_case),
    Bug(a_moratorium_counts_from_the_other_date, counted_from_its_own_day),
    Bug(a_term_begins_when_it_is_noticed, accepted_from_the_day_of_receipt),
)
