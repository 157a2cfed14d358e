"""What a worker moves when a change is carried out, by ids and as JSON: made once, with the change's own edits, and then fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Share:
    """What of a unit's work goes to another: cases in these areas, of these classes (codes that begin so); both must fit where both
    are named."""

    to: str
    areas: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()

    def takes(self, area: str | None, code: str | None) -> bool:
        """Whether a case of this area and class is among it."""
        if not self.areas and not self.classes:
            return False
        return (not self.areas or area in self.areas) and (
            not self.classes or (code is not None and code.startswith(self.classes))
        )


@dataclass(frozen=True, slots=True)
class Way:
    """Where the work of a unit goes: the first share that takes it, else `default`; that may be the unit itself."""

    default: str
    shares: tuple[Share, ...] = ()
    facts: tuple[str, ...] = ()

    def target(self, area: str | None, code: str | None) -> str:
        """The key of the unit that gets a case's work."""
        return next((share.to for share in self.shares if share.takes(area, code)), self.default)

    def json(self) -> Row:
        """As it is kept with the change."""
        shares = [{"to": s.to, "areas": sorted(s.areas), "classes": list(s.classes)} for s in self.shares]
        return {"default": self.default, "shares": shares, "facts": list(self.facts)}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Way:
        """What `json` made."""
        shares = tuple(Share(s["to"], frozenset(s["areas"]), tuple(s["classes"])) for s in row["shares"])
        return cls(row["default"], shares, tuple(row["facts"]))


@dataclass(frozen=True, slots=True)
class Back:
    """Tasks that a person had taken as the holder of this post (none: as whatever) go back to it, or to the successor where they hold
    it. Logins and keys."""

    login: str
    unit: str | None
    post: str | None
    successor: str | None = None


@dataclass(slots=True)
class Work:
    """All of it. `ways` by the id of the old unit; `backs`: person, unit, post, successor by ids; `later`: posts (person, unit, post) that
    are taken, and `ends`: units (unit, successor) that end, once everything has moved. Until then both sides see the work."""

    ways: dict[int, Way] = field(default_factory=dict)
    backs: list[tuple[int, int | None, str | None, int | None]] = field(default_factory=list)
    later: list[tuple[int, int, str]] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)

    def json(self) -> Row:
        """As it is kept with the change."""
        return {
            "ways": {str(unit_id): way.json() for unit_id, way in self.ways.items()},
            "backs": [list(back) for back in self.backs],
            "later": [list(each) for each in self.later],
            "ends": [list(each) for each in self.ends],
        }

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Work:
        """What `json` made."""
        return cls(
            {int(unit_id): Way.of(way) for unit_id, way in row["ways"].items()},
            [(b[0], b[1], b[2], b[3]) for b in row["backs"]],
            [(e[0], e[1], e[2]) for e in row["later"]],
            [(e[0], e[1]) for e in row["ends"]],
        )
