"""Asking for a batch, and looking at one's own: what was asked for, how far it is, and what became of each task."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import access, origin, settings
from engine.acts.base import LARGEST_NUMBER, split
from engine.batches import doing
from engine.errors import Invalid, KeyReused, NotFound
from engine.people import Actor, load_actor
from engine.steps import request_hash
from engine.tables import batch, batch_item, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

RUNNING, DONE, STOPPED = "running", "done", "stopped"
WAITING, REFUSED, LEFT = "waiting", "refused", "left"

DEFAULTS: dict[str, Any] = {"batch_items_most": 500}
"""Proposal; a row of `setting` wins."""


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one task. `state`: waiting, done, refused, left; `zh` and `en`: why it was refused."""

    n: int
    ref: str
    state: str
    code: str | None
    zh: str | None
    en: str | None
    reply: Row | None
    at: datetime | None

    def text(self, locale: str) -> str:
        """Why it was refused, in words; "" when it was not."""
        return (self.zh if locale.startswith("zh") else self.en) or ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands: how many tasks, how many are done or refused, and each of them in the order they were given."""

    id: int
    act: str
    params: Row
    state: str
    total: int
    done: int
    refused: int
    at: datetime
    ended_at: datetime | None
    items: tuple[Item, ...] = ()

    @property
    def left(self) -> int:
        """How many nobody has come to yet."""
        return self.total - self.done - self.refused


def ask(
    core: Core, act: str, refs: Sequence[str], by: int | str, params: Mapping[str, Any], *, key: str | None = None
) -> int:
    """Ask for one act on these tasks, as oneself; answers the batch's id. Nothing is done yet: `working.work` does it, here or in a
    worker. Each task once, however often it is named. The same `key` is the same batch. Invalid: no task, too many, an act or
    parameters that cannot be, personal answers; KeyReused."""
    wanted = doing.params(act, params)
    chosen = list(dict.fromkeys(str(ref) for ref in refs))
    for ref in chosen:
        split(ref)
    request = request_hash({"act": act, "refs": chosen, "params": wanted})
    with core.db.read() as connection:
        person = load_actor(connection, by).id
        most = int(settings.read(connection, DEFAULTS)["batch_items_most"])
    if not chosen or len(chosen) > most:
        raise Invalid(why_zh=f"请选择 1 至 {most} 件任务", why_en=f"choose 1 to {most} tasks")
    doing.check_nothing_personal(core, chosen, wanted.get("answers", {}))
    known = _known(core, person, key, request)
    if known is not None:
        return known
    try:
        with core.db.write() as connection:
            now = core.db.now_on(connection)
            new = connection.execute(
                insert(batch)
                .values(
                    by_id=person,
                    key=key or secrets.token_hex(16),
                    request=request,
                    act=act,
                    params=wanted,
                    origin=origin.current(),
                    state=RUNNING,
                    total=len(chosen),
                    done=0,
                    refused=0,
                    at=now,
                )
                .returning(batch.c.id)
            ).scalar_one()
            items = [
                {"batch_id": new, "n": n, "ref": ref, "state": WAITING, "tries": 0} for n, ref in enumerate(chosen)
            ]
            connection.execute(insert(batch_item), items)
            return int(new)
    except IntegrityError:  # the same request came twice at once
        again = _known(core, person, key, request)
        if again is None:
            raise
        return again


def get(core: Core, batch_id: int, by: int | str) -> Batch:
    """One's own batch with what became of each task. NotFound for others'."""
    if batch_id > LARGEST_NUMBER:
        raise NotFound(what="batch")
    with core.db.read() as connection:
        person = load_actor(connection, by).id
        row = (
            connection.execute(select(batch).where(batch.c.id == batch_id, batch.c.by_id == person)).mappings().first()
        )
        if row is None:
            raise NotFound(what="batch")
        items = connection.execute(
            select(batch_item).where(batch_item.c.batch_id == batch_id).order_by(batch_item.c.n)
        ).mappings()
        return _batch(row, tuple(_item(item) for item in items))


def mine(core: Core, by: int | str, most: int = 20) -> list[Batch]:
    """One's newest batches, without their tasks."""
    with core.db.read() as connection:
        person = load_actor(connection, by).id
        query = select(batch).where(batch.c.by_id == person).order_by(batch.c.id.desc()).limit(most)
        return [_batch(row) for row in connection.execute(query).mappings()]


def titles(core: Core, actor: Actor, found: Batch) -> dict[str, Row]:
    """Number and title of each task's case, and its node, by reference: of those that the actor sees."""
    cases = {split(item.ref)[0] for item in found.items}
    columns = (instance.c.id, instance.c.number, instance.c.title, task.c.node, task.c.definition_id)
    query = select(*columns, task.c.id.label("task")).join(task, task.c.instance_id == instance.c.id)
    with core.db.read() as connection:
        seen = select(instance.c.id).where(instance.c.id.in_(cases), access.visible(connection, actor))
        query = query.where(instance.c.id.in_(connection.execute(seen).scalars().all()))
        rows = {f"{r['id']}.{r['task']}": dict(r) for r in connection.execute(query).mappings()}
    return {item.ref: rows[item.ref] for item in found.items if item.ref in rows}


def stop(core: Core, batch_id: int, by: int | str) -> None:
    """Do nothing more of one's own batch; what was done stays done."""
    get(core, batch_id, by)
    with core.db.write() as connection:
        running = (batch.c.id == batch_id, batch.c.state == RUNNING)
        now = core.db.now_on(connection)
        if connection.execute(update(batch).where(*running).values(state=STOPPED, ended_at=now)).rowcount == 1:
            left = (batch_item.c.batch_id == batch_id, batch_item.c.state == WAITING)
            connection.execute(update(batch_item).where(*left).values(state=LEFT))


# ---------------------------------------------------------------- inside


def _known(core: Core, person: int, key: str | None, request: str) -> int | None:
    if key is None:
        return None
    with core.db.read() as connection:
        query = select(batch.c.id, batch.c.request).where(batch.c.by_id == person, batch.c.key == key)
        row = connection.execute(query).first()
    if row is not None and row.request != request:
        raise KeyReused(key=key)
    return int(row.id) if row is not None else None


def _batch(row: Mapping[Any, Any], items: tuple[Item, ...] = ()) -> Batch:
    names = ("id", "act", "params", "state", "total", "done", "refused", "at", "ended_at")
    return Batch(**{name: row[name] for name in names}, items=items)


def _item(row: Mapping[Any, Any]) -> Item:
    return Item(
        row["n"], row["ref"], row["state"], row["code"], row["text_zh"], row["text_en"], row["reply"], row["at"]
    )
