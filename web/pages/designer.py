"""Drawing a process: a version or a draft in the editor, checked, and saved as somebody draws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from engine import calendars, definitions, drafts
from engine.bundles import BundleRefused
from engine.drafts import keeping, presence, tables
from engine.drafts.keeping import Draft
from engine.errors import Invalid, NotFound
from engine.queries import deployed
from forms import editing
from web import form_editing, mending
from web.auth import city
from web.definition_sides import diagram, newest
from web.drafting import (
    addresses,
    answer,
    beside,
    changed,
    decisions,
    file_of,
    files_of,
    number,
    saved_by,
    sent_json,
    tab_of,
    told_of,
    unsaved,
    url,
)
from web.plain import drawable
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("designer", __name__)


@page.get("/definitions/<key>/edit")
@policy("design", inline_styles=True)
def edit(key: str) -> Any:
    """The editor on a version, the newest unless another is named. Nothing is kept before something is drawn."""
    core = city().core
    versions = deployed.versions(core, key)
    row = deployed.version(core, key, request.args.get("version", versions[0]["version"], type=int))
    files = definitions.files_of(core, row["id"])
    xml = url_for("definitions.file", key=key, number=row["version"], name=diagram(files), plain=1)
    return _editor(key, files, {"base": row["version"], "xml": xml}, t(row["name_zh"], row["name_en"]))


@page.get("/definitions/drafts/<int:draft_id>")
@policy("design", inline_styles=True)
def draft(draft_id: int) -> Any:
    """The editor on a draft; one that is closed is shown with what became of it."""
    found = drafts.get(city().core, draft_id)
    if found.state != keeping.OPEN:
        flash(t("该草稿已经关闭。", "This draft is closed."), "warn")
        return redirect(url_for("definitions.processes"))
    files = drafts.files_of(city().core, draft_id)
    xml = url_for("designer.draft_file", draft_id=draft_id, name=diagram(files), plain=1)
    said = {"base": found.base, "xml": xml, "draft": found.id, "revision": found.revision}
    return _editor(found.key, files, said, t(found.name_zh, found.name_en), found)


@page.get("/definitions/drafts/<int:draft_id>/files/<name>")
@policy("design")
def draft_file(draft_id: int, name: str) -> Response:
    """One file of a draft; `?plain=1`: in the spelling that the drawing library understands."""
    drafts.get(city().core, draft_id)
    return sent_file(drafts.files_of(city().core, draft_id), name)


@page.post("/definitions/<key>/lint")
@policy("design")
def check(key: str) -> Response:
    """Everything wrong with a drawing, and what would mend it."""
    sent = sent_json()
    files = {**files_of(key, sent), **changed(key, sent)}
    return jsonify(problems=mending.told(key, files), names=mending.known_names(files))


@page.post("/definitions/<key>/expression")
@policy("design")
def expression(key: str) -> Response:
    """Whether an expression, as somebody writes it, is one, and uses only what there is."""
    sent = sent_json()
    text = sent.get("text")
    if not isinstance(text, str):
        raise Invalid(why_zh="没有收到表达式。", why_en="No expression was received.")
    return jsonify(problem=mending.wrong(text, {**files_of(key, sent), **changed(key, sent)}))


@page.post("/definitions/<key>/drafts")
@policy("design")
def begin(key: str) -> Any:
    """What was drawn on a version becomes a draft."""
    sent = sent_json()
    files = {**files_of(key, sent), **changed(key, sent)}
    made = drafts.begin(city().core, key, files, g.actor.id, base=number(sent, "base"), tab=tab_of(sent))
    return jsonify(answer(made, file_of(sent))), 201


@page.post("/definitions/drafts/<int:draft_id>/save")
@policy("design")
def save(draft_id: int) -> Any:
    """Keep the drawing. Where somebody else has saved another meanwhile, it is kept as a draft of its own, and the answer says so."""
    sent = sent_json()
    found = drafts.get(city().core, draft_id)
    wanted = changed(found.key, {**sent, "draft": draft_id})
    try:
        saved = drafts.save(city().core, found.id, number(sent, "revision"), wanted, g.actor.id, tab_of(sent))
    except BundleRefused as error:
        return jsonify(sentence=error.text(locale())), error.status
    said = answer(saved.draft, file_of(sent))
    if saved.other is not None:
        said |= {"sentence": beside(saved.other), "theirs": url(saved.other, file_of(sent))}
        address = url_for("definitions_compare.compare", key=found.key)
        said["compare"] = f"{address}?from=draft-{saved.other.id}&to=draft-{saved.draft.id}"
    return jsonify(said)


@page.post("/definitions/<key>/here")
@policy("design")
def here(key: str) -> Response:
    """A page that draws says so, and hears who else does, and whether the draft was saved by another page meanwhile."""
    sent = sent_json()
    core, tab = city().core, tab_of(sent)
    draft_id = number(sent, "draft") or None
    if sent.get("leaving"):
        presence.gone(core, key, tab, g.actor.id)
        return jsonify(others=[])
    others = presence.here(core, key, tab, g.actor.id, draft_id)
    names().learn({one.person_id for one in others})
    said: dict[str, Any] = {"others": [told_of(one, draft_id) for one in others]}
    if draft_id is not None:
        found = drafts.get(core, draft_id)
        said |= {"revision": found.revision, "open": found.state == keeping.OPEN}
        if found.saved_tab != tab:
            said["saved"] = saved_by(found)
    return jsonify(said)


@page.get("/definitions/drafts/<int:draft_id>/discard")
@policy("design")
def ask_discard(draft_id: int) -> str:
    """Asks before a draft is discarded."""
    found = drafts.get(city().core, draft_id)
    names().learn({found.made_by, found.saved_by})
    here_now = presence.present(city().core).get(found.id, [])
    names().learn(here_now)
    return render_template("designer_discard.html", draft=found, others=[one for one in here_now if one != g.actor.id])


@page.post("/definitions/drafts/<int:draft_id>/discard")
@policy("design")
def discard(draft_id: int) -> BaseResponse:
    """Discard it."""
    drafts.discard(city().core, draft_id, g.actor.id)
    flash(t("草稿已放弃。", "The draft is discarded."))
    return redirect(url_for("definitions.processes"), 303)


def sent_file(files: dict[str, bytes], name: str) -> Response:
    """One of these files as an answer; `?plain=1`: as the libraries that draw it understand it."""
    if name not in files:
        raise NotFound(what="file")
    content = drawable(name, files[name]) if request.args.get("plain") else files[name]
    media = "application/xml" if name.endswith((".bpmn", ".dmn")) else "application/json"
    return Response(content, mimetype=media, headers={"X-Content-Type-Options": "nosniff"})


# ---------------------------------------------------------------- inside


def _editor(key: str, files: dict[str, bytes], said: dict[str, Any], name: str, found: Draft | None = None) -> str:
    core = city().core
    others = [one for one in drafts.listing(core, key) if found is None or one.id != found.id]
    names().learn({one.saved_by for one in others} | ({found.saved_by} if found else set()))
    config = {
        "key": key,
        "draft": None,
        "revision": 0,
        "begin": url_for("designer.begin", key=key),
        "lint": url_for("designer.check", key=key),
        "expression": url_for("designer.expression", key=key),
        "vocabulary": mending.vocabulary(files),
        "here": url_for("designer.here", key=key),
        "every": presence.EVERY.total_seconds(),
        "csrf": generate_csrf(),
        "forms": _forms(files),
        "registers": deployed.registers(core),
        "decisions": decisions(files),
        "processes": deployed.called(core, locale()),
        "messages": deployed.beginning(core, locale()),
        "calendars": _calendars(),
        "actions": sorted({*core.actions, *core.actions_within}),
        **deployed.candidates(core, locale()),
        **said,
        **(addresses(found) if found else {}),
    }
    return render_template(
        "designer.html",
        key=key,
        name=name,
        base=said["base"],
        draft=found,
        others=others,
        newest=newest(key),
        draft_links=addresses(found) if found else unsaved(key, said["base"]),
        tables=len(tables.names(files)),
        config=json.dumps(config),
    )


def _calendars() -> list[dict[str, str]]:
    found = calendars.current(city().core).calendars.values()
    return [{"value": one.key, "label": f"{t(one.name_zh, one.name_en)} ({one.key})"} for one in found]


def _forms(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """The forms to choose from, by their titles and names, with what each says of its fields."""
    found = []
    for name in form_editing.forms_in(files):
        document = form_editing.parsed(files, name) or {}
        said = editing.settings_of(document, required=False)
        title = t(said.zh, said.en)
        label = f"{title} · {name}" if title else name
        found.append({"value": name, "label": label, "fields": list(_fields(document))})
    return found


def _fields(document: dict[str, Any]) -> Iterator[dict[str, str]]:
    for name in editing.names_in(document):
        schema, required = editing.find(document, name)
        said = editing.settings_of(schema, required=required)
        right = "required" if said.access == "edit" and required else said.access
        yield {"name": name, "label": t(said.zh, said.en) or name, "right": right}
