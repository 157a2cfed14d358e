"""Processes that talk to each other, and the people who work them."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from tests.bpmn.drawing import chain, end, ext, flow, process, start, tag, user

OPERATOR = "fuxiaolin"
ME = '<ld:candidates post="operator"/>'


def message(name: str) -> str:
    """A message of a file."""
    return tag("message", id=f"M{name}", name=name)


def signal(name: str) -> str:
    """A signal of a file."""
    return tag("signal", id=f"G{name}", name=name)


def error(code: str) -> str:
    """An error of a file."""
    return tag("error", id=f"R{code}", name=code, errorCode=code)


def about(**attributes: str) -> str:
    """What an event says of its message: correlation, payload, result."""
    return ext("<ld:message" + "".join(f" {k}={quoteattr(v)}" for k, v in attributes.items()) + "/>")


def catch(id_: str, what: str, name: str, **said: str) -> str:
    """An intermediate event that waits."""
    return tag("intermediateCatchEvent", _event(what, name, said), id=id_)


def throw(id_: str, what: str, name: str, **said: str) -> str:
    """An intermediate event that sends."""
    return tag("intermediateThrowEvent", _event(what, name, said), id=id_)


def begins(id_: str, what: str, name: str, **said: str) -> str:
    """A start event."""
    return tag("startEvent", _event(what, name, said), id=id_)


def at_border(id_: str, host: str, what: str, name: str, interrupts: str = "true", **said: str) -> str:
    """A boundary event."""
    return tag("boundaryEvent", _event(what, name, said), id=id_, attachedToRef=host, cancelActivity=interrupts)


def _event(what: str, name: str, said: dict[str, str]) -> str:
    ref = {"message": "M", "signal": "G", "error": "R"}[what] + name
    return (about(**said) if said else "") + tag(f"{what}EventDefinition", **{f"{what}Ref": ref})


def work(id_: str) -> str:
    """A task of an operator."""
    return user(id_, settings=ME)


def bundle(*parts: str, key: str, outside: str = "", files: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """The files of one process."""
    return {f"{key}.bpmn": process(*parts, outside=outside, id=key), **(files or {})}


GO = message("Go")
WAITER = bundle(
    start(),
    catch("C", "message", "Go", correlation="=ref", result="={got: payload.n}"),
    work("A"),
    end(),
    chain("S", "C", "A", "E"),
    key="waiter",
    outside=GO,
)
"""Waits for the message Go about its `ref`, keeps the number in it as `got`; then a task."""

THROWER = bundle(
    start(),
    throw("T", "message", "Go", correlation="=ref", payload="={n: n}"),
    work("Z"),
    end(),
    chain("S", "T", "Z", "E"),
    key="thrower",
    outside=GO,
)
"""Sends the message Go about its `ref` with its number `n`; then a task."""

BEGINNER = bundle(
    begins("B", "message", "Go", result='={got: payload.n, title: "由消息发起"}'),
    work("A"),
    end(),
    chain("B", "A", "E"),
    key="beginner",
    outside=GO,
)
"""Begins by the message Go."""

HEARER = bundle(
    start(),
    catch("C", "signal", "Alarm", result="={level: payload.level}"),
    work("A"),
    end(),
    chain("S", "C", "A", "E"),
    key="hearer",
    outside=signal("Alarm"),
)
"""Waits for the signal Alarm; then a task."""

ALARM = bundle(
    start(),
    throw("T", "signal", "Alarm", payload="={level: level}"),
    catch("C", "signal", "Alarm"),
    end(),
    chain("S", "T", "C", "E"),
    key="alarm",
    outside=signal("Alarm"),
)
"""Throws the signal Alarm, then waits for one itself: its own is over."""

WOKEN = bundle(
    begins("B", "signal", "Alarm", result="={level: payload.level}"),
    work("A"),
    end(),
    chain("B", "A", "E"),
    key="woken",
    outside=signal("Alarm"),
)
"""Begins by the signal Alarm."""

TWO_WAYS = bundle(
    start(),
    work("A"),
    at_border("B", "A", "message", "Go", correlation="=ref", result="={got: payload.n}"),
    end(),
    end("E2"),
    chain("S", "A", "E"),
    flow("B", "E2"),
    key="two_ways",
    outside=GO,
)
"""A task that the message Go about its `ref` takes away."""
