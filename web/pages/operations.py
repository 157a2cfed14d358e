"""How the system runs: workers, jobs, cases that are stuck and why, the database. For operators."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import workers
from engine.operating import proposing, second
from engine.queries import machinery
from engine.tables.columns import LARGEST_ID
from escalation import words
from web.auth import city
from web.policies import policy
from web.telling_cases import node_name, process_name
from web.telling_operations import operation_words, state_word
from web.texts import locale, t

page = Blueprint("operations", __name__)

LATE = timedelta(minutes=2)
"""A job overdue for longer is said to be late: a worker passes several times a minute."""


@page.get("/operations")
@policy("operate")
def operations() -> str:
    """Everything an operator looks at first."""
    core = city().core
    by_world = machinery.by_world(core)
    live = city().world()
    overdue = machinery.overdue_jobs(core, live)  # those of drills and replays are counted by their world
    known = workers.listing(core)
    database_now = core.db.now()
    return render_template(
        "operations.html",
        workers=known[:20],
        alive=sum(1 for one in known if one["alive"]),
        by_world=by_world,
        incidents=machinery.open_incidents(core),
        asked=proposing.listing(core, g.actor, open_only=True),
        operation_words=operation_words,
        state_word=state_word,
        incident_count=machinery.count_incidents(core),
        overdue=[
            {**row, "over": words.overdue(live.now - row["due_at"], locale())}
            for row in overdue
            if live.now - row["due_at"] > LATE
        ],
        coming=machinery.next_jobs(core, live),
        starts=machinery.timed_starts(core),
        database=machinery.database(core),
        database_now=database_now,
        ago=lambda instant: _ago(database_now - instant),
        size=_size,
        job_word=_job_word,
        node_name=node_name,
        process_name=process_name,
    )


@page.post("/operations/retry")
@policy("operate")
def retry() -> Response:
    """Take an incident as mended and try again."""
    instance, incident = request.form.get("instance", "", str), request.form.get("incident", -1, type=int)
    reply = proposing.propose(
        city().core,
        min(int(instance), LARGEST_ID) if instance.isdecimal() and len(instance) < 20 else 0,
        second.RETRY,
        {"incident": incident},
        g.actor.id,
        request.form.get("reason", "").strip()[:1000] or t("原因已排除", "The cause is mended"),
        key=request.form.get("idempotency_key", "")[:150] or None,
    )
    if reply["state"] == proposing.PROPOSED:
        flash(t("已提出，等待另一位运维员批准。", "Asked for; another operator must allow it."))
    else:
        flash(t("已重新排队，稍后由后台执行。", "It is in the queue again and will be tried shortly."))
    return redirect(url_for("operations.operations"), 303)


# ---------------------------------------------------------------- inside


def _ago(length: timedelta) -> str:
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return t(f"{seconds} 秒前", f"{seconds} s ago")
    return t(f"{words.duration(length, 'zh')}前", f"{words.duration(length, 'en')} ago")


def _size(number: int) -> str:
    value, unit = float(number), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit in ("B", "KB") else f"{value:.1f} {unit}"


def _job_word(kind: str) -> str:
    words_of = {
        "timer": t("定时", "Timer"),
        "action": t("动作", "Action"),
        "send": t("发送", "Sending"),
        "deliver": t("送达", "Delivery"),
        "back": t("退回发送方", "Return to sender"),
    }
    return words_of.get(kind, kind)
