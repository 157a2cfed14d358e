"""What a task is about, where several of one case would look alike in a list (`ld:subject` in the diagram)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import definitions, feel
from engine.bpmn.values import Value
from engine.core import Core

MOST = 120
"""Characters of a subject; more is cut, with an ellipsis."""


def subject(core: Core, row: Mapping[str, Any], *, english: bool) -> str:
    """The subject of a task's row in one line, from what the task saw when it opened; empty where its diagram gives none, or it cannot
    be worked out."""
    node = definitions.get(core, row["definition_id"]).model.nodes.get(row["node"] or "")
    given = node.settings.subject if node is not None else None
    if given is None:
        return ""
    text = _text(given[1] if english else given[0], row.get("variables") or {})
    text = " ".join(text.split())
    return text if len(text) <= MOST else text[: MOST - 1] + "…"


def _text(value: Value, variables: Mapping[str, Any]) -> str:
    if not value.is_feel:
        return value.text
    try:
        found = feel.compile(value.text).evaluate(variables)
    except feel.FeelError:
        return ""
    return "" if found is None else str(found)
