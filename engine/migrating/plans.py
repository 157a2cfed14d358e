"""Plans: one designer draws one up and tries it on every running case, proposes it, another human being approves it. A plan is trying, then
tried, proposed, and running until it is done; or withdrawn, refused or stopped. What was tried and approved does not change any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select, update

from engine import definitions
from engine.acts.base import clean_text, maybe_text
from engine.audit.recording import CONTENT, record
from engine.bpmn.changing import pairing
from engine.drafts.keeping import LARGEST_ID, designer
from engine.errors import Invalid, NotAllowed, NotFound
from engine.people import Actor
from engine.publishing import proposals
from engine.states import InstanceStatus
from engine.tables import LIVE, definition, instance, process_migration, process_migration_item

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

TRYING, TRIED, PROPOSED, RUNNING = "trying", "tried", "proposed", "running"
DONE, STOPPED, REFUSED, WITHDRAWN = "done", "stopped", "refused", "withdrawn"
OPEN = (TRYING, TRIED, PROPOSED, RUNNING)
WAITING, FITS, UNFIT, MOVED, STAYED, GONE = "waiting", "fits", "refused", "moved", "stayed", "gone"
"""What becomes of a case: not come to yet; would go, would not (the dry run); went, did not, was over or elsewhere by then."""

_RUNS = (InstanceStatus.ACTIVE, InstanceStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it stands, and how many cases are at what. `nodes`: from the nodes of the version `source` to those of `target`."""

    id: int
    key: str
    source_id: int
    target_id: int
    nodes: dict[str, str]
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
    source: int = 0
    target: int = 0
    counts: dict[str, int] = field(default_factory=dict)

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


def running(definition_id: int) -> Any:
    """The cases of the live world that run by a version, as a query of their ids."""
    c = instance.c
    return (
        select(c.id)
        .where(c.world_id == LIVE, c.status.in_([str(each) for each in _RUNS]), c.definition_id == definition_id)
        .where(~c.confidential)
        .order_by(c.id)
    )


def make(core: Core, key: str, source: int, target: int, nodes: Mapping[str, str], by: int | str) -> int:
    """Draw up a plan from version `source` to `target` and begin to try it on every case that runs by `source`; answers its id. Invalid
    with every pair that cannot be; NotAllowed without the power to design; NotFound: there is no such version."""
    with core.db.read() as connection:
        old, new = _version(connection, key, source), _version(connection, key, target)
    if old == new:
        raise Invalid(why_zh="请选择两个不同的版本", why_en="choose two different versions")
    before, after = definitions.get(core, old).model, definitions.get(core, new).model
    wanted = {str(one): str(other) for one, other in nodes.items()}
    check(before, after, wanted)
    with core.db.write() as connection:
        actor = designer(connection, by)
        c = process_migration.c
        other = select(c.id).where(c.source_id == old, c.state.in_((PROPOSED, RUNNING))).limit(1)
        if connection.execute(other).first() is not None:
            raise Invalid(
                why_zh="该版本已有一个迁移方案待审批或正在执行",
                why_en="another plan for this version is up for decision or under way",
            )
        cases = connection.execute(running(old)).scalars().all()
        if not cases:
            raise Invalid(why_zh="该版本没有在办案件", why_en="no case runs by this version")
        now = core.db.now_on(connection)
        row: Row = {"key": key, "source_id": old, "target_id": new, "nodes": wanted, "state": TRYING}
        row |= {"made_by": actor.id, "made_at": now}
        made = int(connection.execute(insert(process_migration).values(**row).returning(c.id)).scalar_one())
        connection.execute(
            insert(process_migration_item),
            [{"migration_id": made, "n": n, "instance_id": i, "state": WAITING} for n, i in enumerate(cases)],
        )
        said = {"from": source, "to": target, "cases": len(cases), "nodes": {a: b for a, b in wanted.items() if a != b}}
        _say(core, connection, "migration_tried", actor, made, key, said)
    return made


def check(before: Any, after: Any, nodes: Mapping[str, str]) -> None:
    """Invalid when these versions cannot be gone between so. How many cases of a confidential process there are is nobody's to know."""
    if before.confidential is not None or after.confidential is not None:
        raise Invalid(
            why_zh="保密流程的在办案件不能迁移",
            why_en="running cases of a confidential process are not migrated",
        )
    wrong = pairing.judge(before, after, nodes)
    if wrong:
        some = list(wrong.items())[:5]
        raise Invalid(
            why_zh="；".join(f"“{name}”：{why.zh}" for name, why in some),
            why_en="; ".join(f"“{name}”: {why.en}" for name, why in some),
        )


def propose(core: Core, plan_id: int, by: int | str, note: str) -> str:
    """Put a plan that was tried up for decision; answers its state: where no second person is asked for (setting
    `publish_second_person`), it runs at once. Invalid: it was not tried to the end, or no case could go."""
    said = clean_text(note)
    alone = not proposals.second_person(core)
    with core.db.write() as connection:
        actor, row = designer(connection, by), _open(connection, plan_id, (TRIED,))
        if not _counts(connection, plan_id).get(FITS):
            raise Invalid(why_zh="没有可以迁移的案件", why_en="no case could go")
        now = core.db.now_on(connection)
        state = RUNNING if alone else PROPOSED
        values: Row = {"state": state, "note": said, "proposed_by": actor.id, "proposed_at": now}
        if alone:
            values["decided_at"] = now
        _set(core, connection, row, actor, values, "migration_proposed", {"note": said})
    return state


def approve(core: Core, plan_id: int, by: int | str, said: str = "") -> None:
    """Let it be carried out. NotAllowed: without the power to design, or by the human being who proposed it, by whatever account."""
    with core.db.write() as connection:
        actor, row = _decides(connection, plan_id, by)
        _set(
            core,
            connection,
            row,
            actor,
            _decided(core, connection, actor, RUNNING, maybe_text(said)),
            "migration_approved",
        )


def refuse(core: Core, plan_id: int, by: int | str, said: str) -> None:
    """Refuse it, and say why. As `approve`."""
    why = clean_text(said)
    with core.db.write() as connection:
        actor, row = _decides(connection, plan_id, by)
        values = _decided(core, connection, actor, REFUSED, why)
        _set(core, connection, row, actor, values, "migration_refused", {"said": why})


def withdraw(core: Core, plan_id: int, by: int | str) -> None:
    """Take back a plan that does not run yet: its author, or who proposed it."""
    with core.db.write() as connection:
        actor, row = designer(connection, by), _open(connection, plan_id, (TRYING, TRIED, PROPOSED))
        if not actor.accounts & {row["proposed_by"] or row["made_by"]}:
            raise NotAllowed(
                act_zh="撤回此方案", act_en="withdraw this plan", why_zh="它由他人提出", why_en="somebody else made it"
            )
        ended = core.db.now_on(connection)
        _set(core, connection, row, actor, {"state": WITHDRAWN, "ended_at": ended}, "migration_withdrawn")


def stop(core: Core, plan_id: int, by: int | str) -> None:
    """Change no further case; those that went stay where they are."""
    with core.db.write() as connection:
        actor, row = designer(connection, by), _open(connection, plan_id, (RUNNING,))
        ended = core.db.now_on(connection)
        _set(core, connection, row, actor, {"state": STOPPED, "ended_at": ended}, "migration_stopped")


# ---------------------------------------------------------------- looking


def get(core: Core, plan_id: int) -> Plan:
    """One plan. NotFound. Rights are the page's: only designers see plans."""
    with core.db.read() as connection:
        row = connection.execute(_query().where(process_migration.c.id == min(plan_id, LARGEST_ID))).mappings().first()
        if row is None:
            raise NotFound(what="plan")
        return Plan(**row, counts=_counts(connection, row["id"]))


def listing(core: Core, key: str, limit: int = 20) -> list[Plan]:
    """The plans of a process, the newest first."""
    c = process_migration.c
    with core.db.read() as connection:
        rows = connection.execute(_query().where(c.key == key).order_by(c.id.desc()).limit(limit)).mappings().all()
        return [Plan(**row, counts=_counts(connection, row["id"])) for row in rows]


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


# ---------------------------------------------------------------- inside

_OWN = [process_migration.c[f.name] for f in fields(Plan) if f.name in process_migration.c]


def _query() -> Any:
    old, new = definition.alias(), definition.alias()
    return (
        select(*_OWN, old.c.version.label("source"), new.c.version.label("target"))
        .join(old, old.c.id == process_migration.c.source_id)
        .join(new, new.c.id == process_migration.c.target_id)
    )


def _counts(connection: Connection, plan_id: int) -> dict[str, int]:
    c = process_migration_item.c
    query = select(c.state, func.count()).where(c.migration_id == plan_id).group_by(c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def _version(connection: Connection, key: str, number: int) -> int:
    c = definition.c
    found = connection.execute(
        select(c.id).where(c.key == key, c.version == min(number, LARGEST_ID), definitions.IS_VERSION)
    ).scalar()
    if found is None:
        raise NotFound(what="version of the process")
    return int(found)


def _open(connection: Connection, plan_id: int, states: tuple[str, ...]) -> Row:
    query = select(process_migration).where(process_migration.c.id == min(plan_id, LARGEST_ID)).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="plan")
    if row["state"] not in states:
        raise Invalid(why_zh="方案现在的状态不能这样处理", why_en="this cannot be done with the plan as it stands")
    return dict(row)


def _decides(connection: Connection, plan_id: int, by: int | str) -> tuple[Actor, Row]:
    actor, row = designer(connection, by), _open(connection, plan_id, (PROPOSED,))
    if row["proposed_by"] in actor.accounts:
        raise NotAllowed(
            act_zh="审批此方案",
            act_en="decide this plan",
            why_zh="它由您提出，须由他人审批",
            why_en="you proposed it; somebody else must decide",
        )
    return actor, row


def _decided(core: Core, connection: Connection, actor: Actor, state: str, said: str) -> Row:
    now = core.db.now_on(connection)
    values: Row = {"state": state, "said": said, "decided_by": actor.id, "decided_at": now}
    return values | ({"ended_at": now} if state == REFUSED else {})


def _set(
    core: Core, connection: Connection, row: Row, actor: Actor, values: Row, kind: str, said: Row | None = None
) -> None:
    connection.execute(update(process_migration).where(process_migration.c.id == row["id"]).values(**values))
    _say(core, connection, kind, actor, row["id"], row["key"], said or {})


def _say(core: Core, connection: Connection, kind: str, actor: Actor | None, plan_id: int, key: str, data: Row) -> None:
    record(core, connection, CONTENT, kind, actor=actor, about=f"process_migration:{key}/{plan_id}", data=data)


def say_ended(core: Core, connection: Connection, row: Row) -> None:
    """Into the audit: it was carried out on every case that could go."""
    _say(core, connection, "migration_done", None, row["id"], row["key"], _counts(connection, row["id"]))
