"""What is dug where, for staff: what is applied for and what was granted, of all cases they may see, and what everybody may see."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for

from web.digs import picture
from web.policies import SIGNED_IN, policy

page = Blueprint("digs", __name__)


@page.get("/digs")
@policy(SIGNED_IN)
def digs() -> str:
    """The map, the timeline and the table."""
    return render_template("digs.html", shown=picture(request.args, g.actor), here=url_for("digs.digs"), public=False)
