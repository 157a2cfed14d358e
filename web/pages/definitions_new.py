"""A process begun from nothing: what it is called, then the editor on a draft of a start and an end."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from engine import drafts
from engine.drafts import blank
from engine.errors import Invalid
from forms.editing.document import named
from web.auth import city
from web.definition_sides import newest
from web.policies import policy
from web.texts import locale

page = Blueprint("definitions_new", __name__)


@page.get("/definitions/new")
@policy("design")
def ask() -> str:
    """Asks what it is called."""
    return _ask("")


@page.post("/definitions/new")
@policy("design")
def make() -> Any:
    """Begin it as a draft, under a key that no process and no open draft has."""
    zh, en, key = (request.form.get(name, "").strip() for name in ("zh", "en", "key"))
    key = key or named(en, [], "process")
    try:
        files = blank.files(key, zh, en)
        _check_free(key)
    except Invalid as error:
        return _ask(error.text(locale())), 422
    made = drafts.begin(city().core, key, files, g.actor.id, names=(zh, en))
    return redirect(url_for("designer.draft", draft_id=made.id), 303)


def _check_free(key: str) -> None:
    if newest(key) or drafts.listing(city().core, key):
        raise Invalid(
            why_zh=f"已有标识为“{key}”的流程或草稿", why_en=f"there is a process or a draft with the key “{key}”"
        )


def _ask(wrong: str) -> str:
    return render_template("definition_new.html", wrong=wrong, typed=defaultdict(str, request.form))
