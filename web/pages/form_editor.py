"""The forms of a draft: their list, a new one, a copy, one's fields and what it is called. Fields themselves: `form_editor_fields`."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import definitions, drafts
from engine.bpmn.lint import FACTS_FILE
from engine.drafts.keeping import OPEN
from engine.errors import Invalid
from engine.queries import deployed
from forms import editing
from forms.dialect import MOST_TITLE
from forms.editing.document import named
from web import form_editing, telling_forms
from web.auth import city
from web.form_editing import Opened
from web.form_pages import landed, page_of
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("form_editor", __name__)


@page.post("/definitions/<key>/forms")
@policy("design")
def begin(key: str) -> BaseResponse:
    """A draft with the files of a version, to change its forms in."""
    core = city().core
    row = deployed.version(core, key, request.form.get("base", 0, type=int))
    files = definitions.files_of(core, row["id"])
    made = drafts.begin(core, key, files, g.actor.id, base=row["version"], tab=form_editing.tab())
    return redirect(url_for("form_editor.listing", draft_id=made.id), 303)


@page.get("/definitions/drafts/<int:draft_id>/forms")
@policy("design")
def listing(draft_id: int) -> str:
    """Its forms: what each is called, which steps have it, what is wrong with it; and what the process knows of a case."""
    return _listing(draft_id, "")


@page.post("/definitions/drafts/<int:draft_id>/forms")
@policy("design")
def make(draft_id: int) -> Any:
    """A new form, empty or a copy of another."""
    found = drafts.get(city().core, draft_id)
    files = drafts.files_of(city().core, draft_id)
    zh, en = (request.form.get(name, "").strip()[:MOST_TITLE] for name in ("zh", "en"))
    name = request.form.get("name", "").strip() or named(en, form_editing.forms_in(files), "form")
    try:
        document = _begun(files, name, request.form.get("copy", ""))
        document = editing.retitle(document, zh, en, *_help(document))
        _judge(found, {**files, f"{name}.json": editing.written(document)}, f"{name}.json")
    except Invalid as error:
        return _listing(draft_id, error.text(locale())), 422
    saved, other = form_editing.put(found, {f"{name}.json": editing.written(document)})
    flash(t("表单已建立。", "The form is made."))
    return landed(saved, name, other)


@page.get("/definitions/drafts/<int:draft_id>/forms/<name>")
@policy("design")
def form(draft_id: int, name: str) -> str:
    """Its fields in their order; one of them with all that is set on it, or a new one, beside."""
    return page_of(form_editing.opened(draft_id, name))


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>")
@policy("design")
def call(draft_id: int, name: str) -> Any:
    """What the form is called, and what is said at its top."""
    found = form_editing.opened(draft_id, name, to_change=True)
    said = [request.form.get(one, "").strip()[:2000] for one in ("zh", "en", "help_zh", "help_en")]
    changed = editing.retitle(found.document, *said)
    wrong = form_editing.brought(found, changed, found.facts)
    if wrong:
        return page_of(found, errors=telling_forms.at_inputs(wrong, ""), typed=request.form), 422
    saved, other = form_editing.keep(found, changed, None)
    flash(t("已保存。", "Saved."))
    return landed(saved, name, other)


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/delete")
@policy("design")
def delete(draft_id: int, name: str) -> Any:
    """The form is taken out of the draft, where no step has it."""
    found = form_editing.opened(draft_id, name, to_change=True)
    steps = form_editing.used_by(found.files).get(name, [])
    if steps:
        said = t("、", ", ").join(t(*one) for one in steps)
        return _listing(
            draft_id, t(f"步骤“{said}”还在用这张表单，不能删除。", f"The step {said} has this form; it stays.")
        ), 422
    saved, other = form_editing.put(found.draft, {found.file: None})
    flash(t("表单已从草稿中删除。", "The form is gone from the draft."))
    return landed(saved, "", other)


# ---------------------------------------------------------------- inside


def _listing(draft_id: int, wrong: str) -> str:
    found = drafts.get(city().core, draft_id)
    files = drafts.files_of(city().core, draft_id)
    names().learn({found.saved_by})
    used = form_editing.used_by(files)
    problems = form_editing.wrong_in(files)
    facts = form_editing.parsed(files, FACTS_FILE.removesuffix(".json"))
    every = [
        Opened(found, files, name, form_editing.parsed(files, name), facts) for name in form_editing.forms_in(files)
    ]
    return render_template(
        "designer_forms.html",
        draft=found,
        forms=[_row(one, used.get(one.name, []), len(problems.get(one.file, ()))) for one in every],
        facts=_facts(facts, every),
        facts_problems=[one.text(locale()) for one in problems.get(FACTS_FILE, ())],
        wrong=wrong,
        typed=defaultdict(str, request.form),
        nothing=defaultdict(str),
        here=json.dumps(form_editing.here(found)),
    )


def _row(one: Opened, steps: list[tuple[str, str]], problems: int) -> dict[str, Any]:
    said = editing.settings_of(one.form or {}, required=False)
    return {
        "name": one.name,
        "title": t(said.zh, said.en) or one.name,
        "fields": len(editing.names_in(one.form or {})),
        "steps": [t(*each) for each in steps],
        "problems": problems,
        "readable": one.form is not None,
    }


def _facts(facts: form_editing.Document | None, every: list[Opened]) -> list[dict[str, Any]]:
    """Each fact with the forms that write and that read it."""
    told = [(one, form_editing.facts_of(one)) for one in every if one.form is not None]
    return [
        {
            "name": name,
            "label": telling_forms.label(facts or {}, name),
            "kind": telling_forms.kind(editing.find(facts or {}, name)[0]),
            "writes": [one.name for one, what in told if name in what["writes"]],
            "reads": [one.name for one, what in told if name in what["reads"]],
        }
        for name in editing.names_in(facts or {})
    ]


def _begun(files: dict[str, bytes], name: str, copy: str) -> form_editing.Document:
    """The document a new form begins as. Invalid: the name cannot be used."""
    if named(name, []) != name or f"{name}.json" == FACTS_FILE or f"{name}.json" in files:
        raise Invalid(
            why_zh="文件名应为小写英文字母开头的 snake_case，且未被占用",
            why_en="the file's name must be snake_case beginning with a letter, and not taken",
        )
    document = form_editing.parsed(files, copy) if copy in form_editing.forms_in(files) else None
    return document or {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "",
        "x-title": {"en": ""},
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }


def _help(document: form_editing.Document) -> tuple[str, str]:
    said = editing.settings_of(document, required=False)
    return said.help_zh, said.help_en


def _judge(found: drafts.Draft, files: dict[str, bytes], file: str) -> None:
    if found.state != OPEN:
        raise Invalid(why_zh="该草稿已经关闭", why_en="this draft is closed")
    wrong = form_editing.wrong_in(files).get(file)
    if wrong:
        raise Invalid(why_zh=wrong[0].text("zh").rstrip("。"), why_en=wrong[0].text("en").rstrip("."))
