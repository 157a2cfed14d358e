"""Schemas of the API: tasks, and what is done with them."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from engine.states import TaskState
from web.api.schemas import DoneSchema, Line, PersonSchema, id_, key_, ref_, time_


class TaskSchema(Schema):
    """A user task."""

    ref = ref_()
    instance = id_()
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
    opened_at = time_()
    due_at = time_()
    warn_at = time_()


class TaskDetailSchema(TaskSchema):
    """A task with its form and the facts the form may show."""

    form = fields.Dict(allow_none=True, metadata={"description": "JSON Schema of the answers."})
    facts = fields.Dict()


class TasksSchema(Schema):
    """A page of tasks."""

    items = fields.List(fields.Nested(TaskSchema))
    more = fields.Boolean()


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

    opened = fields.List(ref_(), metadata={"description": "Tasks that follow."})
    ended = fields.Boolean(metadata={"description": "The instance has ended."})


class FailSchema(Schema):
    """Report that a task cannot be done."""

    code = key_(description="The BPMN error that an event of the diagram catches.")
    payload = fields.Dict(
        keys=fields.String(), load_default=dict, metadata={"description": "What goes with the error."}
    )


class TransferSchema(Schema):
    """Hand a task to a colleague."""

    to = fields.String(required=True, validate=validate.Length(1, 64), metadata={"description": "Log-in name."})
    reason = fields.String(load_default="", validate=validate.Length(max=500))
