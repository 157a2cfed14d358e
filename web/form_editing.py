"""A form of a draft as its editor has it: its document and the facts', what is wrong with them, and keeping a change."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flask import g, session, url_for

from engine import drafts
from engine.bpmn.lint import FACTS_FILE, lint
from engine.bpmn.model import Kind, Node
from engine.bpmn.problems import Problem
from engine.bpmn.reading import read
from engine.drafts import keeping, presence
from engine.drafts.keeping import Draft
from engine.errors import Invalid, NotFound
from forms import editing
from forms.errors import FormProblem
from forms.strict_json import parse_object
from web.auth import city
from web.definition_sides import diagram

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft with one of its forms. `form`: None where the file cannot be read at all; `facts`: None where the process has no file of
    facts, or one that cannot be read."""

    draft: Draft
    files: Mapping[str, bytes]
    name: str
    form: Document | None
    facts: Document | None

    @property
    def file(self) -> str:
        """The form's file."""
        return self.name + ".json"

    @property
    def document(self) -> Document:
        """Its document; NotFound where it cannot be read, so that nothing is changed in it."""
        if self.form is None:
            raise NotFound(what="form")
        return self.form

    def others_with(self, field: str) -> bool:
        """Whether another form of the draft has a field of this name."""
        return any(field in _properties(parsed(self.files, name)) for name in forms_in(self.files) if name != self.name)


def opened(draft_id: int, name: str, *, to_change: bool = False) -> Opened:
    """A form of a draft. NotFound: there is none. Invalid: it is `to_change`, and the draft is closed."""
    found = drafts.get(city().core, draft_id)
    if to_change and found.state != keeping.OPEN:
        raise Invalid(why_zh="该草稿已经关闭，不能再修改", why_en="this draft is closed and cannot be changed")
    files = drafts.files_of(city().core, draft_id)
    if name not in forms_in(files):
        raise NotFound(what="form")
    return Opened(found, files, name, parsed(files, name), parsed(files, PurePath(FACTS_FILE).stem))


def forms_in(files: Mapping[str, bytes]) -> list[str]:
    """The names of the forms among the files."""
    return sorted(PurePath(name).stem for name in files if name.endswith(".json") and name != FACTS_FILE)


def parsed(files: Mapping[str, bytes], name: str) -> Document | None:
    """The document of a JSON file; None where there is none that can be read."""
    content = files.get(name + ".json")
    try:
        return parse_object(content) if content is not None else None
    except FormProblem:
        return None


def wrong_in(files: Mapping[str, bytes]) -> dict[str, list[Problem]]:
    """What is wrong with the forms and facts among the files, by file: just what deploying them would say."""
    found: dict[str, list[Problem]] = defaultdict(list)
    for one in lint({name: content for name, content in files.items() if name.endswith(".json")}):
        found[one.file].append(one)
    return found


def brought(found: Opened, form: Document, facts: Document | None) -> list[Problem]:
    """What would be wrong after a change that is not wrong now."""
    before = {(one.file, one.element, one.zh) for some in wrong_in(found.files).values() for one in some}
    now: dict[str, bytes] = {**found.files, **_changed(found, form, facts)}
    after = wrong_in(now)
    return [one for some in after.values() for one in some if (one.file, one.element, one.zh) not in before]


def keep(found: Opened, form: Document, facts: Document | None) -> tuple[Draft, Draft | None]:
    """The change saved; the draft it is in now, and the one of others beside which it was kept, where they saved at the same moment."""
    return put(found.draft, _changed(found, form, facts))


def put(draft: Draft, changed: Mapping[str, bytes | None]) -> tuple[Draft, Draft | None]:
    """These files saved in the draft as it was read."""
    saved = drafts.save(city().core, draft.id, draft.revision, changed, g.actor.id, tab())
    return saved.draft, saved.other


def _changed(found: Opened, form: Document, facts: Document | None) -> dict[str, bytes]:
    changed = {found.file: editing.written(form, found.files[found.file])}
    if facts is not None:
        changed[FACTS_FILE] = editing.written(facts, found.files.get(FACTS_FILE))
    return changed


def facts_after(
    found: Opened, path: str, before: Document | None, after: Document, *, form: Document | None = None
) -> Document | None:
    """The facts in step with a change of a field; None where the process has none. A part's change is its outermost field's."""
    if found.facts is None:
        return None
    name, _, inner = path.partition(".")
    if inner:
        before, after = editing.find(found.document, name)[0], editing.find(form or found.document, name)[0]
    return editing.in_step(found.facts, name, before, after, others=found.others_with(name))


def digest(found: Opened, path: str) -> str:
    """What a page has seen of a field: a later change by somebody else shows."""
    schema, required = editing.find(found.document, path)
    said = json.dumps([schema, required], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def pointer(document: Mapping[str, Any], path: str) -> str:
    """Where a field stands in its file, as problems name it."""
    found = ""
    names = path.split(".")
    for at, name in enumerate(names):
        found += f"/properties/{name}"
        schema = editing.find(document, ".".join(names[: at + 1]))[0]
        if at < len(names) - 1 and schema.get("type") == "array":
            found += "/items"
    return found


def used_by(files: Mapping[str, bytes]) -> dict[str, list[tuple[str, str]]]:
    """Form to the steps that have it, by their names in Chinese and English; starts too. Empty where the diagram cannot be read."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for node in _nodes(files):
        if node.settings.form:
            found[node.settings.form].append((node.names.text("zh") or node.id, node.names.text("en") or node.id))
    return found


def steps_apart(files: Mapping[str, bytes], form: str) -> list[Node]:
    """The steps that have this form with rights to its fields of their own."""
    return [node for node in _nodes(files) if node.settings.form == form and node.settings.fields]


def begins(files: Mapping[str, bytes], form: str) -> bool:
    """Whether a start of the process has this form."""
    return any(node.settings.form == form and node.kind is Kind.START for node in _nodes(files))


def _nodes(files: Mapping[str, bytes]) -> Iterator[Node]:
    name = diagram(files)
    for process in read(name, files[name], forms=forms_in(files)).processes if name else ():
        yield from process.nodes.values()


def tab() -> str:
    """The name under which the pages of this browser save: one's own earlier save is nobody else's."""
    if "forms_tab" not in session:
        session["forms_tab"] = secrets.token_hex(16)
    return str(session["forms_tab"])


def here(draft: Draft) -> dict[str, Any]:
    """What a page of the editor needs to say who is there, and to hear who else is."""
    return {
        "here": url_for("designer.here", key=draft.key),
        "every": presence.EVERY.total_seconds(),
        "draft": draft.id,
        "revision": draft.revision,
        "tab": tab(),
    }


def facts_of(found: Opened) -> dict[str, Sequence[str]]:
    """What the form does with the facts: names it `writes`, `reads` (shown, or asked of by a condition), keeps `sealed`, and those of its
    fields that are `unknown` there."""
    known = _properties(found.facts)
    fields = _properties(found.form)
    asked = {name for each in fields for one in editing.shown_when(found.document, each) for name in one.tests}
    shown = [name for name, one in fields.items() if one.get("x-access") in ("read", "hidden")]
    sealed = [name for name, one in fields.items() if "x-personal" in one]
    written = [name for name in fields if name not in shown and name not in sealed]
    return {
        "writes": written,
        "reads": [*shown, *sorted(asked - set(shown) - set(sealed))],
        "sealed": sealed,
        "unknown": [name for name in fields if name not in known and name not in sealed] if found.facts else [],
    }


def _properties(document: Mapping[str, Any] | None) -> dict[str, Any]:
    declared = (document or {}).get("properties")
    return {k: v for k, v in declared.items() if isinstance(v, dict)} if isinstance(declared, dict) else {}
