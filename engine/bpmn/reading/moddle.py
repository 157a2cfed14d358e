"""The descriptor of the `ld` namespace, read from the same file as the diagram editor reads (`liandong.moddle.json`).

Beside what bpmn.io's moddle defines, `meta` says, of a type: `allowedIn` (the BPMN types that may carry it), `many` (more than
one at an element), `open` (any further attribute is a parameter); of a property: `required`, `feel` (a leading `=` makes it an
expression), `literal` (the type of a value that is none; `none`: it must be one), `key` (a plain key), `fact` (the key of a fact, which
is written), `empty`, `values`,
`words` (a list separated by spaces), `minimum`, `maximum`, `onlyIn`, `context` (the expression must be a context: `any`, one whose
keys are those of facts: `facts`, and whose entries are written: `written`), `names` (names it may use beside those of its place; `any`:
they are not known here)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "liandong.moddle.json"


@dataclass(frozen=True, slots=True)
class Property:
    """One attribute."""

    name: str
    type: str
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Type:
    """One element of the namespace, `tag` being its local name."""

    tag: str
    allowed_in: frozenset[str]
    many: bool
    open: bool
    properties: Mapping[str, Property]


@cache
def types() -> Mapping[str, Type]:
    """The elements of the namespace by tag."""
    return {kind.tag: kind for kind in map(_type, json.loads(FILE.read_text("utf-8"))["types"])}


def _type(row: Mapping[str, Any]) -> Type:
    meta: Mapping[str, Any] = row.get("meta", {})
    properties = [Property(each["name"], each["type"], each.get("meta", {})) for each in row["properties"]]
    name: str = row["name"]
    return Type(
        tag=name[:1].lower() + name[1:],
        allowed_in=frozenset(meta.get("allowedIn", ())),
        many=bool(meta.get("many")),
        open=bool(meta.get("open")),
        properties={each.name: each for each in properties},
    )


_FLOW_NODES = (
    "startEvent endEvent boundaryEvent intermediateCatchEvent intermediateThrowEvent userTask manualTask scriptTask "
    "businessRuleTask serviceTask sendTask receiveTask task exclusiveGateway parallelGateway inclusiveGateway "
    "complexGateway eventBasedGateway subProcess adHocSubProcess transaction callActivity"
)
FLOW_NODES = frozenset(_FLOW_NODES.split())
"""Tags of BPMN's flow nodes."""


_ALIASES = {"inputDataItem": "bpmn:DataInput", "outputDataItem": "bpmn:DataOutput"}


def names_of(tag: str) -> frozenset[str]:
    """The moddle types a BPMN element counts as: its own, and `bpmn:FlowNode` for flow nodes."""
    own = _ALIASES.get(tag, f"bpmn:{tag[:1].upper()}{tag[1:]}")
    return frozenset((own, "bpmn:FlowNode")) if tag in FLOW_NODES else frozenset((own,))
