"""Everything BPMN has, written in few words: `figures` for the cases of this folder, on top of `tests.bpmn.drawing`.

Names of messages, signals, errors and escalations are given where they are used; `document` writes the root elements they need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

from tests.bpmn.drawing import CANDIDATES, HEAD, chain, end, ext, flow, start, tag, timer, user

__all__ = ["CANDIDATES", "chain", "end", "ext", "flow", "start", "tag", "timer", "user"]

YES = "true = true"
NO = "1 = 2"
FIRST = ("<bpmn:property", "<bpmn:laneSet")
LAST = ("<bpmn:association", "<bpmn:textAnnotation", "<bpmn:group")


# ---------------------------------------------------------------- nodes


def task(id_: str, kind: str = "task", inside: str = "", **attributes: str) -> str:
    """A task that is nobody's: abstract unless `kind` says."""
    return tag(kind, inside, id=id_, **attributes)


def script(id_: str, context: str, inside: str = "", **attributes: str) -> str:
    """A script task in FEEL."""
    return tag("scriptTask", inside + tag("script", escape(context)), id=id_, scriptFormat="feel", **attributes)


def exclusive(id_: str = "X", default: str | None = None, inside: str = "") -> str:
    return _gateway("exclusiveGateway", id_, default, inside)


def parallel(id_: str = "G") -> str:
    return _gateway("parallelGateway", id_, None)


def inclusive(id_: str = "G", default: str | None = None) -> str:
    return _gateway("inclusiveGateway", id_, default)


def complex_(id_: str, activation: str | None = None, default: str | None = None) -> str:
    inside = tag("activationCondition", escape(activation)) if activation else ""
    return _gateway("complexGateway", id_, default, inside)


def event_based(id_: str = "G", **attributes: str) -> str:
    return tag("eventBasedGateway", id=id_, **attributes)


def _gateway(kind: str, id_: str, default: str | None, inside: str = "") -> str:
    return tag(kind, inside, id=id_, **({"default": default} if default else {}))


def catch(id_: str, *definitions: str, ld: str = "", **attributes: str) -> str:
    return tag("intermediateCatchEvent", ext(ld) + "".join(definitions), id=id_, **attributes)


def throw(id_: str, *definitions: str, ld: str = "", **attributes: str) -> str:
    return tag("intermediateThrowEvent", ext(ld) + "".join(definitions), id=id_, **attributes)


def starts(id_: str, *definitions: str, ld: str = "", **attributes: str) -> str:
    return start(id_, ext(ld) + "".join(definitions), **attributes)


def ends(id_: str, *definitions: str, ld: str = "", **attributes: str) -> str:
    return end(id_, ext(ld) + "".join(definitions), **attributes)


def at(host: str, id_: str, *definitions: str, stops: bool = True, ld: str = "", **attributes: str) -> str:
    """A boundary event; `stops`: it interrupts."""
    more = attributes if stops else {"cancelActivity": "false", **attributes}
    return tag("boundaryEvent", ext(ld) + "".join(definitions), id=id_, attachedToRef=host, **more)


def sub(id_: str, *parts: str, inside: str = "", kind: str = "subProcess", **attributes: str) -> str:
    """An embedded sub-process; `inside`: what stands before its flow elements (loops, associations of data)."""
    return tag(kind, inside + body(parts), id=id_, **attributes)


def worktime(amount: str, unit: str, **more: str) -> str:
    """A timer definition in working time."""
    said = "".join(f" {name}={quoteattr(value)}" for name, value in {"amount": amount, "unit": unit, **more}.items())
    return tag("timerEventDefinition", ext(f"<ld:worktime{said}/>"))


def event_sub(id_: str, *parts: str, **attributes: str) -> str:
    return sub(id_, *parts, triggeredByEvent="true", **attributes)


def transaction(id_: str, *parts: str, **attributes: str) -> str:
    return sub(id_, *parts, kind="transaction", **attributes)


def call(
    id_: str, key: str, given: str | None = None, back: str | None = None, inside: str = "", **attributes: str
) -> str:
    """A call activity; `key` may be FEEL (`=…`), `given` and `back` are FEEL contexts."""
    pairs = {"process": key[1:] if key[0] == "=" else None, "input": given, "output": back}
    called = {} if key[0] == "=" else {"calledElement": key}
    return tag("callActivity", ext(_feel("call", pairs)) + inside, id=id_, **called, **attributes)


def _feel(name: str, pairs: Mapping[str, str | None]) -> str:
    """An element of our extension whose attributes are FEEL; "" without any."""
    said = "".join(f" {key}={quoteattr('=' + text)}" for key, text in pairs.items() if text)
    return f"<ld:{name}{said}/>" if said else ""


def body(parts: Iterable[str]) -> str:
    """Parts in the order the schema wants: lanes first, artifacts last."""
    return "".join(sorted(parts, key=lambda part: 0 if part.startswith(FIRST) else 2 if part.startswith(LAST) else 1))


# ---------------------------------------------------------------- event definitions


def message(name: str) -> str:
    return tag("messageEventDefinition", messageRef=f"message_{name}")


def signal(name: str, **attributes: str) -> str:
    return tag("signalEventDefinition", signalRef=f"signal_{name}", **attributes)


def error(code: str | None = None) -> str:
    return tag("errorEventDefinition", **({"errorRef": f"error_{code}"} if code else {}))


def escalation(code: str | None = None) -> str:
    return tag("escalationEventDefinition", **({"escalationRef": f"escalation_{code}"} if code else {}))


def condition(feel: str) -> str:
    return tag("conditionalEventDefinition", tag("condition", escape(feel), xsi__type="bpmn:tFormalExpression"))


def link(name: str) -> str:
    return tag("linkEventDefinition", name=name)


def terminate() -> str:
    return tag("terminateEventDefinition")


def cancel() -> str:
    return tag("cancelEventDefinition")


def compensation(activity: str | None = None, waits: bool = True) -> str:
    more = {"activityRef": activity} if activity else {}
    return tag("compensateEventDefinition", **more, **({} if waits else {"waitForCompletion": "false"}))


def undo(host: str, handler: str, *, kind: str = "userTask", inside: str = "") -> tuple[str, ...]:
    """A compensation boundary event on `host` and the activity that undoes it, a person's work unless `kind` says."""
    settings = ext(CANDIDATES) if kind == "userTask" else ""
    return (
        at(host, f"C{host}", compensation()),
        tag(kind, settings + inside, id=handler, isForCompensation="true"),
        tag(
            "association", id=f"C{host}-{handler}", sourceRef=f"C{host}", targetRef=handler, associationDirection="One"
        ),
    )


def told(*, key: str | None = None, gives: str | None = None, takes: str | None = None) -> str:
    """The `ld:message` of an event or task: `key` correlation, `gives` payload thrown, `takes` result caught (FEEL)."""
    return _feel("message", {"correlation": key, "payload": gives, "result": takes})


# ---------------------------------------------------------------- repetition


def many(
    collection: str | None = None,
    item: str | None = None,
    *,
    times: str | None = None,
    until: str | None = None,
    into: str | None = None,
    each: str | None = None,
    inside: str = "",
    **attributes: str,
) -> str:
    """Multi-instance: over a collection or so many `times`; `until` completion condition; `into` list of the outputs `each`."""
    text = tag("loopCardinality", escape(times)) if times else ""
    text += tag("loopDataInputRef", collection) if collection else ""
    text += tag("loopDataOutputRef", into) if into else ""
    text += tag("inputDataItem", id=f"item_{collection}", name=item) if item else ""
    text += tag("outputDataItem", id=f"each_{into}", name=each) if each else ""
    text += inside
    text += tag("completionCondition", escape(until)) if until else ""
    return tag("multiInstanceLoopCharacteristics", text, **attributes)


def rounds(while_: str | None = None, **attributes: str) -> str:
    """Standard loop."""
    inside = tag("loopCondition", escape(while_), xsi__type="bpmn:tFormalExpression") if while_ else ""
    return tag("standardLoopCharacteristics", inside, **attributes)


# ---------------------------------------------------------------- files


def document(
    parts: Iterable[str], *, key: str = "P", outside: str = "", others: Mapping[str, Iterable[str]] | None = None
) -> bytes:
    """A file with a process, and `others` beside it, and the root elements that their references need."""
    inside = {key: body(parts), **{other: body(found) for other, found in (others or {}).items()}}
    roots = []
    named = re.findall(r'(?:message|signal|error|escalation)Ref="(\w+?)_(\w+)"', "".join(inside.values()))
    for kind, name in sorted(set(named)):
        code = {"error": "errorCode", "escalation": "escalationCode"}.get(kind)
        roots.append(tag(kind, id=f"{kind}_{name}", name=name, **({code: name} if code else {})))
    processes = [tag("process", "\n" + text, id=each, isExecutable="true") for each, text in inside.items()]
    return (HEAD % "" + "".join([*roots, outside, *processes]) + "</bpmn:definitions>").encode()
