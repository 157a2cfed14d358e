"""What the API takes and gives. Ids are strings; times are ISO 8601 with their zone."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields, validate

_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")


class Line(fields.String):
    """Text of a query: one that every database keeps."""

    default_error_messages = {"not_kept": "Holds characters that cannot be stored."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if _NOT_KEPT.search(text):
            raise self.make_error("not_kept")
        return text


class Moment(fields.AwareDateTime):
    """An instant of a query, in years that every database and zone holds."""

    default_error_messages = {"far": "Must be between the years 1900 and 2999."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        instant = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= instant.year <= 2999:
            raise self.make_error("far")
        return instant


def id_(**more: Any) -> fields.String:
    """A 64-bit id."""
    return fields.String(metadata={"description": "A 64-bit integer as text.", "pattern": "^[0-9]{1,19}$", **more})


def ref_() -> fields.String:
    """The reference of a task."""
    return fields.String(
        metadata={
            "description": "A task: its instance, a dot, its number there.",
            "pattern": r"^[0-9]{1,19}\.[0-9]{1,9}$",
        }
    )


def key_(**more: Any) -> fields.String:
    """A name that must be there."""
    return fields.String(required=True, validate=validate.Length(1, 100), metadata=more)


def time_() -> fields.AwareDateTime:
    """An instant, or none."""
    return fields.AwareDateTime(format="iso", allow_none=True)


class OneProblemSchema(Schema):
    """One thing that is wrong, and where."""

    path = fields.String(metadata={"description": "The field, or file and line."})
    detail = fields.String(metadata={"description": "What is wrong, in the language asked for."})
    code = fields.String()
    file = fields.String()
    line = fields.Integer()
    element = fields.String()


class ProblemSchema(Schema):
    """An error (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "urn:liandong:problem:task_gone"})
    title = fields.String(required=True, metadata={"example": "Conflict"})
    status = fields.Integer(required=True, metadata={"example": 409})
    code = fields.String(required=True, metadata={"description": "For programs.", "example": "task_gone"})
    detail = fields.String(required=True, metadata={"description": "For people, in the language of Accept-Language."})
    problems = fields.List(fields.Nested(OneProblemSchema))
    who = fields.String(allow_none=True, metadata={"description": "Who was first (409)."})
    at = fields.String(allow_none=True, metadata={"description": "When they were (409).", "format": "date-time"})
    reference = fields.String(metadata={"description": "What to tell the operators (500)."})


class PersonSchema(Schema):
    """A person."""

    id = id_()
    name = fields.String()


class ReasonSchema(Schema):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class DoneSchema(Schema):
    """It was done."""

    instance = id_()
