"""The application on a fresh city, and people who visit its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.visitor import Visit, Visitor
    from web.city import City

# ruff: noqa: PLC0415


@pytest.fixture
def app(city: City) -> Flask:
    from web.app import create_app

    return create_app(city, b"a secret of the tests")


@pytest.fixture
def visit(app: Flask, city: City) -> Visit:
    """`visit("lijianguo")`: somebody logged in; `visit()`: anybody."""
    from tests.web.visitor import Visitor

    def make(login: str | None = None, locale: str = "zh") -> Visitor:
        return Visitor(app, city, login, locale)

    return make
