"""What differs between two versions of a process, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.bpmn.problems import Problem, Severity
from engine.publishing.comparing import Difference
from engine.publishing.differing import Change, Element, Setting
from web.telling import names
from web.texts import locale, t
from web.words_of_diagrams import ATTRIBUTES, EXTENSION, FORM, FORM_VALUES, KINDS, RIGHTS, STANDARD, TABLE, VALUES

_CHANGES = {
    Change.ADDED: ("新增", "added"),
    Change.CHANGED: ("修改", "changed"),
    Change.REMOVED: ("删除", "removed"),
    Change.MOVED: ("移动", "moved"),
}
_COLOURS = {Change.ADDED: "added", Change.REMOVED: "ended", Change.CHANGED: "changed", Change.MOVED: "moved"}
_UNITS = frozenset(
    {"candidates.unit", "candidates.fallbackUnit", "copy.unit", "candidates.notOf", "operating.notOf", "rung.unit"}
)
_POSTS = frozenset({"candidates.post", "candidates.fallbackPost", "copy.post"})
_ELEMENTS = frozenset(
    {"sourceRef", "targetRef", "default", "attachedToRef", "lane", "parent", "messageRef", "signalRef", "errorRef"}
)
_NUMBERED = re.compile(r"^(?P<tag>[^\[]+)(?:\[(?P<which>.*)\])?$", re.DOTALL)
LONGEST = 400


def change(one: Change) -> str:
    """What became of something, as a word."""
    return t(*_CHANGES[one])


def colour(one: Change) -> str:
    """The class of its mark."""
    return _COLOURS[one]


def kind(element: Element) -> str:
    """What an element is."""
    return t(*KINDS.get(element.kind, (element.kind, element.kind)))


def called(element: Element, difference: Difference) -> str:
    """What an element is called; a flow without a name by what it joins, all else without one by what it is."""
    return t(element.name_zh, element.name_en) or _element(element.id, difference)


def settings(element: Element, difference: Difference) -> list[tuple[str, str, str]]:
    """What a changed element says otherwise: what, before, after."""
    found = []
    for one in element.settings:
        if one.path == ("name",) and element.change is not Change.CHANGED:
            continue  # stands above it
        found.append(
            (_of_diagram(one.path, difference), _told(one, one.before, difference), _told(one, one.after, difference))
        )
    return found


def of_form(one: Setting) -> tuple[str, str, str]:
    """A keyword of a form: what, before, after."""
    key = _split(one.path[-1])[0] if one.path else ""
    return _path(one.path, FORM), _form_value(one.before, key), _form_value(one.after, key)


def of_table(one: Setting) -> tuple[str, str, str]:
    """Something a decision says beside its rules: what, before, after."""
    return _path(one.path, TABLE), _short(one.before), _short(one.after)


def counted(difference: Difference) -> list[tuple[str, int]]:
    """How much of what, for the top of a page."""
    found = [(t("图上新增", "Added on the diagram"), len(difference.marked(Change.ADDED)))]
    found.append((t("图上修改", "Changed on the diagram"), len(difference.marked(Change.CHANGED))))
    found.append((t("图上删除", "Removed from the diagram"), len(difference.marked(Change.REMOVED))))
    found.append((t("表单", "Forms"), len(difference.forms)))
    found.append((t("决策表", "Tables"), len(difference.tables)))
    return found


def problems(found: list[Problem]) -> list[dict[str, Any]]:
    """Problems as rows, errors first."""
    ordered = sorted(found, key=lambda p: (p.severity is not Severity.ERROR, p.file, p.line))
    return [
        {"severity": str(p.severity), "line": p.line, "element": p.element, "text": p.text(locale()), "file": p.file}
        for p in ordered
    ]


# ---------------------------------------------------------------- inside


def _of_diagram(path: tuple[str, ...], difference: Difference) -> str:
    said: list[str] = []
    around = ""
    for part in path:
        tag, which = _split(part)
        if tag.startswith("ld:"):
            around = tag.removeprefix("ld:")
            words = EXTENSION.get(around, (tag, tag))
            if around == "field" and which:
                which = t(*difference.fields.get(which, (which, which)))
        else:
            words = ATTRIBUTES.get(f"{around}.{tag}") or STANDARD.get(tag, (tag, tag))
        word = t(*words) + (t(f"（{which}）", f" ({which})") if which else "")
        if not said or said[-1] != word:
            said.append(word)
    return t(" · ", " · ").join(said)


def _path(path: tuple[str, ...], words: Mapping[str, tuple[str, str]]) -> str:
    joined = ".".join(path[-2:])
    if joined in words:
        head, last = path[:-2], t(*words[joined])
    else:
        head, last = path[:-1], _word(path[-1], words) if path else ""
    return " · ".join([*(_word(part, words) for part in head), last])


def _word(part: str, words: Mapping[str, tuple[str, str]]) -> str:
    tag, which = _split(part)
    said = t(*words.get(tag, (tag, tag)))
    return said + (t(f"（{which}）", f" ({which})") if which else "")


def _split(part: str) -> tuple[str, str]:
    found = _NUMBERED.match(part)
    return (found["tag"], found["which"] or "") if found else (part, "")


def _told(one: Setting, value: str | None, difference: Difference) -> str:
    if value is None:
        return ""
    name = _split(one.path[-1])[0]
    key = f"{_split(one.path[-2])[0].removeprefix('ld:')}.{name}" if len(one.path) > 1 else name
    if key in _UNITS | _POSTS and not value.startswith("="):
        known = names()
        return _named(known.unit_by_key(value, locale()) if key in _UNITS else known.post(value, locale()), value)
    if key in _ELEMENTS or key == "fourEyes.with":
        return t("、", ", ").join(_element(id_, difference) for id_ in value.split())
    words = (
        KINDS
        if key == "kind"
        else RIGHTS
        if key == "field.access"
        else VALUES
        if name in ("unit", "choose", "termUnit")
        else {}
    )
    return t(*words[value]) if value in words else _truth(value) or _short(value)


def _form_value(value: str | None, key: str) -> str:
    if value is None:
        return ""
    words = FORM_VALUES.get(f"{key}.{value}")
    return t(*words) if words else _truth(value) or _short(value)


def _truth(value: str) -> str:
    words = {"true": ("是", "yes"), "false": ("否", "no"), "": ("有", "there")}
    return t(*words[value]) if value in words else ""


def _element(id_: str, difference: Difference) -> str:
    name = t(*difference.names.get(id_, ("", "")))
    if name or id_ not in difference.unnamed:
        return name or id_
    what, source, target = difference.unnamed[id_]
    if source and target:
        return f"{_element(source, difference)} → {_element(target, difference)}"
    return t(*KINDS[what]) if what in KINDS else id_


def _named(name: str, key: str) -> str:
    return name if name == key else f"{name} ({key})"


def _short(value: str | None) -> str:
    if value is None:
        return ""
    return value if len(value) <= LONGEST else value[:LONGEST] + "…"
