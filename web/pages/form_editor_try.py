"""A form of a draft as it will look, filled in to see what comes of it. Nothing is kept: no case, no file, no answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request

import forms
from engine.bpmn.lint import FACTS_FILE
from engine.bpmn.model import Node
from forms import editing
from forms.errors import FormProblem, InvalidAnswers, Problem
from forms.form import Form
from web import form_editing, lookups
from web.drawing import draw
from web.form_editing import Document, Opened
from web.policies import policy
from web.telling_facts import FILES, text_of
from web.texts import locale, t

page = Blueprint("form_editor_try", __name__)

_OF_A_FILE = frozenset({"x-access", "x-posts"})


@page.get("/definitions/drafts/<int:draft_id>/forms/<name>/try")
@policy("design")
def preview(draft_id: int, name: str) -> str:
    """The form, empty."""
    return _page(form_editing.opened(draft_id, name), {}, {})


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/try")
@policy("design")
def attempt(draft_id: int, name: str) -> Any:
    """The form with these answers: what is wrong with them at its field, or what the case would know then."""
    found = form_editing.opened(draft_id, name)
    form, known_form = _forms(found, _step(found))
    if form is None:
        return _page(found, {}, {}), 422
    posted = request.form.to_dict(flat=False)
    of_case = {key: texts for key, texts in posted.items() if key.partition(".")[0] in known_form.properties}
    rest = {key: texts for key, texts in posted.items() if key not in of_case}
    known, _ = lookups.resolve(known_form, known_form.parse_post(of_case))
    known = {
        key: value
        for key, value in known.items()
        if value not in (None, False) or form.properties[key].control != "checkbox"
    }
    answers, problems = lookups.resolve(form, {**form.parse_post(rest, clear=True), **_chosen_files(form)})
    cleaned: dict[str, Any] = {}
    try:
        cleaned = form.validate(answers, known)
    except InvalidAnswers as error:
        problems += error.problems
    if problems:
        return _page(found, known, answers, problems), 422
    return _page(found, known, answers, written=cleaned)


# ---------------------------------------------------------------- inside


def _page(
    found: Opened,
    known: Mapping[str, Any],
    answers: Mapping[str, Any],
    problems: Sequence[Problem] = (),
    written: Mapping[str, Any] | None = None,
) -> str:
    apart = form_editing.steps_apart(found.files, found.name)
    step = _step(found)
    form, known_form = _forms(found, step)
    own = editing.settings_of(found.form or {}, required=False)
    wrong = form_editing.wrong_in(found.files).get(found.file, [])
    return render_template(
        "designer_form_try.html",
        found=found,
        title=t(own.zh, own.en) or found.name,
        help=t(own.help_zh, own.help_en),
        wrong=[one.text(locale()) for one in wrong],
        drawn=draw(form, {**known, **answers}, problems) if form else [],
        known_drawn=draw(known_form, known),
        problems=problems,
        tried=written is not None,
        rows=_told(found, form, written or {}) if form else [],
        written=json.dumps(written, ensure_ascii=False, indent=2) if written is not None else "",
        steps=[(one.id, one.names.text(locale()) or one.id) for one in apart],
        step=step.id if step is not None else "",
        phone=(request.values.get("_width") or request.args.get("width")) == "phone",
    )


def _step(found: Opened) -> Node | None:
    """The step as which the form is looked at; None: as the form itself says."""
    wanted = request.form.get("_step") or request.args.get("step", "")
    return next((one for one in form_editing.steps_apart(found.files, found.name) if one.id == wanted), None)


def _forms(found: Opened, step: Node | None) -> tuple[Form | None, Form]:
    """The form, as a step has it, and another of what it only reads: a case would know that already, here it is typed."""
    try:
        form = forms.load(found.files[found.file])
        if step is not None:
            form = forms.at_step(form, {one.name: one.access for one in step.settings.fields})
        document: Document = {**form.document}
        document["properties"] = {
            name: {k: v for k, v in one.items() if k not in _OF_A_FILE}
            for name in editing.names_in(document)
            if (one := editing.find(document, name)[0]).get("x-access") in ("read", "hidden")
            and editing.kind_of(one) not in (*FILES, "link")
        }
        for key in ("required", "if", "then", "else", "allOf"):
            document.pop(key, None)
        return form, forms.load(document)
    except FormProblem:
        return None, forms.load({"type": "object", "title": "无", "x-title": {"en": "None"}, "properties": {}})


def _chosen_files(form: Form) -> dict[str, Any]:
    """A word for each file that was chosen: none is read or kept."""
    found: dict[str, Any] = {}
    for name, one in form.properties.items():
        if one.control in FILES and one.access == "edit":
            ids = [f"trial-{at + 1}" for at, sent in enumerate(request.files.getlist(name)) if sent.filename]
            found[name] = (ids if one.type == "array" else ids[0]) if ids else None
    return found


def _told(found: Opened, form: Form, written: Mapping[str, Any]) -> list[dict[str, str]]:
    """What would be written: field, value, and where it goes."""
    facts = editing.names_in(form_editing.parsed(found.files, FACTS_FILE.removesuffix(".json")) or {})
    told = []
    for name, value in written.items():
        one = form.properties[name]
        where = (
            t("加密另存，不进案件要素", "sealed apart, no fact")
            if one.personal
            else t("案件要素", "a fact of the case")
            if name in facts or not facts
            else t("未列入案件要素", "not among the facts")
        )
        shown = (
            t("（空）", "(empty)")
            if value is None
            else t("已选文件", "files chosen")
            if one.control in FILES
            else text_of(one, value)
        )
        told.append({"name": name, "label": one.title.of(locale()), "value": shown, "where": where})
    return told
