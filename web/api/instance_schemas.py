"""Schemas of the API: instances, their clocks and their history."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from engine.states import InstanceStatus
from web.api.schemas import DoneSchema, Line, Moment, PersonSchema, id_, key_, time_
from web.api.task_schemas import TaskSchema


class StartSchema(Schema):
    """Start an instance of the newest version of a process."""

    process = key_(description="Key of the process.")
    answers = fields.Dict(
        keys=fields.String(), load_default=dict, metadata={"description": "Answers to the start form; no other fields."}
    )
    start = fields.String(
        validate=validate.Length(1, 100),
        metadata={"description": "The start event, where the diagram has several; else its first."},
    )


class StartedSchema(Schema):
    """What was started."""

    instance = id_()
    number = fields.String(metadata={"description": "What people call it.", "example": "20261122-K7QX2M"})
    joined = fields.Boolean(metadata={"description": "It joined what ran already, instead of beginning anything."})


class ClockSchema(Schema):
    """A promise about time. No due time: it only measures."""

    name = fields.String()
    task = fields.String(allow_none=True)
    started_at = time_()
    warn_at = time_()
    due_at = time_()
    stopped_at = time_()
    breached_at = time_()
    paused_at = time_()
    paused_until = time_()
    extensions = fields.Integer(metadata={"description": "How many times it was extended."})
    raw = fields.String(metadata={"description": "Time on the wall since it was started, in words."})
    used = fields.String(metadata={"description": "Time that counted, in words."})
    light = fields.String(validate=validate.OneOf(["none", "green", "yellow", "red"]))
    words = fields.String(metadata={"description": "What the light says, in the language asked for."})
    provisional = fields.String(
        metadata={"description": "Said where no notice settles the holidays that its due time counts by; else empty."}
    )


class InstanceSchema(Schema):
    """An instance as lists show it."""

    id = id_()
    number = fields.String()
    process = fields.String()
    version = fields.Integer()
    status = fields.String(validate=validate.OneOf([str(s) for s in InstanceStatus]))
    outcome = fields.String(allow_none=True, metadata={"description": "The end event it reached."})
    title = fields.String()
    class_ = fields.String(data_key="class", attribute="class", allow_none=True)
    area = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    lat = fields.Float(allow_none=True)
    lon = fields.Float(allow_none=True)
    source = fields.String(allow_none=True)
    grade = fields.String(allow_none=True)
    unit = fields.String(allow_none=True, metadata={"description": "Key of the responsible unit."})
    started_at = time_()
    ended_at = time_()


class WaitSchema(Schema):
    """A message or a signal that an instance waits for."""

    kind = fields.String(validate=validate.OneOf(["message", "signal"]))
    name = fields.String()
    node = fields.String()
    at = time_()


class InstanceDetailSchema(InstanceSchema):
    """An instance with its facts, clocks, open tasks, and what else it waits for."""

    world = id_()
    facts = fields.Dict()
    clocks = fields.List(fields.Nested(ClockSchema))
    tasks = fields.List(fields.Nested(TaskSchema))
    waits = fields.List(fields.Nested(WaitSchema))


class InstancesSchema(Schema):
    """A page of instances, newest first."""

    items = fields.List(fields.Nested(InstanceSchema))
    next = fields.String(
        allow_none=True, metadata={"description": "Send as `after` for the next page; none: the last."}
    )


class InstancesQuerySchema(Schema):
    """Which instances."""

    process = Line(validate=validate.Length(max=100))
    status = fields.String(validate=validate.OneOf([str(s) for s in InstanceStatus]))
    q = Line(
        validate=validate.Length(max=100), metadata={"description": "Words in number, title, place or description."}
    )
    area = Line(validate=validate.Length(max=64))
    unit = Line(validate=validate.Length(max=64), metadata={"description": "Key of the responsible unit."})
    mine = fields.Boolean(metadata={"description": "Only those I started."})
    started_from = Moment(format="iso")
    started_before = Moment(format="iso")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    after = fields.String(validate=validate.Regexp(r"[0-9]{1,20}-[0-9]{1,19}\Z"))


class EventSchema(Schema):
    """A line of the history."""

    seq = fields.Integer()
    at = time_()
    kind = fields.String()
    node = fields.String(allow_none=True)
    task = fields.String(allow_none=True)
    actor = fields.Nested(PersonSchema, allow_none=True, metadata={"description": "None: the system itself."})
    unit = fields.String(allow_none=True)
    post = fields.String(allow_none=True)
    data = fields.Dict(allow_none=True)


class TrailQuerySchema(Schema):
    """Which part of a history."""

    from_ = fields.Integer(data_key="from", load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))


class TrailSchema(Schema):
    """Part of a history, oldest first."""

    items = fields.List(fields.Nested(EventSchema))
    next = fields.Integer(allow_none=True, metadata={"description": "Send as `from` for what follows; none: the last."})


class CommentSchema(Schema):
    """Something to be said."""

    text = fields.String(required=True, validate=validate.Length(1, 2000))
    people = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        load_default=list,
        validate=validate.Length(max=500),
        metadata={"description": "Log-in names of people whose attention is called (@); they must see the instance."},
    )


class CommentedSchema(DoneSchema):
    """It was said."""

    seq = fields.Integer(metadata={"description": "Its line in the history."})
