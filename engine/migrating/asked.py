"""What a plan of migration asks for, and how it is kept in its row: which node and which clock becomes which, and for which cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.bpmn.changing.clock_pairing import DROPPED

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cases that a plan is for, each condition as far as it is given; without any: all. `node`: of the version that is left, at which
    they stand; `unit`: the key of the one that has a task of theirs open, or that is responsible; `since`, `until`: the first and the
    last day of the city on which they were started; `numbers`: these alone."""

    node: str = ""
    unit: str = ""
    since: date | None = None
    until: date | None = None
    numbers: tuple[str, ...] = ()

    def kept(self) -> Row:
        """As JSON, without what is not given."""
        found: Row = {"node": self.node, "unit": self.unit, "numbers": list(self.numbers)}
        found |= {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in found.items() if value}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Chosen:
        """The other way."""
        days = {name: date.fromisoformat(kept[name]) for name in ("since", "until") if kept.get(name)}
        return cls(kept.get("node", ""), kept.get("unit", ""), numbers=tuple(kept.get("numbers", ())), **days)


ALL = Chosen()


@dataclass(frozen=True, slots=True)
class Asked:
    """`clocks`: none in plans from before clocks could be called otherwise: each is then the one of the same id."""

    nodes: dict[str, str]
    clocks: dict[str, str] | None = None
    chosen: Chosen = field(default=ALL)

    def clock(self, name: str) -> str | None:
        """What a clock becomes: the id of another, `DROPPED`, or none without a counterpart."""
        return name if self.clocks is None else self.clocks.get(name)

    @property
    def called_otherwise(self) -> dict[str, str]:
        """The clocks that have another id now."""
        return {old: new for old, new in (self.clocks or {}).items() if new not in (old, DROPPED)}

    @property
    def dropped(self) -> list[str]:
        """The clocks that are given up."""
        return [old for old, new in (self.clocks or {}).items() if new == DROPPED]

    def kept(self) -> Row:
        """As the column `nodes` holds it."""
        found: Row = {"nodes": self.nodes, "clocks": self.clocks, "cases": self.chosen.kept()}
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Asked:
        """The other way: older plans hold the nodes alone, of which one may be called `nodes` too."""
        if not isinstance(kept.get("nodes"), Mapping):
            return cls(dict(kept))
        clocks = kept.get("clocks")
        return cls(
            dict(kept["nodes"]), dict(clocks) if clocks is not None else None, Chosen.read(kept.get("cases", {}))
        )
