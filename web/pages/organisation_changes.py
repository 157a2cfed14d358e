"""Changes of the organisation: proposed with a preview by system administrators, approved or refused by security administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from engine.errors import Invalid, NotFound
from engine.organisation import changes, plans
from engine.organisation.book_parts import UNIT_KINDS
from engine.organisation.changes import Change
from engine.organisation.plans import Preview
from engine.queries import organisation as reading
from engine.queries.organisation import Person, Unit
from web import organisation_forms as forms
from web import telling_organisation as telling
from web.auth import city
from web.pages.organisation import LARGEST_ID
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("organisation_changes", __name__)

KINDS = ("create", "rename", "merge", "split", "people", "leave")
OPEN = ("proposed", "approved", "applying")

Choice = tuple[str, str, str]
"""Something to tick: its value, its name, what else to know of it."""


@page.get("/organisation/changes")
@policy("administer", "secure", "audit")
def listing() -> str:
    """All changes, those that wait for somebody first."""
    found = changes.listing(city().core)
    names().learn({i for one in found for i in (one.proposed_by, one.reviewed_by)})
    return render_template(
        "organisation_changes.html",
        waiting=[one for one in found if one.state in OPEN],
        done=[one for one in found if one.state not in OPEN],
        title_of=title_of,
        kinds=KINDS,
        **_shared(),
    )


@page.get("/organisation/changes/<int:change_id>")
@policy("administer", "secure", "audit")
def change(change_id: int) -> str:
    """One change: what it would do, who said what, how far it is."""
    found = changes.get(city().core, min(change_id, LARGEST_ID))
    names().learn({found.proposed_by, found.reviewed_by})
    return render_template(
        "organisation_change.html",
        change=found,
        title=title_of(found),
        preview=found.preview,
        may_review=found.state == "proposed"
        and "secure" in g.actor.powers
        and found.proposed_by not in g.actor.accounts,
        may_withdraw=found.state == "proposed" and found.proposed_by == g.actor.id,
        **_shared(),
    )


@page.get("/organisation/changes/new/<kind>")
@policy("administer")
def new(kind: str) -> str:
    """The form of a change."""
    return _form(kind, request.args.get("unit", "")[:64], request.args.get("person", 0, type=int))


@page.post("/organisation/changes/preview")
@policy("administer")
def preview() -> Any:
    """What the change would do, before anybody is asked to approve it."""
    kind = request.form.get("kind", "")[:20]
    try:
        plan = _whole(forms.plan(kind, request.form))
        found = changes.preview(city().core, kind, plan)
    except Invalid as error:
        problems = list(error.params.get("problems", ())) or [{"zh": error.text("zh"), "en": error.text("en")}]
        person = request.form.get("person", 0, type=int)
        return _form(kind, request.form.get("for_unit", "")[:64], person, problems), 422
    return shown(kind, plan, found)


@page.post("/organisation/changes")
@policy("administer")
def propose() -> Response:
    """Put up for approval what was previewed."""
    kind, plan = unpacked(request.form.get("plan", ""))
    reason = request.form.get("reason", "").strip()[:1000]
    core = city().core
    again = [
        one
        for one in changes.listing(core, ("proposed",))
        if one.kind == kind and one.plan == plans.named(plan) and one.proposed_by == g.actor.id
    ]
    found = again[0].id if again else city().propose(kind, plan, g.actor.id, reason)
    flash(t("已提交，等待安全管理员审批。", "It is up for approval by a security administrator."))
    return redirect(url_for("organisation_changes.change", change_id=found), 303)


@page.post("/organisation/changes/<int:change_id>/review")
@policy("secure")
def review(change_id: int) -> Response:
    """Approve, or refuse and say why."""
    core, note = city().core, request.form.get("note", "").strip()[:1000]
    if request.form.get("decision") == "approve":
        changes.approve(core, min(change_id, LARGEST_ID), g.actor.id, note)
        flash(t("已批准，由后台执行。", "Approved; a worker carries it out."))
    else:
        changes.refuse(core, min(change_id, LARGEST_ID), g.actor.id, note)
        flash(t("已驳回。", "Refused."))
    return redirect(url_for("organisation_changes.change", change_id=change_id), 303)


@page.post("/organisation/changes/<int:change_id>/withdraw")
@policy("administer")
def withdraw(change_id: int) -> Response:
    """Take back what one proposed."""
    changes.withdraw(city().core, min(change_id, LARGEST_ID), g.actor.id)
    flash(t("已撤回。", "Withdrawn."))
    return redirect(url_for("organisation_changes.change", change_id=change_id), 303)


# ---------------------------------------------------------------- what the import uses too


def shown(kind: str, plan: dict[str, Any], found: Preview) -> str:
    """The preview of a plan, with the button that proposes it."""
    return render_template(
        "organisation_preview.html",
        kind=kind,
        title=_title(kind, plan),
        preview=found.json(),
        packed=packed(kind, plan),
        **_shared(),
    )


def packed(kind: str, plan: dict[str, Any]) -> str:
    """A plan as a field of a form: what is proposed is what was looked at."""
    return str(_serializer().dumps([kind, plan]))


def unpacked(text: str) -> tuple[str, dict[str, Any]]:
    """The plan again. Invalid when it is not ours."""
    try:
        kind, plan = _serializer().loads(text)
    except BadSignature:
        raise Invalid(
            why_zh="预览已失效，请重新填写。", why_en="This preview is not valid any more; fill in the form again."
        ) from None
    return str(kind), dict(plan)


def title_of(one: Change) -> str:
    """A change in a line."""
    return _title(one.kind, one.plan)


# ---------------------------------------------------------------- inside


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="organisation plan")


def _shared() -> dict[str, Any]:
    return {"telling": telling, "keeps": True, "may_change": "administer" in g.actor.powers}


def _title(kind: str, plan: dict[str, Any]) -> str:
    word = telling.change_kind(kind)
    about = ""
    if kind == "create":
        about = str((plan.get("unit") or {}).get("name_zh") or "")
    elif kind in ("rename", "split"):
        about = names().unit_by_key(plan.get("unit"), locale())
    elif kind == "merge":
        into = plan.get("into")
        after = names().unit_by_key(into, locale()) if isinstance(into, str) else str((into or {}).get("name_zh") or "")
        about = f"{t('、', ', ').join(names().unit_by_key(key, locale()) for key in plan.get('units', ()))} → {after}"
    elif kind == "leave":
        about = _person(plan.get("login"))
    elif kind == "people":
        rows = (*plan.get("people", ()), *plan.get("give", ()), *plan.get("take", ()))
        about = "、".join(dict.fromkeys(str(row.get("name") or _person(row.get("login"))) for row in rows))
    return f"{word}{t('：', ': ')}{about}" if about else word


def _person(login: str | None) -> str:
    found = _known(login)
    return found.name if found is not None else login or ""


def _known(login: str | None) -> Person | None:
    found, _ = reading.people(city().core, login or "?", also_left=True)
    return next((one for one in found if one.login == login), None)


def _whole(plan: dict[str, Any]) -> dict[str, Any]:
    """What the form left empty of somebody who is here already stays as it is: an empty number of staff takes none away."""
    for row in plan.get("people", ()):
        known = _known(row["login"])
        if known is not None:
            row["name"], row["staff_no"] = row["name"] or known.name, row["staff_no"] or known.staff_no
    return plan


def _form(kind: str, unit_key: str, person_id: int, problems: list[Any] | None = None) -> str:
    if kind not in KINDS:
        raise NotFound(what="change")
    core = city().core
    units = reading.units(core)
    unit = next((each for each in units.values() if each.key == unit_key), None)
    if kind in ("rename", "split") and unit is None:
        raise NotFound(what="unit")
    person = reading.person_by_id(core, min(person_id, LARGEST_ID)) if person_id > 0 else None
    if kind == "leave" and person is None:
        raise NotFound(what="person")
    everybody = reading.people(core, limit=5000)[0] if kind in ("people", "leave") else []
    return render_template(
        "organisation_new.html",
        kind=kind,
        unit=unit,
        person=person,
        units=telling.unit_options(units),
        parent=units.get(unit.parent_id or 0) if unit else None,
        everybody=everybody,
        posts=reading.posts(core),
        heads=_heads(units),
        unit_choices=telling.unit_options(units),
        area_choices=_areas(unit, kind),
        people_choices=_members(unit) if kind == "split" else [],
        held_choices=_held(person) if person is not None else [],
        unit_kinds=UNIT_KINDS,
        parts=forms.PARTS,
        given=forms.GIVEN,
        new_unit=forms.NEW,
        problems=problems or [],
        sent=request.form,
        **_shared(),
    )


def _heads(units: dict[int, Unit]) -> list[tuple[str, str, str]]:
    return [(h.login, h.name, u.key) for u in units.values() for h in u.heads]


def _areas(unit: Unit | None, kind: str) -> list[Choice]:
    """Areas to give away: those of the unit that is split, else every community and town."""
    found = reading.areas(city().core)
    kept = [
        a
        for a in found.values()
        if a.kind not in ("city", "grid") and (kind != "split" or unit is None or a.unit_id == unit.id)
    ]
    return [(a.key, a.names.text(locale()), telling.area_kind(a.kind)) for a in kept]


def _members(unit: Unit | None) -> list[Choice]:
    held = reading.held(city().core, unit_ids=[unit.id]) if unit is not None else []
    found: dict[str, tuple[str, list[str]]] = {}
    for one in held:
        found.setdefault(one.login, (one.name, []))[1].append(names().post(one.post, locale()))
    return [(login, name, t("、", ", ").join(posts)) for login, (name, posts) in found.items()]


def _held(person: Person) -> list[Choice]:
    return [
        (f"{h.unit_key}|{h.post}", names().unit(h.unit_id, locale()), names().post(h.post, locale()))
        for h in person.posts
    ]
