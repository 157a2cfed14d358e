"""Who looked at what: each answer that shows a case, a file or a sheet is recorded before it goes out, or it does not go out."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, current_app, g, request

from engine.audit.reading import CASE, EXPORT, FILE, PRINTED, RECORDS, Looks
from engine.queries import notices, records
from web.auth import city

SHOWS: Final = {
    "cases.case": CASE,
    "cases.sheet": PRINTED,
    "form_papers.answered": PRINTED,
    "form_papers.waiting": PRINTED,
    "emergency.room": CASE,
    "clocks.clock": CASE,
    "clocks.timeline": CASE,
    "dossiers.dossier": CASE,
    "dossiers.data": EXPORT,
    "dossiers.printed": EXPORT,
    "tasks.task": CASE,
    "operating.case": CASE,
    "acts.of_task": CASE,
    "acts.of_case": CASE,
    "street.task": CASE,
    "files.file": FILE,
    "case_list.export": EXPORT,
    "figures.export": EXPORT,
    "assessment.as_json": EXPORT,
    "assessment.as_csv": EXPORT,
    "assessment.as_sheet": EXPORT,
    "assessment.as_paper": EXPORT,
    "migrating.export": EXPORT,
    "mining.xes": EXPORT,
    "mining.ocel": EXPORT,
    "public_office.photo": FILE,
    "certificates.printed": PRINTED,
    "organisation_book.export": EXPORT,
    "register_sheets.export": EXPORT,
    "audit.listing": RECORDS,
    "audit.export": EXPORT,
    "api.show": CASE,
    "api.show_trail": CASE,
    "api.show_task": CASE,
    "api.list_open_tasks": CASE,
    "api.list_clock_requests": CASE,
    "api.list_copies": CASE,
    "api.list_targets": CASE,
    "api.list_withdrawable": CASE,
    "api.show_draft": CASE,
    "api.list_incidents_of": CASE,
    "api.list_files": CASE,
    "api.fetch": FILE,
}
"""Routes whose answer is a look, by endpoint."""

SHOWS_NOTHING: Final = frozenset(
    {
        "cases.diagram",  # the process, nothing of the case
        "public_follow.photo",  # somebody's own, shown to nobody we know
        "permits.export",  # what everybody may see
        "trials_play.task",  # of a trial, in which nothing is real
    }
)
"""Routes that name a case or make a sheet, and show nothing of a case to somebody logged in."""

_LOOKS = "liandong_looks"


def install(app: Flask) -> None:
    """Record looks from now on."""
    app.extensions[_LOOKS] = Looks()
    app.after_request(record)


def record(response: Response) -> Response:
    """After a request: was it a look, and did it show something?"""
    kind = SHOWS.get(request.endpoint or "")
    actor = g.get("actor")
    if kind is None or actor is None or request.method != "GET" or response.status_code not in (200, 304):
        return response
    if kind == FILE and "small" in request.args:
        return response  # the page that it is on was the look
    looks: Looks = current_app.extensions[_LOOKS]
    about = (request.view_args or {}).get("instance_id")
    if kind == CASE and about is not None and not g.by_token:
        notices.mark_case(city().core, actor, about)  # what they were told of it is read
    data = _asked() if kind == EXPORT else None
    looks.looked(city().core, actor, kind, _about(), data)
    return response


def _asked() -> dict[str, str]:
    """What was asked for, without the words of a search, and without what it was about unless it is told to those who audit."""
    given = {name: "…" if name == "q" else value[:100] for name, value in request.args.items()}
    if "about" in given and not records.is_told(city().core, given["about"].strip()):
        given["about"] = "…"
    return given


def _about() -> str:
    given = request.view_args or {}
    instance = given.get("instance_id", given.get("instance"))
    if instance is None and "ref" in given:
        instance = str(given["ref"]).partition(".")[0]
    if instance is None:
        return request.path[:200]
    file = given.get("file_id", given.get("file"))
    return f"case:{instance}/{file}" if file is not None else f"case:{instance}"
