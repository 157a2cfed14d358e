"""People who call the API of a fresh city."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.web.api.calling import Caller, caller

if TYPE_CHECKING:
    from flask import Flask

    from web.city import City


@pytest.fixture
def people(app: Flask, city: City) -> Callable[[str], Caller]:
    """`people("lijianguo")` calls the API as this person."""
    known: dict[str, Caller] = {}

    def call_as(login: str) -> Caller:
        if login not in known:
            known[login] = caller(app, city, login)
        return known[login]

    return call_as
