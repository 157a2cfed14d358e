"""Make the golden database of this version: a small city with running cases at different places, on SQLite.

    python -m tests.golden.making

Run it once for each release and commit the file. Files of older releases are never made again: that they open and finish is the
promise."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from engine.acts import returning, signers
from engine.clock import ManualClock
from engine.db import Database
from engine.migrations import HEAD
from engine.tables import instance
from tests import clocking, keys
from tests.bench.story import LOOP, YOUNG, Walker
from tests.bpmn.drawing import chain, end, ext, process, start, tag, user
from tests.db.organising import hire
from tests.db.talking import ALARM, HEARER, OPERATOR, THROWER, WAITER
from tests.db.test_calls import ADVICE, CALLER
from tests.db.test_starts import timed
from tests.db.test_worktime import begun, waits, worktime
from tests.properties.acts.trees import BALLOT
from web.city import City
from web.setting_up import load_everything, migrate
from web.wiring import open_city

FOLDER = Path(__file__).resolve().parent
BEGAN = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
REPORTER = "金玉满"
PLACES = {
    "reported": (),
    "verified": YOUNG[:1],
    "dispatched": YOUNG,
    "sent_back_twice": YOUNG + LOOP * 2,
    "handling": (*YOUNG, ("SignFor", {"sign_decision": "accept"})),
}
"""How far each case has come."""


def talk(city: City) -> dict[str, str]:
    """Cases that wait for something else than people of their own diagram: since revision 0002."""
    for files in (WAITER, THROWER, HEARER, ALARM, ADVICE, CALLER, timed("R/PT1H")):
        city.deploy(files)
    return {
        "waits for a message": str(city.start("waiter", {}, OPERATOR, given={"ref": "r1"})),
        "waits for a signal": str(city.start("hearer", {}, OPERATOR)),
        "is in a called process": str(city.start("caller", {}, OPERATOR, given={"topic": "开工吗"})),
        "has a message on its way": str(city.start("thrower", {}, OPERATOR, given={"ref": "r2", "n": 2})),
    }


def report(city: City) -> str:
    """A case whose reporter is known, sealed under the key of tests: since revision 0003."""
    answers = {"source": "wechat", "title": "路灯不亮", "area": "zhanghua", "place": "章华中路 5 号"}
    personal = {"reporter_name": REPORTER, "reporter_phone": "13800000000"}
    return str(city.start("case_dispatch", {**answers, **personal}, "zhouxiaoyan"))


HELD = "held"
WORKERS = '<ld:candidates unit="market_regulation" post="reviewer"/>'
RULE = '<ld:vote rule="all" field="agree" into="result"/>'
VOTERS = tag(
    "multiInstanceLoopCharacteristics", tag("loopDataInputRef", "members") + tag("inputDataItem", id="i", name="member")
)
PEOPLE_OF_ACTS = ("golden_one", "golden_two", "golden_three")
ACTS = {
    "held.bpmn": process(
        ext('<ld:acts allow="add_before back back_any"/>'),
        start(),
        user("A", settings=WORKERS),
        user("B", settings=WORKERS),
        user("Vote", VOTERS, settings='<ld:candidates person="=member"/><ld:form ref="ballot"/>' + RULE),
        end(),
        chain("S", "A", "B", "Vote", "E"),
        id=HELD,
    ),
    "ballot.json": BALLOT,
}


def act(city: City) -> dict[str, str]:
    """Cases in the middle of what people do with tasks: since revision 0004."""
    for login in PEOPLE_OF_ACTS:
        hire(city, login, "market_regulation", "reviewer")
    city.deploy(ACTS)
    one, two, three = PEOPLE_OF_ACTS
    found = {}
    for name in ("waits for a signer", "on a detour", "votes"):
        case = city.start(HELD, {}, one, given={"members": list(PEOPLE_OF_ACTS)})
        city.complete(city.tasks(case)[0], {}, one)
        found[name] = str(case)
    signer, detour, votes = (int(case) for case in found.values())
    signers.add(city.core, city.tasks(signer)[0].ref, two, people=[city.actor(three).id], how="before")
    returning.back(city.core, city.tasks(detour)[0].ref, two, to="A", again=False, reason="请补充")
    city.complete(city.tasks(votes)[0], {}, two)
    city.complete(city.tasks(votes)[0], {"agree": "yes"}, one)
    return found


def wait(city: City, clock: ManualClock) -> dict[str, str]:
    """Clocks that stand and were extended, a late one with its supervision, a timer in working time: since revision 0005."""
    found = {"its clocks stand": clocking.shelved(city, clock), "is supervised": clocking.late(city, clock)}
    city.run_due()
    with city.core.db.read() as connection:
        ladders = connection.execute(
            select(instance.c.id, instance.c.facts).where(instance.c.key == "supervision")
        ).all()
    ladder = next(row.id for row in ladders if row.facts["case_id"] == str(found["is supervised"]))
    found |= {"supervises it": ladder, "waits in working time": begun(city, waits(worktime("3")))}
    return {name: str(case) for name, case in found.items()}


def make(name: str) -> Path:
    """Write tests/golden/NAME.db.gz, and beside it NAME.json: which case is at which place."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "golden.db"
        with closing(Database(f"sqlite:///{file}")) as database:
            migrate(database)
        clock = ManualClock(BEGAN)
        with closing(open_city(f"sqlite:///{file}", clock)) as city:
            load_everything(city.core)
            stands = wait(city, clock)  # first: time passes in it
            walker = Walker(city)
            cases = {}
            for place, steps in PLACES.items():
                case = walker.start()
                walker.walk(case, steps)
                cases[place] = str(case)
                clock.advance(timedelta(minutes=7))
            talks = talk(city)
            sealed = report(city)
            acts = act(city)
        small = Path(folder) / "small.db"
        with closing(sqlite3.connect(file)) as raw:
            raw.execute("VACUUM INTO ?", (str(small),))
        target = FOLDER / f"{name}.db.gz"
        target.write_bytes(gzip.compress(small.read_bytes(), 9, mtime=0))
    (FOLDER / f"{name}.json").write_text(
        json.dumps(
            {"revision": HEAD, "cases": cases, "talks": talks, "sealed": sealed, "acts": acts, "waits": stands},
            indent=2,
        )
        + "\n"
    )
    return target


if __name__ == "__main__":
    os.environ["LIANDONG_KEY"] = keys.CITY
    print(make(HEAD))  # noqa: T201  a script
