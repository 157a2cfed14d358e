"""The page of a form's editor, drawn for whoever opened or changed something on it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine.drafts.keeping import OPEN, Draft
from engine.queries import deployed
from forms import editing
from forms.editing import KINDS, Settings
from web import form_editing, telling_forms
from web.auth import city
from web.form_editing import Opened
from web.telling import names
from web.telling_facts import defined
from web.texts import locale, t

_TESTED = ("choice", "choices", "checkbox", "number", "integer", "text")
"""Kinds that a condition may ask of by clicking."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands beside the list: a field's `path` with its settings, as they are or as they were typed."""

    path: str
    settings: Settings
    seen: str
    raws: Mapping[str, str] = field(default_factory=dict)
    """What was typed where a number belongs and is none."""


def page_of(
    found: Opened,
    panel: Panel | None = None,
    errors: tuple[Mapping[str, str], list[str]] = ({}, []),
    typed: Mapping[str, str] | None = None,
) -> str:
    """The page. `panel`: a field as it was typed, where something is wrong with it; `errors`: at inputs, and others; `typed`: what
    stood in the form of the form's own name, or of a new field."""
    wrong = form_editing.wrong_in(found.files).get(found.file, [])
    names().learn({found.draft.saved_by})
    if found.form is None:
        return render_template("designer_form_broken.html", found=found, problems=[one.text(locale()) for one in wrong])
    lines, rest = telling_forms.lines(found, wrong)
    path = panel.path if panel else request.args.get("field", "")
    shown = panel or _panel(found, path)
    schema = editing.find(found.document, shown.path)[0] if shown else {}
    kind = KINDS[editing.kind_of(schema)] if shown else None
    own = editing.settings_of(found.document, required=False)
    inside = request.args.get("inside", "")
    return render_template(
        "designer_form.html",
        found=found,
        own=own,
        title=t(own.zh, own.en) or found.name,
        lines=lines,
        rest=rest,
        panel=shown,
        kind=kind,
        label=telling_forms.label(found.document, shown.path) if shown else "",
        inner=bool(shown and editing.parent_of(shown.path)),
        shared="$ref" in _raw(found, shown.path) if shown else False,
        kept=telling_forms.kept(schema, shown.settings) if shown else [],
        problems=next((one.problems for one in lines if shown and one.path == shown.path), ()),
        posts=_posts(found, shown),
        options_of=lambda said: [(str(each.value), t(each.zh, each.en)) for each in said.options],
        **_when(found, shown),
        adding="add" in request.args or (typed is not None and "kind" in typed),
        inside=inside if editing.names_in(found.document, inside) else "",
        kinds=[one for one in KINDS.values() if one.offered and (one.inner or not inside)],
        begin_facts=_facts_to_add(found),
        inside_label=telling_forms.label(found.document, inside)
        if editing.names_in(found.document, inside) and inside
        else "",
        holds_parts=lambda opened, path: bool(editing.names_in(opened.document, path)),
        unknown_facts=form_editing.facts_of(found)["unknown"],
        word_pairs=lambda said: [(key, t(*both)) for key, both in said.items()],
        registers=[(key, _register(key)) for key in deployed.registers(city().core)],
        facts={word: [_called(found, one) for one in some] for word, some in form_editing.facts_of(found).items()},
        words=telling_forms,
        errors=defaultdict(str, errors[0]),
        raws=defaultdict(str, shown.raws if shown else {}),
        others=errors[1],
        nothing=defaultdict(str),
        typed=defaultdict(str, typed or {}),
        typed_whole=typed is not None and "kind" not in typed,
        open=found.draft.state == OPEN,
        here=json.dumps(form_editing.here(found.draft)),
        source=found.files[found.file].decode("utf-8", "replace"),
        moved=(request.args.get("moved", ""), request.args.get("way", "")),
    )


def landed(draft: Draft, name: str, other: Draft | None, *, anchor: str | None = None, **more: str) -> BaseResponse:
    """Where one is after a change was saved: in the draft it is in, with word of another that was saved at the same moment."""
    if other is not None:
        said = t(
            f"草稿 {other.id} 同时被他人修改，您的修改另存在草稿 {draft.id}，两份都在。",
            f"Draft {other.id} was changed by somebody at the same moment; your change is in draft {draft.id}, both are there.",
        )
        flash(said, "warn")
    if not name:
        return redirect(url_for("form_editor.listing", draft_id=draft.id), 303)
    asked: dict[str, Any] = dict(more)
    return redirect(url_for("form_editor.form", draft_id=draft.id, name=name, _anchor=anchor, **asked), 303)


# ---------------------------------------------------------------- inside


def _panel(found: Opened, path: str) -> Panel | None:
    try:
        schema, required = editing.find(found.document, path)
    except editing.NoSuchField:
        return None
    return Panel(path, editing.settings_of(schema, required=required), form_editing.digest(found, path))


def _raw(found: Opened, path: str) -> Mapping[str, Any]:
    """The outermost field's own keywords, before what it points at."""
    raw = found.document["properties"][path.partition(".")[0]]
    return raw if isinstance(raw, dict) else {}


def _when(found: Opened, panel: Panel | None) -> dict[str, Any]:
    """The conditions of a field, and what a new one may ask of."""
    if panel is None or editing.parent_of(panel.path) or panel.settings.access != "edit":
        return {"conditions": [], "askable": [], "joined": None, "asked": None, "may_depend": False}
    document = found.document
    standing = editing.shown_when(document, panel.path)
    joined = next((one for one in standing if one.ref == request.args.get("with") and not one.negate), None)
    askable = [
        (name, telling_forms.label(document, name))
        for name in editing.names_in(document)
        if name != panel.path
        and editing.kind_of(editing.find(document, name)[0]) in _TESTED
        and (joined is None or name not in joined.tests)
    ]
    on = request.args.get("on", "")
    return {
        "conditions": [(one.ref, telling_forms.when(document, one), not one.negate) for one in standing],
        "askable": askable,
        "joined": (joined.ref, telling_forms.when(document, replace(joined, required=False, narrows={})))
        if joined is not None
        else None,
        "asked": _asked(document, on) if any(on == name for name, _ in askable) else None,
        "may_depend": True,
    }


def _asked(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    schema, _ = editing.find(document, name)
    options = [
        (str(at), telling_forms.value(schema, one.value))
        for at, one in enumerate(editing.settings_of(schema, required=False).options)
    ]
    return {
        "name": name,
        "label": telling_forms.label(document, name),
        "kind": editing.kind_of(schema),
        "options": options,
    }


def _posts(found: Opened, panel: Panel | None) -> list[tuple[str, str]]:
    """The posts to choose from where only some may fill the field in: that counts on the form of a start."""
    if panel is None or editing.parent_of(panel.path):
        return []
    if not panel.settings.posts and not form_editing.begins(found.files, found.name):
        return []
    known = [(one["value"], one["label"]) for one in deployed.candidates(city().core, locale())["posts"]]
    return [*known, *((one, one) for one in panel.settings.posts if one not in dict(known))]


def _facts_to_add(found: Opened) -> list[tuple[str, str]]:
    """Facts that the form has no field of."""
    if found.facts is None:
        return []
    there = editing.names_in(found.document)
    return [
        (name, telling_forms.label(found.facts, name)) for name in editing.names_in(found.facts) if name not in there
    ]


def _called(found: Opened, name: str) -> str:
    for document in (found.document, found.facts or {}):
        if name in editing.names_in(document):
            return telling_forms.label(document, name)
    return name


def _register(key: str) -> str:
    found = defined(key)
    return found.name(locale()) if found is not None else key
