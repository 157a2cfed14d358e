"""More time, and clocks that stand: what may be asked about a case, asking it, and how it stands."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from engine import access
from escalation import asking, requests
from web.api.house import act, actor, blueprint
from web.api.instance_schemas import StartedSchema
from web.api.schemas import Line
from web.auth import city
from web.policies import SIGNED_IN, policy

Row = dict[str, Any]


class AskSchema(Schema):
    """What is asked, about which clock (`about` of an offer), and the answers to the start form of that process."""

    kind = fields.String(required=True, validate=validate.OneOf(list(requests.KINDS)))
    about = Line(required=True, validate=validate.Length(1, 60))
    answers = fields.Dict(keys=fields.String(), required=True)


class OfferSchema(Schema):
    """A clock that may be asked about; `refusal`: why not."""

    kind = fields.String()
    about = fields.String()
    name = fields.String()
    due = fields.DateTime(allow_none=True)
    would_be = fields.DateTime(allow_none=True)
    refusal = fields.String(allow_none=True)


class RequestSchema(Schema):
    """A request about a clock of the case."""

    instance = fields.String()
    kind = fields.String()
    number = fields.String()
    status = fields.String()
    outcome = fields.String(allow_none=True)
    clock = fields.String(allow_none=True)
    pending = fields.Boolean()


class RequestsSchema(Schema):
    """What was asked, and what may be."""

    requests = fields.List(fields.Nested(RequestSchema))
    offers = fields.List(fields.Nested(OfferSchema))


@blueprint.get("/instances/<id:instance>/clock-requests")
@policy(SIGNED_IN)
@blueprint.response(200, RequestsSchema)
def list_clock_requests(instance: int) -> Row:
    """What was asked about the clocks of a case, and what I may ask now."""
    core, who = city().core, actor()
    with core.db.read() as connection:
        access.check_can_see(connection, who, instance)
    waiting = {row["id"] for row in requests.pending(core, instance)}
    found = [
        {
            "instance": str(row["id"]),
            "kind": row["key"],
            "number": row["number"],
            "status": row["status"],
            "outcome": row["outcome"],
            "clock": row["clock"],
            "pending": row["id"] in waiting,
        }
        for row in requests.of_case(core, instance)
    ]
    offers = [
        {
            "kind": kind,
            "about": one.value,
            "name": one.en,
            "due": one.due,
            "would_be": one.would_be if kind == requests.EXTENSION else None,
            "refusal": one.refusal,
        }
        for kind in requests.KINDS
        for one in asking.offers(core, who, instance, kind)
    ]
    return {"requests": found, "offers": offers}


@blueprint.post("/instances/<id:instance>/clock-requests")
@policy(SIGNED_IN)
@act
@blueprint.arguments(
    AskSchema, example={"kind": "extension", "about": "handle.7", "answers": {"request_reason": "管网改造，须分段施工"}}
)
@blueprint.response(201, StartedSchema)
def ask_about_clock(given: Row, key: str | None, instance: int) -> Row:
    """Ask for more time, or that a clock stand: it starts the process in which another unit decides. For who works the task whose clock it
    is, and the head of their unit."""
    reply = asking.ask(
        city().core, given["kind"], instance, given["about"], actor().id, answers=given["answers"], key=key
    )
    return {"instance": str(reply["instance"]), "number": reply["number"]}
