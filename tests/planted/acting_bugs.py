"""A bug that was nearly made around choosing people: whoever may not know who works here learns it by naming them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import Invalid
from engine.queries import choosing
from tests.factories import COLLECTOR, HANDLER, case_at
from tests.planted.bug import Bug
from web.city import City


def everybody_is_listed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(choosing, "DIRECTORY", "report")


def anybody_is_taken(patch: pytest.MonkeyPatch) -> None:
    real = choosing.people
    patch.setattr(
        choosing,
        "people",
        lambda core, actor, *args, **more: real(
            core, replace(actor, powers=actor.powers | {"see_organisation"}), *args, **more
        ),
    )


def choosing_is_limited(city: City) -> None:
    """Without the power to know everybody, people of other units can be neither found, nor chosen, nor named with @."""
    case = case_at(city, "File")
    stranger, handler = replace(city.actor(COLLECTOR), powers=frozenset({"report"})), city.actor(HANDLER)
    assert handler.id not in {one.id for one in choosing.people(city.core, stranger, case, text=handler.name)}
    assert choosing.mentioned(city.core, stranger, case, f"请@{handler.name}看") == []
    with pytest.raises(Invalid):
        choosing.check(city.core, stranger, case, [handler.id])
    knows = city.actor(COLLECTOR)
    assert [one.id for one in choosing.people(city.core, knows, case, text=handler.name)] == [handler.id]
    assert choosing.mentioned(city.core, knows, case, f"请@{handler.name}看") == [handler.id]


ACTING_BUGS = (Bug(everybody_is_listed, choosing_is_limited), Bug(anybody_is_taken, choosing_is_limited))
