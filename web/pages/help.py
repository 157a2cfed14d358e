"""The manual, for those who look after processes."""

from __future__ import annotations

from flask import Blueprint, render_template

from web import manual
from web.policies import SIGNED_IN, policy

page = Blueprint("help", __name__)


@page.get("/help/designer")
@policy(SIGNED_IN)
def designer() -> str:
    """How a step with a form, a limit and an escalation is added to a process, and published by two: each station with its picture."""
    return render_template("help_designer.html", stations=manual.STATIONS, width=manual.WIDTH, height=manual.HEIGHT)
