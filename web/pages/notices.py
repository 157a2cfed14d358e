"""What one was told: read and unread."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.notices import NO_CASE
from engine.queries import notices as reading
from engine.queries.tasks import user_task
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import names
from web.telling_notices import BAD, about, notice, said

page = Blueprint("notices", __name__)

PAGE_SIZE = 25


@page.get("/notices")
@policy(SIGNED_IN)
def listing() -> str:
    """The newest first; only those not read where that is wanted."""
    unread = request.args.get("show") == "unread"
    rows = reading.newest(city().core, g.actor, unread=unread, before=_before(), limit=PAGE_SIZE + 1)
    names().learn(row["by_id"] for row in rows)
    shown = rows[:PAGE_SIZE]
    last = shown[-1] if len(rows) > PAGE_SIZE else None
    return render_template(
        "notices.html",
        rows=shown,
        unread=unread,
        older=f"{last['at'].isoformat()}_{last['id']}" if last is not None else None,
        sentence=notice,
        said=said,
        bad=BAD,
        about=about,
    )


@page.post("/notices/open/<int:instance_id>/<notice_id>")
@policy(SIGNED_IN)
def open_one(instance_id: int, notice_id: str) -> Response:
    """Read one, and go to what it tells of."""
    row = reading.open_one(city().core, g.actor, instance_id, notice_id)
    told = row["data"] or {}
    if row["instance_id"] == NO_CASE and "plan" in told:
        return redirect(url_for("migrating.plan", plan_id=told["plan"]), 303)
    if row["instance_id"] == NO_CASE:
        return redirect(url_for("designer_publish.proposal", proposal_id=told["proposal"]), 303)
    if row["task_id"] is not None:
        with suppress(NotFound):  # theirs no more: the case tells why
            found = user_task(city().core, g.actor, f"{instance_id}.{row['task_id']}")
            if found.is_open:
                return redirect(url_for("tasks.task", ref=found.ref), 303)
    return redirect(url_for("cases.case", instance_id=row["instance_id"]), 303)


@page.post("/notices/read")
@policy(SIGNED_IN)
def read_all() -> Response:
    """Everything is read."""
    reading.mark_all(city().core, g.actor)
    return redirect(url_for("notices.listing"), 303)


def _before() -> tuple[datetime, str] | None:
    at, _, id_ = request.args.get("before", "").partition("_")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (found, id_[:60]) if found.tzinfo is not None and "\x00" not in id_ else None
