"""What is done with a plan: one designer draws it up and tries it on the cases it is for, proposes it, another human being approves it. It
is trying, then tried, proposed, and running until it is done; or withdrawn, refused or stopped. What was tried and approved does not
change any more. Whoever is to approve it is told, and who proposed it, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from engine import definitions
from engine.acts.base import clean_text, maybe_text
from engine.audit.recording import CONTENT, record
from engine.bpmn.changing import clock_pairing, pairing
from engine.drafts.keeping import LARGEST_ID, designer
from engine.errors import Invalid, NotAllowed, NotFound
from engine.migrating import choosing
from engine.migrating.asked import ALL, Asked, Chosen
from engine.migrating.plans import (
    FITS,
    PROPOSED,
    REFUSED,
    RUNNING,
    STOPPED,
    TRIED,
    TRYING,
    WAITING,
    WITHDRAWN,
    counted,
)
from engine.people import Actor
from engine.publishing import proposals, telling
from engine.tables import definition, process_migration, process_migration_item

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def make(
    core: Core,
    key: str,
    source: int,
    target: int,
    nodes: Mapping[str, str],
    by: int | str,
    *,
    clocks: Mapping[str, str] | None = None,
    chosen: Chosen = ALL,
) -> int:
    """Draw up a plan from version `source` to `target` and begin to try it on the cases that are `chosen` among those that run by `source`;
    answers its id. `clocks`: which limit becomes which, or `DROPPED`; none: as is proposed. Invalid with every pair that cannot be, and
    where no case is meant; NotAllowed without the power to design; NotFound: there is no such version."""
    with core.db.read() as connection:
        old, new = _version(connection, key, source), _version(connection, key, target)
    if old == new:
        raise Invalid(why_zh="请选择两个不同的版本", why_en="choose two different versions")
    before, after = definitions.get(core, old).model, definitions.get(core, new).model
    wanted = {str(one): str(other) for one, other in nodes.items()}
    limits = dict(clocks) if clocks is not None else clock_pairing.propose(before, after, wanted)
    check(before, after, wanted, limits)
    if chosen.node and chosen.node not in before.nodes:
        raise Invalid(why_zh="原版中没有所选的环节", why_en="the old version has no such step")
    asked = Asked(wanted, limits, chosen)
    with core.db.write() as connection:
        actor = designer(connection, by)
        _check_alone(connection, old)
        cases = choosing.cases(core, connection, old, chosen)
        if not cases:
            raise Invalid(
                why_zh="该版本没有符合条件的在办案件" if chosen != ALL else "该版本没有在办案件",
                why_en="no case that runs by this version is meant"
                if chosen != ALL
                else "no case runs by this version",
            )
        c = process_migration.c
        row: Row = {"key": key, "source_id": old, "target_id": new, "nodes": asked.kept(), "state": TRYING}
        row |= {"made_by": actor.id, "made_at": core.db.now_on(connection)}
        made = int(connection.execute(insert(process_migration).values(**row).returning(c.id)).scalar_one())
        connection.execute(
            insert(process_migration_item),
            [{"migration_id": made, "n": n, "instance_id": i, "state": WAITING} for n, i in enumerate(cases)],
        )
        said = {"from": source, "to": target, "cases": len(cases), "nodes": {a: b for a, b in wanted.items() if a != b}}
        more = {"chosen": chosen.kept(), "clocks": asked.called_otherwise, "dropped_clocks": asked.dropped}
        _say(core, connection, "migration_tried", actor, made, key, said | {k: v for k, v in more.items() if v})
    return made


def check(before: Any, after: Any, nodes: Mapping[str, str], clocks: Mapping[str, str]) -> None:
    """Invalid when these versions cannot be gone between so. How many cases of a confidential process there are is nobody's to know."""
    if before.confidential is not None or after.confidential is not None:
        raise Invalid(
            why_zh="保密流程的在办案件不能迁移",
            why_en="running cases of a confidential process are not migrated",
        )
    wrong = pairing.judge(before, after, nodes) or clock_pairing.judge(before, after, nodes, clocks)
    if wrong:
        some = list(wrong.items())[:5]
        raise Invalid(
            why_zh="；".join(f"“{name}”：{why.zh}" for name, why in some),
            why_en="; ".join(f"“{name}”: {why.en}" for name, why in some),
        )


def propose(core: Core, plan_id: int, by: int | str, note: str) -> str:
    """Put a plan that was tried up for decision; answers its state: where no second person is asked for (setting
    `publish_second_person`), it runs at once. Invalid: it was not tried to the end, no case could go, or another plan for the same
    version is before it."""
    said = clean_text(note)
    alone = not proposals.second_person(core)
    with core.db.write() as connection:
        actor, row = designer(connection, by), _open(connection, plan_id, (TRIED,))
        _check_alone(connection, row["source_id"])
        if not counted(connection, plan_id).get(FITS):
            raise Invalid(why_zh="没有可以迁移的案件", why_en="no case could go")
        now = core.db.now_on(connection)
        state = RUNNING if alone else PROPOSED
        values: Row = {"state": state, "note": said, "proposed_by": actor.id, "proposed_at": now}
        if alone:
            values["decided_at"] = now
        seq = _set(core, connection, row, actor, values, "migration_proposed", {"note": said})
        if not alone:
            people = telling.deciders(connection, actor)
            telling.tell(
                core, connection, seq, telling.MIGRATION_ASKED, people, _about(connection, row, said), actor.id
            )
    return state


def approve(core: Core, plan_id: int, by: int | str, said: str = "") -> None:
    """Let it be carried out. NotAllowed: without the power to design, or by the human being who proposed it, by whatever account."""
    why = maybe_text(said)
    with core.db.write() as connection:
        actor, row = _decides(connection, plan_id, by)
        values = _decided(core, connection, actor, RUNNING, why)
        seq = _set(core, connection, row, actor, values, "migration_approved", {"said": why} if why else {})
        _tell_proposer(core, connection, seq, telling.MIGRATION_APPROVED, row, why, actor.id)


def refuse(core: Core, plan_id: int, by: int | str, said: str) -> None:
    """Refuse it, and say why. As `approve`."""
    why = clean_text(said)
    with core.db.write() as connection:
        actor, row = _decides(connection, plan_id, by)
        values = _decided(core, connection, actor, REFUSED, why)
        seq = _set(core, connection, row, actor, values, "migration_refused", {"said": why})
        _tell_proposer(core, connection, seq, telling.MIGRATION_REFUSED, row, why, actor.id)


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


def say_ended(core: Core, connection: Connection, row: Row) -> None:
    """Into the audit, and to who proposed it: it was carried out on every case that could go."""
    seq = _say(core, connection, "migration_done", None, row["id"], row["key"], counted(connection, row["id"]))
    _tell_proposer(core, connection, seq, telling.MIGRATION_DONE, row, "", None)


# ---------------------------------------------------------------- inside


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


def _check_alone(connection: Connection, source_id: int) -> None:
    """Two plans for one version would pull its cases two ways. The version's row is held, so that of two at once one is second."""
    connection.execute(select(definition.c.id).where(definition.c.id == source_id).with_for_update())
    c = process_migration.c
    other = select(c.id).where(c.source_id == source_id, c.state.in_((PROPOSED, RUNNING))).limit(1)
    if connection.execute(other).first() is not None:
        raise Invalid(
            why_zh="该版本已有一个迁移方案待审批或正在执行",
            why_en="another plan for this version is up for decision or under way",
        )


def _set(
    core: Core, connection: Connection, row: Row, actor: Actor, values: Row, kind: str, said: Row | None = None
) -> int:
    connection.execute(update(process_migration).where(process_migration.c.id == row["id"]).values(**values))
    return _say(core, connection, kind, actor, row["id"], row["key"], said or {})


def _say(core: Core, connection: Connection, kind: str, actor: Actor | None, plan_id: int, key: str, data: Row) -> int:
    return record(core, connection, CONTENT, kind, actor=actor, about=f"process_migration:{key}/{plan_id}", data=data)


def _about(connection: Connection, row: Row, text: str) -> Row:
    """What a notice of a plan says: which, of what process, and what was written with it."""
    c = definition.c
    zh, en = connection.execute(select(c.name_zh, c.name_en).where(c.id == row["source_id"])).one()
    return {"plan": row["id"], "zh": zh or row["key"], "en": en or zh or row["key"], **({"text": text} if text else {})}


def _tell_proposer(
    core: Core, connection: Connection, seq: int, kind: str, row: Row, text: str, by: int | None
) -> None:
    telling.tell(core, connection, seq, kind, [row["proposed_by"]], _about(connection, row, text), by)
