"""The facts of a process kept in step with a form: what was the same in both before a change is the same after it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

OF_A_FORM = frozenset({"x-access", "x-posts", "x-personal", "x-case", "default"})
"""Keywords that a fact does not take over from a field: they say how one form treats it."""
_MISSING = object()


def in_step(
    facts: Mapping[str, Any], name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any], *, others: bool
) -> Schema:
    """The facts document after a field was made (`before` is None) or changed. A new field is a new fact; of a fact that was there, what
    stood as the field had it follows. `others`: other forms have the field too, so nothing that they may need is taken away. What says who
    somebody is (`x-personal`) is no fact, and is not added."""
    made = copy.deepcopy(dict(facts))
    declared = made.setdefault("properties", {})
    if name in declared:
        if before is not None and isinstance(declared[name], dict):
            declared[name] = _followed(declared[name], before, after, others=others)
    elif before is None and not {"x-personal", "$ref"} & after.keys():
        declared[name] = {key: copy.deepcopy(one) for key, one in after.items() if key not in OF_A_FORM}
    return made


def _followed(fact: Schema, before: Mapping[str, Any], after: Mapping[str, Any], *, others: bool) -> Schema:
    found = dict(fact)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key, _MISSING), after.get(key, _MISSING)
        if was == now or key in OF_A_FORM or key == "required":
            continue
        stands = found.get(key, _MISSING)
        if key == "items" and all(isinstance(one, dict) for one in (was, now, stands)):
            found[key] = _followed(stands, was, now, others=others)
        elif key == "properties" and all(isinstance(one, dict) for one in (was, now, stands)):
            found[key] = _parts(stands, was, now, others=others)
        elif key == "oneOf" and all(isinstance(one, list) for one in (was, now, stands)):
            found[key] = _choices(stands, was, now, others=others)
        elif stands == was:
            if now is _MISSING:
                found.pop(key, None)
            else:
                found[key] = copy.deepcopy(now)
    return found


def _parts(stands: Schema, was: Mapping[str, Any], now: Mapping[str, Any], *, others: bool) -> Schema:
    found = {name: one for name, one in stands.items() if others or name in now or name not in was}
    for name, one in now.items():
        if name not in found:
            found[name] = copy.deepcopy(one)
        elif name in was and isinstance(found[name], dict):
            found[name] = _followed(found[name], was[name], one, others=others)
    return found


def _choices(stands: list[Any], was: list[Any], now: list[Any], *, others: bool) -> list[Any]:
    if stands == was and not others:
        return copy.deepcopy(now)
    old, new = _by_value(was), _by_value(now)
    found = []
    for one in stands:
        value = _value(one)
        if value not in new:
            if others or value not in old:
                found.append(one)
        else:
            found.append(copy.deepcopy(new[value]) if one == old.get(value) else one)
    known = {_value(one) for one in stands}
    return [*found, *(copy.deepcopy(one) for value, one in new.items() if value not in known)]


def _by_value(listed: list[Any]) -> dict[tuple[str, Any], Any]:
    return {_value(one): one for one in listed}


def _value(one: Any) -> tuple[str, Any]:
    value = one.get("const") if isinstance(one, dict) else None
    return type(value).__name__, value
