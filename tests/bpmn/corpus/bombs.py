"""Files that are good XML and bad processes: what they would have the engine do, it must not do, or stop doing in words."""

from __future__ import annotations

import random
from xml.sax.saxutils import escape

from tests.bpmn.conformance.figures import (
    call,
    catch,
    chain,
    condition,
    document,
    end,
    event_sub,
    exclusive,
    flow,
    link,
    many,
    parallel,
    rounds,
    script,
    signal,
    start,
    starts,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.corpus.poison import CODE, NUMBERS, TIMES
from tests.bpmn.drawing import ext, tag

S_A_E = (start(), user("A"), end(), chain("S", "A", "E"))
NOT = {"isInterrupting": "false"}


def handler(*parts: str) -> str:
    """An event sub-process that begins at K and does k, beside what goes on."""
    return event_sub("H", *parts, end("F"), chain("K", "k", "F"))


def between(*parts: str) -> tuple[str, ...]:
    """One node T between a start and an end, and what it needs beside it."""
    return (start(), *parts, end(), chain("S", "T", "E"))


def inner(*parts: str) -> tuple[str, ...]:
    """One node t between a start and an end, for the inside of a sub-process."""
    return (start("s"), *parts, end("e"), chain("s", "t", "e"))


def loops(rng: random.Random, _data: bytes) -> bytes:
    """Ways round that never rest."""
    x, gate = exclusive("X", default="X-E"), exclusive("x", default="x-e")
    round_ = (start(), x, end(), chain("S", "T", "X", "E"))
    small = sub("T", start("s"), gate, task("t"), end("e"), chain("s", "t", "x", "e"), flow("x", "t", "1 = 1"))
    linked = (start(), x, throw("L", link("on")), catch("K", link("on")), end(), chain("S", "X", "E"))
    kinds = (
        (*round_, task("T"), flow("X", "T", "true")),
        (*round_, script("T", "{ n: n + 1 }"), flow("X", "T", "n < 1000000000")),
        (start(), exclusive("M"), parallel("G"), task("T"), end(), chain("S", "M", "G", "T", "M"), flow("G", "E")),
        between(task("T", inside=rounds("true"))),
        between(task("T", inside=rounds(loopMaximum="99999999"))),
        (*between(task("T")), flow("T", "T")),
        (*linked, flow("X", "L", "n = 1"), flow("K", "X")),
        between(small),
        (*S_A_E, handler(starts("K", condition("true"), **NOT), script("k", "{ n: n + 1 }"))),
        (*S_A_E, handler(starts("K", condition("not(n = 1)"), **NOT), script("k", "{ n: if n = 1 then 2 else 1 }"))),
        (*S_A_E, handler(starts("K", signal("go"), **NOT), throw("k", signal("go")))),
        (*between(throw("T", signal("go"))), handler(starts("K", signal("go"), **NOT), throw("k", signal("go")))),
        (*between(throw("T", signal("go"))), handler(starts("K", signal("go"), **NOT), task("k"))),
        between(script("T", "{ n: n + 1 }", rounds("n < 100000000 or n = null"))),
        between(task("T", inside=many(times="200")), *(flow("T", "T", id_=f"again{n}") for n in range(3))),
    )
    return document(rng.choice(kinds))


def calls(rng: random.Random, _data: bytes) -> bytes:
    """Processes that call themselves, or what is not there."""
    key = rng.choice(("P", "P", "nobody", "=key", " ", "../P", "${key}", "P ", "=1/0", "file:///etc/passwd"))
    return document(
        (start(), call("C", key, given=rng.choice((None, "{ x: 1 }", "1 +", "x"))), end(), chain("S", "C", "E"))
    )


def legions(rng: random.Random, _data: bytes) -> bytes:
    """Millions of instances, in sequence, in parallel, in one another."""
    times = rng.choice(NUMBERS)
    nested = inner(user("t", many(times=times)))
    listed = script("X", "{ list: for i in 1..%d return i }" % rng.choice((150, 1_000_000)))  # noqa: UP031
    by_list = (start(), listed, end(), chain("S", "X", "T", "E"))
    kinds = (
        between(user("T", many(times=times))),
        between(task("T", inside=many(times=times))),
        between(sub("T", *nested, inside=many(times=rng.choice(("200", "150", times))))),
        (*by_list, task("T", inside=many("list", "i"))),
        (*by_list, sub("T", *inner(task("t", inside=many("list", "j"))), inside=many("list", "i"))),
        (start(), task("T", completionQuantity=times), user("A"), end(), chain("S", "T", "A", "E")),
        (*cascade(9), start(), end(), flow("S", "T0"), flow("T9", "E")),
    )
    return document(rng.choice(kinds))


def cascade(count: int) -> tuple[str, ...]:
    """Tasks in a row, each of which gives many tokens for one."""
    tasks = [task(f"T{n}", completionQuantity="20") for n in range(count)]
    return (*tasks, task(f"T{count}"), chain(*(f"T{n}" for n in range(count + 1))))


def fork_bomb(rng: random.Random, _data: bytes) -> bytes:
    """Tokens that double at every gateway, with nothing that joins them."""
    count = rng.choice((4, 12, 30))
    parts = [start(), end(), flow("S", "T0")]
    for n in range(count):
        parts += [parallel(f"T{n}"), task(f"L{n}"), task(f"R{n}"), exclusive(f"M{n}")]
        parts += [
            chain(f"T{n}", f"L{n}", f"M{n}"),
            chain(f"T{n}", f"R{n}", f"M{n}"),
            flow(f"M{n}", f"T{n + 1}" if n + 1 < count else "A"),
        ]
    return document([*parts, user("A"), flow("A", "E")])


def growing(rng: random.Random, _data: bytes) -> bytes:
    """Data that double at every step, expressions that cost more than they say."""
    kinds = (
        [script(f"X{n}", '{ s: if s = null then "aaaaaaaa" else s + s + s + s }') for n in range(40)],
        [script(f"X{n}", "{ l: if l = null then [1] else concatenate(l, l, l) }") for n in range(30)],
        [script(f"X{n}", "{ n: if n = null then 9 else n * n * n }") for n in range(40)],
        [script(f"X{n}", "{ c: { a: c, b: c } }") for n in range(40)],
        [script("X0", f"{{ x: {rng.choice(CODE)} }}")],
        [script("X0", "{ x: for a in 1..3000, b in 1..3000 return a }")],
        [script("X0", '{ x: replace(string join(for i in 1..9999 return "a", ""), "a", "' + "b" * 5000 + '") }')],
    )
    steps = rng.choice(kinds)
    return document((start(), *steps, user("A"), end(), chain("S", *(f"X{n}" for n in range(len(steps))), "A", "E")))


def times(rng: random.Random, _data: bytes) -> bytes:
    kind = rng.choice(("timeDuration", "timeDate", "timeCycle"))
    definition = timer(rng.choice(TIMES), kind)
    if rng.random() < 0.5:
        return document((start(), catch("T", definition), end(), chain("S", "T", "E")))
    return document((starts("S", definition), user("A"), end(), chain("S", "A", "E")))


def vendors(rng: random.Random, _data: bytes) -> bytes:
    """Code as the engines of others keep it."""
    text = escape(rng.choice(CODE), {'"': "&quot;"})
    engine = rng.choice(("camunda", "flowable"))
    listener = (
        f'<{engine}:taskListener event="create"><{engine}:script>{text}</{engine}:script></{engine}:taskListener>'
    )
    before = f'<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">{text}</s:preScript>'
    connector = f"<camunda:connector><camunda:connectorId>{text}</camunda:connectorId></camunda:connector>"
    kinds = (
        task("T", "serviceTask", **{f"{engine}__class": "java.lang.Runtime"}),
        task("T", "serviceTask", **{f"{engine}__expression": rng.choice(CODE)}),
        task("T", "serviceTask", ext(f'{connector}<ld:action name="a"/>')),
        task(
            "T", "scriptTask", tag("script", text), scriptFormat=rng.choice(("groovy", "python", "javascript", "ruby"))
        ),
        user("T", settings=listener, **{f"{engine}__skipExpression": "${true}"}),
        user("T", settings="<ld:candidates post='handler'/>" + before),
        task("T", "businessRuleTask", ext(f'<ld:lookup register="r" match="={text}" into="x"/>')),
        task("T", "businessRuleTask", **{f"{engine}__decisionRef": rng.choice(CODE)}),
        task("T", "serviceTask", ext(f'<ld:action name="{text}" to="={text}"/>')),
    )
    return document(between(rng.choice(kinds)))
