"""Confidential instances (`ld:confidential` on the process): at the start of one, what keeps others from it is written down. Who sees it is
`engine.access.in_confidence`, asked in every act on it by `engine.steps.read`, and in every list by `engine.access.visible`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import feel
from engine.bpmn.settings import Confidential
from engine.errors import Invalid
from engine.tables.columns import LARGEST_ID

if TYPE_CHECKING:
    from engine.bpmn.values import Value
    from engine.steps import Step

HIDDEN = ("保密事项", "a confidential matter")
"""What operators read instead of number, title and error of a confidential instance in which something is stuck."""


def mark(step: Step, said: Confidential) -> frozenset[int]:
    """In the step that starts it: the instance's row becomes confidential and remembers the case it is about. Answers the units that it is
    about, to be recused with all below them. Invalid: a diagram that says so finds no unit, and everybody could read what is meant to
    be kept from it."""
    units = _text(step, said.unit)
    known = {unit_id for key in units if (unit_id := step.core.unit_id(key, step.seen.world.realm)) is not None}
    if said.unit is not None and not known:
        raise Invalid(
            why_zh="保密事项须由办理督查件的页面发起，以确定应回避的单位",
            why_en="a confidential matter is begun from what it is about, so that it is known whom it is kept from",
        )
    about = _text(step, said.case)
    step.writes.instance["confidential"] = True
    if about and about[0].isascii() and about[0].isdecimal() and len(about[0]) < 20:
        step.writes.instance["about_id"] = min(int(about[0]), LARGEST_ID)
    return frozenset(known)


def _text(step: Step, value: Value | None) -> list[str]:
    """What an expression over the facts gives, as texts."""
    if value is None:
        return []
    said: Any = feel.to_json(step.run.value(value, step.facts))
    return [str(one) for one in (said if isinstance(said, list) else [said]) if isinstance(one, str | int)]
