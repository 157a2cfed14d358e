"""Out of office: who acts for me while I am away, and for whom I act. Heads see and set it for their units, administrators for all."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Invalid, NotAllowed
from engine.organisation import substitutes as acts
from engine.queries import listing as processes_read
from engine.queries import organisation as reading
from engine.queries import rosters
from engine.queries.organisation import STAFF, Person
from web import telling_organisation as telling
from web.auth import city
from web.pages.organisation import KEEPERS, LARGEST_ID
from web.policies import policy
from web.telling import names
from web.texts import t

page = Blueprint("substitutes", __name__)


@page.get("/substitutes")
@policy(STAFF)
def listing() -> str:
    """Everything that concerns the reader, and the form; `?principal=` for somebody whose units they organise."""
    core = city().core
    principal = _principal(request.args.get("principal", g.actor.id, type=int))
    organised = rosters.organised(core, g.actor)
    mine = rosters.substitutions(core, person_ids=[g.actor.id])
    wide = not KEEPERS.isdisjoint(g.actor.powers)
    others = rosters.substitutions(core, unit_ids=None if wide else organised) if wide or organised else []
    known = {one.id for one in mine}
    others = [one for one in others if one.id not in known]
    names().learn(
        {i for one in (*mine, *others) for i in (one.principal_id, one.substitute_id, one.made_by) if i is not None}
    )
    colleagues, _ = reading.people(core, staff=True, limit=5000)
    return render_template(
        "substitutes.html",
        principal=principal,
        mine=mine,
        others=others,
        may_end=lambda one: g.actor.id in (one.principal_id, one.substitute_id) or _organises(one.principal_id),
        choices=[p for p in colleagues if p.id != principal.id and p.posts],
        may_choose=[p for p in colleagues if organised.intersection(h.unit_id for h in p.posts)] if organised else [],
        processes=processes_read.processes(core),
        telling=telling,
        now=core.db.now(),
        keeps=wide,
        organises=bool(organised),
    )


@page.post("/substitutes")
@policy(STAFF)
def make() -> Response:
    """Name a substitute."""
    form = request.form
    principal = _principal(form.get("principal", 0, type=int))
    unit, _, post = form.get("scope", "").partition("|")
    until = telling.read_time(form.get("until", ""), needed=True)
    substitute = form.get("substitute", 0, type=int)
    if until is None or not 0 < substitute <= LARGEST_ID:
        raise Invalid(why_zh="请选择代理人。", why_en="Choose who stands in.")
    acts.make(
        city().core,
        principal.id,
        substitute,
        telling.read_time(form.get("since", "")),
        until,
        g.actor.id,
        unit=unit[:64] or None,
        post=post[:64] or None,
        processes=[key[:100] for key in form.getlist("processes")] or None,
        reason=form.get("reason", "").strip()[:500],
    )
    flash(t("已安排代理。", "The substitute is named."))
    return redirect(url_for("substitutes.listing"), 303)


@page.post("/substitutes/<int:substitution_id>/end")
@policy(STAFF)
def end(substitution_id: int) -> Response:
    """End one before its time."""
    acts.end(city().core, min(substitution_id, LARGEST_ID), g.actor.id)
    flash(t("代理已结束。", "It has ended."))
    return redirect(url_for("substitutes.listing"), 303)


# ---------------------------------------------------------------- inside


def _principal(person_id: int) -> Person:
    """Whom the form is about: the reader, or somebody of a unit they organise. Others are refused."""
    if person_id != g.actor.id and not _organises(person_id):
        raise NotAllowed(
            act_zh="为他人安排代理",
            act_en="name a substitute for somebody else",
            why_zh="只有本人、其单位负责人或系统管理员可以安排",
            why_en="only they themselves, the head of their unit or an administrator may",
        )
    return reading.person_by_id(city().core, min(max(person_id, 0), LARGEST_ID), staff=True)


def _organises(person_id: int) -> bool:
    return not rosters.organised(city().core, g.actor).isdisjoint(_units_of(person_id))


def _units_of(person_id: int) -> Iterable[int]:
    return [h.unit_id for h in reading.held(city().core, person_ids=[min(max(person_id, 0), LARGEST_ID)])]
