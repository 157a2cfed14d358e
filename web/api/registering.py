"""The API as part of the application."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from engine.errors import LiandongError
from forms.errors import FormsError
from web.api import problems
from web.api.house import IdConverter, LiandongApi, NameConverter, NumberConverter, RefConverter, blueprint
from web.policies import PUBLIC, policy

PARTS = (
    "definitions",
    "instances",
    "tasks",
    "acts",
    "batches",
    "operating",
    "joint",
    "clock_requests",
    "files",
    "events",
    "calendars",
    "signed",
)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_ABOUT = """The acts of the pages, for programs. Send a token (`Authorization: Bearer ldt_…`, made by `liandong token`), or the
session cookie of a browser together with the header `X-CSRFToken`. Ids are strings. Errors are application/problem+json; their
sentences follow `Accept-Language` (zh, en). Acts take an `Idempotency-Key`."""


def register(app: Flask) -> None:
    """Put the API into the application."""
    app.url_map.converters.update(id=IdConverter, no=NumberConverter, name=NameConverter, ref=RefConverter)
    app.config.update(API_TITLE="Liandong 联动", API_VERSION=_version(), OPENAPI_VERSION="3.1.0")
    _complete()
    api = LiandongApi(
        app,
        spec_kwargs={
            "info": {"description": _ABOUT},
            "servers": [{"url": "/"}],
            "security": [{"token": []}, {"session": []}],
        },
    )
    api.register_converter(IdConverter, lambda _: {"type": "string", "pattern": "^[0-9]{1,19}$"})
    api.register_converter(NumberConverter, lambda _: {"type": "string", "pattern": "^[0-9]{1,9}$"})
    api.register_converter(NameConverter, lambda _: {"type": "string", "minLength": 1, "maxLength": 100})
    api.register_converter(RefConverter, lambda _: {"type": "string", "pattern": r"^[0-9]{1,19}\.[0-9]{1,9}$"})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "liandong_session"})
    api.register_blueprint(blueprint)
    app.add_url_rule("/api/v1/openapi.json", "api.specification", specification)
    app.add_url_rule("/api/v1/<path:rest>", "api.nowhere", nowhere, methods=METHODS)
    app.extensions["liandong_api"] = api


@cache
def _complete() -> None:
    """Hang all routes and handlers on the blueprint, once a process."""
    for part in PARTS:
        import_module(f"web.api.{part}")
    blueprint.register_error_handler(LiandongError, problems.told)
    blueprint.register_error_handler(FormsError, problems.told)
    blueprint.register_error_handler(HTTPException, problems.http)
    blueprint.register_error_handler(ValidationError, _invalid)
    blueprint.register_error_handler(Exception, problems.unexpected)
    blueprint.before_request(_speak)


@policy(PUBLIC)
def specification() -> Response:
    """The API, described."""
    api: LiandongApi = current_app.extensions["liandong_api"]
    return jsonify(api.spec.to_dict())


@policy(PUBLIC)
def nowhere(rest: str) -> Response:  # noqa: ARG001  the address is in the request
    """Nothing is at this address, or not with this method."""
    adapter = current_app.url_map.bind("", path_info=request.path)
    allowed = []
    for method in METHODS:
        try:
            endpoint, _ = adapter.match(method=method)
        except (HTTPException, RequestRedirect):
            continue
        if endpoint != "api.nowhere":
            allowed.append(method)
    raise MethodNotAllowed(allowed) if allowed else NotFound


def _speak() -> None:
    g.locale = problems.speak()


def _invalid(error: ValidationError) -> Response:
    unprocessable: Any = HTTPException()
    unprocessable.code = 422
    unprocessable.data = {"messages": error.messages}
    return problems.http(unprocessable)


def _version() -> str:
    try:
        return version("liandong")
    except PackageNotFoundError:
        return "0"
