"""The fields of a form in its editor: a new one, what is set on one, its place, when it is shown. Each change is judged as a deployment
would judge it; what would bring a problem is not kept, and said where it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, request

from engine.errors import NotFound
from forms import editing
from forms.editing import KINDS, NoSuchField, Settings
from forms.editing.document import named
from web import form_editing, form_posts, telling_forms
from web.form_editing import Document, Opened
from web.form_pages import Panel, landed, page_of
from web.policies import policy
from web.texts import t

page = Blueprint("form_editor_fields", __name__)

_MAP = {
    "lat": ("纬度", "Latitude", 90),
    "lon": ("经度", "Longitude", 180),
}
"""What a place on a map is kept in, beside its words."""


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/add")
@policy("design")
def add(draft_id: int, name: str) -> Any:
    """A new field: of a kind, or of a fact that the process knows already."""
    found = form_editing.opened(draft_id, name, to_change=True)
    inside = request.form.get("inside", "")
    try:
        field, form, facts = _of_fact(found) if request.form.get("kind") == "fact" else _of_kind(found, inside)
    except NoSuchField:
        said = t("名称不可用，或已有此栏目。", "The name cannot be used, or the field is there already.")
        return page_of(found, errors=({"name": said}, []), typed=request.form), 422
    wrong = form_editing.brought(found, form, facts)
    if wrong:
        return page_of(
            found, errors=telling_forms.at_inputs(wrong, form_editing.pointer(form, field)), typed=request.form
        ), 422
    saved, other = form_editing.keep(found, form, facts)
    flash(t("栏目已增加。", "The field is added."))
    return landed(saved, name, other, field=field)


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/fields/<path>")
@policy("design")
def keep(draft_id: int, name: str, path: str) -> Any:
    """What was typed into the page of a field. Where somebody else changed the field meanwhile, nothing is kept yet."""
    found = form_editing.opened(draft_id, name, to_change=True)
    schema, required = _field(found, path)
    before = editing.settings_of(schema, required=required)
    typed = form_posts.settings(
        request.form,
        editing.kind_of(schema),
        before,
        inner=bool(editing.parent_of(path)),
        posts=request.form.getlist("posts") if "posts_offered" in request.form else None,
    )
    seen = form_editing.digest(found, path)
    act = request.form.get("do", "")
    if act:
        return page_of(found, Panel(path, form_posts.reordered(typed.settings, act), request.form.get("seen", "")))
    panel = Panel(path, typed.settings, seen, typed.raws)
    if request.form.get("seen") != seen:
        said = t(
            "此栏目在您填写时被修改了。您填的还在下面，尚未保存；再点“保存”就以您填的为准。",
            "This field was changed while you were at it. What you typed is below and not saved yet; save again to have it so.",
        )
        return page_of(found, panel, ({}, [said])), 409
    if typed.errors:
        return page_of(found, panel, (typed.errors, [])), 422
    form, after = _put(found, path, before, typed.settings)
    facts = form_editing.facts_after(found, path, schema, after, form=form)
    wrong = form_editing.brought(found, form, facts)
    if wrong:
        return page_of(found, panel, telling_forms.at_inputs(wrong, form_editing.pointer(form, path))), 422
    saved, other = form_editing.keep(found, form, facts)
    flash(t("已保存。", "Saved."))
    return landed(saved, name, other, field=path)


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/fields/<path>/move")
@policy("design")
def move(draft_id: int, name: str, path: str) -> Any:
    """One place up or down."""
    found = form_editing.opened(draft_id, name, to_change=True)
    way = "up" if request.form.get("way") == "up" else "down"
    _field(found, path)
    saved, other = form_editing.keep(found, editing.move(found.document, path, -1 if way == "up" else 1), None)
    return landed(saved, name, other, field=request.form.get("field", ""), moved=path, way=way)


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/fields/<path>/remove")
@policy("design")
def remove(draft_id: int, name: str, path: str) -> Any:
    """The field is gone from this form; what the process knows of it stays."""
    found = form_editing.opened(draft_id, name, to_change=True)
    _field(found, path)
    form = editing.remove(found.document, path)
    wrong = form_editing.brought(found, form, None)
    if wrong:
        return page_of(found, errors=telling_forms.at_inputs(wrong, "?")), 422
    saved, other = form_editing.keep(found, form, None)
    flash(t("栏目已从表单中删除，案件要素保留。", "The field is gone from the form; the fact stays."))
    return landed(saved, name, other)


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/fields/<path>/when")
@policy("design")
def show_when(draft_id: int, name: str, path: str) -> Any:
    """The field is shown on one more condition; or on one less."""
    found = form_editing.opened(draft_id, name, to_change=True)
    _field(found, path)
    ref = request.form.get("drop", "")
    if ref:
        form = editing.unmentioned(found.document, path, ref)
    else:
        on = request.form.get("on", "")
        test = _test(found, on)
        if test is None:
            said = t("请选出条件中的值。", "Choose the values of the condition.")
            return page_of(found, _as_it_is(found, path), ({"when": said}, [])), 422
        needed, beside = request.form.get("needed") == "1", request.form.get("with", "")
        try:
            form = editing.show_when(found.document, path, on, test, required=needed, beside=beside)
        except LookupError:
            said = t("该条件已被修改或去掉，请重新选。", "That condition was changed or is gone; choose again.")
            return page_of(found, _as_it_is(found, path), ({}, [said])), 409
    wrong = form_editing.brought(found, form, None)
    if wrong:
        return page_of(found, _as_it_is(found, path), telling_forms.at_inputs(wrong, "?")), 422
    saved, other = form_editing.keep(found, form, None)
    flash(t("已保存。", "Saved."))
    return landed(saved, name, other, field=path, anchor="when")


@page.post("/definitions/drafts/<int:draft_id>/forms/<name>/fields/<path>/fact")
@policy("design")
def make_fact(draft_id: int, name: str, path: str) -> Any:
    """A field that the process does not know becomes one of its facts."""
    found = form_editing.opened(draft_id, name, to_change=True)
    schema, _ = _field(found, path)
    facts = form_editing.facts_after(found, path, None, schema)
    wrong = form_editing.brought(found, found.document, facts)
    if wrong:
        return page_of(found, errors=telling_forms.at_inputs(wrong, "?")), 422
    saved, other = form_editing.keep(found, found.document, facts)
    flash(t("已列入案件要素。", "It is among the facts now."))
    return landed(saved, name, other, field=path)


# ---------------------------------------------------------------- inside


def _field(found: Opened, path: str) -> tuple[Document, bool]:
    try:
        return editing.find(found.document, path)
    except NoSuchField as error:
        raise NotFound(what="field") from error


def _as_it_is(found: Opened, path: str) -> Panel:
    schema, required = _field(found, path)
    return Panel(path, editing.settings_of(schema, required=required), form_editing.digest(found, path))


def _put(found: Opened, path: str, before: Settings, after: Settings) -> tuple[Document, Document]:
    schema, _ = editing.find(found.document, path)
    changed = editing.changed(schema, before, after)
    form = editing.put(found.document, path, changed, required=after.required)
    if after.access != "edit" and before.access == "edit":
        form = editing.without_conditions(form, path)  # what is not filled in cannot be asked for
    return form, editing.find(form, path)[0]


def _of_fact(found: Opened) -> tuple[str, Document, Document | None]:
    name = request.form.get("fact", "")
    if found.facts is None or name not in editing.names_in(found.facts):
        raise NoSuchField(name)
    schema = {k: v for k, v in editing.find(found.facts, name)[0].items() if k != "x-access"}
    if request.form.get("access") != "edit":
        schema["x-access"] = "read"
    return name, editing.add(found.document, "", name, schema), None


def _of_kind(found: Opened, inside: str) -> tuple[str, Document, Document | None]:
    kind = KINDS.get(request.form.get("kind", ""))
    if kind is None or not kind.offered or (inside and not kind.inner):
        raise NoSuchField
    zh, en = (request.form.get(one, "").strip() for one in ("zh", "en"))
    beside = editing.names_in(found.document, inside)
    known = editing.names_in(found.facts or {}) if not inside else []
    name = request.form.get("name", "").strip() or named(en, [*beside, *known])
    schema = _labelled(kind.begin(), zh, en)
    if "register" in kind.settings:
        schema["x-register"] = request.form.get("register", "")
    form = editing.add(found.document, inside, name, schema)
    path = f"{inside}.{name}" if inside else name
    if inside:
        return path, form, form_editing.facts_after(found, path, schema, schema, form=form)
    facts = form_editing.facts_after(found, name, None, schema)
    if kind.key == "place":
        form, facts = _with_map(form, facts)
    return path, form, facts


def _labelled(begun: Document, zh: str, en: str) -> Document:
    """A new field with its labels behind its type, where they are read first."""
    return {"type": begun.pop("type"), "title": zh, "x-title": {"en": en}, **begun}


def _with_map(form: Document, facts: Document | None) -> tuple[Document, Document | None]:
    for name, (zh, en, most) in _MAP.items():
        schema = _labelled({"type": "number", "minimum": -most, "maximum": most, "x-control": "hidden"}, zh, en)
        if name not in editing.names_in(form):
            form = editing.add(form, "", name, schema)
        if facts is not None:
            facts = editing.in_step(facts, name, None, schema, others=True)
    return form, facts


def _test(found: Opened, on: str) -> dict[str, Any] | None:
    """What was clicked as the test of a field; None where nothing was."""
    try:
        schema, _ = editing.find(found.document, on)
    except NoSuchField:
        return None
    kind, given = editing.kind_of(schema), request.form
    if kind in ("choice", "choices"):
        options = editing.settings_of(schema, required=False).options
        values = [one.value for at, one in enumerate(options) if str(at) in given.getlist("value")]
        test = {"const": values[0]} if len(values) == 1 else {"enum": values}
        return ({"contains": test} if kind == "choices" else test) if values else None
    if kind == "checkbox":
        return {"const": given.get("value") == "yes"} if given.get("value") in ("yes", "no") else None
    if kind in ("number", "integer"):
        return _range(given)
    text = given.get("value", "").strip()
    return {"const": text} if kind == "text" and text else None


def _range(given: Mapping[str, str]) -> dict[str, Any] | None:
    typed = form_posts.Typed(replace(Settings()))
    ends = {name: form_posts.number(given, name, typed) for name in ("minimum", "maximum")}
    found = {name: value for name, value in ends.items() if value is not None}
    return found if found and not typed.errors else None
