"""What the API takes and gives of batches."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from engine.batches.doing import DOES
from web.api.schemas import Line


class AskBatchSchema(Schema):
    """One act on many tasks."""

    act = fields.String(required=True, validate=validate.OneOf(sorted(DOES)))
    tasks = fields.List(
        fields.String(validate=validate.Regexp(r"[0-9]{1,19}\.[0-9]{1,9}\Z")),
        required=True,
        validate=validate.Length(1, 10_000),
    )
    answers = fields.Dict(metadata={"description": "For complete: the answers, the same for every task."})
    to = Line(validate=validate.Length(1, 100), metadata={"description": "For transfer and delegate: a login."})
    reason = fields.String(validate=validate.Length(max=2000))


class BatchItemSchema(Schema):
    """What became of a task."""

    task = fields.String()
    state = fields.String(validate=validate.OneOf(["waiting", "done", "refused", "left"]))
    code = fields.String(allow_none=True, metadata={"description": "Of the problem, as when it is done alone."})
    detail = fields.String(allow_none=True, metadata={"description": "Why it was refused, in the language asked for."})
    at = fields.AwareDateTime(allow_none=True)


class BatchSchema(Schema):
    """A batch: how many tasks, how many are done, refused, left, and each in the order given."""

    id = fields.String()
    act = fields.String()
    state = fields.String(validate=validate.OneOf(["running", "done", "stopped"]))
    total = fields.Integer()
    done = fields.Integer()
    refused = fields.Integer()
    left = fields.Integer()
    at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    items = fields.List(fields.Nested(BatchItemSchema))


class BatchesSchema(Schema):
    """Batches, the newest first."""

    items = fields.List(fields.Nested(BatchSchema))
