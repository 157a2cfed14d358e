"""Somebody who owns the database, and not the files beside it: every way they might change what happened, and their traces undone."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Table, delete, insert, select, update

from engine.audit import checkpoints, signing
from engine.audit.chain import AUDIT, BEGINNING, HISTORY, link
from engine.audit.copies import Copy
from engine.audit.growth import heads
from engine.audit.sealed import seal
from engine.tables import (
    attachment,
    audit,
    audit_head,
    checkpoint,
    definition_file,
    history,
    identity,
    instance,
    public_message,
    register_row,
    setting,
    task,
)
from engine.tables.columns import instant_text
from escalation.tables import clock, clock_entry
from web.city import City

Row = dict[str, Any]
TOUCHED: tuple[Table, ...] = (
    attachment, audit, audit_head, checkpoint, clock, clock_entry, definition_file, history, identity, instance,
    public_message, register_row, setting, task,
)  # fmt: skip


@dataclass
class Attack:
    """One attack under way: the attacker's connection, their dice, and what the copy outside is (which they cannot reach)."""

    connection: Connection
    dice: random.Random
    copy: Copy
    city: City
    said: list[str] = field(default_factory=list)
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    def rows(self, table: Table, *where: Any) -> list[Row]:
        order = list(table.primary_key.columns)
        return [dict(r) for r in self.connection.execute(select(table).where(*where).order_by(*order)).mappings()]

    def one(self, table: Table, *where: Any) -> Row:
        found = self.dice.choice(self.rows(table, *where))
        self.said.append(f"{table.name} {[found[c.name] for c in table.primary_key]}")
        return found

    def put(self, table: Table, row: Row, **changes: Any) -> None:
        done = self.connection.execute(update(table).where(*_is(table, row)).values(**changes))
        assert done.rowcount == 1

    def drop(self, table: Table, row: Row) -> None:
        self.connection.execute(delete(table).where(*_is(table, row)))


def _is(table: Table, row: Row) -> list[Any]:
    return [c == row[c.name] for c in table.primary_key]


def other(value: Any, dice: random.Random) -> Any:
    """A value of the same sort that is another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + dice.choice([-1, 1, 7])
    if isinstance(value, str):
        return value + "x" if not value or dice.random() < 0.5 else value[:-1] + ("y" if value[-1] != "y" else "z")
    if isinstance(value, dict):
        name = dice.choice(sorted(k for k in value if value[k] is not None) or ["new"])
        return {**value, name: other(value.get(name, ""), dice)}
    if isinstance(value, list):
        return [*value, "more"]
    return value + timedelta(seconds=dice.choice([-60, 1])) if value is not None else None


# ---------------------------------------------------------------- chains

CHAINS: dict[str, tuple[Table, tuple[str, ...], str]] = {
    "history": (history, HISTORY, "instance_id"),
    "audit": (audit, AUDIT, "stream"),
}
Attacks = dict[str, Callable[[Attack], None]]


def _chained(which: str) -> Attacks:  # noqa: C901, PLR0915  a table of attacks on the same chain
    table, columns, of = CHAINS[which]

    def chain(a: Attack, least: int = 1) -> list[Row]:
        chains: dict[Any, list[Row]] = {}
        for row in a.rows(table):
            chains.setdefault(row[of], []).append(row)
        found = a.dice.choice([rows for rows in chains.values() if len(rows) >= least])
        a.said.append(f"{which} {found[0][of]}")
        return found

    def set_end(a: Attack, rows: list[Row], stream: Any) -> None:
        """As the program would have left it with these rows."""
        end = rows[-1]["hash"] if rows else BEGINNING
        if table is history:
            a.put(instance, {"id": stream}, history_count=len(rows), history_hash=end or None)
        else:
            a.put(audit_head, {"stream": stream}, seq=len(rows) - 1, hash=end)

    def edit(a: Attack) -> None:
        row = a.dice.choice(chain(a))
        name = a.dice.choice([c for c in (*columns, "hash") if row[c] is not None and c not in (of, "seq")])
        a.said.append(f"#{row['seq']} {name}")
        a.put(table, row, **{name: other(row[name], a.dice)})

    def remove(a: Attack) -> None:
        a.drop(table, a.dice.choice(chain(a)))

    def swap(a: Attack) -> None:
        first, second = a.dice.sample(chain(a, 2), 2)
        told = [c for c in (*columns, "hash") if c not in (of, "seq")]
        a.put(table, first, **{c: second[c] for c in told})
        a.put(table, second, **{c: first[c] for c in told})

    def swap_between(a: Attack) -> None:
        first, second = a.dice.choice(chain(a)), a.dice.choice(chain(a))
        while second[of] == first[of]:
            second = a.dice.choice(chain(a))
        told = [c for c in (*columns, "hash") if c not in (of, "seq")]
        a.put(table, first, **{c: second[c] for c in told})
        a.put(table, second, **{c: first[c] for c in told})

    def insert_between(a: Attack) -> None:
        rows = chain(a, 2)
        at = a.dice.randrange(1, len(rows))
        for row in reversed(rows[at:]):
            a.put(table, row, seq=row["seq"] + 1)
        fresh = {**rows[at - 1], "seq": at}
        fresh["hash"] = link(rows[at - 1]["hash"], fresh, columns)
        a.connection.execute(insert(table).values(**fresh))

    def truncate(a: Attack) -> None:
        rows = chain(a, 2)
        keep = a.dice.randrange(1, len(rows))
        for row in rows[keep:]:
            a.drop(table, row)
        if a.dice.random() < 0.8:
            set_end(a, rows[:keep], rows[0][of])

    def whole(a: Attack) -> None:
        rows = chain(a)
        for row in rows:
            a.drop(table, row)
        if table is audit:
            a.drop(audit_head, rows[0])
            return
        for each in (instance, task, clock, attachment):
            key = each.c.id if each is instance else each.c.instance_id
            a.connection.execute(delete(each).where(key == rows[0][of]))

    def again(a: Attack, rows: list[Row]) -> None:
        end = BEGINNING
        for seq, row in enumerate(rows):
            fresh = {**row, "seq": seq}
            fresh["hash"] = end = link(end, fresh, columns)
            a.connection.execute(insert(table).values(**fresh))
            row.update(fresh)
        if rows:
            set_end(a, rows, rows[0][of])

    def recompute(a: Attack) -> None:
        rows = chain(a, 2)
        for row in rows:
            a.drop(table, row)
        victim = a.dice.randrange(len(rows))
        if a.dice.random() < 0.5:
            rows[victim]["kind"] = other(rows[victim]["kind"], a.dice)
        else:
            del rows[victim]
        again(a, rows)

    def unhash(a: Attack) -> None:
        if table is audit:
            edit(a)  # the column takes no null there
            return
        rows = chain(a)
        for row in rows:
            a.put(table, row, hash=None)
        a.put(instance, {"id": rows[0][of]}, history_hash=None)

    def rubbish(a: Attack) -> None:
        a.put(
            table, a.dice.choice(chain(a)), data=a.dice.choice([["x"], "x", 7, {"opened": 3}, {"clock": 1, "due": "x"}])
        )

    found = {
        f.__name__: f
        for f in (edit, remove, swap, swap_between, insert_between, truncate, whole, recompute, unhash, rubbish)
    }
    return {f"{which}: {name}": f for name, f in found.items()}


# ---------------------------------------------------------------- checkpoints


def edit_checkpoint(a: Attack) -> None:
    row = a.one(checkpoint)
    name = a.dice.choice(["body", "hash", "signature", "key_id"])
    a.put(checkpoint, row, **{name: other(row[name], a.dice)})


def drop_checkpoint(a: Attack) -> None:
    a.drop(checkpoint, a.one(checkpoint))


def drop_newest_checkpoints(a: Attack) -> None:
    rows = a.rows(checkpoint)
    for row in rows[a.dice.randrange(1, len(rows)) :]:
        a.drop(checkpoint, row)


def drop_all_checkpoints(a: Attack) -> None:
    a.connection.execute(delete(checkpoint))


def sign_with_another_key(a: Attack) -> None:
    """History is written anew, and checkpoints that fit it are put in place of the real ones."""
    _chained("history")["history: recompute"](a)
    stranger = signing.Signer(Ed25519PrivateKey.generate())
    before, rows = "", a.rows(checkpoint)
    a.connection.execute(delete(checkpoint))
    for n, row in enumerate(rows, 1):
        contents = {
            "n": n,
            "at": instant_text(row["at"]),
            "before": before,
            "since": "",
            "until": instant_text(row["at"]),
        }
        sealed = {h.stream: [h.seq, h.hash] for h in heads(a.connection, None)} if n == len(rows) else {}
        made = seal({**contents, "heads": sealed}, stranger)
        name = stranger.id if a.dice.random() < 0.5 else row["key_id"]
        before = made.hash
        values = {"n": n, "at": row["at"], "body": made.body, "hash": made.hash, "signature": made.signature}
        a.connection.execute(insert(checkpoint).values(**values, key_id=name))


def put_back(a: Attack) -> None:
    """The whole database as it was some checkpoints ago."""
    rows = a.rows(checkpoint)
    keep = a.dice.randrange(1, len(rows))
    moment = rows[keep - 1]["at"]
    for row in rows[keep:]:
        a.drop(checkpoint, row)
    for table, written, of in ((history, history.c.written_at, "instance_id"), (audit, audit.c.at, "stream")):
        streams = {row[of] for row in a.rows(table, written > moment)}
        a.connection.execute(delete(table).where(written > moment))
        for stream in streams:
            left = a.rows(table, table.c[of] == stream)
            if table is audit:
                a.put(audit_head, {"stream": stream}, seq=len(left) - 1, hash=left[-1]["hash"] if left else BEGINNING)
            elif left:
                a.put(instance, {"id": stream}, history_count=len(left), history_hash=left[-1]["hash"])
            else:
                a.drop(instance, {"id": stream})


def sealed_by_the_program_itself(a: Attack) -> None:
    """A chain is computed anew, and the program goes on and seals its new end."""
    _chained("history")["history: recompute"](a)
    a.afterwards.append(lambda: checkpoints.make(a.city.core, a.copy))


# ---------------------------------------------------------------- rows that must agree


def _edit(table: Table, *names: str, where: Callable[[], tuple[Any, ...]] = tuple) -> Callable[[Attack], None]:
    def attack(a: Attack) -> None:
        held = {name: a.rows(table, table.c[name].is_not(None), *where()) for name in names}
        name = a.dice.choice([name for name, rows in held.items() if rows])
        row = a.one(table, table.c[name].is_not(None), *where())
        a.said.append(name)
        a.put(table, row, **{name: other(row[name], a.dice)})

    return attack


def undo_a_breach(a: Attack) -> None:
    a.put(clock, a.one(clock, clock.c.breached_at.is_not(None)), breached_at=None)


CHANGED = ("extensions", "extra", "entries", "started_at", "paused_at", "paused_until")


def _stands() -> tuple[Any, ...]:
    return (clock.c.paused_at.is_not(None), clock.c.paused_until.is_not(None))


def more_time(a: Attack) -> None:
    """A clock that is in time gets a day by hand."""
    row = a.one(clock, clock.c.breached_at.is_(None), clock.c.due_at.is_not(None), clock.c.amount.is_not(None))
    a.put(clock, row, due_at=row["due_at"] + timedelta(days=1))


def drop_an_entry(a: Attack) -> None:
    """What was done to a clock is taken from its ledger."""
    a.drop(clock_entry, a.one(clock_entry))


def drop_a_task(a: Attack) -> None:
    a.drop(task, a.one(task))


def open_a_task_again(a: Attack) -> None:
    a.put(task, a.one(task, task.c.state == "completed"), state="open", closed_at=None, closed_by=None)


STANDS = (
    "number", "title", "class", "area", "place", "lat", "lon", "source", "grade", "unit_id", "outcome", "status", "facts", "state",
)  # fmt: skip


def change_a_case(name: str) -> Callable[[Attack], None]:
    def attack(a: Attack) -> None:
        row = a.dice.choice([r for r in a.rows(instance, instance.c[name].is_not(None)) if r[name] != {}])
        a.said.append(f"{row['id']} {name}")
        a.put(instance, row, **{name: "cancelled" if name == "status" else other(row[name], a.dice)})

    return attack


def add_a_message(a: Attack) -> None:
    row = a.one(public_message)
    a.connection.execute(insert(public_message).values(**{**row, "id": "000009-added"}))


def drop_a_message(a: Attack) -> None:
    a.drop(public_message, a.one(public_message))


def forget_who_reported(a: Attack) -> None:
    row = a.one(identity)
    a.put(identity, row, sealed=None, deleted_at=row["at"])


def drop_who_reported(a: Attack) -> None:
    a.drop(identity, a.one(identity))


def change_a_form(a: Attack) -> None:
    row = a.one(definition_file)
    a.put(definition_file, row, content=bytes(row["content"]) + b" ")


ATTACKS: Attacks = {
    **_chained("history"),
    **_chained("audit"),
    "checkpoint: edit": edit_checkpoint,
    "checkpoint: drop": drop_checkpoint,
    "checkpoint: drop the newest": drop_newest_checkpoints,
    "checkpoint: drop all": drop_all_checkpoints,
    "checkpoint: another key": sign_with_another_key,
    "database put back": put_back,
    "sealed by the program itself": sealed_by_the_program_itself,
    "task: who and when": _edit(task, "opened_at", "closed_at", "closed_by"),
    "task: drop": drop_a_task,
    "task: open again": open_a_task_again,
    "instance: edit": _edit(instance, "started_at", "starter_id", "history_count", "history_hash", "ended_at"),
    **{f"instance: {name}": change_a_case(name) for name in STANDS},
    "message: edit": _edit(public_message, "text", "at", "kind", "by_id", "code_hash"),
    "message: add": add_a_message,
    "message: drop": drop_a_message,
    "identity: edit": _edit(identity, "sealed", "fields"),
    "identity: deleted": forget_who_reported,
    "identity: drop": drop_who_reported,
    "audit head: edit": _edit(audit_head, "seq", "hash"),
    "attachment: edit": _edit(attachment, "hash", "name"),
    "clock: no breach": undo_a_breach,
    "clock: edit": _edit(clock, *CHANGED, where=_stands),
    "clock: more time": more_time,
    "clock entry: edit": _edit(
        clock_entry, "at", "reason", "basis", "document", "asked_by", "approved_by", "approved_unit", "until", "amount"
    ),
    "clock entry: drop": drop_an_entry,
    "setting: edit": _edit(setting, "value"),
    "register: edit": _edit(register_row, "data", where=lambda: (register_row.c.current,)),
    "definition: edit": change_a_form,
}


def attack(city: City, copy: Copy, name: str, dice: random.Random) -> str:
    """Carry one out; answers what was done, for the message of a test."""
    with city.core.db.write() as connection:
        a = Attack(connection, dice, copy, city)
        ATTACKS[name](a)
    for each in a.afterwards:
        each()
    return f"{name}: {', '.join(a.said)}"


# ---------------------------------------------------------------- undone


class Undo:
    """Puts back what attacks touch: rows by their keys, and the file outside."""

    def __init__(self, city: City, copy: Copy) -> None:
        self.city, self.copy = city, copy
        self.file = copy.file.read_bytes()
        self.rows = self._read()

    def __call__(self) -> None:
        self.copy.file.write_bytes(self.file)
        now = self._read()
        with self.city.core.db.write() as connection:
            for table in TOUCHED:
                old, new = self.rows[table.name], now[table.name]
                for key in [k for k in new if old.get(k) != new[k]]:
                    connection.execute(delete(table).where(*_is(table, new[key])))
            for table in TOUCHED:
                old, new = self.rows[table.name], now[table.name]
                lost = [old[k] for k in old if old[k] != new.get(k)]
                if lost:
                    connection.execute(insert(table), lost)

    def _read(self) -> dict[str, dict[tuple[Any, ...], Row]]:
        with self.city.core.db.read() as connection:
            return {
                table.name: {
                    tuple(row[c.name] for c in table.primary_key): dict(row)
                    for row in connection.execute(select(table)).mappings()
                }
                for table in TOUCHED
            }
