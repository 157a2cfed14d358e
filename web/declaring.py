"""Facts that the editor declares beside a drawing: what a form asks or a condition names becomes a fact of the draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import forms
from engine.bpmn.lint import FACTS_FILE
from engine.bpmn.mending.facts import with_facts
from engine.errors import Invalid

MOST_DECLARED = 50
"""At once: more than any page proposes."""


def declared(sent: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The facts file with what a page declares (`declare`: schemas by key, null takes one away), under its name; nothing where it declares
    nothing. Invalid: that would be no facts file."""
    wanted = sent.get("declare")
    if not isinstance(wanted, dict) or not wanted:
        return {}
    known = {name: schema for name, schema in wanted.items() if schema is None or isinstance(schema, dict)}
    if len(known) != len(wanted) or len(known) > MOST_DECLARED:
        raise Invalid(why_zh="这不是流程数据。", why_en="These are no facts.")
    try:
        return {FACTS_FILE: with_facts(files.get(FACTS_FILE), known)}
    except forms.FormProblem as error:
        first = error.problems[0]
        raise Invalid(why_zh=first.text("zh"), why_en=first.text("en")) from error
