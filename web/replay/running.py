"""Drive each request through the process, one real step after another. Can be stopped at any moment and continued: a start and
a completion carry the request's own key, so nothing happens twice."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine import instances, worlds
from engine.acts import completing
from engine.clock import ManualClock
from engine.core import Core
from engine.errors import LiandongError
from engine.states import InstanceStatus
from engine.tables import instance, task, world
from escalation import resuming, sweep
from web.city import City
from web.replay import realm as realms
from web.replay import schedule
from web.replay.figures import Figures, figures
from web.replay.realm import REALM, Limits, Realm
from web.replay.rows import SANE_BEFORE, ZONE, BadRow, Request, file_hash, read

PROCESS = "case_dispatch"
Progress = Callable[[int, int], None]


def replay(
    city: City,
    path: Path,
    progress: Progress | None = None,
    bad: Callable[[BadRow], None] | None = None,
    limits: Limits | None = None,
) -> Figures:
    """Replay a file into the city's database and answer the figures, computed from what is stored. Bad rows are told and skipped. With
    `limits` (in working time, by type) these are the promise, in a world of its own, and the file's due times and verdicts are not used."""
    began = time.monotonic()
    rows = list(read(path))
    requests = [r for r in rows if isinstance(r, Request)]
    for row in rows:
        if isinstance(row, BadRow) and bad is not None:
            bad(row)
    realm = realms.prepare(city.core, requests, limits)
    world_id = _world(city.core, path, requests, limits)
    # the same database, seen by the replay's own clock
    clock = ManualClock(datetime(2011, 1, 1, tzinfo=UTC))
    core = Core(
        db=city.core.db,
        clock=clock,
        clock_world=world_id,
        listeners=city.core.listeners,
        reads=city.core.reads,
        actions=city.core.actions,
        actions_within=city.core.actions_within,
    )
    done = _done(core, world_id)
    for number, request in enumerate(requests, 1):
        if request.id not in done:
            _one(core, clock, world_id, realm, request, own_target=limits is None)
        if progress is not None:
            progress(number, len(requests))
    end = _end(requests)
    worlds.set_clock(city.core, world_id, end)
    clock.set(end)
    while resuming.resumptions(core, 500, world_id) + sweep.breaches(core, 500, world_id):
        pass
    return figures(city.core, world_id, time.monotonic() - began)


def _world(core: Core, path: Path, requests: list[Request], limits: Limits | None) -> int:
    """The world of this very file, and of these limits: found again when the replay is continued."""
    digest = file_hash(path)
    name = f"{path.name} {digest[:23]}"
    if limits is not None:
        name += " limits " + hashlib.sha256(repr(sorted(limits.items())).encode()).hexdigest()[:12]
    with core.db.read() as connection:
        found = connection.execute(select(world.c.id).where(world.c.kind == "replay", world.c.name == name)).scalar()
    if found is not None:
        return int(found)
    start = min((r.opened for r in requests), default=datetime(2011, 1, 1, tzinfo=UTC))
    return worlds.create(core, "replay", name, start, str(ZONE), REALM).id


def _end(requests: list[Request]) -> datetime:
    """Where the world's clock stands afterwards: past every sane target and every closing of the file."""
    closings = [r.closed for r in requests if r.closed is not None]
    return max([SANE_BEFORE, *closings]) + timedelta(days=1)


def _done(core: Core, world_id: int) -> set[str]:
    """Requests that went all their way already: closed, or left open where the file leaves them."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(instance.c.facts, instance.c.status, task.c.node)
            .outerjoin(task, (task.c.instance_id == instance.c.id) & (task.c.state == "open"))
            .where(instance.c.world_id == world_id)
        )
        return {
            str(facts["request_id"])
            for facts, status, node in rows
            if status != InstanceStatus.ACTIVE or (node == "Handle" and not facts["request_closed"])
        }


def _one(core: Core, clock: ManualClock, world_id: int, realm: Realm, request: Request, *, own_target: bool) -> None:
    clock.set(request.opened)
    report = realm.report(request)
    reply = instances.start(
        core,
        PROCESS,
        report,
        realms.CLERK,
        key=f"replay:{world_id}:{request.id}",
        given={
            "target_at": request.target.isoformat() if request.target and own_target else None,
            "city_label": (request.label or None) if own_target else None,
            "request_id": request.id,
            "request_closed": request.closed is not None,
        },
        world_id=world_id,
    )
    instance_id = reply["instance"]
    while True:
        with core.db.read() as connection:
            row = (
                connection.execute(
                    select(task).where(task.c.instance_id == instance_id, task.c.state == "open").limit(1)
                )
                .mappings()
                .first()
            )
        if row is None:
            return
        when = schedule.at(request, row["node"])
        if when is None:
            return
        clock.set(when)
        ref = f"{instance_id}.{row['id']}"
        unit = realm.unit(request)
        completing.complete(
            core,
            ref,
            _answers(row["node"], realm, request, unit),
            _who(row["node"], row["post_key"], unit),
            key=f"replay:{ref}",
        )


def _who(node: str, post_key: str, unit: str) -> str:
    if node in ("SignFor", "Handle"):
        return realms.handler_of(unit)
    return next(login for (_, post), login in realms.STAFF.items() if post == post_key)


def _answers(node: str, realm: Realm, request: Request, unit: str) -> dict[str, Any]:
    match node:
        case "Verify":
            return {"verify_result": "confirmed"}
        case "File":
            return {"file_decision": "file", "standard_code": realm.codes[request.type]}
        case "Dispatch":
            return {"dispatch_decision": "dispatch", "responsible_unit": unit}
        case "SignFor":
            return {"sign_decision": "accept"}
        case "Handle":
            return {"handle_result": "done", "handle_note": "replayed"}
        case "Feedback":
            return {"feedback_decision": "forward"}
        case "Check":
            return {"check_result": "pass"}
        case "Close":
            return {}
    raise LiandongError
