"""The whole product in process: what pages, the JSON API, commands, tests and benchmarks call.

city = open_city("sqlite:///city.db")
case = city.start("case_dispatch", {"title": "…"}, by="wangfang")
task = city.tasks(case)[0]
city.complete(task, {"result": "done"}, by="liming", idempotency_key="…")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import access, definitions, deployment, files, incidents, instances, jobs, letters, starters, worlds
from engine.acts import base, completing
from engine.acts.signature import Signature
from engine.batches import working
from engine.clock import ManualClock
from engine.core import Core
from engine.definitions import Definition
from engine.errors import Invalid
from engine.migrating import working as migrating
from engine.organisation import changes, moving, substitutes
from engine.steps import Reply
from engine.tables import LIVE
from engine.tables import task as task_table
from escalation import reminding, resuming, sweep
from web.city_acts import Acts

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """An open user task, as code outside the engine sees it."""

    ref: str
    instance: int
    node: str
    name: str
    unit: str | None
    post: str | None
    assignee: int | None
    item: Any
    opened_at: datetime
    due_at: datetime | None

    def __str__(self) -> str:
        return self.ref


class City(Acts):
    """One city: a database, its clock, and every act (those on tasks and cases are in `city_acts`). `by` is a person's id or login."""

    def __init__(self, core: Core) -> None:
        self.core = core

    # ------------------------------------------------------------ definitions

    def deploy(self, files: Mapping[str, bytes], by: int | str | None = None, note: str = "") -> list[Definition]:
        """Deploy a bundle of files; see `engine.deployment.deploy`. With `by`, they need the power to design."""
        person = None
        if by is not None:
            actor = self.actor(by)
            access.check_power(actor, "design", "发布流程", "deploy a process")
            person = actor.id
        return deployment.deploy(self.core, files, person, note)

    def definition(self, key: str) -> Definition:
        """The newest version of a process."""
        return definitions.newest(self.core, key)

    # ------------------------------------------------------------ instances

    def start(
        self,
        key: str,
        facts: Mapping[str, Any],
        by: int | str,
        *,
        idempotency_key: str | None = None,
        given: Mapping[str, Any] | None = None,
        world: int = LIVE,
        links: tuple[tuple[int, str], ...] = (),
        accepted: Sequence[files.Accepted] = (),
        start: str | None = None,
    ) -> int:
        """Start an instance; answers its id. See `engine.instances.start`."""
        reply = instances.start(
            self.core,
            key,
            facts,
            by,
            key=idempotency_key,
            given=given,
            world_id=world,
            links=links,
            accepted=accepted,
            start=start,
        )
        instance_id: int = reply["instance"]
        return instance_id

    def instance(self, instance_id: int) -> Row:
        """The instance row: number, status, facts, outcome and so on."""
        return instances.get(self.core, instance_id)

    def trail(self, instance_id: int) -> list[Row]:
        """What happened, in order."""
        return instances.trail(self.core, instance_id)

    def cancel(self, instance_id: int, by: int | str, reason: str, *, idempotency_key: str | None = None) -> Reply:
        """End an instance before its end. For operators."""
        return instances.cancel(self.core, instance_id, by, reason, key=idempotency_key)

    # ------------------------------------------------------------ tasks

    def tasks(self, instance: int) -> list[Task]:
        """The open tasks of an instance, oldest first."""
        with self.core.db.read() as connection:
            rows = [
                dict(r)
                for r in connection.execute(
                    select(task_table)
                    .where(task_table.c.instance_id == instance, task_table.c.state == "open")
                    .order_by(task_table.c.id)
                ).mappings()
            ]
        return [self._task(r) for r in rows]

    def _task(self, row: Row) -> Task:
        node = definitions.get(self.core, row["definition_id"]).model.nodes[row["node"]]
        return Task(
            ref=f"{row['instance_id']}.{row['id']}",
            instance=row["instance_id"],
            node=row["node"],
            name=node.names.text("zh"),
            unit=self.core.unit_key(row["unit_id"]),
            post=row["post_key"],
            assignee=row["assignee_id"],
            item=row["item"],
            opened_at=row["opened_at"],
            due_at=row["due_at"],
        )

    def complete(
        self,
        task: Task | str,
        answers: Mapping[str, Any],
        by: int | str,
        idempotency_key: str | None = None,
        accepted: Sequence[files.Accepted] = (),
        signed: Signature | None = None,
    ) -> Reply:
        """Complete a task; see `engine.acts.completing.complete`."""
        return completing.complete(
            self.core, str(task), answers, by, key=idempotency_key, accepted=accepted, signed=signed
        )

    def accept(self, name: str, content: bytes) -> files.Accepted:
        """Check a file and make it fit to be attached; see `engine.files.accept`."""
        return files.accept(self.core, name, content)

    def attach(
        self,
        instance: int,
        accepted: Sequence[files.Accepted],
        by: int | str,
        task: Task | str | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Attach files to a case, or to a task one works."""
        task_id = base.split(str(task))[1] if task is not None else None
        return files.attach(self.core, instance, accepted, by, task_id=task_id, key=idempotency_key)

    def retry(self, instance: int, incident: int, by: int | str, idempotency_key: str | None = None) -> Reply:
        """Take an incident as mended and try again. For operators."""
        return incidents.retry(self.core, instance, incident, by, key=idempotency_key)

    def fail(
        self,
        task: Task | str,
        code: str,
        by: int | str,
        payload: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Reply:
        """Report that a task cannot be done: the BPMN error `code`, for the event of the diagram that catches it."""
        return completing.fail(self.core, str(task), code, by, payload=payload, key=idempotency_key)

    # ------------------------------------------------------------ organisation

    def propose(self, kind: str, plan: Mapping[str, Any], by: int | str, reason: str) -> int:
        """Put a change of the organisation up for review; answers its id. See `engine.organisation.changes`."""
        return changes.propose(self.core, kind, plan, by, reason)

    def approve(self, change: int, by: int | str, note: str = "") -> None:
        """Approve a change that another proposed: workers carry it out."""
        changes.approve(self.core, change, by, note)

    def refuse(self, change: int, by: int | str, note: str) -> None:
        """Refuse a change that another proposed."""
        changes.refuse(self.core, change, by, note)

    def substitute(
        self,
        principal: int | str,
        substitute: int | str,
        since: datetime | None,
        until: datetime,
        by: int | str,
        *,
        unit: str | None = None,
        post: str | None = None,
        processes: Sequence[str] | None = None,
        reason: str = "",
    ) -> int:
        """Somebody stands in for another (代理); answers the id. See `engine.organisation.substitutes`."""
        return substitutes.make(
            self.core,
            principal,
            substitute,
            since,
            until,
            by,
            unit=unit,
            post=post,
            processes=processes,
            reason=reason,
        )

    # ------------------------------------------------------------ events and time

    def message(
        self,
        name: str,
        correlation: str = "",
        payload: Mapping[str, Any] | None = None,
        by: int | str | None = None,
        *,
        idempotency_key: str | None = None,
        world: int = LIVE,
    ) -> int:
        """Give a message to the instance that waits for it, or to the process that begins by it; answers the instance's id. NotFound
        when nobody waits. With `by`, they need the power to operate."""
        reply = letters.message(self.core, name, correlation, payload or {}, by, key=idempotency_key, world_id=world)
        instance_id: int = reply["instance"]
        return instance_id

    def signal(
        self,
        name: str,
        payload: Mapping[str, Any] | None = None,
        by: int | str | None = None,
        *,
        idempotency_key: str | None = None,
        world: int = LIVE,
    ) -> list[int]:
        """Hand a signal to every instance that waits for it now, and begin every process that begins by it; answers the ids of these
        instances. With `by`, they need the power to operate."""
        reply = letters.signal(self.core, name, payload or {}, by, key=idempotency_key, world_id=world)
        reached: list[int] = reply["instances"]
        return reached

    def advance(self, duration: timedelta) -> datetime:
        """Move the manual clock this city was opened with, and carry out what came due."""
        if not isinstance(self.core.clock, ManualClock):
            raise Invalid(
                why_zh="此城市使用真实时钟，不能拨动", why_en="this city runs on a real clock that cannot be moved"
            )
        now = self.core.clock.advance(duration)
        self.run_due()
        return now

    def run_due(self, limit: int = 1000) -> int:
        """Carry out due jobs and approved changes, and what comes of clocks (pauses that end, breaches, reminders), until nothing is due;
        answers how many were done."""
        done = 0
        while True:
            result = jobs.run_due(self.core, limit)
            begun = starters.run_due(self.core, limit).started
            late = resuming.resumptions(self.core, limit) + sweep.breaches(self.core, limit)
            late += reminding.reminders(self.core, limit)
            moved = moving.run_due(self.core) + working.run_due(self.core) + migrating.run_due(self.core)
            done += result.done + begun + late + moved
            if not result.done and not begun and not late and not moved:
                return done

    # ------------------------------------------------------------ people and worlds

    def world(self, world_id: int = LIVE) -> worlds.World:
        """A world and its time now."""
        return worlds.get(self.core, world_id)

    def close(self) -> None:
        """Give connections back."""
        self.core.close()
