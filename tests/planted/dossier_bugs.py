"""Bugs that were nearly made in dossiers and in the arithmetic that clocks rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine.clock import ManualClock
from engine.tables import instance, notice
from escalation import dossier
from escalation.dossier import beside, canonical, clocks, cutting, sealing, steps, trail
from tests.db.test_dossier import KEYS, worked
from tests.factories import COLLECTOR, case_at, do
from tests.planted.bug import Bug
from web.city import City


def _clock(city: City) -> ManualClock:
    assert isinstance(city.core.clock, ManualClock)
    return city.core.clock


def made_again(city: City) -> None:
    """The same bytes for the same last event, whatever came after."""
    clock = _clock(city)
    case = worked(city, clock)
    made = dossier.make(city.core, case)
    clock.advance(timedelta(minutes=7))
    do(city, case, "Feedback")
    with city.core.db.write() as connection:
        connection.execute(update(notice).values(read_at=clock.now()))
    assert dossier.make(city.core, case, made.event).content == made.content


def one_byte(city: City) -> None:
    """Changed bytes of the signature, the head, a row and between are found."""
    made = dossier.make(city.core, worked(city, _clock(city)))
    text = made.content.decode()
    last = text.rindex("=")  # a letter before the padding of the signature has bits that say nothing
    letter = text[last - 2]
    near = chr(ord(letter) + 1) if letter.isalnum() and (chr(ord(letter) + 1)).isalnum() else "B"
    for changed in (
        text[: last - 2] + near + text[last - 1 :],
        text.replace('"node":"File"', '"node":"Fill"', 1),
        text.replace("1.1", "1.10", 1) if "1.1" in text else text + " ",
        text.replace(made.number, made.number[:-1] + "_", 1),
        text + " ",
    ):
        assert changed == text or not dossier.verify(changed.encode(), KEYS).good


def secrets(city: City) -> None:
    """What is confidential is named by no row."""
    case = worked(city, _clock(city))
    other = case_at(city, "File")
    city.comment(case, f"{other}", COLLECTOR)
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == other).values(confidential=True))
    assert str(other) not in dossier.make(city.core, case).content.decode()


def it_tells_how_things_stand_today(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "_closing", lambda *_args: {"seq": -1})


def clocks_are_those_of_today(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clocks, "_stopped", lambda row, *_args: row["stopped_at"])


def a_named_event_is_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    real = cutting.cut
    patch.setattr("escalation.dossier.making.cut", lambda connection, case, _event=None: real(connection, case))


def any_spelling_will_do(patch: pytest.MonkeyPatch) -> None:
    real = canonical.read

    def read(content: bytes) -> Any:
        return real(content.rstrip())

    patch.setattr(canonical, "read", read)


def the_head_is_not_hashed(patch: pytest.MonkeyPatch) -> None:
    real = canonical.digest

    def digest(value: Any) -> str:
        return real({}) if isinstance(value, Mapping) else real(value)

    patch.setattr(canonical, "digest", digest)


def sections_are_not_chained(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sealing, "section_hash", lambda before, _name, _content: canonical.digest([before]))
    patch.setattr(trail, "broken", lambda _section: [])


def confidential_ones_are_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beside, "confidential", lambda *_args: set())


DOSSIER_BUGS = (
    Bug(it_tells_how_things_stand_today, made_again),
    Bug(clocks_are_those_of_today, made_again),
    Bug(a_named_event_is_not_asked_for, made_again),
    Bug(any_spelling_will_do, one_byte),
    Bug(the_head_is_not_hashed, one_byte),
    Bug(sections_are_not_chained, one_byte),
    Bug(confidential_ones_are_told, secrets),
)
