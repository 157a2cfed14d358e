"""What was shown to the reader (抄送, 传阅), and what they have others prepare (委托)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.acts import copying
from engine.queries import copies as reading
from escalation import lights
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("copies", __name__)

PAGE_SIZE = 25


@page.get("/copies")
@policy(SIGNED_IN)
def listing() -> str:
    """Copies of cases, the newest first: those not read yet, or all; or the tasks that the reader delegated."""
    core = city().core
    show = request.args.get("show") if request.args.get("show") in ("all", "delegated") else "unread"
    delegated = reading.delegated(core, g.actor) if show == "delegated" else []
    rows = []
    if show != "delegated":
        rows = reading.mine(core, g.actor, unread=show == "unread", before=_before(), limit=PAGE_SIZE + 1)
    names().learn([*(row["by_id"] for row in rows), *(row["assignee_id"] for row in delegated)])
    asks: dict[int, dict[str, Any]] = {}  # one receipt for all that was shown of a case: asked for once
    for row in rows[:PAGE_SIZE]:
        if row["read_at"] is None:
            asked = asks.setdefault(row["instance_id"], {"id": row["id"], "word": False})
            if row["kind"] == "circulate" and not asked["word"]:
                asks[row["instance_id"]] = {"id": row["id"], "word": True}
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return render_template(
        "copies.html",
        show=show,
        rows=rows[:PAGE_SIZE],
        asks=asks,
        delegated=delegated,
        lights=lights.of_tasks(core, delegated, now(), locale()) if delegated else {},
        node_name=node_name,
        older=f"{last['at'].isoformat()}_{last['id']}" if last is not None else None,
    )


@page.post("/copies/<int:instance_id>/read")
@policy(SIGNED_IN)
def read(instance_id: int) -> Response:
    """Confirm having read all that was shown of a case, with a word to who sent it where one is given."""
    opinion = request.form.get("opinion", "").replace("\x00", "")[:2000]
    copying.read(
        city().core, instance_id, g.actor.id, opinion=opinion, key=request.form.get("idempotency_key", "")[:100] or None
    )
    flash(t("已确认阅读。", "Read, and told so."))
    return redirect(url_for("copies.listing"), 303)


def _before() -> tuple[datetime, str] | None:
    at, _, id_ = request.args.get("before", "").partition("_")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (found, id_[:60]) if found.tzinfo is not None and "\x00" not in id_ else None
