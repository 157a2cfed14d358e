"""The certificates of a case, for those who may see the case."""

from __future__ import annotations

from flask import Blueprint, Response, g

from engine.queries import certificates as reading
from web.auth import city
from web.papers import certificate as paper
from web.policies import SIGNED_IN, policy

page = Blueprint("certificates", __name__)


@page.get("/cases/<int:instance_id>/certificates/<which>.pdf")
@policy(SIGNED_IN)
def printed(instance_id: int, which: str) -> Response:
    """The paper."""
    return paper(reading.one_of_case(city().core, g.actor, instance_id, which))
