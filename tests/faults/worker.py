"""A worker to be killed: `python -m tests.faults.worker URL` reads a line and forks for each, so that a new worker costs no imports.

`work SEED` drives steps and jobs until nothing is left; `send SEED` notices; `stop KIND` leases a job and stops itself (SIGSTOP) with its
step planned, just before the commit. A fork's pid is printed when it exists; `done`, `fenced` when it ended by itself."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import time_machine
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from engine import jobs, leases, writes
from engine.clock import RealClock
from engine.db import Database
from engine.errors import LeaseLost, LiandongError
from engine.tables import instance, job, task
from engine.writes import WriteSet
from tests import sending
from web.wiring import open_city

LEASE = timedelta(seconds=0.3)


def work(url: str, seed: str) -> str:
    """Complete tasks and run jobs until every instance has ended."""
    rng = random.Random(seed)
    city = open_city(url)
    while True:
        done = jobs.run_due(city.core, 5, lease_for=LEASE).done
        with city.core.db.read() as connection:
            open_tasks = connection.execute(select(task.c.instance_id, task.c.id).where(task.c.state == "open")).all()
            active = connection.execute(select(instance.c.id).where(instance.c.status == "active").limit(1)).first()
            waiting = connection.execute(select(job.c.id).limit(1)).first()
        if active is None and waiting is None:
            return "done"
        rng.shuffle(open_tasks)  # type: ignore[arg-type]
        for case, task_id in open_tasks[:5]:
            with suppress(LiandongError):  # another was first
                city.complete(f"{case}.{task_id}", {}, "fuxiaolin", f"done-{task_id}")
        if not done and not open_tasks:
            signal.sigtimedwait([], 0.02)


def send(url: str, _seed: str) -> str:
    """Decide of notices and send what is due until nothing waits."""
    city = open_city(url)
    while sending.left(city):
        with suppress(OperationalError):  # SQLite was locked for half a minute: a worker's next round comes, too
            sending.work(city, "mail", "webhook")
        signal.sigtimedwait([], 0.01)
    return "done"


def stop(url: str, kind: str) -> str:
    """Lease a job, plan its step, stop before the commit; told to go on, write."""
    city = open_city(url)
    commit = writes.commit

    def late(db: Database, writes: WriteSet) -> str:
        os.kill(os.getpid(), signal.SIGSTOP)
        return commit(db, writes)

    (leased,) = [found for found in jobs.lease(city.core, 100, lease_for=LEASE) if found.kind == kind][:1]
    writes.commit = late
    try:
        jobs.execute(city.core, leased)
    except LeaseLost:
        return "fenced"
    return "done"


def fire(url: str, most: str) -> str:
    """Run due jobs until none is left, so many at once; few are leased for a short time only."""
    city, limit = open_city(url), int(most)
    lease = LEASE if limit < 10 else leases.LEASE
    while True:
        if not jobs.run_due(city.core, limit, lease_for=lease).done:
            with city.core.db.read() as connection:
                if connection.execute(select(job.c.id).limit(1)).first() is None:
                    return "done"
            signal.sigtimedwait([], 0.05)


def skew(url: str, seconds: str) -> str:
    """The same on a node whose clock is that far off."""
    with time_machine.travel(RealClock().now() + timedelta(seconds=int(seconds))):
        return fire(url, "5")


def say(word: str, pid: int) -> None:
    """One line in one write: several forks speak into the same pipe."""
    os.write(1, f"{word} {pid}\n".encode())


WORK = {"work": work, "stop": stop, "send": send, "fire": fire, "skew": skew}


def main(work: Mapping[str, Callable[[str, str], str]] = WORK) -> None:
    """Fork for every line read."""
    url = sys.argv[1]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        what, argument = line.split()
        if (pid := os.fork()) == 0:
            say(work[what](url, argument), os.getpid())
            os._exit(0)
        say("pid", pid)


if __name__ == "__main__":
    main()
