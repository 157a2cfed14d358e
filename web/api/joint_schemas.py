"""What the API takes and gives of joint work and of operators' acts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from engine.links import LASTING, REOPENED
from engine.operating.operations import KINDS
from web.api.schemas import Line

_REASON = validate.Length(1, 2000)


class AssistSchema(Schema):
    """Units that are asked to assist."""

    units = fields.List(Line(validate=validate.Length(1, 64)), required=True, validate=validate.Length(1, 50))
    text = fields.String(load_default="", validate=validate.Length(max=2000))


class AssistedSchema(Schema):
    """The tasks that opened."""

    instance = fields.String()
    opened = fields.List(fields.String())


class JoinSchema(Schema):
    """The case that a duplicate is joined to, and why."""

    main = fields.String(required=True, validate=validate.Regexp(r"[0-9]{1,19}\Z"))
    reason = fields.String(required=True, validate=_REASON)


class FollowUpSchema(Schema):
    """What the new case is for, and what is to be done."""

    kind = fields.String(required=True, validate=validate.OneOf([LASTING, REOPENED]))
    text = fields.String(required=True, validate=_REASON)


class WhySchema(Schema):
    """Why it is done."""

    reason = fields.String(required=True, validate=_REASON)


class ProposeSchema(Schema):
    """An operation that is asked for."""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    data = fields.Dict(keys=fields.String(), required=True)
    reason = fields.String(required=True, validate=_REASON)


class ProposedSchema(Schema):
    """How it stands: `proposed`, or `done` where one person is enough."""

    instance = fields.String()
    operation = fields.String()
    state = fields.String(validate=validate.OneOf(["proposed", "done"]))


class DecideSchema(Schema):
    """What is decided on it."""

    decision = fields.String(required=True, validate=validate.OneOf(["approve", "refuse", "withdraw"]))
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class OperationSchema(Schema):
    """An operation that was asked for. Values of facts are shown to who sees the case."""

    instance = fields.String()
    operation = fields.String()
    kind = fields.String()
    state = fields.String()
    data = fields.Dict()
    reason = fields.String()
    by = fields.String()
    at = fields.AwareDateTime()


class OperationsSchema(Schema):
    """Operations."""

    items = fields.List(fields.Nested(OperationSchema))
