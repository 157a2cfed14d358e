"""Supervision in words: its rungs and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.definitions import Definition
from escalation.dossier.words import OUTCOMES, RUNGS
from web.telling import names
from web.texts import locale, t

Row = dict[str, Any]

_WHAT: Final[Mapping[str, tuple[str, str]]] = {
    "climbed": ("督办阶次：{}", "Rung of the supervision: {}"),
    "answered": ("单位答复：{}", "The unit answers: {}"),
    "closed": ("了结：{}", "Closed: {}"),
}


def rung(kind: Any) -> str:
    """The name of a kind of rung."""
    return t(*RUNGS[str(kind)]) if str(kind) in RUNGS else str(kind or "").replace("_", " ")


def outcome(word: Any) -> str:
    """What became of a rung; empty where nothing did yet."""
    return t(*OUTCOMES[str(word)]) if str(word) in OUTCOMES else str(word or "").replace("_", " ")


def rung_event(_name: str, data: Row, _definition: Definition) -> str:
    """One sentence for a row of history about a rung."""
    said = rung(data.get("kind"))
    if data.get("unit"):
        unit = names().unit_by_key(str(data["unit"]), locale())
        said = t(f"{said}（{unit}）", f"{said} ({unit})")
    if data.get("round"):
        said = t(f"{said}，第 {data['round']} 轮", f"{said}, round {data['round']}")
    if data.get("outcome"):
        said = t(f"{said}，{outcome(data['outcome'])}", f"{said}: {outcome(data['outcome'])}")
    return t(*_WHAT.get(str(data.get("what")), ("{}", "{}"))).format(said)
