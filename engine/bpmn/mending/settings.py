"""Mends of our settings: words that are none of those allowed, settings where nothing reads them, or given twice."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.mending.drawing import Wrong, nearest
from engine.bpmn.mending.mend import Do, Mend, Step, field
from engine.bpmn.namespaces import bpmn, local
from engine.bpmn.reading import moddle


def value(wrong: Wrong) -> Iterator[Mend]:
    """The allowed word most like what is written, a field for what is lacking, else the field that is wrong."""
    met: dict[str, int] = {}
    for one in wrong.drawing.settings(wrong.problem.element):
        kind = moddle.types().get(local(one))
        which = met[local(one)] = met.get(local(one), -1) + 1
        for each in kind.properties.values() if kind is not None else ():
            written, place = one.get(each.name), field(local(one), each.name, which)
            if written is None:
                if each.name == "unit" and one.get("budget") and wrong.problem.en.endswith("a budget needs its unit."):
                    yield Mend("选择单位…", "Choose its unit…", (Step(Do.CHOOSE, wrong.problem.element, place),))
                if each.meta.get("required") and wrong.problem.en.endswith(f"lacks the attribute {each.name}."):
                    yield Mend("补上…", "Fill it in…", (Step(Do.CHOOSE, wrong.problem.element, place),))
            elif not written.startswith("=") and f"ld:{local(one)} {each.name}:" in wrong.problem.en:
                yield from _word(wrong, place, written, each)


def misplaced(wrong: Wrong) -> Iterator[Mend]:
    """Settings that have no meaning there go."""
    element = wrong.drawing.element(wrong.problem.element)
    if element is None:
        return
    tags = dict.fromkeys(local(one) for one in _own(element) if not _may(local(one), element))
    if not tags and local(element) == "startEvent":
        tags = dict.fromkeys(["form"])
    for tag in tags:
        yield Mend(f"去掉 ld:{tag}", f"Remove ld:{tag}", (Step(Do.DROP, wrong.problem.element, tag),))


def unknown(wrong: Wrong) -> Iterator[Mend]:
    """Settings that nobody knows go."""
    element = wrong.drawing.element(wrong.problem.element)
    tags = (
        dict.fromkeys(local(one) for one in _own(element) if local(one) not in moddle.types())
        if element is not None
        else ()
    )
    for tag in tags:
        yield Mend(f"去掉 ld:{tag}", f"Remove ld:{tag}", (Step(Do.DROP, wrong.problem.element, tag),))


def twice(wrong: Wrong) -> Iterator[Mend]:
    """The first stays."""
    seen: dict[str, int] = {}
    for one in wrong.drawing.settings(wrong.problem.element):
        seen[local(one)] = seen.get(local(one), 0) + 1
    for tag, times in seen.items():
        kind = moddle.types().get(tag)
        if times > 1 and kind is not None and not kind.many:
            steps = (Step(Do.DROP, wrong.problem.element, tag, "rest"),)
            yield Mend(f"只留第一个 ld:{tag}", f"Keep only the first ld:{tag}", steps)


def _word(wrong: Wrong, place: str, written: str, known: moddle.Property) -> Iterator[Mend]:
    allowed = known.meta.get("values") or known.meta.get("words")
    if allowed:
        kept = [word if word in allowed else next(iter(nearest(word, allowed, 1)), "") for word in written.split()]
        new = " ".join(dict.fromkeys(filter(None, kept)))
        if new:
            yield Mend(f"改为“{new}”", f"Write “{new}”", (Step(Do.SET, wrong.problem.element, place, new),))
    yield Mend("重新填写…", "Fill it in again…", (Step(Do.CHOOSE, wrong.problem.element, place),))


def _own(element: etree._Element) -> list[etree._Element]:
    found = [one for holder in element.findall(bpmn("extensionElements")) for one in holder if isinstance(one.tag, str)]
    return [one for one in found if str(one.tag).startswith("{urn:liandong:bpmn:1}")]


def _may(tag: str, owner: etree._Element) -> bool:
    kind = moddle.types().get(tag)
    return kind is None or bool(kind.allowed_in & moddle.names_of(local(owner)))
