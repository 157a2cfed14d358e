"""A worker: timers, jobs and clocks."""

from __future__ import annotations

import argparse
import signal
import threading
from contextlib import closing

DESCRIPTION = "Carry out due timers and jobs, and watch clocks, until told to stop. Any number may run, on any number of machines."


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or SIGINT."""
    argparse.ArgumentParser(prog="liandong worker", description=DESCRIPTION).parse_args(arguments)
    from engine import vault
    from engine.migrations import check_current
    from escalation.scheduler import Scheduler
    from web import settings
    from web.wiring import open_city

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with closing(open_city(settings.from_environment().app_database_url)) as city:
        check_current(city.core.db)
        with city.core.db.read() as connection:
            vault.check(connection)
        scheduler = Scheduler(city.core)
        scheduler.start()
        while not stop.wait(1):
            scheduler.look_at_clock()
        scheduler.stop()
    return 0
