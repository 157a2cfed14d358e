"""The manual's page has its words and a picture for each station, in both languages, and no picture lies about that it does not show."""

from __future__ import annotations

import pytest

from tests.web.visitor import COLLECTOR, Visit
from web import manual
from web.city import City

MOST = 900_000
"""Bytes of all pictures: they are in the repository."""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def test_every_picture_is_there_and_none_else() -> None:
    found = {path.name: path.stat().st_size for path in manual.PICTURES.iterdir()}
    assert set(found) == manual.pictures()
    assert sum(found.values()) < MOST


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_page_shows_each_station(visit: Visit, city: City, locale: str) -> None:
    reader = visit(COLLECTOR, locale=locale)
    page = reader.get("/help/designer")
    assert page.status_code == 200
    for one in manual.STATIONS:
        assert f'id="{one}"' in page.text
        assert f"/static/manual/{one}-{locale}.webp" in page.text
