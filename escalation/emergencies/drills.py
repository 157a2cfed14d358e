"""Drills (演练): worlds with a clock of their own, in which a plan runs as in earnest, and of which only those on a list are
told. Nothing of them is in any figure, list or search of the live world; who started one ends it, with an evaluation.

A plan is drilled at least every three years (突发事件应急预案管理办法 art. 31 [M+]); by what it is judged the register
`drill_criteria` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from engine import access, effects, instances, registers, worlds
from engine.acts.base import clean_text
from engine.audit.recording import CONTENT, record
from engine.errors import Invalid, NotAllowed, NotFound
from engine.events import Event
from engine.people import Actor
from engine.registers import UnknownRegister
from engine.steps import Reply, Seen, run
from engine.tables import drill, instance, notice, person, task, world
from engine.worlds import World
from engine.writes import WriteSet
from escalation.emergencies import plans

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

CRITERIA: Final = "drill_criteria"
MOST_RECEIVERS = 300
SCORES: Final = range(1, 6)
MOST_SHOWN = 50
_RUNS = instance.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill: its row, its world (whose clock was read just now), and the activations in it."""

    row: Row
    world: World
    rate: float
    cases: list[Row]

    @property
    def is_over(self) -> bool:
        """Ended by who started it."""
        return self.row["ended_at"] is not None

    def is_ended_by(self, actor: Actor) -> bool:
        """Whether the actor may end it: who started it, by whichever account."""
        return self.row["started_by"] in actor.accounts


def start(core: Core, actor: Actor, plan: str, title: str, rate: float, receivers: Iterable[int]) -> int:
    """A new drill of a plan, whose clock begins at the present and runs `rate` times as fast; answers the id of its world.
    NotAllowed: who may not start plans. NotFound: no such plan. Invalid: no title, too many to be told, not 1 to 60 times as fast."""
    access.check_power(actor, plans.POWER, "组织演练", "hold drills")
    plans.get(core, plan)
    said, told = clean_text(title, 200), sorted({*receivers, actor.id})
    if len(told) > MOST_RECEIVERS:
        raise Invalid(why_zh=f"最多 {MOST_RECEIVERS} 名接收人", why_en=f"{MOST_RECEIVERS} receivers at most")
    with core.db.write() as connection:
        known = set(connection.execute(select(person.c.id).where(person.c.id.in_(told), person.c.active)).scalars())
        if known != set(told):
            raise Invalid(why_zh="接收人名单中有无效的人员", why_en="somebody on the list is not there any more")
        now = worlds.on(connection, core).now
        new = worlds.add(connection, core, worlds.DRILL, said, now, rate=rate, receivers=told)
        connection.execute(
            insert(drill).values(world_id=new, plan=plan, title=said, started_by=actor.id, started_at=now)
        )
        data = {"plan": plan, "title": said, "rate": rate, "receivers": told}
        record(core, connection, CONTENT, "drill_started", actor=actor, about=f"drill:{new}", data=data)
    return new


def get(core: Core, actor: Actor, world_id: int) -> Drill:
    """One drill. NotFound for who neither is on its list, nor started it, nor may start plans."""
    with core.db.read() as connection:
        query = select(drill, world.c.rate, world.c.receivers).join(world, world.c.id == drill.c.world_id)
        row = connection.execute(query.where(drill.c.world_id == world_id)).mappings().first()
        if row is None or not _concerns(actor, dict(row)):
            raise NotFound(what="drill")
        cases = connection.execute(
            select(instance)
            .where(instance.c.world_id == world_id, access.visible(connection, actor))
            .order_by(instance.c.started_at.desc())
            .limit(MOST_SHOWN)
        ).mappings()
        return Drill(dict(row), worlds.on(connection, core, world_id), row["rate"], [dict(one) for one in cases])


def every(core: Core, actor: Actor) -> list[Row]:
    """The drills that concern the actor, those that run first, then the newest."""
    with core.db.read() as connection:
        query = (
            select(drill, world.c.receivers, world.c.rate)
            .join(world, world.c.id == drill.c.world_id)
            .order_by(drill.c.ended_at.is_not(None), drill.c.started_at.desc(), drill.c.world_id.desc())
        )
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row for row in rows if _concerns(actor, row)][:MOST_SHOWN]


def mine(core: Core, actor: Actor) -> list[Row]:
    """The drills that run and tell the actor something: what a tab beside the inbox leads to."""
    with core.db.read() as connection:
        query = (
            select(drill, world.c.receivers)
            .join(world, world.c.id == drill.c.world_id)
            .where(drill.c.ended_at.is_(None))
            .order_by(drill.c.started_at.desc())
        )
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [row for row in rows if actor.accounts & {row["started_by"], *(row["receivers"] or ())}]


def told(core: Core, actor: Actor, world_id: int, most: int = 30) -> list[Row]:
    """What the drill told the actor, the newest first."""
    with core.db.read() as connection:
        query = (
            select(notice, instance.c.number, instance.c.title, task.c.node, task.c.definition_id)
            .join(instance, instance.c.id == notice.c.instance_id)
            .outerjoin(task, (task.c.instance_id == notice.c.instance_id) & (task.c.id == notice.c.task_id))
            .where(notice.c.world_id == world_id, notice.c.person_id == actor.id)
            .order_by(notice.c.at.desc())
            .limit(most)
        )
        return [dict(row) for row in connection.execute(query).mappings()]


def criteria(core: Core) -> list[Row]:
    """By what a drill is judged: rows of the register, in its order."""
    try:
        return registers.rows(core, CRITERIA)
    except UnknownRegister:
        return []


def end(
    core: Core, actor: Actor, world_id: int, scores: Mapping[str, Any], notes: Mapping[str, str], note: str
) -> None:
    """End it with its evaluation: a score from 1 to 5 for each criterion of the register, a note to each, and one to all. Its clock
    stands, its activations are cancelled. NotAllowed: somebody else started it. Invalid: a score is missing. Again: nothing."""
    found = get(core, actor, world_id)
    if not found.is_ended_by(actor):
        raise NotAllowed(act_zh="结束演练", act_en="end this drill", power_zh="演练发起人", power_en="who started it")
    if found.is_over:
        return
    sheet = _sheet(criteria(core), scores, notes)
    with core.db.write() as connection:
        now = worlds.on(connection, core, world_id).now
        done = connection.execute(
            update(drill)
            .where(drill.c.world_id == world_id, drill.c.ended_at.is_(None))
            .values(ended_at=now, evaluation=sheet, note=note.strip()[:2000])
        )
        if done.rowcount == 1:
            worlds.stop(connection, core, world_id)
            data = {"evaluation": sheet}
            record(core, connection, CONTENT, "drill_ended", actor=actor, about=f"drill:{world_id}", data=data)
        running = (
            connection.execute(select(instance.c.id).where(instance.c.world_id == world_id, _RUNS)).scalars().all()
        )
    for instance_id in running:
        _cancel(core, instance_id)


def took(row: Row) -> timedelta:
    """How long a drill lasted by its own clock."""
    ended: datetime | None = row["ended_at"]
    return ended - row["started_at"] if ended is not None else timedelta()


def _cancel(core: Core, instance_id: int) -> None:
    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if seen.instance["ended_at"] is not None:
            return {}
        writes.instance["status"] = instances.move_instance_in_words(seen)
        definition, process_run = effects.resume(core, seen)
        process_run.cancel()
        effects.apply(core, definition, seen, writes, process_run, Event.CANCELLED, data={"text": "演练结束"})
        return {}

    run(core, instance_id, plan)


def _concerns(actor: Actor, row: Row) -> bool:
    return plans.POWER in actor.powers or bool(actor.accounts & {row["started_by"], *(row["receivers"] or ())})


def _sheet(known: Iterable[Row], scores: Mapping[str, Any], notes: Mapping[str, str]) -> Row:
    sheet: Row = {}
    for row in known:
        key = str(row["key"])
        given = scores.get(key)
        if not isinstance(given, int) or given not in SCORES:
            raise Invalid(
                why_zh=f"请为“{row['name_zh']}”评分（1 至 5 分）",
                why_en=f"give “{row.get('name_en') or row['name_zh']}” a score from 1 to 5",
            )
        sheet[key] = {"score": given, "note": (notes.get(key) or "").strip()[:500], "name_zh": row["name_zh"],
                      "name_en": row.get("name_en") or row["name_zh"]}  # fmt: skip
    return sheet
