"""What is done again and again, and how often. APScheduler only ticks: its jobs live in memory and mean nothing; what is due, and
who carries it out, the database says. A tick that came late is not dropped, ticks that piled up are one, and no pass overlaps
itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from engine import files, incidents, jobs, letters, publishing, retention, starters, trials, workers
from engine.acts import drafts
from engine.batches import working
from engine.clock import Clock, RealClock
from engine.dispatching import working as dispatching
from engine.migrating import working as migrating
from engine.organisation import lapsing, moving
from engine.workers import Worker
from escalation import records, recounting, reminding, resuming, stalling, sweep
from escalation.kept import working as kept
from escalation.sending import deciding, delivering, rules, sweeping

if TYPE_CHECKING:
    from engine.core import Core

_SET_BACK_SECONDS = 2.0
MOST_AT_ONCE = 100
"""Rows of one pass. A pass that found as many runs again at once."""

log = structlog.get_logger("liandong.scheduler")


@dataclass(frozen=True, slots=True)
class Pass:
    """Something done every so often. `run` answers True when more is waiting."""

    name: str
    every: timedelta
    run: Callable[[Core, Worker], bool]


def _jobs(core: Core, me: Worker) -> bool:
    result = jobs.run_due(core, MOST_AT_ONCE)
    me.tally.done += result.done
    me.tally.failed += result.failed
    me.tally.fenced += result.fenced
    return result.done + result.failed + result.fenced >= MOST_AT_ONCE


def _starts(core: Core, me: Worker) -> bool:
    result = starters.run_due(core, MOST_AT_ONCE)
    me.tally.done += result.started
    me.tally.failed += result.failed
    return result.started + result.failed >= MOST_AT_ONCE


def _letters(core: Core, _: Worker) -> bool:
    return letters.finish_lying(core, MOST_AT_ONCE) >= MOST_AT_ONCE


def _breaches(core: Core, me: Worker) -> bool:
    found = sweep.breaches(core, MOST_AT_ONCE)
    me.tally.breaches += found
    return found >= MOST_AT_ONCE


def _reminders(core: Core, me: Worker) -> bool:
    told = reminding.reminders(core, MOST_AT_ONCE)
    me.tally.done += told
    return told >= MOST_AT_ONCE


def _resumptions(core: Core, me: Worker) -> bool:
    found = resuming.resumptions(core, MOST_AT_ONCE)
    me.tally.done += found
    return found >= MOST_AT_ONCE


def _stalled(core: Core, _: Worker) -> bool:
    return stalling.sweep(core, MOST_AT_ONCE) >= MOST_AT_ONCE


def _heartbeat(core: Core, me: Worker) -> bool:
    workers.beat(core, me)
    return False


def _organisation(core: Core, me: Worker) -> bool:
    moved = moving.run_due(core)
    me.tally.done += moved
    return moved > 0


def _calendars(core: Core, me: Worker) -> bool:
    looked = recounting.run_due(core)
    me.tally.done += looked
    return looked > 0


def _publishing(core: Core, me: Worker) -> bool:
    looked = publishing.run_due(core, MOST_AT_ONCE)
    me.tally.done += looked
    return looked >= MOST_AT_ONCE


def _batches(core: Core, me: Worker) -> bool:
    done = working.run_due(core, MOST_AT_ONCE)
    me.tally.done += done
    return done >= MOST_AT_ONCE


def _migrations(core: Core, me: Worker) -> bool:
    done = migrating.run_due(core, MOST_AT_ONCE)
    me.tally.done += done
    return done >= MOST_AT_ONCE


def _contents(core: Core, _: Worker) -> bool:
    files.sweep(core)
    return drafts.sweep(core, MOST_AT_ONCE) >= MOST_AT_ONCE


def _identities(core: Core, _: Worker) -> bool:
    return retention.delete_old(core, MOST_AT_ONCE) >= MOST_AT_ONCE


def _records(core: Core, _: Worker) -> bool:
    return records.seal(core)


def _verification(core: Core, _: Worker) -> bool:
    records.verify_due(core)
    return False


def _proposals(core: Core, me: Worker) -> bool:
    done = dispatching.propose_due(core, MOST_AT_ONCE)
    me.tally.done += done
    return done >= MOST_AT_ONCE


def _outcomes(core: Core, _: Worker) -> bool:
    return dispatching.settle(core) >= dispatching.MOST_SETTLED


def _training(core: Core, _: Worker) -> bool:
    return dispatching.train_due(core)


def _notices(core: Core, _: Worker) -> bool:
    return deciding.decide_due(core, MOST_AT_ONCE) >= MOST_AT_ONCE


def _send(channel: str, core: Core, me: Worker) -> bool:
    result = delivering.send_due(core, channel, MOST_AT_ONCE)
    me.tally.done += result.sent
    me.tally.failed += result.failed
    me.tally.fenced += result.fenced
    return result.sent >= MOST_AT_ONCE


def _deliveries(core: Core, _: Worker) -> bool:
    return sweeping.sweep(core) > 0


def _counts(core: Core, me: Worker) -> bool:
    counted = kept.run_due(core)
    me.tally.done += counted
    return counted > 0


def _trials(core: Core, _: Worker) -> bool:
    return trials.sweep(core) > 0


def _terms(core: Core, me: Worker) -> bool:
    done = lapsing.run_due(core, MOST_AT_ONCE)
    me.tally.done += done
    return done >= MOST_AT_ONCE


PASSES = (
    Pass("jobs", timedelta(seconds=1), _jobs),
    Pass("starts", timedelta(seconds=1), _starts),
    Pass("letters", letters.LEFT_LYING, _letters),
    Pass("resumptions", timedelta(seconds=5), _resumptions),
    Pass("breaches", timedelta(seconds=5), _breaches),
    Pass("stalled", timedelta(minutes=10), _stalled),
    Pass("reminders", timedelta(seconds=5), _reminders),
    Pass("notices", timedelta(seconds=1), _notices),
    *(Pass(f"sending {each}", timedelta(seconds=1), partial(_send, each)) for each in rules.CHANNELS),
    Pass("deliveries", timedelta(hours=1), _deliveries),
    Pass("heartbeat", workers.HEARTBEAT, _heartbeat),
    Pass("proposals", timedelta(seconds=5), _proposals),
    Pass("outcomes", timedelta(minutes=1), _outcomes),
    Pass("training", timedelta(seconds=30), _training),
    Pass("organisation", timedelta(seconds=2), _organisation),
    Pass("terms", timedelta(seconds=10), _terms),
    Pass("calendars", timedelta(seconds=2), _calendars),
    Pass("publishing", timedelta(seconds=2), _publishing),
    Pass("counts", timedelta(seconds=2), _counts),
    Pass("batches", timedelta(seconds=1), _batches),
    Pass("trials", timedelta(hours=1), _trials),
    Pass("migrations", timedelta(seconds=1), _migrations),
    Pass("contents", timedelta(hours=1), _contents),
    Pass("records", records.TICK, _records),
    Pass("verification", records.TICK, _verification),
    Pass("identities", timedelta(hours=1), _identities),
)


class Scheduler:
    """A worker at work, between `start()` and `stop()`."""

    def __init__(self, core: Core, passes: tuple[Pass, ...] = PASSES, clock: Clock | None = None) -> None:
        self.core = core
        self.me = workers.enlist(core)
        self._stopping = False
        self._clock = clock or RealClock()
        self._offset = self._machine_offset()
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a long pass skips ticks is meant
        self._ticker = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(passes))},  # a long pass holds up no other
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
        )
        for each in passes:
            self._ticker.add_job(
                self.run,
                "interval",
                [each],
                seconds=each.every.total_seconds(),
                id=each.name,
                next_run_time=self._clock.now(),
            )

    def start(self) -> None:
        """Tick in the background from now on; the first round of every pass is at once."""
        self._ticker.start()

    def look_at_clock(self) -> bool:
        """To be called every second or so: when the machine's clock was set back, the ticks would wait until it has caught up again;
        so they are set anew. Answers whether that was so."""
        offset = self._machine_offset()
        set_back = self._offset - offset > _SET_BACK_SECONDS
        self._offset = offset
        if set_back:
            for job in self._ticker.get_jobs():
                job.modify(next_run_time=self._clock.now())
        return set_back

    def _machine_offset(self) -> float:
        return self._clock.now().timestamp() - time.monotonic()

    def stop(self) -> None:
        """Finish the passes that run, then say good-bye."""
        self._stopping = True
        self._ticker.shutdown(wait=True)
        workers.beat(self.core, self.me, stopped=True)

    def run(self, each: Pass) -> None:
        """One pass, again as long as more is waiting. What it raises is kept for the operators; the next tick tries again."""
        try:
            while each.run(self.core, self.me) and not self._stopping:
                self.me.tally.passes += 1
            self.me.tally.passes += 1
        except Exception as error:
            self.me.tally.error = f"{each.name}: {incidents.explain(error)}"[:500]
            log.exception("pass failed", name=each.name)
