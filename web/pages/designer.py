"""Drawing a process: a version or a draft in the editor, checked, and saved as somebody draws."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from engine import definitions, drafts
from engine.bpmn.limits import MAX_BYTES
from engine.bpmn.lint import FACTS_FILE
from engine.bundles import BundleRefused
from engine.drafts import keeping, presence
from engine.drafts.keeping import LARGEST_ID, Draft
from engine.errors import Invalid, NotFound
from engine.queries import deployed
from web.auth import city
from web.definition_sides import diagram, newest, problems_of
from web.plain import plain
from web.policies import policy
from web.telling import names, stamp
from web.telling_differences import problems as told
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
    """One file of a draft; `?plain=1`: a diagram in the spelling that the drawing library understands."""
    drafts.get(city().core, draft_id)
    return sent_file(drafts.files_of(city().core, draft_id), name)


@page.post("/definitions/<key>/lint")
@policy("design")
def check(key: str) -> Response:
    """Everything wrong with a drawing."""
    sent = _sent()
    return jsonify(problems=told(problems_of(key, {**_files(key, sent), **_drawing(key, sent)})))


@page.post("/definitions/<key>/drafts")
@policy("design")
def begin(key: str) -> Any:
    """What was drawn on a version becomes a draft."""
    sent = _sent()
    files = {**_files(key, sent), **_drawing(key, sent)}
    made = drafts.begin(city().core, key, files, g.actor.id, base=_number(sent, "base"), tab=_tab(sent))
    return jsonify(_answer(made)), 201


@page.post("/definitions/drafts/<int:draft_id>/save")
@policy("design")
def save(draft_id: int) -> Any:
    """Keep the drawing. Where somebody else has saved another meanwhile, it is kept as a draft of its own, and the answer says so."""
    sent = _sent()
    found = drafts.get(city().core, draft_id)
    changed = _drawing(found.key, {**sent, "draft": draft_id})
    try:
        saved = drafts.save(city().core, found.id, _number(sent, "revision"), changed, g.actor.id, _tab(sent))
    except BundleRefused as error:
        return jsonify(sentence=error.text(locale())), error.status
    answer = _answer(saved.draft)
    if saved.other is not None:
        answer |= {"sentence": _beside(saved.other), "theirs": _url(saved.other)}
        address = url_for("definitions_compare.compare", key=found.key)
        answer["compare"] = f"{address}?from=draft-{saved.other.id}&to=draft-{saved.draft.id}"
    return jsonify(answer)


@page.post("/definitions/<key>/here")
@policy("design")
def here(key: str) -> Response:
    """A page that draws says so, and hears who else does, and whether the draft was saved by another page meanwhile."""
    sent = _sent()
    core, tab = city().core, _tab(sent)
    draft_id = _number(sent, "draft") or None
    if sent.get("leaving"):
        presence.gone(core, key, tab, g.actor.id)
        return jsonify(others=[])
    others = presence.here(core, key, tab, g.actor.id, draft_id)
    names().learn({one.person_id for one in others})
    answer: dict[str, Any] = {"others": [_told(one, draft_id) for one in others]}
    if draft_id is not None:
        found = drafts.get(core, draft_id)
        answer |= {"revision": found.revision, "open": found.state == keeping.OPEN}
        if found.saved_tab != tab:
            answer["saved"] = _saved_by(found)
    return jsonify(answer)


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
    """One of these files as an answer."""
    if name not in files:
        raise NotFound(what="file")
    is_diagram = name.endswith(".bpmn")
    content = plain(files[name]) if is_diagram and request.args.get("plain") else files[name]
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
        "here": url_for("designer.here", key=key),
        "every": presence.EVERY.total_seconds(),
        "csrf": generate_csrf(),
        "forms": [PurePath(n).stem for n in files if n.endswith(".json") and n != FACTS_FILE],
        "registers": deployed.registers(core),
        **deployed.candidates(core, locale()),
        **said,
        **(_addresses(found) if found else {}),
    }
    return render_template(
        "designer.html",
        key=key,
        name=name,
        base=said["base"],
        draft=found,
        others=others,
        newest=newest(key),
        draft_links=_addresses(found) if found else {"against": "#", "discard": "#"},
        config=json.dumps(config),
    )


def _addresses(found: Draft) -> dict[str, str]:
    return {
        "save": url_for("designer.save", draft_id=found.id),
        "propose": url_for("designer_publish.ask", draft_id=found.id),
        "url": _url(found),
        "discard": url_for("designer.ask_discard", draft_id=found.id),
        "against": url_for("definitions_compare.compare", key=found.key)
        + f"?from={newest(found.key)}&to=draft-{found.id}",
        "title": t(f"草稿 {found.id}", f"draft {found.id}"),
    }


def _answer(found: Draft) -> dict[str, Any]:
    said = t(f"草稿已保存 {stamp(found.saved_at)[-5:]}", f"Draft saved {stamp(found.saved_at)[-5:]}")
    return {"draft": found.id, "revision": found.revision, "said": said, **_addresses(found)}


def _url(found: Draft) -> str:
    return url_for("designer.draft", draft_id=found.id)


def _saved_by(found: Draft) -> str:
    who = names().person(found.saved_by)
    at = stamp(found.saved_at)
    return t(f"{who}于 {at} 保存了此草稿", f"{who} saved this draft on {at}")


def _beside(other: Draft) -> str:
    names().learn({other.saved_by})
    if other.state != keeping.OPEN:
        return t(
            "原草稿已经关闭，您画的已另存为一份草稿。",
            "The draft was closed meanwhile; what you drew is kept as another draft.",
        )
    return t(
        f"{_saved_by(other)}，与您的修改不同。您画的已另存为一份草稿，两份都在。",
        f"{_saved_by(other)}, otherwise than you. What you drew is kept as another draft; both are there.",
    )


def _told(one: presence.Present, draft_id: int | None) -> str:
    who = (
        names().person(one.person_id) if one.person_id != g.actor.id else t("您自己（另一页）", "You, on another page")
    )
    if one.draft_id == draft_id and draft_id is not None:
        return t(f"{who}也打开了此草稿", f"{who} has this draft open too")
    if one.draft_id is not None:
        return t(f"{who}在画此流程的草稿 {one.draft_id}", f"{who} works on draft {one.draft_id} of this process")
    return t(f"{who}也打开了此流程的编辑页", f"{who} has this process open in the editor too")


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid(why_zh="没有收到内容。", why_en="Nothing was received.")
    return sent


def _number(sent: dict[str, Any], name: str) -> int:
    value = sent.get(name)
    return min(value, LARGEST_ID) if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _tab(sent: dict[str, Any]) -> str:
    tab = sent.get("tab")
    return tab if isinstance(tab, str) and tab.isascii() and tab.isalnum() and len(tab) <= 40 else ""


def _files(key: str, sent: dict[str, Any]) -> dict[str, bytes]:
    """The files that were drawn on: of the draft, else of the version."""
    core = city().core
    if _number(sent, "draft"):
        found = drafts.get(core, _number(sent, "draft"))
        if found.key != key:
            raise NotFound(what="draft")
        return drafts.files_of(core, found.id)
    return definitions.files_of(core, deployed.version(core, key, _number(sent, "base"))["id"])


def _drawing(key: str, sent: dict[str, Any]) -> dict[str, bytes]:
    """The diagram as it was sent, under its name."""
    if not isinstance(sent.get("xml"), str):
        raise Invalid(why_zh="没有收到流程图。", why_en="No diagram was received.")
    xml: bytes = sent["xml"].encode("utf-8", "replace")
    if len(xml) > MAX_BYTES:
        raise Invalid(why_zh="流程图超过 2 MB。", why_en="The diagram is larger than 2 MB.")
    return {diagram(_files(key, sent)): xml}
