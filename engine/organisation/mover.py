"""Where the open tasks and cases of a unit, and the tasks of a person, go: decided in the step of each instance, on what it read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import effects
from engine.audit import standing
from engine.candidates import NOBODYS_POST
from engine.events import Event
from engine.organisation.work import Work
from engine.steps import Reply, Seen
from engine.tables import recusal, task
from engine.writes import WriteSet

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mover:
    """What is needed to decide where a task goes. `change`: by which change of the organisation, none where a term ran out by itself.
    `units`: ids by keys, of the unit that goes on today; `held`: person, unit and post of those who hold one now."""

    change: int | None
    work: Work
    units: dict[str, int]
    keys: dict[int, str]
    held: frozenset[tuple[int, int, str]]

    def target(self, unit_id: int | None, row: Mapping[str, Any]) -> int | None:
        """The unit that gets what is this unit's in an instance."""
        way = self.work.ways.get(unit_id or 0)
        return self.units[way.target(row["area"], row["class"])] if way is not None else unit_id

    def assignee(self, row: Mapping[str, Any], to: int | None) -> Row | None:
        """Who has the task after the move, when that changes."""
        who = row["assignee_id"]
        if who is None:
            return None
        post = row["post_key"]
        for person_id, unit_id, its_post, successor in self.work.backs:
            if person_id not in (who, row["for_id"]):
                continue
            if unit_id is not None and (unit_id, its_post) != (to, post):
                continue
            own = (person_id, to, post)
            if own in self.held and own not in self.work.later:
                continue  # they were given it again since
            back = self._to_owner(row, to) or self._given_back(to, post, successor)
            return {"for_id": None, **({"owner_id": None} if row.get("owner_id") is not None else {}), **back}
        holder = row["for_id"] or who
        if to != row["unit_id"] and (holder, row["unit_id"], post) in self.held and (holder, to, post) not in self.held:
            return {"assignee_id": None, "for_id": None}
        return None

    def _to_owner(self, row: Mapping[str, Any], to: int | None) -> Row | None:
        """What somebody prepared for another goes back to whose it is, if they are there still and hold its post."""
        owner, post = row.get("owner_id"), row["post_key"]
        if owner is None or owner not in {held[0] for held in self.held}:
            return None
        if post is not None and not any(h[0] == owner and h[2] == post and to in (None, h[1]) for h in self.held):
            return None
        return {"assignee_id": owner}

    def _given_back(self, to: int | None, post: str | None, successor: int | None) -> Row:
        if post is None:  # it was meant for this person, not for a post
            if successor is not None:
                return {"assignee_id": successor}
            return {"assignee_id": None, "unit_id": None, "post_key": NOBODYS_POST}
        takes = successor is not None and any(
            h[0] == successor and h[2] == post and to in (None, h[1]) for h in self.held
        )
        return {"assignee_id": successor if takes else None}

    def moves(self, row: Mapping[str, Any]) -> bool:
        """Whether something changes for a task (with its case's area and class), or for a case, which nobody has taken."""
        to = self.target(row["unit_id"], row)
        return to != row["unit_id"] or self.assignee(row, to) is not None

    def plan(self, seen: Seen, writes: WriteSet) -> Reply:
        """The step of one instance. Nothing is written when nothing of it is left to be moved."""
        moved: dict[tuple[int, int], list[int]] = {}
        back: list[int] = []
        barred = self._recused(seen, writes)
        for row in seen.open_tasks.values():
            to = self.target(row["unit_id"], seen.instance)
            values: Row = {"unit_id": to} if to != row["unit_id"] else {}
            taken = self.assignee(row, to)
            if taken is not None:
                back.append(row["id"])
                values |= taken
                values["claimed_at"] = seen.now if taken["assignee_id"] is not None else None
            if to != row["unit_id"] and to in barred:  # the case is about the unit it would go to
                values |= {"unit_id": None, "post_key": NOBODYS_POST, "assignee_id": None, "for_id": None}
            if to != row["unit_id"] and row["unit_id"] is not None and to is not None:
                moved.setdefault((row["unit_id"], to), []).append(row["id"])
                effects.involve(writes, to)
                self._variables(row, values, seen.instance)
            if values:
                writes.update(task, id=row["id"], **values)
        own, named = self._own(seen, writes)
        # the case itself is another: each row of this step says what it is now
        told: Row = {
            **({"change": self.change} if self.change is not None else {}),
            **(standing.told(seen.instance, writes.instance) if writes.instance else {}),
        }
        for pair in sorted({*moved, *own, *named}):
            data: Row = {**told, "from": self.keys[pair[0]], "to": self.keys[pair[1]]}
            data["tasks"] = sorted(moved.get(pair, ()))
            effects.record(seen, writes, Event.MOVED, unit_id=pair[0] if pair in own else None, data=data)
        if back:
            effects.record(seen, writes, Event.MOVED, data={**told, "back": sorted(back)})
        return {"changed": not writes.empty}

    def _recused(self, seen: Seen, writes: WriteSet) -> frozenset[int]:
        """Units that the case is about: with a unit those its people have gone to."""
        new = {to for unit_id in self.work.ways if unit_id in seen.recused for to in self.heirs(unit_id)} - seen.recused
        for unit_id in sorted(new):
            writes.insert(recusal, unit_id=unit_id)
        return seen.recused | new

    def heirs(self, unit_id: int) -> set[int]:
        """Every unit that something of this one goes to."""
        way = self.work.ways[unit_id]
        return {self.units[key] for key in (way.default, *(share.to for share in way.shares))} - {unit_id}

    def _own(self, seen: Seen, writes: WriteSet) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """A case that the old unit was responsible for is its successor's: the column, and the facts that name it. Answers from which unit
        to which, of either."""
        row = seen.instance
        if row["ended_at"] is not None:
            return set(), set()
        facts: dict[str, str] = {}
        named: set[tuple[int, int]] = set()
        for unit_id, way in self.work.ways.items():
            heir = self.target(unit_id, row) or unit_id
            to = self.keys[heir]
            mine = {f: to for f in way.facts if row["facts"].get(f) == self.keys[unit_id] != to}
            if mine:
                named.add((unit_id, heir))
            facts |= mine
        if facts:
            writes.instance["facts"] = {**row["facts"], **facts}
        to_id = self.target(row["unit_id"], row)
        if to_id == row["unit_id"] or to_id is None:
            return set(), named
        writes.instance["unit_id"] = to_id
        effects.involve(writes, to_id)
        return {(row["unit_id"], to_id)}, named

    def _variables(self, row: Row, values: Row, owner: Row) -> None:
        way = self.work.ways[row["unit_id"]]
        old, new = self.keys[row["unit_id"]], self.keys[self.target(row["unit_id"], owner) or row["unit_id"]]
        seen = row["variables"] or {}
        named = {f: new for f in way.facts if seen.get(f) == old}
        if named:
            values["variables"] = {**seen, **named}
