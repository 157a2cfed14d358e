"""What the API takes and gives. Ids are strings; times are ISO 8601 with their zone."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields, validate

from engine.states import InstanceStatus, TaskState

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


def _id(**more: Any) -> fields.String:
    return fields.String(metadata={"description": "A 64-bit integer as text.", "pattern": "^[0-9]{1,19}$", **more})


def _ref() -> fields.String:
    return fields.String(
        metadata={
            "description": "A task: its instance, a dot, its number there.",
            "pattern": r"^[0-9]{1,19}\.[0-9]{1,9}$",
        }
    )


def _key(**more: Any) -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, 100), metadata=more)


def _time() -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", allow_none=True)


# ---------------------------------------------------------------- errors


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


# ---------------------------------------------------------------- definitions


class DefinitionSchema(Schema):
    """A version of a process."""

    key = fields.String()
    version = fields.Integer()
    hash = fields.String(metadata={"description": "Of its files; names its algorithm.", "example": "sha256:9f86d0…"})
    name = fields.String(metadata={"description": "In the language asked for."})
    name_zh = fields.String()
    name_en = fields.String()
    at = _time()
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


# ---------------------------------------------------------------- instances


class StartSchema(Schema):
    """Start an instance of the newest version of a process."""

    process = _key(description="Key of the process.")
    answers = fields.Dict(
        keys=fields.String(), load_default=dict, metadata={"description": "Answers to the start form; no other fields."}
    )
    start = fields.String(
        validate=validate.Length(1, 100),
        metadata={"description": "The start event, where the diagram has several; else its first."},
    )


class StartedSchema(Schema):
    """What was started."""

    instance = _id()
    number = fields.String(metadata={"description": "What people call it.", "example": "20261122-K7QX2M"})


class PersonSchema(Schema):
    """A person."""

    id = _id()
    name = fields.String()


class TaskSchema(Schema):
    """A user task."""

    ref = _ref()
    instance = _id()
    number = fields.String()
    title = fields.String()
    process = fields.String()
    node = fields.String(metadata={"description": "Its id in the diagram."})
    name = fields.String(metadata={"description": "In the language asked for."})
    state = fields.String(validate=validate.OneOf([str(s) for s in TaskState]))
    unit = fields.String(allow_none=True, metadata={"description": "Key of the unit it is offered to; none: any."})
    post = fields.String(allow_none=True)
    assignee = fields.Nested(PersonSchema, allow_none=True)
    item = fields.Raw(allow_none=True, metadata={"description": "Its element of a collection (multi-instance)."})
    opened_at = _time()
    due_at = _time()
    warn_at = _time()


class TaskDetailSchema(TaskSchema):
    """A task with its form and the facts the form may show."""

    form = fields.Dict(allow_none=True, metadata={"description": "JSON Schema of the answers."})
    facts = fields.Dict()


class TasksSchema(Schema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskSchema))
    more = fields.Boolean()


class ClockSchema(Schema):
    """A promise about time. No due time: it only measures."""

    name = fields.String()
    task = fields.String(allow_none=True)
    started_at = _time()
    warn_at = _time()
    due_at = _time()
    stopped_at = _time()
    breached_at = _time()
    paused_at = _time()
    paused_until = _time()
    extensions = fields.Integer(metadata={"description": "How many times it was extended."})
    raw = fields.String(metadata={"description": "Time on the wall since it was started, in words."})
    used = fields.String(metadata={"description": "Time that counted, in words."})
    light = fields.String(validate=validate.OneOf(["none", "green", "yellow", "red"]))
    words = fields.String(metadata={"description": "What the light says, in the language asked for."})


class InstanceSchema(Schema):
    """An instance as lists show it."""

    id = _id()
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
    started_at = _time()
    ended_at = _time()


class WaitSchema(Schema):
    """A message or a signal that an instance waits for."""

    kind = fields.String(validate=validate.OneOf(["message", "signal"]))
    name = fields.String()
    node = fields.String()
    at = _time()


class InstanceDetailSchema(InstanceSchema):
    """An instance with its facts, clocks, open tasks, and what else it waits for."""

    world = _id()
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
    at = _time()
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


class ReasonSchema(Schema):
    """Why."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class DoneSchema(Schema):
    """It was done."""

    instance = _id()


class CommentedSchema(DoneSchema):
    """It was said."""

    seq = fields.Integer(metadata={"description": "Its line in the history."})


# ---------------------------------------------------------------- tasks


class TasksQuerySchema(Schema):
    """Which part of my inbox."""

    tab = fields.String(
        load_default="unit",
        validate=validate.OneOf(["mine", "unit", "soon", "late"]),
        metadata={"description": "mine: claimed by me; unit: offered to a post of mine; soon, late: either."},
    )
    process = Line(validate=validate.Length(max=100))
    node = Line(validate=validate.Length(max=100))
    q = Line(validate=validate.Length(max=100))
    page = fields.Integer(load_default=1, validate=validate.Range(1, 1000))
    size = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class CompleteSchema(Schema):
    """Complete a task."""

    answers = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "Answers to the task's form; no other fields."},
    )


class CompletedSchema(DoneSchema):
    """A completed task."""

    opened = fields.List(_ref(), metadata={"description": "Tasks that follow."})
    ended = fields.Boolean(metadata={"description": "The instance has ended."})


class FailSchema(Schema):
    """Report that a task cannot be done."""

    code = _key(description="The BPMN error that an event of the diagram catches.")
    payload = fields.Dict(
        keys=fields.String(), load_default=dict, metadata={"description": "What goes with the error."}
    )


class TransferSchema(Schema):
    """Hand a task to a colleague."""

    to = fields.String(required=True, validate=validate.Length(1, 64), metadata={"description": "Log-in name."})
    reason = fields.String(load_default="", validate=validate.Length(max=500))


# ---------------------------------------------------------------- files, incidents, events, people


class FileSchema(Schema):
    """An attachment."""

    id = fields.String(metadata={"pattern": "^[0-9a-f]{40}$"})
    name = fields.String()
    type = fields.String()
    size = fields.Integer()
    hash = fields.String()
    purpose = fields.String()
    task = fields.String(allow_none=True)
    by = _id()
    at = _time()


class FilesSchema(Schema):
    """Attachments of an instance."""

    items = fields.List(fields.Nested(FileSchema))


class AttachedSchema(DoneSchema):
    """What was attached."""

    files = fields.List(fields.String(), metadata={"description": "Ids of the attachments."})


class FileQuerySchema(Schema):
    """Which picture of a file."""

    thumbnail = fields.Boolean(load_default=False)


class IncidentSchema(Schema):
    """Where a process could not go on."""

    instance = _id()
    id = _id()
    at = _time()
    kind = fields.String()
    node = fields.String(allow_none=True)
    message = fields.String()
    message_zh = fields.String(metadata={"description": "The same in Chinese; empty for what the first version told."})
    resolved_at = _time()


class IncidentsSchema(Schema):
    """Incidents, newest first."""

    items = fields.List(fields.Nested(IncidentSchema))


class MessageSchema(Schema):
    """A message to whoever waits for it."""

    name = _key()
    correlation = fields.String(load_default="", validate=validate.Length(max=200))
    payload = fields.Dict(keys=fields.String(), load_default=dict)


class SignalSchema(Schema):
    """A signal to everybody who waits for it."""

    name = _key()
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

    id = _id()
    login = fields.String()
    name = fields.String()
    posts = fields.List(fields.Nested(PostSchema))
    powers = fields.List(fields.String())
