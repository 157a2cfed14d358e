"""The desk of the discipline commission: clues that were referred, seen by who works them, and by nobody else."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import access, incidents
from engine.tables.columns import LARGEST_ID
from escalation import lights, referrals
from web.auth import city
from web.policies import policy
from web.telling import now
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("discipline", __name__)


@page.get("/discipline")
@policy("see_clues", by_token=False)
def desk() -> str:
    """What waits, what is handled, what is closed."""
    core = city().core
    found = referrals.desk(core, g.actor, referrals.CLUE)
    tasks = [one for row in found.running for one in row["tasks"]]
    return render_template(
        "discipline.html",
        found=found,
        lights=lights.of_tasks(core, tasks, now(), locale()),
        offered=lambda row, task: access.is_offered(g.actor, task, row["key"]),
        unit_of=core.unit_id,
        node_name=node_name,
    )


@page.post("/discipline/retry")
@policy("see_clues", by_token=False)
def retry() -> Response:
    """Something in a clue did not go on: whoever works it tries again, since nobody else may know of it."""
    case, number = request.form.get("instance", ""), request.form.get("incident", -1, type=int)
    wanted = min(int(case), LARGEST_ID) if case.isdecimal() and len(case) < 20 else 0
    key = request.form.get("idempotency_key", "")[:100] or None
    incidents.retry(city().core, wanted, number, g.actor.id, key=key)
    flash(t("已重新排队，稍后由后台执行。", "It is in the queue again and will be tried shortly."))
    return redirect(url_for("discipline.desk"), 303)
