"""Schemas of the API: processes and their versions."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.schemas import time_


class DefinitionSchema(Schema):
    """A version of a process."""

    key = fields.String()
    version = fields.Integer()
    hash = fields.String(metadata={"description": "Of its files; names its algorithm.", "example": "sha256:9f86d0…"})
    name = fields.String(metadata={"description": "In the language asked for."})
    name_zh = fields.String()
    name_en = fields.String()
    at = time_()
    note = fields.String()


class DefinitionsSchema(Schema):
    """Processes, each in its newest version."""

    items = fields.List(fields.Nested(DefinitionSchema))


class DefinitionDetailSchema(DefinitionSchema):
    """A version with its files and its start form."""

    files = fields.List(fields.String())
    start_form = fields.Dict(allow_none=True, metadata={"description": "JSON Schema of what starts an instance."})


class DeploySchema(Schema):
    """Files of one bundle: BPMN, forms, and the facts schema."""

    files = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[^/\\]{1,100}\Z")),
        values=fields.String(),
        required=True,
        validate=validate.Length(1, 100),
        metadata={"description": "Name to content, as text."},
    )
    note = fields.String(load_default="", validate=validate.Length(max=500))
