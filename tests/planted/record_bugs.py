"""Bugs that were nearly made in what keeps records from being rewritten. Each leaves one way of tampering unseen."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import effects
from engine.audit import agreeing, chain, chains, signing
from engine.audit.chains import Walk
from engine.audit.copies import Copy, copy_for
from engine.audit.findings import Report
from engine.audit.verifying import verify
from engine.clock import ManualClock
from engine.tables import checkpoint, history
from engine.writes import WriteSet
from escalation import records
from tests.db.test_tampering import lived_in
from tests.planted.bug import Bug
from tests.tampering import attack
from web.city import City


def _lived_in(city: City) -> None:
    assert isinstance(city.core.clock, ManualClock)
    lived_in(city, city.core.clock)


def untouched(city: City) -> None:
    """Records that nobody touched are whole."""
    _lived_in(city)
    report = records.verify(city.core)
    assert report.good, report.findings


def _attacked(name: str, kind: str = "") -> Callable[[City], None]:
    def check(city: City) -> None:
        _lived_in(city)
        said = attack(city, copy_for(city.core.db.url), name, random.Random(7))
        _is_found(records.verify(city.core), said, kind)

    check.__name__ = name.replace(" ", "_").replace(":", "")
    return check


def _is_found(report: Report, said: str, kind: str = "") -> None:
    assert report.kinds[kind] if kind else not report.good, said


def _attached(city: City) -> Any:
    with city.core.db.read() as connection:
        return connection.execute(select(history).where(history.c.kind == "attached")).mappings().one()


def a_row_with_its_hash(city: City) -> None:
    """Somebody changes a row in the middle, and its own hash: the next row is what tells."""
    _lived_in(city)
    first, second = history.alias(), history.alias()
    with city.core.db.write() as connection:
        # of the longest chain: the shorter ones end where a checkpoint saw them
        longest = select(first.c.instance_id).order_by(first.c.seq.desc()).limit(1).scalar_subquery()
        row = connection.execute(select(first).where(first.c.seq == 1, first.c.instance_id == longest)).mappings().one()
        before = connection.execute(
            select(second.c.hash).where(second.c.instance_id == row["instance_id"], second.c.seq == 0)
        ).scalar_one()
        digest = chain.link(before, {**row, "unit_id": 1}, chain.HISTORY)
        mine = (history.c.instance_id == row["instance_id"]) & (history.c.seq == 1)
        connection.execute(update(history).where(mine, history.c.unit_id != 1).values(unit_id=1, hash=digest))
    found = records.verify(city.core).findings
    assert any(str(row["instance_id"]) in each.where for each in found), found


def an_actor(city: City) -> None:
    """Somebody puts another in an actor's place."""
    _lived_in(city)
    row = _attached(city)
    mine = (history.c.instance_id == row["instance_id"]) & (history.c.seq == row["seq"])
    with city.core.db.write() as connection:
        connection.execute(update(history).where(mine).values(actor_id=1))
    _is_found(records.verify(city.core), "actor")


def a_forged_signature(city: City) -> None:
    """Checkpoints signed by somebody else, and no copy to hold them against."""
    _lived_in(city)
    said = attack(city, copy_for(city.core.db.url), "checkpoint: another key", random.Random(3))
    key = signing.signer()
    with city.core.db.write() as connection:
        connection.execute(update(checkpoint).values(key_id=key.id))
    with tempfile.TemporaryDirectory() as folder:
        report = verify(city.core, copy=Copy(Path(folder)), keys={key.id: key.public})
    _is_found(report, said, "checkpoint_forged")


def links_that_forget_the_row_before(patch: pytest.MonkeyPatch) -> None:
    real = chain.link

    def link(_before: str, row: Any, columns: tuple[str, ...]) -> str:
        return real("", row, columns)

    for module in ("engine.audit.chain", "engine.audit.chains", "engine.effects", "engine.audit.recording"):
        patch.setattr(f"{module}.link", link)


def a_column_is_not_hashed(patch: pytest.MonkeyPatch) -> None:
    columns = tuple(c for c in chain.HISTORY if c != "actor_id")
    patch.setattr(effects, "HISTORY", columns)
    patch.setattr(chains, "HISTORY", columns)


def checkpoints_are_not_held_against_chains(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Walk, "_rewritten", lambda *_: None)
    patch.setattr(agreeing, "CHECKS", ())
    patch.setattr(agreeing, "instance", lambda *_: None)


def anybody_s_signature_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(signing, "is_signed", lambda *_: True)


def the_copy_is_not_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Copy, "lines", lambda _self: iter(()))
    patch.setattr(Copy, "last", lambda _self: None)


def what_is_gone_is_not_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Walk, "_lost", lambda *_: None)


def the_end_is_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Walk, "finish", lambda *_: None)


def tasks_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(agreeing, "CHECKS", ())


def two_rows_of_a_step_follow_the_same_row(patch: pytest.MonkeyPatch) -> None:
    real = effects.record

    def record(seen: Any, writes: WriteSet, *args: Any, **kwargs: Any) -> int:
        writes.instance.pop("history_hash", None)
        return real(seen, writes, *args, **kwargs)

    patch.setattr(effects, "record", record)


RECORD_BUGS = (
    Bug(links_that_forget_the_row_before, a_row_with_its_hash),
    Bug(a_column_is_not_hashed, an_actor),
    Bug(checkpoints_are_not_held_against_chains, _attacked("sealed by the program itself")),
    Bug(anybody_s_signature_counts, a_forged_signature),
    Bug(the_copy_is_not_read, _attacked("checkpoint: drop the newest", "checkpoint_missing")),
    Bug(what_is_gone_is_not_missed, _attacked("history: whole", "row_missing")),
    Bug(the_end_is_not_compared, _attacked("audit head: edit")),
    Bug(tasks_are_not_compared, _attacked("task: who and when")),
    Bug(two_rows_of_a_step_follow_the_same_row, untouched),
)
