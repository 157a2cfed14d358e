"""The listener that keeps the rungs of supervisions: what a diagram says of a node (`ld:rung`) becomes a row in the step in which the node
is left, once, and a row of history with it, so that nobody takes a rung away unnoticed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from engine import calendars, definitions, effects
from engine.bpmn.model import Kind
from engine.bpmn.outcome import Climbed
from engine.calendar import Budget, Unit
from engine.errors import StepFailed
from engine.events import Event
from engine.organisation import snapshot
from engine.steps import Step
from engine.tables import task as task_table
from escalation.tables import rung

Row = dict[str, Any]

CASE_FACT = "case_id"
"""The fact that names the case, where a rung does not say `about`."""

EXPIRED = "expired"
"""The outcome of a rung that nobody answered in its term."""

OVER = "over"
"""The outcome of a rung that was open when its supervision ended."""

ALL = "*"
"""In `closes`: every rung that is still open."""

MOST_TEXT = 4000


def keep(step: Step) -> None:
    """Write the rungs that this step climbed, answered or closed; what is open when the supervision ends is closed with it."""
    climbed = step.outcome.climbed
    if not climbed and not (step.outcome.ended and _supervises(step)):
        return
    kept = _Rungs(step)
    for each in climbed:
        kept.take(each)
    if step.outcome.ended:
        kept.end()


class _Rungs:
    """The rungs of one supervision, in one step."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.rows = [] if step.started else _rows(step)
        self._fresh: set[int] = set()

    def take(self, climbed: Climbed) -> None:
        """What passing a node means."""
        said = climbed.values
        if "kind" in said:
            self._climb(climbed)
        else:
            kinds = str(said.get("answers") or said.get("closes") or "").split()
            if kinds == [ALL]:
                self._close_all(climbed)
                return
            row = self._newest(kinds)
            if row is None:
                return  # it was closed before, or never climbed
            by, by_unit = self._who(climbed)
            if "answers" in said:
                self._change(row, answered_at=self.step.now, answered_by=by, answer=_text(said.get("text")))
            else:
                self._close(row, _text(said.get("outcome"))[:20], by, _text(said.get("text")))
            self._tell(climbed, row, by, by_unit)

    def _close_all(self, climbed: Climbed) -> None:
        by, by_unit = self._who(climbed)
        for row in [each for each in self.rows if each["closed_at"] is None]:
            self._close(row, _text(climbed.values.get("outcome"))[:20], by, _text(climbed.values.get("text")))
            self._tell(climbed, row, by, by_unit)

    def end(self) -> None:
        """The supervision is over."""
        for row in self.rows:
            if row["closed_at"] is None:
                self._close(row, OVER if row["answered_at"] is None else "answered", None, "")

    def _climb(self, climbed: Climbed) -> None:
        step, said = self.step, climbed.values
        kind = _text(said.get("kind"))
        if not kind:
            raise StepFailed(node=climbed.node.id, why="the rung has no kind", why_zh="没有写明督办阶次")
        unit_id = step.core.unit_id(said.get("unit"), step.seen.world.realm)
        by, by_unit = self._who(climbed)
        row: Row = {
            "id": max((each["id"] for each in self.rows), default=0) + 1,
            "world_id": step.seen.world.id,
            "case_id": _number(said.get("about", step.facts.get(CASE_FACT))),
            "unit_id": unit_id,
            "kind": kind[:40],
            "round": _number(said.get("round")) or 0,
            "node": climbed.node.id[:100],
            "task_id": climbed.id if climbed.node.kind.is_inbox else None,
            "at": step.now,
            "by_id": by,
            "by_unit_id": by_unit,
            "reason": _text(said.get("reason")),
            "basis": _text(said.get("basis")),
            "due_at": self._due(climbed, unit_id),
            "answered_at": None,
            "answered_by": None,
            "answer": "",
            "outcome": None,
            "closed_at": None,
            "closed_by": None,
            "closing": "",
        }
        self.rows.append(row)
        self._fresh.add(row["id"])
        step.writes.insert(rung, **row)
        self._tell(climbed, row, by, by_unit)

    def _change(self, row: Row, **values: Any) -> None:
        row.update(values)
        if row["id"] in self._fresh:  # the row is not written yet
            written = self.step.writes.inserts[rung.name]
            next(each for each in written if each["id"] == row["id"]).update(values)
        else:
            self.step.writes.update(rung, id=row["id"], **values)

    def _close(self, row: Row, outcome: str, by: int | None, text: str) -> None:
        self._change(row, outcome=outcome, closed_at=self.step.now, closed_by=by, closing=text)

    def _newest(self, kinds: Iterable[str]) -> Row | None:
        wanted = set(kinds)
        found = [row for row in self.rows if row["kind"] in wanted and row["closed_at"] is None]
        return found[-1] if found else None

    def _who(self, climbed: Climbed) -> tuple[int | None, int | None]:
        """Who did the task of the node, and for which unit; nobody where the system did it."""
        seen = self.step.seen
        if climbed.node.kind is Kind.START and self.step.started and seen.actor is not None:
            posts = seen.actor.own_posts
            return seen.actor.id, posts[0].unit_id if posts else None
        if not climbed.node.kind.is_inbox:
            return None, None
        row = seen.open_tasks.get(climbed.id)
        who = seen.actor.id if climbed.id == self.step.completed and seen.actor is not None else None
        if row is None or (
            who is None and climbed.id != self.step.completed
        ):  # it waited for signers after it was done
            row = self._closed_task(climbed.id)
            who = row.get("closed_by") if row else None
        unit_id = row["unit_id"] if row else None
        if unit_id is None and seen.actor is not None and who == seen.actor.id and seen.actor.own_posts:
            unit_id = seen.actor.own_posts[0].unit_id
        return who, unit_id

    def _closed_task(self, task_id: int) -> Row:
        query = select(task_table.c.unit_id, task_table.c.closed_by).where(
            task_table.c.instance_id == self.step.writes.instance_id, task_table.c.id == task_id
        )
        with self.step.core.db.read() as connection:
            return dict(connection.execute(query).mappings().first() or {})

    def _due(self, climbed: Climbed, unit_id: int | None) -> datetime | None:
        """Until when the unit may answer, by the calendar that it keeps."""
        step, said = self.step, climbed.values
        due = said.get("due")
        if due is not None:
            try:
                at = datetime.fromisoformat(str(due))
            except ValueError as error:
                raise StepFailed(node=climbed.node.id, why=f"no such time: {due}", why_zh=f"时间不对：{due}") from error
            return at if at.tzinfo is not None else at.replace(tzinfo=step.seen.world.zone)
        term, term_unit = said.get("term"), said.get("term_unit")
        if term is None or term_unit is None:
            return None
        try:
            budget = Budget(Decimal(str(term)), Unit(str(term_unit)))
        except (ValueError, InvalidOperation) as error:
            shown = f"{term} {term_unit}"
            raise StepFailed(node=climbed.node.id, why=f"no such term: {shown}", why_zh=f"期限不对：{shown}") from error
        book = calendars.at(step.core, step.seen.calendars)
        known = snapshot.of(step.core, step.seen.organisation) if book.units else None
        key = book.of_unit(step.core, known, unit_id) if known is not None else calendars.DEFAULT
        return book.calendars[key].due(step.now, budget)

    def _tell(self, climbed: Climbed, row: Mapping[str, Any], by: int | None, by_unit: int | None) -> None:
        """In the history, which is chained: what became of which rung."""
        step = self.step
        said: Row = {"rung": row["id"], "kind": row["kind"], "unit": step.core.unit_key(row["unit_id"])}
        if row["round"]:
            said["round"] = row["round"]
        if row["closed_at"] is not None:
            said |= {"what": "closed", "outcome": row["outcome"], "text": row["closing"]}
        elif row["answered_at"] is not None:
            said |= {"what": "answered", "text": row["answer"]}
        else:
            due = row["due_at"]
            said |= {"what": "climbed", "text": row["reason"], "due": due.isoformat() if due is not None else None}
        seen = step.seen
        actor = seen.actor if by is not None and seen.actor is not None and seen.actor.id == by else None
        effects.record(
            seen,
            step.writes,
            Event.RUNG,
            actor=actor,
            node=climbed.node.id,
            task_id=climbed.id if climbed.node.kind.is_inbox else None,
            unit_id=by_unit if actor is not None else None,
            data={key: value for key, value in said.items() if value not in (None, "")},
        )


def _rows(step: Step) -> list[Row]:
    query = select(rung).where(rung.c.instance_id == step.writes.instance_id).order_by(rung.c.id)
    with step.core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _supervises(step: Step) -> bool:
    """Whether its diagram has rungs at all."""
    model = definitions.get(step.core, step.definition.id).model
    return any(node.settings.rungs for node in model.nodes.values())


def _text(value: Any) -> str:
    return str(value).strip()[:MOST_TEXT] if value is not None else ""


def _number(value: Any) -> int | None:
    """A whole number, however JSON keeps it."""
    try:
        return int(value) if value is not None and value != "" else None
    except (TypeError, ValueError):
        return None
