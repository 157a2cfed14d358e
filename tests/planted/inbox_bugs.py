"""Bugs that were nearly made in what open pages are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.queries import live
from tests.planted.bug import Bug
from tests.web import test_inbox_live
from web.city import City


def whom_it_concerns(city: City) -> None:
    """Who hears that something changed."""
    test_inbox_live.test_only_whom_it_concerns_is_told_and_only_that_it_changed(city)


def everybody_hears_of_every_case(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(live.Moved, "concerns", lambda *_: True)


def the_unit_a_case_is_about_hears_of_it(patch: pytest.MonkeyPatch) -> None:
    real = live.moved

    def moved(*given: object) -> live.Moved:
        found = real(*given)  # type: ignore[arg-type]
        return replace(found, about={})

    patch.setattr(live, "moved", moved)


def steps_that_commit_late_are_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(live, "OVERLAP", -timedelta(seconds=5))


INBOX_BUGS = (
    Bug(everybody_hears_of_every_case, whom_it_concerns),
    Bug(the_unit_a_case_is_about_hears_of_it, whom_it_concerns),
    Bug(steps_that_commit_late_are_missed, whom_it_concerns),
)
