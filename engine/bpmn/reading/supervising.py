"""What passing a node means in a supervision (`ld:rung`): a rung is climbed, answered or closed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bpmn.namespaces import line
from engine.bpmn.problems import Problems
from engine.bpmn.reading.extension import Setting
from engine.bpmn.settings import Rung

_CLIMBS = {"about", "unit", "round", "reason", "basis", "term", "termUnit", "due"}
_FITS = {"kind": _CLIMBS, "answers": {"text"}, "closes": {"outcome", "text"}}
"""What each of the three ways of speaking of a rung may say beside."""


def rungs(found: Mapping[str, list[Setting]], problems: Problems) -> tuple[Rung, ...]:
    """The rungs of a node."""
    read = []
    for setting in found.get("rung", ()):
        wrong = _wrong(set(setting.element.attrib) - {"when"})
        if wrong is not None:
            zh, en = wrong
            problems.add("setting", f"{zh}。", f"{en}.", line=line(setting.element), element=setting.owner)
            continue
        values = setting.values
        when = values.get("when")
        read.append(
            Rung(
                kind=values.get("kind"),
                about=values.get("about"),
                unit=values.get("unit"),
                round=values.get("round"),
                reason=values.get("reason"),
                basis=values.get("basis"),
                term=values.get("term"),
                term_unit=values.get("termUnit"),
                due=values.get("due"),
                answers=values.get("answers"),
                closes=values.get("closes"),
                text=values.get("text"),
                outcome=values.get("outcome"),
                when=when.text if when is not None else None,
            )
        )
    return tuple(read)


def _wrong(written: set[str]) -> tuple[str, str] | None:
    ways = sorted(written & _FITS.keys())
    if len(ways) != 1:
        return "ld:rung：须写明 kind、answers、closes 三者之一", "ld:rung: needs one of kind, answers, closes"
    odd = sorted(written - {ways[0]} - _FITS[ways[0]])
    if odd:
        return f"ld:rung：{ways[0]} 不能与 {odd[0]} 并用", f"ld:rung: {ways[0]} and {odd[0]} do not go together"
    if ("term" in written) != ("termUnit" in written):
        return "ld:rung：term 和 termUnit 须一起写", "ld:rung: term and termUnit belong together"
    if "due" in written and "term" in written:
        return "ld:rung：due 与 term 只能写一个", "ld:rung: due and term exclude each other"
    if ways[0] == "closes" and "outcome" not in written:
        return "ld:rung：closes 须写明 outcome", "ld:rung: closes needs its outcome"
    return None
