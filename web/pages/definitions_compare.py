"""The versions of a process: what differs between any two, what runs on each."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from engine import access, publishing
from engine.migrating import plans
from engine.queries import deployed
from web import telling_migrating
from web.auth import city
from web.definition_sides import newest, side
from web.pages.designer_publish import compared, state
from web.policies import SIGNED_IN, policy
from web.telling import names
from web.texts import t

page = Blueprint("definitions_compare", __name__)


@page.get("/definitions/<key>/versions")
@policy(SIGNED_IN)
def versions(key: str) -> str:
    """Every version: who published it and why, how many cases run by it, what differs."""
    rows = deployed.versions(city().core, key)
    may_design = "design" in g.actor.powers
    asked = publishing.listing(city().core, key) if may_design else []
    names().learn(
        [row["by_id"] for row in rows] + [one.proposed_by for one in asked] + [one.decided_by for one in asked]
    )
    return render_template(
        "definition_versions.html",
        key=key,
        name=t(rows[0]["name_zh"], rows[0]["name_en"]),
        versions=rows,
        made={one.version: one for one in asked if one.version is not None},
        proposals=asked,
        plans=plans.listing(city().core, key) if may_design else [],
        plan_state=telling_migrating.state,
        state=state,
        may_design=may_design,
        sees_all=access.SEE_ALL in g.actor.powers,
    )


@page.get("/definitions/<key>/compare")
@policy(SIGNED_IN, inline_styles=True)
def compare(key: str) -> str:
    """What differs between two versions, drafts or proposals: the newest and the one before it, unless others are named."""
    rows = deployed.versions(city().core, key) if newest(key) else []
    last = rows[0]["version"] if rows else 0
    after = side(key, request.args.get("to", str(last)))
    before = side(key, request.args.get("from", str(max(0, last - 1))))
    return render_template(
        "definition_compare.html",
        key=key,
        name=t(rows[0]["name_zh"], rows[0]["name_en"]) if rows else key,
        versions=rows,
        **compared(before, after),
    )
