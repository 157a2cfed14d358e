"""Plays a case: reads its diagram, does the acts one after another and tells the trace.

`live` keeps the run between acts, `stored` writes the state after each act and reads it back in a new run, `in sub-process` puts the
whole diagram into a sub-process, `in call` makes it a process that is called, `in loop` puts it, in a sub-process, into a loop and goes
round twice, from a clean slate; where it goes straight from S to E it is also put into the loop as it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

from engine.bpmn.model import ProcessModel
from engine.bpmn.program import compile_program
from engine.bpmn.reading import read
from tests.bpmn.conformance.case import CALLED, LIVE, LOOP, REFUSED, SUB, Act, Case, Play, done
from tests.bpmn.conformance.figures import call, chain, document, end, exclusive, flow, start, sub, user
from tests.bpmn.conformance.instance import Instance, Library

FLAT = "in loop, flat"
CALLED_KEY = "zzP"
DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")

# ---------------------------------------------------------------- diagrams


def drawn(case: Case, way: str) -> bytes:
    """The case's file, wrapped as the way asks."""
    if way == SUB:
        return document(
            [start("zzS"), sub("zzW", *case.parts), end("zzE"), chain("zzS", "zzW", "zzE")], outside=case.outside
        )
    if way == CALLED:
        return document([start("zzS"), call("zzW", CALLED_KEY), end("zzE"), chain("zzS", "zzW", "zzE")])
    if way == LOOP:
        return document([sub("zzW", *case.parts), *_loop("zzW", "zzW")], outside=case.outside)
    if way == FLAT:
        parts = [
            part.replace("startEvent", "intermediateThrowEvent") if part == start() else part for part in case.parts
        ]
        parts = [part.replace("endEvent", "intermediateThrowEvent") if part == end() else part for part in parts]
        return document([*parts, *_loop("S", "E")], outside=case.outside)
    return document(case.parts, outside=case.outside)


def _loop(first: str, last: str) -> list[str]:
    return [
        start("zzS"),
        exclusive("zzM"),
        user("zzAgain"),
        exclusive("zzX", default="zzX-zzE"),
        end("zzE"),
        chain("zzS", "zzM", first),
        chain(last, "zzAgain", "zzX", "zzE"),
        flow("zzX", "zzM", "zz_again = true"),
    ]


def straight(case: Case, play: Play) -> bool:
    """Whether exactly one token goes from S to E, so that the diagram can stand in a loop as it is."""
    words = [word for _, trace in play.steps for word in re.split(r"[ >]", trace)]
    last = re.split(r"[ >]", play.steps[-1][1])
    tops = "".join(part for part in case.parts if not part.startswith(("<bpmn:subProcess", "<bpmn:transaction")))
    return (
        start() in case.parts
        and end() in case.parts
        and words.count("E") == 1
        and "E" in last
        and "." in last
        and not any(mark in text for text in case.parts for mark in ("ompensat", "triggeredByEvent", "dataObject"))
        and tops.count("<bpmn:startEvent") == 1
    )


@lru_cache(maxsize=4)
def model(data: bytes, case: str) -> ProcessModel:
    """What a file says; it must be taken."""
    reading = read("t.bpmn", data)
    assert reading.process is not None, f"{case}: refused: " + "; ".join(p.line_for("en") for p in reading.problems)
    return reading.process


# ---------------------------------------------------------------- comparing


def judged(instance: Instance, expected: str, got: list[str]) -> str | None:
    """None when the trace is as expected, else what was told."""
    told = " ".join(got)
    words: list[str] = []
    for group in expected.split():
        if "=" in group:
            if (wrong := _checked(instance, group)) is not None:
                return f"{told} {wrong}"
            continue
        names = group.split(">")
        if len(names) > 1 and not _in_order(names, got):
            return f"{told} (not in the order {group})"
        if "@P" in group or "@-P" in group:
            node, _, text = group.partition("@")
            if duration(text) not in instance.dues(node):
                return f"{told} ({node} in {instance.dues(node)})"
            names = [f"{node}@"]
        words += names
    return None if Counter(words) == Counter(got) else told or "nothing"


def _checked(instance: Instance, word: str) -> str | None:
    name, _, text = word.partition("=")
    wanted = json.loads(text)
    node, colon, key = name.rpartition(":")
    values = [seen.get(key) for seen in instance.sees(node)] if colon else [instance.fact(name)]
    return None if wanted in values else f"({name} is {values})"


def _in_order(names: list[str], got: list[str]) -> bool:
    rest = iter(got)
    return all(name in rest for name in names)


def duration(text: str) -> timedelta:
    found = DURATION.fullmatch(text)
    assert found is not None
    sign, *amounts = found.groups()
    days, hours, minutes = (int(amount or 0) for amount in amounts)
    return timedelta(days=days, hours=hours, minutes=minutes) * (-1 if sign else 1)


# ---------------------------------------------------------------- playing


def wrong_in(case: Case, way: str) -> str | None:
    """None when all plays of a case trace as expected in this way, else the first difference in words."""
    if way == REFUSED:
        reading = read("t.bpmn", drawn(case, LIVE))
        said = " ".join(problem.line_for("en") for problem in reading.problems)
        return None if reading.process is None and case.refused in said else f"not refused as expected: {said}"
    try:
        found = _first_wrong(case, way, lambda _: True)
        if found is None and way == LOOP:
            found = _first_wrong(case, FLAT, lambda play: straight(case, play))
    except Exception as error:  # noqa: BLE001  whatever is wrong with one case is said of that case
        return f"{type(error).__name__}: {error}"
    return found


def _first_wrong(case: Case, way: str, chosen: Callable[[Play], bool]) -> str | None:
    plays = [play for play in case.plays if chosen(play)]
    if not plays:
        return None
    program = compile_program(model(drawn(case, way), case.name))
    library = Library()
    files = {key: document(parts, key=key) for key, parts in case.called.items()}
    if way == CALLED:
        files[CALLED_KEY] = document(
            case.parts, key=CALLED_KEY, outside=case.outside.replace('processRef="P"', f'processRef="{CALLED_KEY}"')
        )
    for number, (key, data) in enumerate(files.items(), 100):
        library.programs[key] = number, compile_program(model(data, case.name))
    for play in plays:
        wrong = _played(Instance(case, program, library, kept=way == LIVE), play, twice=way in (LOOP, FLAT))
        if wrong is not None:
            return f"{way}:\n{wrong}"
    return None


def _played(instance: Instance, play: Play, *, twice: bool) -> str | None:
    steps = list(play.steps)
    if twice and "." in play.steps[-1][1].split():
        body = [(act, " ".join(word for word in trace.split() if word != ".")) for act, trace in steps]
        steps = [*body, (Act("again"), body[0][1]), *body[1:], (done("zzAgain", zz_again=False), ".")]
    told: list[str] = []
    for act, expected in steps:
        if act.verb == "again":
            known = {key: None for key in instance.facts if key not in instance.case.facts}
            act = done("zzAgain", **{**known, **instance.case.facts, "zz_again": True})  # noqa: PLW2901
        try:
            got = instance.act(act)
        except StopIteration:
            return "\n".join([*told, f"{said(act)}: there is nothing of that name"])
        except Exception as error:  # noqa: BLE001  the same, with what came before
            return "\n".join([*told, f"{said(act)}: {type(error).__name__}: {error}"])
        wrong = judged(instance, expected, got)
        if wrong is not None:
            return "\n".join([*told, f"{said(act)}:", f"    expected {expected}", f"    got      {wrong}"])
        told.append(f"{said(act)}: {expected}")
    return None


def said(act: Act) -> str:
    more = " ".join(filter(None, [act.name, act.code, str(act.item or ""), str(dict(act.data) or "")]))
    return f"{act.verb} {more}".strip()
