"""A form as one step of a process has it: what the step says of its fields comes before what the form itself says."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from forms.form import Form, load

RIGHTS = ("edit", "required", "read", "hidden")
"""May be filled in and need not be; must be filled in; is shown; is not even listed."""
_CLOSED = frozenset({"read", "hidden"})


def at_step(form: Form, rights: Mapping[str, str]) -> Form:
    """The form with these `rights` (field to one of RIGHTS) as its own `x-access` and `required`, so that everything that knows forms knows
    them: drawing, answers, papers, programs. A field that cannot be filled in is asked for by no condition and has no default; a
    condition on it takes its value from what is known of the case. Names that are no fields are passed over.

    Raises FormProblem where the result is no form: what is personal is kept apart, so nothing can be shown of it."""
    return _at_step(form, tuple(sorted(rights.items()))) if rights else form


@lru_cache(maxsize=512)
def _at_step(form: Form, rights: tuple[tuple[str, str], ...]) -> Form:
    document: dict[str, Any] = copy.deepcopy(dict(form.document))
    wanted = {name: right for name, right in rights if name in form.properties}
    for name, right in wanted.items():
        _set(document["properties"][name], right)
    asked = [name for name in document.get("required", []) if wanted.get(name, "required") == "required"]
    asked += [name for name, right in wanted.items() if right == "required" and name not in asked]
    if asked or "required" in document:
        document["required"] = asked
    closed = {name for name, right in wanted.items() if right in _CLOSED}
    for rule in (document, *document.get("allOf", ())):
        for branch in (rule.get("then"), rule.get("else")):
            _leave_out(branch or {}, closed)
    return load(document)


def _set(field: dict[str, Any], right: str) -> None:
    field["x-access"] = right if right in _CLOSED else "edit"
    if right in _CLOSED:
        field.pop("default", None)
    if right == "hidden":
        field.pop("x-personal", None)


def _leave_out(branch: dict[str, Any], closed: set[str]) -> None:
    if "required" in branch:
        branch["required"] = [name for name in branch["required"] if name not in closed]
    for name in closed & set(branch.get("properties", ())):
        del branch["properties"][name]
