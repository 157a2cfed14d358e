"""On what a field depends: the if/then/else of a document that name it, one more of them, one less."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class When:
    """One condition of a field. `rule`: its number among the document's; `negate`: it stands in `else`; `tests`: field to what is asked of
    it (`const`, `enum`, `minimum`, `maximum`, `contains`), all of which hold; `required`: it must be filled then; `narrows`: its limits are
    tighter then (`kept`, these are not changed here)."""

    rule: int
    negate: bool
    tests: Mapping[str, Any]
    required: bool
    narrows: Mapping[str, Any]

    @property
    def ref(self) -> str:
        """How a page names it."""
        return f"{self.rule}.{int(self.negate)}"


def shown_when(document: Mapping[str, Any], name: str) -> list[When]:
    """The conditions that name an outermost field, in the order of the document."""
    found = []
    for number, rule in enumerate(_rules(document)):
        for word in ("then", "else"):
            branch = _dict(rule.get(word))
            narrowed = _dict(branch.get("properties")).get(name)
            needed = name in _list(branch.get("required"))
            if needed or narrowed is not None:
                tests = _dict(_dict(rule.get("if")).get("properties"))
                found.append(When(number, word == "else", tests, needed, _dict(narrowed)))
    return found


def show_when(
    document: Mapping[str, Any], name: str, field: str, test: Mapping[str, Any], *, required: bool, beside: str = ""
) -> Document:
    """The document in which `name` is wanted only while `field` passes the test (or another condition of it holds), and must be filled
    then where `required`. `beside`: the test is one more of the condition with that `ref`, and both must hold; what that condition
    narrows stays. LookupError: there is no such condition, or it says when the field is not wanted."""
    made = copy.deepcopy(dict(document))
    tests: Document = {field: dict(test)}
    narrows: Mapping[str, Any] = {}
    if beside:
        joined = next((one for one in shown_when(made, name) if one.ref == beside and not one.negate), None)
        if joined is None:
            raise LookupError(beside)
        tests, narrows = {**joined.tests, **tests}, joined.narrows
        made = unmentioned(made, name, beside)
    asked = {"properties": tests, "required": list(tests)}
    rule = next((one for one in _rules(made) if one.get("if") == asked), None)
    if rule is None:
        rule = {"if": asked}
        made.setdefault("allOf", []).append(rule)
    branch = rule.setdefault("then", {})
    _drop(branch, name)
    if required:
        branch.setdefault("required", []).append(name)
    if narrows or not required:
        branch.setdefault("properties", {})[name] = dict(narrows) or True
    base = [one for one in _list(made.get("required")) if one != name]
    if base:
        made["required"] = base
    else:
        made.pop("required", None)
    return made


def unmentioned(document: Mapping[str, Any], name: str, ref: str = "") -> Document:
    """The document without the conditions of a field: one of them by its `ref`, else all, and then also without those that ask of it.
    Conditions that nothing depends on any more are gone."""
    made = copy.deepcopy(dict(document))
    for number, rule in enumerate(_rules(made)):
        for word in ("then", "else"):
            asked_for = not ref or ref == f"{number}.{int(word == 'else')}"
            if asked_for and _drop(rule.get(word), name) and rule[word] == {}:
                del rule[word]
        asked = not ref and name in _dict(_dict(rule.get("if")).get("properties"))
        if asked or not {"then", "else"} & rule.keys():
            rule.clear()
    return _swept(made)


def without_conditions(document: Mapping[str, Any], name: str) -> Document:
    """The document in which nothing asks for the field on a condition; what is asked of it stays."""
    made = copy.deepcopy(dict(document))
    while found := shown_when(made, name):
        made = unmentioned(made, name, found[0].ref)
    return made


# ---------------------------------------------------------------- inside


def _rules(document: Mapping[str, Any]) -> Iterator[Document]:
    """The root's own first, then those of `allOf`: the objects of the document themselves."""
    if isinstance(document, dict) and "if" in document:
        yield _Root(document)
    yield from (one for one in _list(document.get("allOf")) if isinstance(one, dict))


class _Root(dict[str, Any]):
    """The root's own rule: what is changed in it is changed in the document."""

    def __init__(self, document: Document) -> None:
        super().__init__({key: document[key] for key in ("if", "then", "else") if key in document})
        self.document = document

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        del self.document[key]

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = self.document[key] = default
        return self[key]


def _drop(branch: Any, name: str) -> bool:
    """Take a name out of a branch; whether it stood there."""
    if not isinstance(branch, dict) or (
        name not in _list(branch.get("required")) and name not in _dict(branch.get("properties"))
    ):
        return False
    needed = [one for one in _list(branch.get("required")) if one != name]
    narrowed = {key: one for key, one in _dict(branch.get("properties")).items() if key != name}
    for key, left in (("required", needed), ("properties", narrowed)):
        if left:
            branch[key] = left
        else:
            branch.pop(key, None)
    return True


def _swept(document: Document) -> Document:
    if "allOf" in document:
        document["allOf"] = [one for one in _list(document["allOf"]) if one != {}]
        if not document["allOf"]:
            del document["allOf"]
    return document


def _dict(value: Any) -> Document:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
