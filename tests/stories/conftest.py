"""After every story its records agree: what rows say is what history says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from escalation import records
from web.city import City


@pytest.fixture(autouse=True)
def _records_agree(request: pytest.FixtureRequest) -> Iterator[None]:
    city: City | None = request.getfixturevalue("city") if "city" in request.fixturenames else None
    yield
    if city is not None and request.node.get_closest_marker("forged") is None:
        found = [one.en for one in records.verify(city.core).findings if one.kind != "never_sealed"]
        assert found == []
