"""pm4py opens both logs and finds in them what the database holds. It is a tool of others under a licence of its own (AGPL), no dependency
of ours: the test makes an environment for it where a package index can be reached, and is skipped where not."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.clock import ManualClock
from engine.tables import history, instance, task
from tests.bench.story import LOOP, OLD, YOUNG, Walker
from tests.web.test_mining import ALL
from web.city import City
from web.mining import ocel, xes

TOOL = "pm4py==2.7.23.11"
OPENS = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import pm4py
log = pm4py.read_xes(sys.argv[1])
whole = pm4py.read_ocel2_json(sys.argv[2])
done = log[log["lifecycle:transition"] == "complete"]
graph, starts, ends = pm4py.discover_dfg(done)
kinds = whole.objects["ocel:type"].value_counts().to_dict()
print(json.dumps({
    "cases": int(log["case:concept:name"].nunique()), "events": len(log), "starts": sum(starts.values()),
    "ways": len(graph), "ocel_events": len(whole.events), "ocel_cases": int(kinds.get("case", 0)),
    "relations": len(whole.relations),
}))
"""


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture(scope="session")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with pm4py; skipped where none can be made."""
    folder = tmp_path_factory.mktemp("pm4py")
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    made = subprocess.run([str(python), "-m", "pip", "install", "-q", TOOL], capture_output=True, check=False)
    if made.returncode != 0:
        pytest.skip("pm4py cannot be installed here")
    return python


@pytest.mark.tools
def test_pm4py_opens_both(city: City, clock: ManualClock, tool: Path, tmp_path: Path) -> None:
    walker = Walker(city)
    for number in range(12):
        case = walker.start()
        walker.walk(case, (*YOUNG, *(LOOP if number % 3 == 0 else ()), *(OLD if number % 2 == 0 else ())))
        clock.advance(timedelta(minutes=9))
    city.run_due()
    first, second = tmp_path / "log.xes", tmp_path / "log.jsonocel"
    first.write_text("".join(xes.write(city.core, ALL)), encoding="utf-8")
    second.write_text("".join(ocel.write(city.core, ALL)), encoding="utf-8")
    ran = subprocess.run([str(tool), "-c", OPENS, str(first), str(second)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout.strip().splitlines()[-1])
    with city.core.db.read() as connection:
        cases, rows, tasks = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (instance, history, task)
        )
    assert (found["cases"], found["ocel_cases"], found["starts"]) == (cases, cases, cases)
    assert (found["events"], found["ocel_events"]) == (rows + tasks, rows)
    assert found["ways"] > 5
    assert found["relations"] >= rows
