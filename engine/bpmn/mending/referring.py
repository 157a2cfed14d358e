"""Mends of what a diagram refers to by name: forms, decisions, registers, processes, other nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn.mending.drawing import Wrong, nearest
from engine.bpmn.mending.mend import Do, Mend, Step, field
from engine.bpmn.namespaces import local


def form(wrong: Wrong) -> Iterator[Mend]:
    """The form most like it, one of those there are, or none."""
    yield from _other(wrong, "form", "ref", [name.removesuffix(".json") for name in wrong.known.forms])
    if wrong.known.forms:
        yield Mend("选择表单…", "Choose a form…", (Step(Do.CHOOSE, wrong.problem.element, "Form.ref"),))
    yield Mend("不用表单", "No form", (Step(Do.DROP, wrong.problem.element, "form"),))


def decision(wrong: Wrong) -> Iterator[Mend]:
    """The decision most like it; where there is only one, that."""
    there = sorted(wrong.known.decisions)
    yield from _other(wrong, "decision", "ref", there, alone=True)


def register(wrong: Wrong) -> Iterator[Mend]:
    """The register most like it, in a setting or in the text of an expression."""
    yield from _other(wrong, "lookup", "register", wrong.known.registers)
    yield from _other(wrong, "dispatch", "register", wrong.known.registers)
    quoted = f'"{wrong.problem.about}"'
    texts = [one for one in wrong.drawing.expressions(wrong.problem.element) if wrong.problem.about and quoted in one]
    for name in nearest(wrong.problem.about, wrong.known.registers) if texts else ():
        steps = tuple(Step(Do.REWRITE, wrong.problem.element, one, one.replace(quoted, f'"{name}"')) for one in texts)
        yield Mend(f"改为“{name}”", f"Write “{name}”", steps)


def process(wrong: Wrong) -> Iterator[Mend]:
    """The process most like the one that is called, or a field to write it in."""
    element = wrong.drawing.element(wrong.problem.element)
    written = element.get("calledElement") if element is not None else None
    for key in nearest(written, wrong.known.processes) if written else ():
        yield Mend(f"调用“{key}”", f"Call “{key}”", (Step(Do.ATTRIBUTE, wrong.problem.element, "calledElement", key),))
    yield from _other(wrong, "call", "process", wrong.known.processes)
    yield Mend(
        "填写流程标识…", "Write the key of the process…", (Step(Do.CHOOSE, wrong.problem.element, "Call.process"),)
    )


def lookup(wrong: Wrong) -> Iterator[Mend]:
    """What is asked: the only decision there is, or one that is chosen."""
    if len(wrong.known.decisions) == 1:
        (ref,) = wrong.known.decisions
        yield Mend(
            f"问决策“{ref}”", f"Ask the decision “{ref}”", (Step(Do.SET, wrong.problem.element, "Decision.ref", ref),)
        )
    yield Mend(
        "填写决策标识…", "Write the id of a decision…", (Step(Do.CHOOSE, wrong.problem.element, "Decision.ref"),)
    )
    yield Mend("选择登记表…", "Choose a register…", (Step(Do.CHOOSE, wrong.problem.element, "Lookup.register"),))


def action(wrong: Wrong) -> Iterator[Mend]:
    """The action is written."""
    yield Mend(
        "填写动作名称…", "Write the name of the action…", (Step(Do.CHOOSE, wrong.problem.element, "Action.name"),)
    )


def dangling(wrong: Wrong) -> Iterator[Mend]:
    """A rule about who did other tasks names only tasks that are there."""
    tasks = wrong.drawing.ids("userTask", "manualTask", "subProcess", "callActivity", "startEvent")
    for one in wrong.drawing.settings(wrong.problem.element):
        words = (one.get("with") or "").split() if local(one) == "fourEyes" else []
        odd = [word for word in words if word not in tasks]
        if not odd:
            continue
        known_tasks = {id_: (wrong.drawing.title(id_),) for id_ in tasks if id_ != wrong.problem.element}
        for near in nearest(odd[0], known_tasks, 1):
            kept = " ".join(dict.fromkeys(near if word == odd[0] else word for word in words))
            steps = (Step(Do.SET, wrong.problem.element, "FourEyes.with", kept),)
            yield Mend(f"改指“{wrong.drawing.title(near)}”", f"Name “{wrong.drawing.english(near)}” instead", steps)
        rest = " ".join(word for word in words if word not in odd)
        yield Mend(f"不再指“{odd[0]}”", f"No longer name “{odd[0]}”", (_left(wrong.problem.element, rest),))


def _left(element: str, rest: str) -> Step:
    return Step(Do.SET, element, "FourEyes.with", rest) if rest else Step(Do.DROP, element, "fourEyes")


def _other(wrong: Wrong, tag: str, name: str, there: Iterable[str], *, alone: bool = False) -> Iterator[Mend]:
    there = list(there)
    for one in wrong.drawing.settings(wrong.problem.element):
        written = one.get(name) if local(one) == tag else None
        if not written or written in there:
            continue
        near = nearest(written, there) or (there if alone and len(there) == 1 else [])
        for key in near:
            step = Step(Do.SET, wrong.problem.element, field(tag, name), key)
            yield Mend(f"改为“{key}”", f"Write “{key}”", (step,))
