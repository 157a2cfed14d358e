"""Which problem has which mend. A code that stands nowhere here has none; why is said, code by code, in
tests/bpmn/mending/test_catalogue.py, which fails on a code that is in neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.bpmn.mending import facts, fields, flows, graph, people, referring, settings, timers, wording
from engine.bpmn.mending.drawing import Wrong
from engine.bpmn.mending.mend import Mend

Mender = Callable[[Wrong], Iterator[Mend]]

MENDERS: Mapping[str, tuple[Mender, ...]] = {
    "no-default": (flows.no_default,),
    "condition-missing": (flows.missing,),
    "condition-misplaced": (flows.needless,),
    "condition-alone": (flows.alone,),
    "default": (flows.default,),
    "flow-into-event": (flows.into,),
    "flow-out-of-end": (flows.out_of,),
    "event-subprocess": (flows.around,),
    "unreachable": (graph.superfluous,),
    "boundary-never": (graph.superfluous,),
    "boundary-host": (graph.superfluous,),
    "several-starts": (graph.superfluous,),
    "catch-twice": (graph.superfluous,),
    "no-way-out": (graph.dead_end,),
    "join-never": (graph.join,),
    "join-may-wait": (graph.join,),
    "gateway-direction": (graph.direction,),
    "instantiate": (graph.instantiates,),
    "not-executable": (graph.executable,),
    "other-process": (graph.other_process,),
    "no-candidates": (people.nobody,),
    "no-fallback": (people.fallback,),
    "unit-missing": (people.unit,),
    "post-missing": (people.post,),
    "no-name": (people.unnamed,),
    "form-missing": (referring.form,),
    "field-unknown": (fields.unknown,),
    "field-twice": (fields.twice,),
    "field-closed": (fields.closed,),
    "field-unfilled": (fields.unfilled,),
    "decision-missing": (referring.decision,),
    "register-missing": (referring.register,),
    "call": (referring.process,),
    "no-lookup": (referring.lookup,),
    "no-action": (referring.action,),
    "dangling": (referring.dangling,),
    "unknown-fact": (wording.fact, facts.of_expression),
    "unknown-function": (wording.function,),
    "expression": (wording.spelling,),
    "expression-language": (wording.spelling,),
    "expression-length": (wording.emptied,),
    "script-language": (wording.script,),
    "timer": (timers.time,),
    "form-undeclared": (facts.of_form,),
    "setting": (settings.value,),
    "setting-misplaced": (settings.misplaced,),
    "setting-unknown": (settings.unknown,),
    "setting-twice": (settings.twice,),
}


def mends(wrong: Wrong) -> list[Mend]:
    """What would mend a problem of the drawing or of a file beside it, the likest first; nothing where nobody can know."""
    found = [mend for mender in MENDERS.get(wrong.problem.code, ()) for mend in mender(wrong)]
    return list(dict.fromkeys(found))[:3]
