"""Plans as they stand: what was asked for, how far they are, what becomes of each case, and which cases they leave where they are. What is
done with a plan: `deciding`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from engine.drafts.keeping import LARGEST_ID
from engine.errors import NotFound
from engine.migrating import choosing
from engine.migrating.asked import Asked
from engine.tables import definition, instance, process_migration, process_migration_item

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

TRYING, TRIED, PROPOSED, RUNNING = "trying", "tried", "proposed", "running"
DONE, STOPPED, REFUSED, WITHDRAWN = "done", "stopped", "refused", "withdrawn"
OPEN = (TRYING, TRIED, PROPOSED, RUNNING)
WAITING, FITS, UNFIT, MOVED, STAYED, GONE = "waiting", "fits", "refused", "moved", "stayed", "gone"
"""What becomes of a case: not come to yet; would go, would not (the dry run); went, did not, was over or elsewhere by then."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it stands, and how many cases are at what. `asked`: which node and clock of the version `source` becomes which of `target`,
    and for which cases. `newest`: the newest version of the process by now."""

    id: int
    key: str
    source_id: int
    target_id: int
    asked: Asked
    state: str
    note: str
    made_by: int
    made_at: datetime
    tried_at: datetime | None
    proposed_by: int | None
    proposed_at: datetime | None
    decided_by: int | None
    decided_at: datetime | None
    said: str
    ended_at: datetime | None
    source: int
    target: int
    newest: int
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def nodes(self) -> dict[str, str]:
        """From the nodes of the version that is left to those of the other."""
        return self.asked.nodes

    @property
    def total(self) -> int:
        """All cases it is about."""
        return sum(self.counts.values())

    @property
    def come_to(self) -> int:
        """Those that the dry run, or the change itself, has come to."""
        left = (WAITING, FITS, UNFIT) if self.state in (RUNNING, STOPPED) else (WAITING,)
        return self.total - sum(self.counts.get(state, 0) for state in left)


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes of one case. `told`: of its tasks, timers and clocks; `zh`, `en`: why not."""

    n: int
    instance_id: int
    state: str
    told: Row | None
    code: str | None
    zh: str | None
    en: str | None
    at: datetime | None

    def text(self, locale: str) -> str:
        """Why not, in words; "" when it can."""
        return (self.zh if locale.startswith("zh") else self.en) or ""


def get(core: Core, plan_id: int) -> Plan:
    """One plan. NotFound. Rights are the page's: only designers see plans."""
    with core.db.read() as connection:
        row = connection.execute(_query().where(process_migration.c.id == min(plan_id, LARGEST_ID))).mappings().first()
        if row is None:
            raise NotFound(what="plan")
        return _plan(row, counted(connection, row["id"]))


def listing(core: Core, key: str, limit: int = 20) -> list[Plan]:
    """The plans of a process, the newest first."""
    c = process_migration.c
    with core.db.read() as connection:
        rows = connection.execute(_query().where(c.key == key).order_by(c.id.desc()).limit(limit)).mappings().all()
        return [_plan(row, counted(connection, row["id"])) for row in rows]


def items(
    core: Core, plan_id: int, states: tuple[str, ...] = (), code: str | None = None, most: int | None = None
) -> list[Item]:
    """What becomes of its cases, in their order; of some states, or refused for one reason, where these are given."""
    c = process_migration_item.c
    columns = (c.n, c.instance_id, c.state, c.told, c.code, c.text_zh.label("zh"), c.text_en.label("en"), c.at)
    query = select(*columns).where(c.migration_id == plan_id).order_by(c.n)
    if states:
        query = query.where(c.state.in_(states))
    if code is not None:
        query = query.where(c.code == code)
    with core.db.read() as connection:
        return [Item(**row) for row in connection.execute(query.limit(most)).mappings()]


def reasons(core: Core, plan_id: int) -> list[Row]:
    """Why cases cannot go, the commonest first: `code`, `zh`, `en`, `cases`."""
    c = process_migration_item.c
    count = func.count()
    query = select(c.code, c.text_zh.label("zh"), c.text_en.label("en"), count.label("cases")).where(
        c.migration_id == plan_id, c.state.in_((UNFIT, STAYED))
    )
    query = query.group_by(c.code, c.text_zh, c.text_en).order_by(count.desc(), c.code).limit(50)
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def rest(core: Core, plan: Plan, most: int) -> tuple[int, list[int]]:
    """The cases that run by the version that is left and that the plan is not for: how many, and ids of the oldest. They stay."""
    its = select(process_migration_item.c.instance_id).where(process_migration_item.c.migration_id == plan.id)
    query = choosing.running(plan.source_id).where(instance.c.id.not_in(its))
    with core.db.read() as connection:
        found = query.order_by(None).subquery()
        count = connection.execute(select(func.count()).select_from(found)).scalar_one()
        return int(count), list(connection.execute(query.limit(most)).scalars()) if count else []


def counted(connection: Connection, plan_id: int) -> dict[str, int]:
    """How many of its cases are at what."""
    c = process_migration_item.c
    query = select(c.state, func.count()).where(c.migration_id == plan_id).group_by(c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


# ---------------------------------------------------------------- inside

_OWN = [process_migration.c[f.name] for f in fields(Plan) if f.name in process_migration.c]


def _query() -> Any:
    old, new, last = definition.alias(), definition.alias(), definition.alias()
    newest = (
        select(func.max(last.c.version))
        .where(last.c.key == process_migration.c.key, last.c.version > 0)
        .scalar_subquery()
    )
    return (
        select(
            *_OWN,
            process_migration.c.nodes,
            old.c.version.label("source"),
            new.c.version.label("target"),
            newest.label("newest"),
        )
        .join(old, old.c.id == process_migration.c.source_id)
        .join(new, new.c.id == process_migration.c.target_id)
    )


def _plan(row: Any, counts: dict[str, int]) -> Plan:
    values = dict(row)
    return Plan(asked=Asked.read(values.pop("nodes")), counts=counts, **values)
