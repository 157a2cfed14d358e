"""Who reported a case: shown once, to whom may know it, after they said why. The answer is kept by no page and no browser."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import definitions, retention, unmasking
from engine.queries import cases as reading
from web.auth import city
from web.policies import policy
from web.telling_reporters import told
from web.texts import t

page = Blueprint("reporter", __name__)


@page.post("/cases/<int:instance_id>/identity")
@policy("unmask")
def show(instance_id: int) -> Response:
    """Who reported it."""
    core = city().core
    reason = request.form.get("reason", "")
    reporters = unmasking.unmask(core, instance_id, g.actor.id, reason)
    row = reading.row(core, g.actor, instance_id)
    definition = definitions.get(core, row["definition_id"])
    answer = make_response(
        render_template("reporter.html", row=row, reporters=told(definition, reporters), reason=reason.strip())
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@page.post("/cases/<int:instance_id>/identity/erase")
@policy("unmask")
def erase(instance_id: int) -> Response:
    """Destroy it, because they asked for that."""
    retention.erase(city().core, instance_id, g.actor.id, request.form.get("reason", ""))
    flash(t("来件人信息已永久删除。", "What was known of the reporter is deleted for ever."))
    return redirect(url_for("cases.case", instance_id=instance_id), 303)
