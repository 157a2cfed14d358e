"""The home page of each kind of person."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.policies import SIGNED_IN, policy

page = Blueprint("home", __name__)


@page.get("/")
@policy(SIGNED_IN)
def home() -> str:
    """What waits for me."""
    return render_template("home.html")
