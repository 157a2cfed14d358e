"""What a story of the ladder is checked by: the rows that each rung left, who was told what, and what somebody sees through every door."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from engine import tokens
from engine.clock import ManualClock
from engine.tables import LIVE, job, notice, person
from escalation.sending import deciding
from escalation.tables import clock as clock_table
from escalation.tables import delivery, rung
from web.app import create_app
from web.city import City

HERE = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of 2026 in the city's time."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=HERE)


def until(city: City, clock: ManualClock, moment: datetime) -> None:
    """Let time pass to this moment, a worker coming by whenever a timer, a term or a reminder is due, and at the end of it."""
    while (after := _next(city, clock.now())) is not None and after < moment:
        _work(city, clock, after)
    _work(city, clock, moment)


def _work(city: City, clock: ManualClock, moment: datetime) -> None:
    clock.set(moment)
    city.run_due()
    while deciding.decide_due(city.core):
        pass


def _next(city: City, now: datetime) -> datetime | None:
    waiting = select(job.c.due_at).where(job.c.state == "waiting", job.c.due_at > now)
    open_ = (clock_table.c.stopped_at.is_(None), clock_table.c.breached_at.is_(None))
    terms = (clock_table.c.warn_at, clock_table.c.due_at)
    queries = [waiting.order_by(job.c.due_at), *(select(c).where(*open_, c > now).order_by(c) for c in terms)]
    with city.core.db.read() as connection:
        found = [at for query in queries if (at := connection.execute(query.limit(1)).scalar()) is not None]
    return min(found, default=None)


@dataclass(frozen=True)
class Rung:
    """What a rung must have left. `by`: log-in and unit of who decided; none: the system."""

    kind: str
    round: int
    at: datetime
    by: tuple[str, str] | None
    reason: str
    due: datetime | None = None
    answer: tuple[datetime, str, str] | None = None
    closed: tuple[datetime, str, str | None] | None = None


def climbed(city: City, instance_id: int) -> list[Rung]:
    """The rungs of a supervision or inspection as they stand in the database."""
    with city.core.db.read() as connection:
        rows = connection.execute(select(rung).where(rung.c.instance_id == instance_id).order_by(rung.c.id)).mappings()
        return [_told(city, dict(row)) for row in rows]


def _told(city: City, row: dict[str, Any]) -> Rung:
    def here(moment: datetime | None) -> datetime | None:
        return moment.astimezone(HERE) if moment is not None else None

    def login(who: int | None) -> str | None:
        return city.actor(who).login if who is not None else None

    began, answered, closed = here(row["at"]), here(row["answered_at"]), here(row["closed_at"])
    by = login(row["by_id"])
    assert began is not None
    return Rung(
        row["kind"],
        row["round"],
        began,
        (by, city.core.unit_key(row["by_unit_id"]) or "") if by is not None else None,
        row["reason"],
        here(row["due_at"]),
        (answered, login(row["answered_by"]) or "", row["answer"]) if answered is not None else None,
        (closed, row["outcome"], login(row["closed_by"])) if closed is not None else None,
    )


def due(city: City, instance_id: int, name: str) -> datetime | None:
    """When the newest clock of this name is due."""
    with city.core.db.read() as connection:
        query = select(clock_table.c.due_at).where(clock_table.c.instance_id == instance_id, clock_table.c.name == name)
        found: datetime | None = connection.execute(query.order_by(clock_table.c.task_id.desc()).limit(1)).scalar_one()
    return found.astimezone(HERE) if found is not None else None


@dataclass
class Post:
    """The notices of some instances, of which each is looked at once. `ways`: the channels that people have; each notice must go out by all
    of its person's, once each, besides standing in the house."""

    city: City
    ways: Mapping[str, tuple[str, ...]]
    seen: set[tuple[int, str]] = field(default_factory=set)

    def new(self, *instances: int) -> dict[str, list[str]]:
        """Who was told since it was last asked, by kind of notice: log-ins in order, once for each time."""
        query = select(notice.c.instance_id, notice.c.id, notice.c.kind, person.c.login).join(
            person, person.c.id == notice.c.person_id
        )
        while deciding.decide_due(self.city.core):
            pass
        found: dict[str, list[str]] = {}
        sent = select(delivery.c.instance_id, delivery.c.notice_id, delivery.c.channel)
        with self.city.core.db.read() as connection:
            left: dict[tuple[int, str], list[str]] = {}
            for way in connection.execute(sent.where(delivery.c.instance_id.in_(instances))):
                left.setdefault((way.instance_id, way.notice_id), []).append(way.channel)
            for row in connection.execute(query.where(notice.c.instance_id.in_(instances)).order_by(notice.c.at)):
                if (row.instance_id, row.id) not in self.seen:
                    self.seen.add((row.instance_id, row.id))
                    found.setdefault(row.kind, []).append(row.login)
                    gone = sorted(left.get((row.instance_id, row.id), []))
                    assert gone == sorted(self.ways.get(row.login, ())), f"{row.kind} to {row.login}: {gone}"
        return {kind: sorted(who) for kind, who in sorted(found.items())}


class Doors:
    """Everybody of a story with all doors of the program: pages, API, lists, search, sheets, live desks, dossiers."""

    def __init__(self, city: City, logins: Mapping[str, str]) -> None:
        self.app: Flask = create_app(city, b"a secret of the tests")
        self.city, self.logins = city, logins
        self.tokens = {r: tokens.create(city.core, who, "story", timedelta(days=365)) for r, who in logins.items()}

    def sight(self, things: Mapping[str, int], case: int) -> dict[str, str]:
        """What each role sees, in words: of the `things` those that every door shows; `board`: the case is on its board; `dossier`: it may
        have the case's. AssertionError where one door shows what another hides."""
        return {role: " ".join(self._sees(role, things, case)) for role in self.logins}

    def explained(self, role: str, instance_id: int) -> int:
        """Every clock of this matter answers why its deadline is that moment; how many there are."""
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        with self.city.core.db.read() as connection:
            columns = (clock_table.c.name, clock_table.c.task_id)
            found = connection.execute(select(*columns).where(clock_table.c.instance_id == instance_id)).all()
        for row in found:
            page = self.app.test_client().get(f"/cases/{instance_id}/clocks/{row.name}/{row.task_id}", headers=headers)
            assert (page.status_code, "为什么是这个时刻？" in page.text) == (200, True), row
        return len(found)

    def _sees(self, role: str, things: Mapping[str, int], case: int) -> list[str]:
        client, headers = self.app.test_client(), {"Authorization": f"Bearer {self.tokens[role]}"}
        found = [name for name, one in things.items() if self._through_every_door(client, headers, role, name, one)]
        board = client.get("/supervision", headers=headers)
        if board.status_code == 200 and f'href="/cases/{case}"' in board.text:
            found.append("board")
        for name, one in things.items():
            if name in SECRET:
                assert f"/cases/{one}" not in board.text, f"{role} finds {name} on the board"
        forms = ("", ".json")
        answers = {client.get(f"/cases/{case}/dossier{form}", headers=headers).status_code for form in forms}
        assert len(answers) == 1
        if answers == {200}:
            found.append("dossier")
        return found

    def _through_every_door(
        self, client: FlaskClient, headers: dict[str, str], role: str, name: str, instance_id: int
    ) -> bool:
        number = self.city.instance(instance_id)["number"]
        mine = f"/cases/{instance_id}"
        status = {
            path: client.get(path, headers=headers).status_code for path in (mine, f"/api/v1/instances/{instance_id}")
        }
        doors = {path: code == 200 for path, code in status.items()}
        doors["trail"] = client.get(f"/api/v1/instances/{instance_id}/trail", headers=headers).status_code == 200
        doors["timeline"] = client.get(f"{mine}/timeline", headers=headers).status_code == 200
        doors["print"] = client.get(f"{mine}/print", headers=headers).status_code == 200
        searched = client.get(f"/cases?q={number}&world={LIVE}", headers=headers)
        doors["search"] = f'href="{mine}"' in searched.text
        sheet = client.get(f"/cases.xlsx?q={number}", headers=headers)
        assert sheet.status_code == 200
        cells = [
            str(cell)
            for row in load_workbook(io.BytesIO(sheet.data)).worksheets[0].iter_rows(values_only=True)
            for cell in row
        ]
        doors["sheet"] = number in cells
        kinds = Counter(doors.values())
        assert len(kinds) == 1, f"{role}, {name}: {doors} {status}"
        return next(iter(kinds))


SECRET = ("referral", "clue")
