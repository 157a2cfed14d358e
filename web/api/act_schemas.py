"""What the acts on tasks and instances take and give."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from web.api.schemas import DoneSchema, PersonSchema

_REF = r"^[0-9]{1,19}\.[0-9]{1,9}$"


def _ref(**more: Any) -> fields.String:
    return fields.String(metadata={"pattern": _REF, **more})


def _login(**more: Any) -> fields.String:
    return fields.String(
        required=True, validate=validate.Length(1, 64), metadata={"description": "Log-in name.", **more}
    )


def _logins() -> Any:
    return fields.List(
        fields.String(validate=validate.Length(1, 64)),
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "Log-in names of people who may be shown the case."},
    )


def _why(*, needed: bool = True) -> fields.String:
    if needed:
        return fields.String(required=True, validate=validate.Length(1, 2000))
    return fields.String(load_default="", validate=validate.Length(max=2000))


class DelegateSchema(Schema):
    """Ask a colleague to prepare a task."""

    to = _login()
    reason = _why(needed=False)


class RecallSchema(Schema):
    """Take it back, or what one sent on."""

    reason = _why(needed=False)


class ResolveSchema(Schema):
    """Give a delegated task back with a proposal."""

    answers = fields.Dict(
        keys=fields.String(), load_default=dict, metadata={"description": "Answers to the task's form."}
    )
    text = _why(needed=False)


class ResolvedSchema(DoneSchema):
    """It is back."""

    left_out = fields.List(fields.String(), metadata={"description": "Personal fields, which the owner fills in."})


class DraftSchema(Schema):
    """What was kept of a form."""

    answers = fields.Dict(keys=fields.String(), required=True)
    at = fields.AwareDateTime(format="iso", dump_only=True, allow_none=True)
    left_out = fields.List(fields.String(), dump_only=True, metadata={"description": "Personal fields: never kept."})


class TargetSchema(Schema):
    """A step that a task may be sent back to."""

    node = fields.String()
    name = fields.String(metadata={"description": "In the language asked for."})
    who = fields.Nested(PersonSchema, allow_none=True, metadata={"description": "Who did it."})
    at = fields.AwareDateTime(format="iso")
    start = fields.Boolean(metadata={"description": "The start of the case."})
    previous = fields.Boolean(metadata={"description": "The step just before."})
    again = fields.Boolean(metadata={"description": "It can go there so that all runs again."})
    straight = fields.Boolean(metadata={"description": "It can go there and come straight back."})


class TargetsSchema(Schema):
    """Where a task may be sent back to, the newest first."""

    items = fields.List(fields.Nested(TargetSchema))


class BackSchema(Schema):
    """Send a task back."""

    to = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={"description": "A `node` of the targets; none: the step just before."},
    )
    again = fields.Boolean(
        load_default=True, metadata={"description": "All between runs again; false: it comes straight back."}
    )
    reason = _why()


class BackedSchema(DoneSchema):
    """It went back."""

    opened = fields.List(_ref())
    held = fields.Boolean(metadata={"description": "The task waits, and opens again under another reference."})


class SignersSchema(Schema):
    """Ask people for an opinion on a task."""

    people = _logins()
    how = fields.String(required=True, validate=validate.OneOf(["before", "beside", "after"]))
    in_order = fields.Boolean(load_default=False, metadata={"description": "One after another."})
    reason = _why(needed=False)


class UnsignSchema(Schema):
    """Take away somebody who was asked. Without a person: whose own open task it is."""

    person = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 64))
    reason = _why()


class OpenedSchema(DoneSchema):
    """What opened."""

    opened = fields.List(_ref())


class UrgeSchema(Schema):
    """Urge those who have the open tasks, or one of them."""

    text = _why(needed=False)
    task = fields.String(load_default=None, allow_none=True, validate=validate.Regexp(_REF))


class UrgedSchema(DoneSchema):
    """Who was told."""

    people = fields.Integer(metadata={"description": "How many were told."})


class CopySchema(Schema):
    """Show a case to people."""

    people = _logins()
    how = fields.String(load_default="copy", validate=validate.OneOf(["copy", "circulate"]))
    note = _why(needed=False)


class OneCopySchema(Schema):
    """A copy, and whether it was read."""

    person = fields.Nested(PersonSchema)
    kind = fields.String()
    by = fields.Nested(PersonSchema, allow_none=True)
    at = fields.AwareDateTime(format="iso")
    note = fields.String()
    read_at = fields.AwareDateTime(format="iso", allow_none=True)
    opinion = fields.String()


class CopiesSchema(Schema):
    """Copies of a case, the newest first."""

    items = fields.List(fields.Nested(OneCopySchema))


class ReadSchema(Schema):
    """Confirm that one has read it."""

    opinion = _why(needed=False)


class ReadDoneSchema(DoneSchema):
    """What was confirmed."""

    read = fields.Integer(metadata={"description": "How many copies were new."})


class RefsSchema(Schema):
    """References of tasks."""

    items = fields.List(_ref())
