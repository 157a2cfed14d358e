"""By which channels one is told outside of this house: add, verify, quiet hours, digests, kinds, remove."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import LiandongError
from escalation.sending import contacts, desk, rules, wording
from escalation.sending.contacts import Wanted
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling_sending import address_of, channel, clock, groups, minutes_of
from web.texts import locale, t

page = Blueprint("contacts", __name__)

DIGESTS = (0, 15, 60, 240, 1440)


@page.get("/account/notices")
@policy(SIGNED_IN, by_token=False)
def listing() -> str:
    """One's own channels."""
    return _page()


def _page(refused: str | None = None, **typed: str) -> str:
    core = city().core
    law = desk.law(core)
    known = wording.templates(core)
    return render_template(
        "contacts.html",
        refused=refused,
        typed=typed,
        mine=contacts.listing(core, g.actor.id),
        offered=[each for each in rules.CHANNELS if law.offered(each)],
        off=law.off,
        tells=law.tells,
        groups=groups(kind for kind, row in known.items() if not row["urgent"]),
        digests=[each for each in DIGESTS if each <= law.digest_most],
        minutes=round(law.code.total_seconds() / 60),
        channel=channel,
        address_of=address_of,
        clock=clock,
    )


@page.post("/account/notices/add")
@policy(SIGNED_IN, by_token=False)
def add() -> Any:
    """One more channel; a code goes there at once."""
    name, address = request.form.get("channel", ""), request.form.get("address", "")[:1000]
    try:
        made = contacts.add(city().core, g.actor, name, address)
        contacts.send_code(city().core, g.actor, made)
    except LiandongError as error:
        return make_response(_page(error.text(locale()), channel=name, address=address), error.status)
    flash(t("验证码已发送，请在下方填写。", "A code was sent; enter it below."))
    return redirect(url_for("contacts.listing"), 303)


@page.post("/account/notices/<int:contact_id>/code")
@policy(SIGNED_IN, by_token=False)
def send_code(contact_id: int) -> Any:
    """Another code."""
    try:
        contacts.send_code(city().core, g.actor, contact_id)
    except LiandongError as error:
        return make_response(_page(error.text(locale())), error.status)
    flash(t("新的验证码已发送。", "A new code was sent."))
    return redirect(url_for("contacts.listing"), 303)


@page.post("/account/notices/<int:contact_id>/verify")
@policy(SIGNED_IN, by_token=False)
def verify(contact_id: int) -> Any:
    """The code that arrived."""
    try:
        contacts.verify(city().core, g.actor, contact_id, request.form.get("code", "")[:20])
    except LiandongError as error:
        return make_response(_page(error.text(locale())), error.status)
    flash(t("渠道已验证，今后的通知会发送到这里。", "Verified: from now on you are told here."))
    return redirect(url_for("contacts.listing"), 303)


@page.post("/account/notices/<int:contact_id>")
@policy(SIGNED_IN, by_token=False)
def change(contact_id: int) -> Any:
    """How one wants to be told by it."""
    form = request.form
    known = wording.templates(city().core)
    offered = groups(kind for kind, row in known.items() if not row["urgent"])
    chosen = set(form.getlist("group"))
    kinds = None
    if {each.key for each in offered} - chosen:
        kinds = sorted(kind for each in offered if each.key in chosen for kind in each.kinds)
    digest = form.get("digest", "0")
    try:
        contacts.change(
            city().core,
            g.actor,
            contact_id,
            Wanted(
                active="active" in form,
                quiet_from=minutes_of(form.get("quiet_from", "")),
                quiet_to=minutes_of(form.get("quiet_to", "")),
                digest_minutes=int(digest) if digest.isdecimal() and len(digest) < 6 else 0,
                kinds=kinds,
            ),
        )
    except LiandongError as error:
        return make_response(_page(error.text(locale())), error.status)
    flash(t("设置已保存。", "Saved."))
    return redirect(url_for("contacts.listing"), 303)


@page.post("/account/notices/<int:contact_id>/remove")
@policy(SIGNED_IN, by_token=False)
def remove(contact_id: int) -> Response:
    """Not here any more."""
    contacts.remove(city().core, g.actor, contact_id)
    flash(t("渠道已删除。", "The channel is removed."))
    return redirect(url_for("contacts.listing"), 303)
