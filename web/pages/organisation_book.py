"""The organisation as an Excel workbook: out, and in again as a change with a preview."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from engine import sheets
from engine.errors import Invalid
from engine.organisation import book, changes
from engine.organisation.reading import TECHNICAL
from engine.queries import organisation as reading
from engine.queries import rosters
from engine.queries.organisation import STAFF
from web import telling_organisation as telling
from web.auth import city
from web.pages.organisation import KEEPERS
from web.pages.organisation_changes import shown
from web.policies import policy
from web.telling import ZONE, names, now, stamp
from web.texts import locale

page = Blueprint("organisation_book", __name__)

AHEAD = timedelta(days=3660)
"""Duty is exported so far ahead."""


@page.get("/organisation.xlsx")
@policy(STAFF)
def export() -> Response:
    """The whole organisation; log-ins and numbers of staff, who is away and why only for those who keep it."""
    keeps = not KEEPERS.isdisjoint(g.actor.powers)
    body = sheets.write_book(book.sheets(_rows(keeps=keeps), locale()), ZONE)
    name = f"organisation-{stamp(now())[:10]}.xlsx"
    return Response(body, mimetype=sheets.MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@page.get("/organisation/import")
@policy("administer")
def upload() -> str:
    """Where a workbook is given in."""
    return _page([])


@page.post("/organisation/import")
@policy("administer")
def read() -> Any:
    """What the workbook would change, or what is wrong with it and where."""
    given = request.files.get("book")
    if given is None or not given.filename:
        return _page(
            [{"zh": "请选择 .xlsx 文件。", "en": "Choose an .xlsx file.", "sheet": None, "row": None, "column": None}]
        ), 422
    try:
        plan = book.plan(sheets.read_book(given.read(sheets.MOST_BYTES + 1)), ZONE)
        found = changes.preview(city().core, "import", plan)
    except book.BookRefused as error:
        return _page(list(error.problems)), 422
    except sheets.SheetRefused as error:
        return _page([_problem(error.text("zh"), error.text("en"))]), 422
    except Invalid as error:
        return _page(list(error.params.get("problems", ())) or [_problem(error.text("zh"), error.text("en"))]), 422
    if found.problems:
        return _page(found.problems), 422
    return shown("import", plan, found)


# ---------------------------------------------------------------- inside


def _page(problems: list[Any]) -> str:
    return render_template("organisation_import.html", problems=problems, telling=telling, keeps=True)


def _problem(zh: str, en: str) -> dict[str, Any]:
    return {"zh": zh, "en": en, "sheet": None, "row": None, "column": None}


def _rows(*, keeps: bool) -> dict[str, list[dict[str, Any]]]:
    core = city().core
    units = reading.units(core)
    by_id = {u.id: u.key for u in units.values()}
    held = [h for h in reading.held(core, later=True, staff=not keeps) if h.unit_id in by_id]
    people, _ = reading.people(core, staff=not keeps, limit=100_000)
    people = [p for p in people if p.login not in TECHNICAL]
    hide = (lambda value: value) if keeps else (lambda _: None)
    login_of = {p.id: p.login for p in people}
    name_of = {p.id: p.name for p in people}
    instant = core.db.now()
    substitutions = rosters.substitutions(core, limit=100_000) if keeps else []
    return {
        "units": [
            {
                "key": u.key,
                "name_zh": u.names.text("zh"),
                "name_en": u.names.text("en"),
                "kind": u.kind,
                "parent": by_id.get(u.parent_id or 0),
            }
            for u in units.values()
        ],
        "people": [{"login": hide(p.login), "name": p.name, "staff_no": hide(p.staff_no)} for p in people],
        "held": [
            {
                "login": hide(h.login),
                "name": h.name,
                "unit": h.unit_key,
                "unit_name": names().unit(h.unit_id, locale()),
                "post": h.post,
                "post_name": names().post(h.post, locale()),
                "since": h.since,
                "until": h.until,
            }
            for h in sorted(held, key=lambda h: (h.unit_id, not h.heads, h.post, h.person_id))
        ],
        "areas": [
            {
                "key": a.key,
                "name_zh": a.names.text("zh"),
                "name_en": a.names.text("en"),
                "kind": a.kind,
                "parent": a.parent,
                "unit": by_id.get(a.unit_id or 0),
                "unit_name": names().unit(a.unit_id, locale()),
                "lat": a.lat,
                "lon": a.lon,
            }
            for a in reading.areas(core).values()
        ],
        "substitutes": [
            {
                "principal": login_of.get(s.principal_id),
                "principal_name": name_of.get(s.principal_id),
                "substitute": login_of.get(s.substitute_id),
                "substitute_name": name_of.get(s.substitute_id),
                "since": s.since,
                "until": s.until,
                "unit": by_id.get(s.unit_id or 0),
                "post": s.post,
                "processes": s.processes,
                "reason": s.reason,
            }
            for s in reversed(substitutions)
        ],
        "duty": [
            {
                "unit": by_id.get(d.unit_id),
                "unit_name": names().unit(d.unit_id, locale()),
                "post": d.post,
                "post_name": names().post(d.post, locale()),
                "login": hide(login_of.get(d.person_id)),
                "name": d.name,
                "since": d.since,
                "until": d.until,
                "note": d.note,
            }
            for d in rosters.duties(core, instant, instant + AHEAD)
            if d.unit_id in by_id
        ],
    }
