"""The application on a fresh city, and people who call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.calling import Caller
    from tests.web.visitor import Visit, Visitor
    from web.city import City

# ruff: noqa: PLC0415


@pytest.fixture
def app(city: City) -> Flask:
    from web.app import create_app

    return create_app(city, b"a secret of the tests")


@pytest.fixture
def people(app: Flask, city: City) -> Callable[[str], Caller]:
    """`people("lijianguo")` calls the API as this person."""
    from tests.web.calling import Caller, caller

    known: dict[str, Caller] = {}

    def call_as(login: str) -> Caller:
        if login not in known:
            known[login] = caller(app, city, login)
        return known[login]

    return call_as


@pytest.fixture
def visit(app: Flask, city: City) -> Visit:
    """`visit("lijianguo")`: somebody logged in at the pages; `visit()`: anybody."""
    from tests.web.visitor import Visitor

    def make(login: str | None = None, locale: str = "zh") -> Visitor:
        return Visitor(app, city, login, locale)

    return make
