"""Schemas of the API: attachments."""

from __future__ import annotations

from marshmallow import Schema, fields

from web.api.schemas import DoneSchema, id_, time_


class FileSchema(Schema):
    """An attachment."""

    id = fields.String(metadata={"pattern": "^[0-9a-f]{40}$"})
    name = fields.String()
    type = fields.String()
    size = fields.Integer()
    hash = fields.String()
    purpose = fields.String()
    task = fields.String(allow_none=True)
    by = id_()
    at = time_()


class FilesSchema(Schema):
    """Attachments of an instance."""

    items = fields.List(fields.Nested(FileSchema))


class AttachedSchema(DoneSchema):
    """What was attached."""

    files = fields.List(fields.String(), metadata={"description": "Ids of the attachments."})


class FileQuerySchema(Schema):
    """Which picture of a file."""

    thumbnail = fields.Boolean(load_default=False)
