"""Files somebody sends, or a package of another city: looked at, judged, compared with what runs here, and kept as drafts."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from engine import bundles, drafts
from engine.bpmn.lint import lint
from engine.bpmn.problems import Severity
from engine.bundles import BundleRefused, Collected
from engine.drafts import importing
from engine.drafts.importing import Imported
from engine.publishing.comparing import compare
from engine.queries import deployed
from web import telling_differences as telling
from web.auth import city
from web.definition_sides import newest, of_version
from web.policies import policy
from web.texts import locale, t

page = Blueprint("definitions_import", __name__)

MOST_CARRIED = 1_400_000
"""Bytes of a packed bundle that the result page carries on, so that nobody uploads twice."""


@page.get("/definitions/upload")
@policy("design")
def upload() -> str:
    """Where files are sent."""
    return render_template("upload.html", refused=None)


@page.post("/definitions/upload")
@policy("design")
def check() -> Any:
    """Read what was sent and say what is in it, what it would change, and everything that is wrong with it."""
    try:
        sent = bundles.opened((f.filename or "", f.stream.read(bundles.MOST_IN_ALL + 1)) for f in _sent())
    except BundleRefused as error:
        return render_template("upload.html", refused=error.text(locale())), error.status
    return _checked(sent)


@page.post("/definitions/import")
@policy("design")
def take() -> Any:
    """Make a draft of each process among the files that were looked at; what is wrong with them may be mended there."""
    try:
        packed = base64.b64decode(request.form.get("bundle", ""), validate=True)
    except (binascii.Error, ValueError):
        packed = b""
    try:
        files = bundles.collect([("bundle.zip", packed)])
        found = importing.processes(files)
        if not found:
            return _checked(Collected(files))
        made = [_begin(one) for one in found]
    except BundleRefused as error:
        return render_template("upload.html", refused=error.text(locale())), error.status
    en = "Kept as a draft." if len(made) == 1 else f"Kept as {len(made)} drafts."
    flash(t(f"已存为 {len(made)} 份草稿，尚未发布。", f"{en} Nothing is published yet."))
    where = url_for("designer.draft", draft_id=made[0].id) if len(made) == 1 else url_for("definitions.processes")
    return redirect(where, 303)


# ---------------------------------------------------------------- inside


def _sent() -> list[Any]:
    return [f for f in request.files.getlist("files") if f.filename]


def _begin(one: Imported) -> drafts.Draft:
    return drafts.begin(city().core, one.key, one.files, g.actor.id, base=newest(one.key), names=one.names)


def _checked(sent: Collected) -> Any:
    """The result page: every problem, what each process would change, and the way on to a draft."""
    core, files = city().core, sent.files
    problems = lint(files, registers=deployed.registers(core), processes=deployed.keys(core))
    errors = sum(1 for p in problems if p.severity is Severity.ERROR)
    packed = bundles.pack(files)
    found = importing.processes(files)
    carried = bool(found) and len(packed) <= MOST_CARRIED
    page_text = render_template(
        "checked.html",
        files=[(name, len(content), sum(1 for p in problems if p.file == name)) for name, content in files.items()],
        problems=telling.problems(problems),
        errors=errors,
        warnings=len(problems) - errors,
        packed=base64.b64encode(packed).decode() if carried else "",
        too_large=bool(found) and not carried,
        found=[_preview(one) for one in found],
        manifest=sent.manifest,
        telling=telling,
    )
    return page_text, 422 if errors else 200


def _preview(one: Imported) -> dict[str, Any]:
    last = newest(one.key)
    difference = compare(of_version(one.key, last).files, one.files)
    return {
        "key": one.key,
        "name": t(*one.names) or one.key,
        "last": last,
        "counted": telling.counted(difference),
        "same": difference.is_empty and not difference.files,
    }
