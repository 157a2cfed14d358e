"""Messages on their way out: how many wait, went out and are dead, and why. For operators."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from escalation import words
from escalation.sending import desk
from web.auth import city
from web.policies import policy
from web.telling_sending import channel
from web.texts import locale, t

page = Blueprint("deliveries", __name__)


@page.get("/deliveries")
@policy("operate")
def deliveries() -> str:
    """Each channel, what waits and what is dead."""
    return render_template(
        "deliveries.html",
        **desk.standing(city().core),
        most=desk.SHOWN,
        channel=channel,
        length=lambda length: words.duration(length, locale()),
    )


@page.post("/deliveries/retry")
@policy("operate")
def retry() -> Response:
    """Send one that is dead again, or all."""
    count = desk.retry(city().core, g.actor, *_which())
    flash(t(f"{count} 条已重新排队。", f"{count} in the queue again."))
    return redirect(url_for("deliveries.deliveries"), 303)


@page.post("/deliveries/drop")
@policy("operate")
def drop() -> Response:
    """Leave one that is dead."""
    count = desk.drop(city().core, g.actor, *_which())
    flash(t(f"{count} 条不再发送。", f"{count} not sent any more."))
    return redirect(url_for("deliveries.deliveries"), 303)


@page.post("/deliveries/switch")
@policy("operate")
def switch() -> Response:
    """A channel off, or on again."""
    name, on = request.form.get("channel", ""), request.form.get("on") == "1"
    desk.switch(city().core, g.actor, name, on=on)
    flash(
        t(f"{channel(name)}已恢复发送。", f"{channel(name)} is on again.")
        if on
        else t(f"{channel(name)}已暂停，待发通知会保留。", f"{channel(name)} is off; what waits is kept.")
    )
    return redirect(url_for("deliveries.deliveries"), 303)


def _which() -> tuple[int | None, str]:
    """The one that the form names, or all where it says so; else one that is none."""
    if request.form.get("all") == "1":
        return None, ""
    instance = request.form.get("instance", "")
    return (int(instance) if instance.isdecimal() and len(instance) < 20 else 0), request.form.get("delivery", "")
