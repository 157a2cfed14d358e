"""What a worker does: train when asked or when it is time, propose for what waits, dispatch what a register allows, settle what ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import definitions, effects, four_eyes, identities, settings
from engine.dispatching import keeping, learning, reporting
from engine.dispatching.keeping import Current, Place
from engine.dispatching.model import dump
from engine.dispatching.proposing import Proposal, propose
from engine.errors import LiandongError
from engine.events import Event
from engine.states import InstanceStatus, TaskState
from engine.steps import Reply, Seen, run
from engine.tables import LIVE, dispatch_model, dispatch_proposal, history, instance, task
from engine.writes import WriteSet
from forms.errors import FormsError

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

LEASE = timedelta(minutes=30)
"""A training that takes longer is begun again by another worker."""
MOST = 100
MOST_SETTLED = 1000

log = structlog.get_logger("liandong.dispatching")


# ---------------------------------------------------------------- training


def train_due(core: Core) -> bool:
    """Carry out one training that was asked for, or is due by the schedule. Answers whether there was one."""
    _schedule(core)
    taken = _take(core)
    if taken is None:
        return False
    number, key, node = taken
    try:
        where = keeping.place(core, key, node)
        train(core, where, number)
    except Exception as error:  # told on the page, and tried again only when asked
        log.exception("training failed", model=number)
        with core.db.write() as connection:
            connection.execute(
                update(dispatch_model)
                .where(dispatch_model.c.id == number)
                .values(state="failed", lease_until=None, error=str(error)[:500])
            )
    return True


def train(core: Core, where: Place, number: int) -> None:
    """Train now, and put it to use."""
    with core.db.read() as connection:
        target = float(settings.read(connection, keeping.DEFAULTS)["dispatch_target"])
    cases = keeping.closed_cases(core, where)
    trained = learning.train(cases, target)
    keeping.finish(core, number, where, dump(trained.model), len(cases), reporting.of_training(cases, trained))


def _schedule(core: Core) -> None:
    with core.db.read() as connection:
        hours = float(settings.read(connection, keeping.DEFAULTS)["dispatch_train_hours"])
        now = core.db.now_on(connection)
        newest: dict[tuple[str, str], datetime] = {}
        for key, node, asked in connection.execute(
            select(dispatch_model.c.key, dispatch_model.c.node, dispatch_model.c.asked_at)
        ):
            newest[key, node] = max(asked, newest.get((key, node), asked))
    if hours <= 0:
        return
    for where in keeping.places(core):
        last = newest.get((where.key, where.node))
        if (last is None or now - last >= timedelta(hours=hours)) and _enough(core, where):
            keeping.ask(core, where.key, where.node, None)


def _enough(core: Core, where: Place) -> bool:
    """Whether enough cases have ended to learn anything."""
    some = (
        select(instance.c.id)
        .where(
            instance.c.world_id == LIVE, instance.c.key == where.key, instance.c.status == str(InstanceStatus.COMPLETED)
        )
        .limit(learning.FEWEST)
    )
    with core.db.read() as connection:
        return len(connection.execute(some).all()) >= learning.FEWEST


def _take(core: Core) -> tuple[int, str, str] | None:
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        rows = dispatch_model.c
        row = connection.execute(
            select(rows.id, rows.key, rows.node)
            .where(rows.state == "asked", or_(rows.lease_until.is_(None), rows.lease_until < now))
            .order_by(rows.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        connection.execute(update(dispatch_model).where(rows.id == row.id).values(lease_until=now + LEASE))
        return row.id, row.key, row.node


# ---------------------------------------------------------------- proposing


def propose_due(core: Core, most: int = MOST) -> int:
    """Note a proposal for each task that waits to be dispatched and has none, and dispatch those that a register allows. Answers how
    many."""
    done = 0
    for where in keeping.places(core):
        now = keeping.current(core, where.key, where.node)
        if now is None:
            continue
        since = keeping.since(core, now, where.key)
        for row in _waiting(core, where, most - done):
            had = refused(core, where, row)
            _note(core, where, now, row, propose(core, now.model, where.wanted, row["facts"], since=since, refused=had))
            done += 1
    return done


def refused(core: Core, where: Place, row: Row) -> frozenset[str]:
    """The units that had this case before and sent it back: what its earlier dispatches chose."""
    query = select(history.c.data).where(
        history.c.instance_id == row["instance_id"],
        history.c.kind == str(Event.COMPLETED),
        history.c.node == where.node,
    )
    with core.db.read() as connection:
        said = [(data or {}).get("answers") or {} for data in connection.execute(query).scalars()]
    return frozenset(str(answers[where.wanted.field]) for answers in said if answers.get(where.wanted.field))


def _waiting(core: Core, where: Place, most: int) -> list[Row]:
    noted = exists().where(
        dispatch_proposal.c.instance_id == task.c.instance_id, dispatch_proposal.c.task_id == task.c.id
    )
    these = [
        task.c.world_id == LIVE,
        task.c.state == str(TaskState.OPEN),
        task.c.assignee_id.is_(None),
        task.c.role.is_(None),
        task.c.definition_id.in_(where.definitions),
        task.c.node == where.node,
        ~noted,
    ]
    if where.post is not None:
        these.append(task.c.post_key == where.post)  # the index of what is offered finds them
    with core.db.read() as connection:
        rows = connection.execute(
            select(task.c.instance_id, task.c.id, instance.c.facts, instance.c.revision)
            .join(instance, instance.c.id == task.c.instance_id)
            .where(*these)
            .limit(max(0, most))
        ).mappings()
        return [dict(row) for row in rows]


def _note(core: Core, where: Place, now: Current, row: Row, found: Proposal) -> None:
    guess = found.guess
    values: Row = {
        "instance_id": row["instance_id"],
        "task_id": row["id"],
        "model_id": now.id,
        "key": where.key,
        "node": where.node,
        "class": found.matter.kind[:64],
        "proposed": found.unit,
        "guessed": guess.unit if guess is not None else None,
        "by_table": found.table,
        "trust": round(guess.trust, 4) if guess is not None else 0.0,
        "spoke": found.speaks,
        "decided": False,
        "state": "open",
    }
    new = (postgresql if core.db.postgresql else sqlite).insert(dispatch_proposal)
    with core.db.write() as connection:
        values["at"] = core.db.now_on(connection)
        if connection.execute(new.values(**values).on_conflict_do_nothing()).rowcount == 0:
            return  # another worker was first
    if found.allowed is not None and found.guess is not None:
        try:
            if decide(core, where, row["instance_id"], row["id"], found, now.id):
                _mark(core, row, decided=True)
        except (LiandongError, FormsError):
            log.warning("not dispatched by the system", instance=row["instance_id"], exc_info=True)


def decide(core: Core, where: Place, instance_id: int, task_id: int, found: Proposal, model: int) -> bool:
    """Dispatch it in the system's name, with why in its history, unless somebody has taken it, or it stands still. Answers whether."""
    guess, allowed = found.guess, found.allowed
    if guess is None or allowed is None:
        return False
    answer = {where.wanted.field: guess.unit}

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = seen.open_tasks.get(task_id)
        if row is None or row["assignee_id"] is not None or row["state"] != TaskState.OPEN or seen.suspended:
            return {"done": False}
        if core.unit_id(guess.unit) in seen.recused:
            return {"done": False}  # the case is about that unit
        definition, process_run = effects.resume(core, seen)
        its_own = definitions.get(core, row["definition_id"])
        form = its_own.form_of(its_own.model.nodes[row["node"]])
        answers = {**(usual(form)), **answer}
        cleaned, _ = identities.split(
            form, form.validate(answers, process_run.data(task_id)) if form is not None else {}
        )
        process_run.complete(task_id, sorted(four_eyes.accounts(core, seen, None)), cleaned)
        why = {
            "why": "dispatch",
            "unit": guess.unit,
            "trust": round(guess.trust, 4),
            "right": guess.right,
            "tried": guess.tried,
            "model": model,
            "row": allowed["row_key"],
            "version": allowed["row_version"],
        }
        effects.apply(
            core,
            definition,
            seen,
            writes,
            process_run,
            Event.COMPLETED,
            completed=row,
            data={"answers": cleaned, "auto": why},
        )
        return {"done": True}

    return bool(run(core, instance_id, plan).get("done"))


def usual(form: Any) -> Row:
    """What a form answers by default."""
    fields = form.properties.items() if form is not None else ()
    return {name: one.default for name, one in fields if one.access == "edit" and one.default is not None}


def _mark(core: Core, row: Row, **values: Any) -> None:
    with core.db.write() as connection:
        connection.execute(
            update(dispatch_proposal)
            .where(dispatch_proposal.c.instance_id == row["instance_id"], dispatch_proposal.c.task_id == row["id"])
            .values(**values)
        )


# ---------------------------------------------------------------- settling


def settle(core: Core, most: int = MOST_SETTLED) -> int:
    """Note what became of proposals: where the case was sent, and who had it when it was sent elsewhere or ended. Answers how many
    changed."""
    return _sent(core, most) + _ended(core, most)


def _sent(core: Core, most: int) -> int:
    rows = dispatch_proposal.c
    with core.db.write() as connection:
        closed = connection.execute(
            select(rows.instance_id, rows.task_id, task.c.state, history.c.data)
            .join(task, and_(task.c.instance_id == rows.instance_id, task.c.id == rows.task_id))
            .outerjoin(
                history,
                and_(
                    history.c.instance_id == rows.instance_id,
                    history.c.task_id == rows.task_id,
                    history.c.kind == str(Event.COMPLETED),
                ),
            )
            .where(rows.state == "open", task.c.state.not_in((str(TaskState.OPEN), str(TaskState.SUSPENDED))))
            .limit(most)
        ).all()
        fields = {(one.key, one.node): one.wanted.field for one in keeping.places(core)} if closed else {}
        for row in closed:
            answers = (row.data or {}).get("answers") or {}
            chosen = next((str(answers[f]) for f in set(fields.values()) if answers.get(f)), None)
            void = chosen is None or row.state != TaskState.COMPLETED
            values: Row = {"state": "void"} if void else {"state": "sent", "chosen": chosen}
            connection.execute(update(dispatch_proposal).where(_is(row.instance_id, row.task_id)).values(**values))
            if not void:
                _correct_earlier(connection, row.instance_id, row.task_id, chosen, core.db.now_on(connection))
    return len(closed)


def _correct_earlier(connection: Any, instance_id: int, task_id: int, chosen: str | None, now: datetime) -> None:
    """The case was sent to another unit than before: the earlier proposals of it are judged by where it went now, at once."""
    rows = dispatch_proposal.c
    connection.execute(
        update(dispatch_proposal)
        .where(rows.instance_id == instance_id, rows.task_id < task_id, rows.state == "sent", rows.chosen != chosen)
        .values(state="settled", handled=chosen, settled_at=now)
    )


def _ended(core: Core, most: int) -> int:
    rows = dispatch_proposal.c
    with core.db.write() as connection:
        ended = connection.execute(
            select(rows.instance_id, rows.task_id, rows.key, rows.node, instance.c.status, instance.c.facts)
            .join(instance, instance.c.id == rows.instance_id)
            .where(rows.state == "sent", instance.c.ended_at.is_not(None))
            .limit(most)
        ).all()
        fields = {(one.key, one.node): one.wanted.field for one in keeping.places(core)} if ended else {}
        now = core.db.now_on(connection)
        for row in ended:
            handled = row.facts.get(fields.get((row.key, row.node), ""))
            done = row.status == InstanceStatus.COMPLETED and handled is not None
            values: Row = {"state": "settled", "handled": handled, "settled_at": now} if done else {"state": "void"}
            connection.execute(update(dispatch_proposal).where(_is(row.instance_id, row.task_id)).values(**values))
    return len(ended)


def _is(instance_id: int, task_id: int) -> ColumnElement[bool]:
    return and_(dispatch_proposal.c.instance_id == instance_id, dispatch_proposal.c.task_id == task_id)
