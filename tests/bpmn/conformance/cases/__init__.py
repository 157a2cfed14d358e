"""The cases of the suite, by theme."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme
from tests.bpmn.conformance.cases import (
    calls,
    compensations,
    errors,
    events,
    gateways,
    inclusive,
    messages,
    patterns,
    repeating,
    tasks,
    timers,
)

THEMES: tuple[Theme, ...] = tuple(
    module.THEME
    for module in (
        tasks,
        gateways,
        inclusive,
        timers,
        messages,
        errors,
        events,
        repeating,
        calls,
        compensations,
        patterns,
    )
)
