"""Schemas of the API: incidents, messages and signals, and who asks."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.schemas import id_, key_, time_


class IncidentSchema(Schema):
    """Where a process could not go on."""

    instance = id_()
    id = id_()
    at = time_()
    kind = fields.String()
    node = fields.String(allow_none=True)
    message = fields.String()
    message_zh = fields.String(metadata={"description": "The same in Chinese; empty for what the first version told."})
    resolved_at = time_()


class IncidentsSchema(Schema):
    """Incidents, newest first."""

    items = fields.List(fields.Nested(IncidentSchema))


class MessageSchema(Schema):
    """A message to whoever waits for it."""

    name = key_()
    correlation = fields.String(load_default="", validate=validate.Length(max=200))
    payload = fields.Dict(keys=fields.String(), load_default=dict)


class SignalSchema(Schema):
    """A signal to everybody who waits for it."""

    name = key_()
    payload = fields.Dict(keys=fields.String(), load_default=dict)


class ReachedSchema(Schema):
    """How far it went."""

    instances = fields.Integer(metadata={"description": "How many instances it reached."})


class PostSchema(Schema):
    """A post in a unit."""

    unit = fields.String()
    post = fields.String()


class MeSchema(Schema):
    """Who asks."""

    id = id_()
    login = fields.String()
    name = fields.String()
    posts = fields.List(fields.Nested(PostSchema))
    powers = fields.List(fields.String())


class EventTakenSchema(Schema):
    """What came of a signed event."""

    instance = id_()
    number = fields.String()
    joined = fields.Boolean(metadata={"description": "It joined what ran already, instead of beginning anything."})
    repeated = fields.Boolean(metadata={"description": "It came before, and came to this then."})
