"""The blueprint that every part of the API hangs its routes on, and what all routes share."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import flask_smorest
from flask import g
from flask_smorest import Api
from marshmallow import Schema, fields, validate
from werkzeug.routing import BaseConverter

from engine.people import Actor
from engine.tables.columns import LARGEST_ID
from web.api import problems
from web.api.bodies import StrictParser
from web.api.schemas import ProblemSchema

IDEMPOTENCY_KEY: Final = re.compile(r"[!-~]{1,120}")


class LiandongApi(Api):
    """The specification. Errors are answered by the blueprint's own handlers, not for the whole application."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_RESPONSE_CONTENT_TYPE = "application/json"

    def _register_error_handlers(self) -> None:
        pass

    def _register_doc_blueprint(self) -> None:
        pass

    def _register_responses(self) -> None:
        response = {
            "description": "What went wrong, and where.",
            "content": {problems.MEDIA_TYPE: {"schema": ProblemSchema}},
        }
        for name in ("DEFAULT_ERROR", "UNPROCESSABLE_ENTITY", "UNPROCESSABLE_CONTENT"):
            self.spec.components.response(name, response, lazy=True)


class Blueprint(flask_smorest.Blueprint):
    """Reads bodies strictly."""

    ARGUMENTS_PARSER = StrictParser()


def read_id(digits: str) -> int:
    """The number that is written; 0, which nothing has, when it is larger than any id."""
    number = int(digits)
    return number if number <= LARGEST_ID else 0


class IdConverter(BaseConverter):
    """An id in a path: digits, no more than 64 bits hold."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """The number; 0 when it is larger than any id."""
        return read_id(value)


class NumberConverter(BaseConverter):
    """A small number in a path: a version, an incident."""

    regex = r"[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class NameConverter(BaseConverter):
    """A key in a path: what no database chokes on."""

    regex = r"[^/\x00-\x1f\x7f\ud800-\udfff]{1,100}"


class RefConverter(BaseConverter):
    """A task's reference, "instance.task"."""

    regex = r"[0-9]{1,19}\.[0-9]{1,9}"


blueprint = Blueprint("api", __name__, url_prefix="/api/v1", description="Acts on cases, tasks and processes")


class KeySchema(Schema):
    """The header that makes an act happen once."""

    key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Regexp(IDEMPOTENCY_KEY.pattern + r"\Z"),
        metadata={
            "description": "A random text of yours. The same request sent again with the same key happens once and gets the first "
            "reply; the same key with another request is refused (422)."
        },
    )


def act(view: Callable[..., Any]) -> Callable[..., Any]:
    """An act that may carry an idempotency key, handed to the view as `key` (none without one)."""
    decorated: Callable[..., Any] = blueprint.arguments(KeySchema, location="headers")(_with_key(view))
    return decorated


def _with_key(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def with_key(headers: dict[str, str], *args: Any, **kwargs: Any) -> Any:
        return view(*args, key=headers.get("key"), **kwargs)

    return with_key


def actor() -> Actor:
    """Who asks; policies have seen to it that there is somebody."""
    found: Actor = g.actor
    return found
