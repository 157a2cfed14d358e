"""The cases of the suite, by theme."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme
from tests.bpmn.conformance.cases import (
    borders,
    calls,
    catching,
    compensations,
    errors,
    events,
    gateways,
    handlers,
    inclusive,
    messages,
    patterns,
    repeating,
    streams,
    tasks,
    timers,
    undoing,
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
        borders,
        handlers,
        repeating,
        calls,
        compensations,
        streams,
        catching,
        undoing,
        patterns,
    )
)
