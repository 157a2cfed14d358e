"""A process with everything a worker does: tasks, a timer in the flow and one at a border, actions, a counting script, two rounds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import select, update

from engine.instances import visits
from engine.tables import LIVE, instance, job, world
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, ext, flow, process, start, tag, timer, user
from tests.conftest import A_WORKING_MORNING
from web.city import City

OPERATOR = "fuxiaolin"
ROUNDS = 2
_WHO = '<ld:candidates post="operator"/><ld:clock id="%s" budget="1" unit="urgent_hour"/>'

BUNDLE = {
    "drill.bpmn": process(
        start(),
        tag("exclusiveGateway", id="M"),
        user("A", settings=_WHO % "a"),
        boundary("A", "B", cancelActivity="false"),
        tag("serviceTask", ext('<ld:action name="notify" text="B"/>'), id="N"),
        end("E2"),
        tag("intermediateCatchEvent", timer("PT1M"), id="T"),
        tag("scriptTask", tag("script", "{ n: if n = null then 1 else n + 1 }"), id="X", scriptFormat="feel"),
        user("C", settings=_WHO % "c"),
        tag("exclusiveGateway", id="G", default="G-M"),
        tag("serviceTask", ext('<ld:action name="notify" text="end"/>'), id="O"),
        end(),
        chain("S", "M", "A", "T", "X", "C", "G", "M"),
        chain("B", "N", "E2"),
        flow("G", "O", f"n >= {ROUNDS}"),
        flow("O", "E"),
        id="drill",
    )
}


def begin(city: City, count: int) -> list[int]:
    """Deploy it, and start some."""
    city.deploy(BUNDLE)
    return [city.start("drill", {}, OPERATOR) for _ in range(count)]


def hurry(city: City, rate: float) -> None:
    """Let the live world's own clock run so many times as fast: every process sees the same time."""
    with city.core.db.write() as connection:
        now = city.core.db.now_on(connection)
        values = {"clock": "scaled", "now": A_WORKING_MORNING, "set_at": now, "rate": rate}
        connection.execute(update(world).where(world.c.id == LIVE).values(**values))


def active(city: City) -> int:
    with city.core.db.read() as connection:
        return len(connection.execute(select(instance.c.id).where(instance.c.status == "active")).all())


def check_effects(city: City) -> Counter[str]:
    """What was to happen once happened once. History has no key that would forbid a second row, so it shows every repetition."""
    seen: Counter[str] = Counter()
    laws.check(city)
    for row in laws.rows(city, instance):
        trail = city.trail(row["id"])
        kinds = Counter(r["kind"] for r in trail)
        passed = visits(trail)
        fired = Counter((r["data"] or {}).get("timer") for r in trail if r["kind"] == "timer_fired")
        acted = Counter(r["node"] for r in trail if r["kind"] == "action_done")
        assert row["outcome"] == "E" or (row["outcome"] == "E2" and fired["B"]), row  # the reminder's way may end last
        assert row["facts"]["n"] == ROUNDS, "the script counted once a round"
        assert Counter(r["node"] for r in trail if r["kind"] == "completed") == {"A": ROUNDS, "C": ROUNDS}
        assert fired["T"] == ROUNDS
        assert fired["B"] <= ROUNDS
        assert (acted["N"], acted["O"]) == (passed.get("N", 0), 1)
        assert passed.get("N", 0) == fired["B"]
        seen.update(kinds)
    assert laws.rows(city, job) == []
    return seen


class Nursery:
    """Forks workers at a word; see `tests.faults.worker`, and `module` for others."""

    def __init__(self, url: str, module: str = "tests.faults.worker") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        self.ended: dict[int, str] = {}

    def fork(self, what: str, argument: object) -> int:
        self._stream(self.process.stdin).write(f"{what} {argument}\n")
        self._stream(self.process.stdin).flush()
        while True:
            word, pid = self.hear()
            if word == "pid":
                return pid

    def hear(self) -> tuple[str, int]:
        """The next thing said: a worker's pid, or how it ended."""
        word, pid = self._stream(self.process.stdout).readline().split()
        if word != "pid":
            self.ended[int(pid)] = word
        return word, int(pid)

    def wait(self, pid: int) -> str:
        """How a worker ended."""
        while pid not in self.ended:
            self.hear()
        return self.ended[pid]

    def kill(self, pid: int) -> bool:
        """kill -9; False when it had ended by itself."""
        if pid in self.ended:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        self._stream(self.process.stdin).close()
        self._stream(self.process.stdout).close()
        self.process.wait(30)

    @staticmethod
    def _stream(found: IO[str] | None) -> IO[str]:
        assert found is not None
        return found


def stopped(pid: int) -> bool:
    """Whether a process lies in SIGSTOP."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


LEASE = timedelta(seconds=0.3)
