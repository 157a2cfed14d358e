"""Bugs that were nearly made around the process: in transactions, jobs, rights and clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, true, update

from engine import access, effects, jobs, steps, tables, waits, writes
from engine.db import Database
from engine.leases import Leased
from engine.writes import DONE, STALE, WriteSet
from escalation import clocks, sla, sweep
from tests.planted import checks
from tests.planted.bug import Bug


def history_outside_the_transaction(patch: pytest.MonkeyPatch) -> None:
    real = writes.commit

    def commit(db: Database, written: WriteSet) -> str:
        if written.revision is not None:
            alone = WriteSet(written.instance_id, revision=None)
            alone.inserts["history"] = written.inserts.pop("history", [])
            real(db, alone)
        return real(db, written)

    patch.setattr(writes, "commit", commit)


def job_taken_off_before_it_is_done(patch: pytest.MonkeyPatch) -> None:
    real = jobs.execute

    def execute(core: Any, leased: Leased) -> None:
        with core.db.write() as connection:
            mine = (tables.job.c.instance_id == leased.instance_id) & (tables.job.c.id == leased.id)
            connection.execute(delete(tables.job).where(mine))
        patch.setattr(writes, "_FENCE", writes._EXISTS)
        real(core, leased)

    patch.setattr(jobs, "execute", execute)


def no_revision_guard(patch: pytest.MonkeyPatch) -> None:
    def unguarded(columns: tuple[str, ...]) -> Any:
        table = tables.instance
        same = table.c.id == bindparam("_id")
        return update(table).where(same, bindparam("_revision") > 0).values({c: bindparam(c) for c in columns})

    patch.setattr(writes, "_guarded_update", unguarded)


def a_lost_race_is_given_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "ATTEMPTS", 1)


def no_fence(patch: pytest.MonkeyPatch) -> None:
    real = writes.commit

    def commit(db: Database, written: WriteSet) -> str:
        written.fence = None
        return real(db, written)

    patch.setattr(writes, "commit", commit)


def no_receipt(patch: pytest.MonkeyPatch) -> None:
    real = writes.commit

    def commit(db: Database, written: WriteSet) -> str:
        written.inserts.pop("receipt", None)
        return real(db, written)

    patch.setattr(writes, "commit", commit)


def rights_not_asked_again(patch: pytest.MonkeyPatch) -> None:
    real = writes.commit

    def commit(db: Database, written: WriteSet) -> str:
        written.person = None
        return real(db, written)

    patch.setattr(writes, "commit", commit)


def no_four_eyes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "check_four_eyes", lambda *_args: None)


def everybody_sees_everything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access, "visible", lambda _connection, _actor: true())


def due_shifted_by_a_second(patch: pytest.MonkeyPatch) -> None:
    real = sla.start

    def start(*args: Any, **kwargs: Any) -> sla.SlaClock:
        started = real(*args, **kwargs)
        return replace(started, due_at=started.due_at and started.due_at + timedelta(seconds=1))

    patch.setattr(sla, "start", start)


def breach_not_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sweep, "_breach", lambda *_: {"done": 0})


def breach_at_the_time_of_the_sweep(patch: pytest.MonkeyPatch) -> None:
    real = sla.breach

    def breach(one: sla.SlaClock, now: datetime) -> sla.SlaClock:
        found = real(one, now)
        return replace(found, breached_at=now) if found.breached_at else found

    patch.setattr(sla, "breach", breach)


def clock_runs_on_after_its_task(patch: pytest.MonkeyPatch) -> None:
    real = clocks.Clocks.__call__

    def call(self: clocks.Clocks, step: Any) -> None:
        step.completed = None
        real(self, step)

    patch.setattr(clocks.Clocks, "__call__", call)


def task_left_open(patch: pytest.MonkeyPatch) -> None:
    real = writes.commit

    def commit(db: Database, written: WriteSet) -> str:
        written.updates.pop("task", None)
        return real(db, written)

    patch.setattr(writes, "commit", commit)


def _bent(patch: pytest.MonkeyPatch, bend: Callable[[Any], None]) -> None:
    """The rows of what an instance waits for and sends are made from a bent outcome."""
    real = waits.keep

    def keep(step: Any) -> None:
        bend(step.outcome)
        real(step)

    patch.setattr(waits, "keep", keep)


def timer_without_a_job(patch: pytest.MonkeyPatch) -> None:
    _bent(patch, lambda outcome: outcome.timers.clear())


def message_not_sent(patch: pytest.MonkeyPatch) -> None:
    _bent(patch, lambda outcome: outcome.sent.clear())


def subscription_left_behind(patch: pytest.MonkeyPatch) -> None:
    _bent(patch, lambda outcome: outcome.gone.clear())


def message_for_whoever_waits(patch: pytest.MonkeyPatch) -> None:
    def bend(outcome: Any) -> None:
        for each in (*outcome.listening, *outcome.sent):
            each.key = None

    _bent(patch, bend)


def history_with_a_gap(patch: pytest.MonkeyPatch) -> None:
    real = effects.record

    def record(seen: Any, written: WriteSet, *args: Any, **kwargs: Any) -> int:
        seq = real(seen, written, *args, **kwargs)
        written.instance["history_count"] = seq + 2
        return seq

    patch.setattr(effects, "record", record)


def stale_taken_for_done(patch: pytest.MonkeyPatch) -> None:
    real = writes.commit

    def commit(db: Database, written: WriteSet) -> str:
        outcome = real(db, written)
        return DONE if outcome == STALE else outcome

    patch.setattr(writes, "commit", commit)


BUGS = (
    Bug(history_outside_the_transaction, checks.crashes),
    Bug(job_taken_off_before_it_is_done, checks.crashes_of_jobs),
    Bug(no_revision_guard, checks.races),
    Bug(stale_taken_for_done, checks.two_tasks),
    Bug(a_lost_race_is_given_up, checks.two_tasks),
    Bug(no_fence, checks.fence),
    Bug(no_receipt, checks.repeats),
    Bug(rights_not_asked_again, checks.rights),
    Bug(no_four_eyes, checks.four_eyes),
    Bug(everybody_sees_everything, checks.strangers),
    Bug(due_shifted_by_a_second, checks.due_times),
    Bug(breach_not_written, checks.breaches),
    Bug(breach_at_the_time_of_the_sweep, checks.breaches),
    Bug(clock_runs_on_after_its_task, checks.agreement),
    Bug(task_left_open, checks.agreement),
    Bug(timer_without_a_job, checks.agreement),
    Bug(history_with_a_gap, checks.agreement),
    Bug(message_not_sent, checks.letters),
    Bug(subscription_left_behind, checks.letters),
    Bug(message_for_whoever_waits, checks.letters),
)
