"""Decision tables of a draft: listed, made, copied and taken away; edited and tried on a page of their own. They are saved as the diagram
is (`designer`)."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, flash, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from engine import definitions, drafts, feel
from engine.bundles import BundleRefused
from engine.drafts import deciding, keeping, presence, tables
from engine.drafts.keeping import Draft
from engine.errors import Invalid, NotFound
from engine.queries import deployed
from web.auth import city
from web.definition_sides import diagram, newest, problems_of
from web.drafting import addresses, changed, files_of, sent_json, unsaved, url
from web.policies import policy
from web.telling import names
from web.telling_differences import problems as told
from web.texts import locale, t

page = Blueprint("designer_tables", __name__)


@page.get("/definitions/<key>/tables")
@policy("design")
def of_version(key: str) -> str:
    """The tables of a version, the newest unless another is named."""
    return _listing(key, *_version(key), None)


@page.get("/definitions/drafts/<int:draft_id>/tables")
@policy("design")
def of_draft(draft_id: int) -> Any:
    """The tables of a draft."""
    found = drafts.get(city().core, draft_id)
    if found.state != keeping.OPEN:
        return redirect(url_for("designer.draft", draft_id=draft_id))
    return _listing(found.key, found.base, drafts.files_of(city().core, draft_id), found)


@page.get("/definitions/<key>/tables/<name>")
@policy("design", inline_styles=True)
def table_of_version(key: str, name: str) -> str:
    """The editor on a table of a version. Nothing is kept before something is changed."""
    base, files = _version(key)
    xml = url_for("definitions.file", key=key, number=base, name=name, plain=1)
    return _editor(key, name, files, {"base": base, "xml": xml})


@page.get("/definitions/drafts/<int:draft_id>/tables/<name>")
@policy("design", inline_styles=True)
def table_of_draft(draft_id: int, name: str) -> Any:
    """The editor on a table of a draft."""
    found = drafts.get(city().core, draft_id)
    if found.state != keeping.OPEN:
        return redirect(url_for("designer.draft", draft_id=draft_id))
    files = drafts.files_of(city().core, draft_id)
    xml = url_for("designer.draft_file", draft_id=draft_id, name=name, plain=1)
    said = {"base": found.base, "xml": xml, "draft": found.id, "revision": found.revision}
    return _editor(found.key, name, files, said, found)


@page.post("/definitions/<key>/tables")
@policy("design")
def make(key: str) -> Any:
    """A new table, or a copy of one, in the draft; of a version a draft is begun."""
    found, base, files = _asked(key)
    decision, copy = request.form.get("decision", "").strip(), request.form.get("copy", "")
    zh = " ".join(request.form.get("name", "").split())[:200] or decision
    en = " ".join(request.form.get("name_en", "").split())[:200] or decision
    if copy and copy not in tables.names(files):
        raise NotFound(what="file")
    try:
        tables.check_key(files, decision)
        columns = (t("条件", "Condition"), t("结果", "Result"), t("依据", "Ground"))
        made = (
            tables.copied(copy, files[copy], decision, zh, en) if copy else tables.blank(key, decision, zh, en, columns)
        )
        kept = _keep(key, found, base, files, {f"{decision}.dmn": made})
    except (Invalid, BundleRefused) as error:
        return _listing(key, base, files, found, wrong=error.text(locale())), 422
    return redirect(url(kept, f"{decision}.dmn"), 303)


@page.post("/definitions/<key>/tables/remove")
@policy("design")
def remove(key: str) -> Any:
    """Take a table out of the draft; not one that a step asks."""
    found, base, files = _asked(key)
    name = request.form.get("file", "")
    if name not in tables.names(files):
        raise NotFound(what="file")
    if any(one["users"] for one in _rows(files) if one["file"] == name):
        wrong = t(f"还有环节在查“{name}”，不能去掉", f"a step still asks “{name}”; it cannot be taken away")
        return _listing(key, base, files, found, wrong=wrong), 422
    kept = _keep(key, found, base, files, {name: None})
    flash(t(f"“{name}”已从草稿中去掉。", f"“{name}” is out of the draft."))
    return redirect(url_for(".of_draft", draft_id=kept.id), 303)


@page.post("/definitions/<key>/tables/look")
@policy("design")
def look(key: str) -> Response:
    """What is wrong with a table as it stands, and what its decisions ask for."""
    sent = sent_json()
    new = changed(key, sent)
    name = next(iter(new))
    found = [one for one in problems_of(key, {**files_of(key, sent), **new}) if one.file == name]
    return jsonify(problems=told(found), decisions=[_described(one) for one in deciding.described(name, new[name])])


@page.post("/definitions/<key>/tables/try")
@policy("design")
def attempt(key: str) -> Any:
    """Which rules match what was typed, and what comes of it."""
    sent = sent_json()
    new = changed(key, sent)
    name = next(iter(new))
    answers, decision = sent.get("answers"), sent.get("decision")
    if not isinstance(answers, dict) or not isinstance(decision, str):
        raise Invalid(why_zh="没有收到内容。", why_en="Nothing was received.")
    typed = {str(fact): value for fact, value in answers.items() if isinstance(value, str)}
    try:
        trial = deciding.try_decision(city().core, name, new[name], decision, typed)
    except Invalid as error:
        return jsonify(sentence=error.text(locale())), error.status
    failed = trial.failed.text(locale()) if trial.failed is not None else ""
    result = json.dumps(feel.to_json(trial.result), ensure_ascii=False, indent=1)
    return jsonify(rules=dict(trial.rules), failed=failed, result=result)


# ---------------------------------------------------------------- inside


def _version(key: str) -> tuple[int, dict[str, bytes]]:
    core = city().core
    row = deployed.version(core, key, request.args.get("version", newest(key), type=int))
    return row["version"], definitions.files_of(core, row["id"])


def _asked(key: str) -> tuple[Draft | None, int, dict[str, bytes]]:
    """What a form is about: the draft, its base, its files; no draft where a version is looked at."""
    core = city().core
    draft_id = request.form.get("draft", 0, type=int)
    if draft_id:
        found = drafts.get(core, draft_id)
        if found.key != key:
            raise NotFound(what="draft")
        return found, found.base, drafts.files_of(core, draft_id)
    row = deployed.version(core, key, request.form.get("base", 0, type=int))
    return None, row["version"], definitions.files_of(core, row["id"])


def _keep(key: str, found: Draft | None, base: int, files: dict[str, bytes], new: dict[str, bytes | None]) -> Draft:
    if found is not None:
        revision = request.form.get("revision", 0, type=int)
        return drafts.save(city().core, found.id, revision, new, g.actor.id).draft
    merged = {name: content for name, content in {**files, **new}.items() if content is not None}
    return drafts.begin(city().core, key, merged, g.actor.id, base=base)


def _rows(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """A row for each file: its decisions, and the steps that ask them."""
    asked = tables.users(files.get(diagram(files), b""))
    rows = []
    for name in tables.names(files):
        found = deciding.described(name, files[name])
        users = [t(*one) for decision in found for one in asked.get(decision.id, ())]
        rows.append(
            {"file": name, "decisions": [(one.id, t(one.name_zh, one.name_en)) for one in found], "users": users}
        )
    return rows


def _listing(key: str, base: int, files: dict[str, bytes], found: Draft | None, wrong: str = "") -> str:
    rows = _rows(files)
    for row in rows:
        more = {"draft_id": found.id} if found else {"key": key, "version": base}
        row["url"] = url_for(".table_of_draft" if found else ".table_of_version", name=row["file"], **more)
    return render_template(
        "designer_tables.html",
        key=key,
        name=_name(key, found),
        base=base,
        draft=found,
        rows=rows,
        wrong=wrong,
        sent=request.form,
        links=addresses(found) if found else unsaved(key, base),
    )


def _editor(key: str, file: str, files: dict[str, bytes], said: dict[str, Any], found: Draft | None = None) -> str:
    if file not in tables.names(files):
        raise NotFound(what="file")
    links = addresses(found, file) if found else unsaved(key, said["base"])
    config = {
        "key": key,
        "file": file,
        "draft": None,
        "revision": 0,
        "begin": url_for("designer.begin", key=key),
        "look": url_for(".look", key=key),
        "try": url_for(".attempt", key=key),
        "here": url_for("designer.here", key=key),
        "every": presence.EVERY.total_seconds(),
        "csrf": generate_csrf(),
        **said,
        **links,
    }
    names().learn({found.saved_by} if found else set())
    return render_template(
        "designer_table.html",
        key=key,
        name=_name(key, found),
        file=file,
        called=next(iter([t(one.name_zh, one.name_en) for one in deciding.described(file, files[file])][-1:]), file),
        base=said["base"],
        draft=found,
        newest=newest(key),
        draft_links=links,
        config=json.dumps(config),
    )


def _name(key: str, found: Draft | None) -> str:
    if found is not None:
        return t(found.name_zh, found.name_en)
    row = deployed.versions(city().core, key)[0]
    return t(row["name_zh"], row["name_en"])


def _described(one: deciding.Described) -> dict[str, Any]:
    asked = [{"key": q.key, "label": q.label, "type": q.type, "values": q.values} for q in one.questions]
    return {"id": one.id, "name": t(one.name_zh, one.name_en), "questions": asked}
