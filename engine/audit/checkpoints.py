"""Seal what was written: at most every minute the ends of all chains that grew are signed, kept as a row, and copied outside.

Whoever owns the database can rewrite a chain from any row to its end. They cannot sign it again, and they cannot take back what the
copy says its end was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from engine import settings
from engine.audit import growth, signing
from engine.audit.copies import Copy, copy_for
from engine.audit.sealed import Sealed, seal
from engine.tables import alarm, checkpoint, instant_text

if TYPE_CHECKING:
    from engine.core import Core

MOST_HEADS = 5_000
"""Heads in one checkpoint: so many make half a megabyte. What is more is sealed by the next, at once."""
IDLE = timedelta(hours=1)
"""Without news one is made so often, to say that somebody was at work."""
LONG_LOOK = 20
"""Each so-manieth checkpoint looks far back."""

DEFAULTS = {"audit_checkpoint_seconds": 60, "audit_checkpoint_rows": 1000}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the next checkpoint says, and whether more is waiting."""

    contents: dict[str, Any]
    more: bool


def run_due(core: Core, tick: timedelta) -> bool:
    """Seal what is due, and complete the copy; True when more is waiting at once. `tick`: how soon this is called again: a row is
    never left unsealed for longer than the setting says."""
    copy = copy_for(core.db.url)
    _try_to_keep(core, copy)
    if not _is_due(core, tick):
        return False
    return make(core, copy)


def make(core: Core, copy: Copy | None = None, accepting: str | None = None) -> bool:
    """Make a checkpoint now. With `accepting`, a reason: what the copy has and the database has no more (a backup was restored) is
    from now on known to be gone, which the checkpoint says and signs. Another worker that is first makes this one nothing.
    Answers whether more is waiting."""
    copy = copy or copy_for(core.db.url)
    by = signing.signer()
    plan = _plan(core, copy, accepting)
    made = seal(plan.contents, by)
    try:
        with core.db.write() as connection:
            connection.execute(
                insert(checkpoint).values(
                    n=made.n,
                    at=datetime.fromisoformat(plan.contents["at"]),
                    body=made.body,
                    hash=made.hash,
                    signature=made.signature,
                    key_id=made.key_id,
                )
            )
    except IntegrityError:
        return False  # another worker sealed this number; what is left goes into the next
    if _try_to_keep(core, copy):
        signing.publish(copy.folder, by.public)
    return plan.more


def _try_to_keep(core: Core, copy: Copy) -> bool:
    """Complete the copy; where its folder cannot be written, sealing goes on, and one alarm is given while that lasts. The copy is
    completed by whoever is next when the folder is back."""
    try:
        keep(core, copy)
    except OSError as error:
        with core.db.write() as connection:
            ours = (alarm.c.kind == "audit_copy", alarm.c.about == str(copy.folder)[:200], alarm.c.seen_at.is_(None))
            if connection.execute(select(alarm.c.id).where(*ours)).first() is None:
                connection.execute(
                    insert(alarm).values(
                        at=core.db.now_on(connection),
                        kind="audit_copy",
                        about=str(copy.folder)[:200],
                        said_zh=f"审计校验点的副本无法写入（{error.strerror}）：请检查该文件夹。恢复后会自动补齐。",
                        said_en=f"The copy of the checkpoints cannot be written ({error.strerror}): look at the folder. "
                        "It is completed by itself when the folder is back.",
                    )
                )
        return False
    return True


def keep(core: Core, copy: Copy | None = None) -> int:
    """Write into the copy what the database has beyond it; answers how many checkpoints."""
    copy = copy or copy_for(core.db.url)
    last = copy.last()
    with core.db.snapshot() as connection:
        query = select(checkpoint).where(checkpoint.c.n > (last.n if last is not None else 0)).order_by(checkpoint.c.n)
        return copy.append(_sealed(row) for row in connection.execute(query, execution_options={"yield_per": 200}))


def newest(connection: Connection) -> Sealed | None:
    """The newest checkpoint of the database."""
    row = connection.execute(select(checkpoint).order_by(checkpoint.c.n.desc()).limit(1)).first()
    return _sealed(row) if row is not None else None


def _is_due(core: Core, tick: timedelta) -> bool:
    with core.db.read() as connection:
        most = settings.read(connection, DEFAULTS)
        now = core.db.now_on(connection)
        last = newest(connection)
        if last is None:
            return growth.rows_since(connection, None) > 0 or growth.unchained(connection).rows > 0
        if not last.contents:
            return True  # somebody changed it: that the verification says; what is new is sealed all the same
        age = now - datetime.fromisoformat(last.contents["at"])
        if age < timedelta(0) or age >= IDLE:
            return True
        rows = growth.rows_since(connection, last.until)
        if not rows:
            return False
        return (
            age + tick >= timedelta(seconds=most["audit_checkpoint_seconds"]) or rows >= most["audit_checkpoint_rows"]
        )


def _plan(core: Core, copy: Copy, accepting: str | None) -> _Plan:
    try:
        outside = copy.last()
    except OSError:  # of which an alarm is given
        outside = None
    with core.db.snapshot() as connection:
        inside = newest(connection)
        last = outside if inside is None or (outside is not None and outside.n > inside.n) else inside
        n = last.n + 1 if last is not None else 1
        now = core.db.now_on(connection)
        since = None
        if inside is not None and inside.contents:
            looked = min(inside.until, outside.until if outside is not None else now, now)
            since = looked - (growth.LONG_OVERLAP if n % LONG_LOOK == 0 else growth.OVERLAP)
        known = _sealed_since(connection, since) if since is not None else set()
        found = [h for h in growth.heads(connection, since) if (h.stream, h.seq, h.hash) not in known]
        contents: dict[str, Any] = {"n": n, "before": last.hash if last is not None else "", "at": instant_text(now)}
        if inside is None:
            contents["unchained"] = growth.unchained(connection).head
        if accepting is not None:
            contents |= {"gone": _gone(connection, copy), "reason": accepting}
    more = len(found) > MOST_HEADS
    found = found[:MOST_HEADS]
    contents["since"] = instant_text(since) if since is not None else ""
    contents["until"] = instant_text(min(found[-1].at, now) if more else now)
    contents["heads"] = {head.stream: [head.seq, head.hash] for head in found}
    return _Plan(contents, more)


def _sealed_since(connection: Connection, since: datetime) -> set[tuple[str, int, str]]:
    """The heads in checkpoints that looked at any time after `since`."""
    known: set[tuple[str, int, str]] = set()
    query = select(checkpoint).order_by(checkpoint.c.n.desc())
    with connection.execute(query, execution_options={"yield_per": 50}) as rows:
        for row in rows:
            one = _sealed(row)
            if not one.contents or one.until < since:
                break
            known |= {(stream, seq, digest) for stream, (seq, digest) in one.contents["heads"].items()}
    return known


def _gone(connection: Connection, copy: Copy) -> list[list[int]]:
    """Numbers, as ranges, of checkpoints that only the copy has, or has otherwise."""
    there = dict(connection.execute(select(checkpoint.c.n, checkpoint.c.hash)).all())
    ranges: list[list[int]] = []
    for _, one in copy.lines():
        if one is None or there.get(one.n) == one.hash:
            continue
        if ranges and ranges[-1][1] == one.n - 1:
            ranges[-1][1] = one.n
        else:
            ranges.append([one.n, one.n])
    return ranges


def _sealed(row: Any) -> Sealed:
    return Sealed(row.n, row.body, row.hash, row.signature, row.key_id)
