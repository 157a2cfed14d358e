"""Cases made up row by row, and their figures counted again by slow and obvious means: every rule is a sentence over plain rows of one
case; nothing of `escalation.assessment` or `escalation.indicators` is used."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from engine.tables import area, definition, history, instance, metadata, public_message, register_row, task, unit
from escalation.tables import assessment_document, clock, clock_entry, exemption, exemption_decision, rung
from web.city import City

Row = dict[str, Any]
BEGIN_ID = 10**15
CLOCKS = ("verify", "file", "dispatch", "handle", "check", "case", "sign")
NODES = {
    "verify": "Verify",
    "file": "File",
    "dispatch": "Dispatch",
    "handle": "Handle",
    "check": "Check",
    "sign": "SignFor",
    "receipt": "SignOrder",
}
STAGE_KEYS = {
    "verify": ("due_verify", "verified", "verified_in_time", "verify_missed"),
    "dispatch": ("due_dispatch", "dispatched", "dispatched_in_time", "dispatch_missed"),
    "handle": ("due_handle", "handled", "handled_in_time", "handle_missed"),
    "check": ("due_check", "checked", "checked_in_time", "check_missed"),
    "case": ("due", "closed", "closed_in_time", "missed"),
}


# ---------------------------------------------------------------- made up


def populate(city: City, cases: int, middle: datetime, seed: int = 1) -> None:
    """So many cases around an instant, with every combination that a trail can have and some that it should not."""
    dice = random.Random(seed)
    with city.core.db.write() as connection:
        where = [r.key for r in connection.execute(select(area.c.key))] + [None, "nowhere"]
        known = {row.id: row.key for row in connection.execute(select(unit.c.id, unit.c.key).where(unit.c.realm == ""))}
        units = list(known)
        which = connection.execute(select(definition.c.id).where(definition.c.key == "case_dispatch")).scalar_one()
        plan = connection.execute(select(definition.c.id).where(definition.c.key == "plan_snow")).scalar_one()
        rows: dict[Any, list[Row]] = defaultdict(list)
        for n in range(cases):
            one = _Made(dice, BEGIN_ID + n, middle, known)
            emergency = dice.random() < 0.02
            one.case(rows, plan if emergency else which, "plan_snow" if emergency else "case_dispatch", units, where)
        for table, several in ((one, rows[one]) for one in metadata.sorted_tables if one in rows):
            for at in range(0, len(several), 2000):
                connection.execute(insert(table), several[at : at + 2000])


class _Made:
    """One case."""

    def __init__(self, dice: random.Random, number: int, middle: datetime, known: dict[int, str]) -> None:
        self.dice, self.id, self.middle, self.units, self.known = dice, number, middle, list(known), known
        self.others = random.Random(number)  # of its own, so that what it decides moves nothing else
        self.merged = self.others.sample(self.units, 2)
        self.hands = [*self.merged, None]
        """The units through whose hands the case goes."""
        self.moves: list[Row] = []

    def when(self, after: datetime | None = None) -> datetime:
        """Somewhere in a quarter of a year, often on the very edge of a month."""
        if after is not None:
            return after + timedelta(minutes=self.dice.choice((0, 1, 10, 100, 1000, 20000)))
        if self.dice.random() < 0.1:
            local = self.middle.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            return local + timedelta(microseconds=self.dice.choice((-1, 0, 1)))
        return self.middle + timedelta(minutes=self.dice.randint(-70000, 70000))

    def maybe(self, share: float) -> bool:
        return self.dice.random() < share

    def case(self, rows: dict[Any, list[Row]], which: int, key: str, units: list[int], where: list[Any]) -> None:
        began = self.when()
        ended = self.when(began) if self.maybe(0.6) else None
        outcome = self.dice.choice(("EndClosed", "EndClosed", "EndClosed", "EndVoided", "EndSelfHandled", "duplicate"))
        status = (
            self.dice.choice(("completed", "completed", "completed", "cancelled", "rejected")) if ended else "active"
        )
        rows[instance].append(
            {
                "id": self.id, "world_id": 1, "definition_id": which, "key": key, "number": f"G-{self.id}",
                "status": status, "outcome": outcome if ended else None, "revision": 1, "facts": {}, "title": "生成",
                "class": self.dice.choice(("E-0203", "E-0405", "C-0101", "E-0506", "E-0113", "E-0101", None)),
                "area": self.dice.choice(where), "source": self.dice.choice(("collector", "web", "hotline_12345", "leader", None)),
                "unit_id": self.dice.choice([*units, None]), "started_at": began, "ended_at": ended, "history_count": 0,
                "data_version": 1, "confidential": self.maybe(0.02),
            }
        )  # fmt: skip
        number = 0
        for name in CLOCKS:
            for _ in range(self.dice.choice((0, 1, 1, 1, 2, 3)) if name != "case" else self.dice.choice((0, 1, 1, 1))):
                number += 1
                self.stage(rows, name, 0 if name == "case" else number, began)
        if key == "plan_snow":
            for n in range(self.dice.choice((0, 1, 1, 2, 3))):
                self.stage(rows, "receipt", number + 1 + n, began)
        for n in range(self.dice.choice((0, 0, 0, 1, 2))):
            self.rung(rows, n)
        for n in range(self.dice.choice((0, 0, 0, 1, 2))):
            rows[public_message].append(
                {
                    "instance_id": self.id,
                    "id": f"m{n}",
                    "at": self.when(),
                    "kind": self.dice.choice(("solved", "unsolved", "note")),
                }
            )
        for family in ("case", "handle", "file"):
            if self.maybe(0.08):
                self.exempt(rows, family)
        self.dice = self.others
        known = {(one["instance_id"], one["family"]) for one in rows[exemption][-3:]}
        if (self.id, "handle") not in known and self.maybe(0.3):
            self.exempt(rows, "handle")
        for n, one in enumerate(sorted(self.moves, key=lambda each: each["at"]), 1):
            rows[history].append({"instance_id": self.id, "seq": n, "kind": "moved", **one})

    def stage(self, rows: dict[Any, list[Row]], name: str, number: int, began: datetime) -> None:
        opened = self.when(began)
        stopped = self.when(opened) if self.maybe(0.7) else None
        paused = self.when(opened) if self.maybe(0.1) else None
        due = None if paused or self.maybe(0.1) else self.when(opened)
        late = due is not None and (stopped is None or stopped > due) and self.maybe(0.8)
        extended = self.maybe(0.15)
        rows[clock].append(
            {
                "instance_id": self.id, "name": name, "task_id": number, "world_id": 1, "calendar": "qianjiang", "calendar_version": 1,
                "warn_share": "0.25", "started_at": opened, "due_at": due, "stopped_at": stopped, "paused_at": paused,
                "breached_at": due if late or (due and self.maybe(0.02)) else None, "extensions": int(extended),
            }
        )  # fmt: skip
        n = 0
        if paused is not None and self.maybe(0.9):
            n += 1
            rows[clock_entry].append(
                self.entry(name, number, n, "paused", paused, self.when() if self.maybe(0.8) else None)
            )
        if extended:
            rows[clock_entry].append(self.entry(name, number, n + 1, "extended", self.when(opened), None))
        if name in NODES:
            state = self.dice.choice(("completed", "completed", "completed", "cancelled")) if stopped else "open"
            rows[task].append(
                {
                    "instance_id": self.id, "id": number, "world_id": 1, "definition_id": 1, "node": NODES[name], "state": state,
                    "opened_at": opened, "closed_at": stopped, "role": "signer" if self.maybe(0.03) else None,
                    "variables": {"order": {"level": self.dice.randint(1, 4)}} if name == "receipt" else None,
                    "unit_id": self.others.choices(self.hands, (6, 6, 1))[0] if name == "handle" else None,
                }
            )  # fmt: skip
            if name == "handle":
                self.pass_on(number, [one for one in (opened, due, stopped) if one is not None])
            if name == "handle" and stopped is not None and self.maybe(0.8):
                next_ = {
                    "id": number + 100,
                    "node": self.dice.choice(("Feedback", "SignOut")),
                    "state": "open",
                    "closed_at": None,
                }
                rows[task].append(rows[task][-1] | next_ | {"opened_at": stopped, "role": None})

    def pass_on(self, number: int, instants: list[datetime]) -> None:
        """Their unit was merged, split or dissolved while they had the task, or before, or after: once, twice, or never."""
        for _ in range(self.others.choice((0, 0, 1, 1, 2))):
            at = self.others.choice(instants) + timedelta(minutes=self.others.choice((-500, -1, 0, 1, 500, 30000)))
            tasks = self.others.choice(([number], [number, number + 1], [number + 1], [number - 1, number]))
            said = {"from": self.known[self.others.choice(self.merged)], "to": "x", "tasks": tasks}
            self.moves.append(
                {"at": at, "data": {"change": 1, **(said if self.others.random() < 0.9 else {"back": [number]})}}
            )

    def entry(self, name: str, number: int, n: int, kind: str, at: datetime, before: datetime | None) -> Row:
        return {
            "instance_id": self.id,
            "name": name,
            "task_id": number,
            "n": n,
            "kind": kind,
            "at": at,
            "due_before": before,
            "asked_unit": self.others.choice(self.hands),
        }

    def rung(self, rows: dict[Any, list[Row]], n: int) -> None:
        at = self.when()
        due = self.when(at) if self.maybe(0.7) else None
        answered = self.when(at) if self.maybe(0.6) else None
        closed = self.when(at) if self.maybe(0.6) else None
        kind = self.dice.choice(("urge", "yellow_card", "red_card", "supervise", "supervise", "supervise"))
        rows[rung].append(
            {
                "instance_id": self.id + 10**12, "id": n, "world_id": 1, "case_id": self.id, "kind": kind, "node": "X", "at": at,
                "unit_id": self.dice.choice(self.units),
                "due_at": due, "answered_at": answered, "closed_at": closed,
                "outcome": self.dice.choice(("accepted", "refused", "resolved", "withdrawn", None)) if closed else None,
            }
        )  # fmt: skip

    def exempt(self, rows: dict[Any, list[Row]], family: str) -> None:
        asked_at = self.when()
        number = 1_000_000 + len(rows[exemption])
        paper = {"hash": "sha256:x", "name": "x", "type": "text/plain", "size": 1, "content": b"x", "at": self.middle}
        if not rows[assessment_document]:
            rows[assessment_document].append(paper)
        asked = {"document_hash": "sha256:x", "document_name": "x", "at": asked_at, "by_id": 1, "reason": "x"}
        rows[exemption].append({"id": number, "instance_id": self.id, "family": family, **asked})
        if self.maybe(0.8):
            rows[exemption_decision].append(
                {"exemption_id": number, "agreed": self.maybe(0.7), "note": "x", "at": self.middle, "by_id": 2}
            )


# ---------------------------------------------------------------- counted again

UNUSED = {
    "calendar",
    "warn_share",
    "warn_at",
    "running_since",
    "counted",
    "extra",
    "left_hours",
    "paused_until",
    "due_after",
    "until",
    "data",
    "form",
}
"""Columns that no sentence below reads: a hundred thousand cases are many rows."""


def recount(connection: Connection, since: datetime, until: datetime) -> Iterator[tuple[Row, dict[str, set[str]]]]:
    """Of each case: its row, and in which counts it is, in each reading; in the row, under `of_units`, in which it is for units alone."""
    sources = connection.execute(
        select(register_row.c.data).where(register_row.c.register == "sources", register_row.c.current)
    )
    public = {data["key"] for (data,) in sources if str(data["public"]).lower() == "true"}
    several = {}
    for name, table, key in (
        ("clocks", clock, "instance_id"), ("entries", clock_entry, "instance_id"), ("tasks", task, "instance_id"),
        ("rungs", rung, "case_id"), ("messages", public_message, "instance_id"),
    ):  # fmt: skip
        by: dict[int, list[Row]] = defaultdict(list)
        for row in connection.execute(select(*(c for c in table.c if c.name not in UNUSED))).mappings():
            by[row[key]].append(dict(row))
        several[name] = by
    moves: dict[int, list[Row]] = defaultdict(list)
    known = {row.key: row.id for row in connection.execute(select(unit))}
    for row in connection.execute(select(history).where(history.c.kind == "moved").order_by(history.c.seq)).mappings():
        if "tasks" in row["data"]:
            moves[row["instance_id"]].append(
                {"at": row["at"], "tasks": row["data"]["tasks"], "from": known[row["data"]["from"]]}
            )
    several["moves"] = moves
    agreed = set(
        connection.execute(select(exemption_decision.c.exemption_id).where(exemption_decision.c.agreed)).scalars()
    )
    exempt: dict[int, dict[str, datetime]] = defaultdict(dict)
    for row in connection.execute(select(exemption)).mappings():
        if row["id"] in agreed:
            exempt[row["instance_id"]][row["family"]] = row["at"]
    for row in connection.execute(select(instance)).mappings():
        if row["world_id"] != 1 or row["confidential"] or row["key"] not in ("case_dispatch", "plan_snow"):
            continue
        one = _Case(dict(row), {k: v[row["id"]] for k, v in several.items()}, exempt[row["id"]], since, until, public)
        ours = row["key"] == "case_dispatch"
        one.row["of_units"] = {r: one.of_units(r) if ours else {} for r in ("full", "base", "adjusted")}
        yield one.row, {reading: one.counts(reading) for reading in ("full", "base", "adjusted")}


class _Case:
    def __init__(
        self,
        row: Row,
        rows: dict[str, list[Row]],
        exempt: dict[str, datetime],
        since: datetime,
        until: datetime,
        public: set[str],
    ) -> None:
        self.row, self.rows, self.exempt, self.since, self.until, self.public = row, rows, exempt, since, until, public

    def within(self, at: datetime | None) -> bool:
        return at is not None and self.since <= at < self.until

    def before_end(self, at: datetime | None) -> bool:
        return at is not None and at < self.until

    def tasks(self, node: str) -> list[Row]:
        return [t for t in self.rows["tasks"] if t["node"] == node and t["role"] is None]

    def done(self, node: str) -> list[Row]:
        return [t for t in self.tasks(node) if t["state"] == "completed" and self.before_end(t["closed_at"])]

    def is_given_up(self, c: Row) -> bool:
        """Taken away, or handed back unhandled, within its time."""
        if c["task_id"] == 0 or c["stopped_at"] is None or c["breached_at"] is not None:
            return False
        if c["due_at"] is not None and c["stopped_at"] > c["due_at"]:
            return False
        own = [t for t in self.rows["tasks"] if t["id"] == c["task_id"]]
        if own[0]["state"] != "completed":
            return True
        went_on = [
            t for t in self.rows["tasks"] if t["node"] in ("SignOut", "Feedback") and t["opened_at"] == c["stopped_at"]
        ]
        return c["name"] == "handle" and not went_on

    def is_due(self, c: Row) -> bool:
        if self.is_given_up(c):
            return False
        stood = c["due_at"] is None and c["paused_at"] is not None
        if self.within(c["due_at"]) and (c["stopped_at"] is None or c["stopped_at"] >= self.since):
            return True
        return (stood or (c["due_at"] is not None and c["due_at"] >= self.until)) and self.within(c["stopped_at"])

    def in_time(self, c: Row) -> bool:
        if not self.before_end(c["stopped_at"]) or c["breached_at"] is not None:
            return False
        return c["stopped_at"] <= c["due_at"] if c["due_at"] is not None else c["paused_at"] is not None

    def is_standing(self, c: Row) -> bool:
        still = c["stopped_at"] is None or c["stopped_at"] >= self.until
        return self.before_end(c["paused_at"]) and c["due_at"] is None and still

    def would_have_been_due(self, c: Row) -> bool:
        if not self.is_standing(c):
            return False
        entries = [e for e in self.rows["entries"] if (e["name"], e["task_id"]) == (c["name"], c["task_id"])]
        pauses = [e for e in entries if e["kind"] == "paused" and e["at"] == c["paused_at"]]
        return bool(pauses) and self.within(max(pauses, key=lambda e: e["n"])["due_before"])

    def counts(self, reading: str) -> set[str]:  # noqa: C901, PLR0912, PLR0915  one sentence after the other
        row, found = self.row, set()
        gone = {one for one in self.exempt if self.is_exempt(one)} if reading == "adjusted" else set()
        if row["key"] == "plan_snow":
            receipts = [c for c in self.rows["clocks"] if c["name"] == "receipt"]
            levels = [t["variables"]["order"]["level"] for t in self.rows["tasks"] if t["node"] == "SignOrder"]
            if self.within(row["started_at"]) and any(level <= 3 for level in levels):
                found.add("emergencies")
                began = min(c["started_at"] for c in receipts)
                late = any(
                    c["breached_at"] or (c["stopped_at"] and c["due_at"] and c["stopped_at"] > c["due_at"])
                    for c in receipts
                    if c["started_at"] == began
                )
                if not late and self.before_end(row["ended_at"]) and row["status"] == "completed":
                    found.add("emergencies_in_time")
            return found
        voided = row["outcome"] == "EndVoided"
        counted = row["status"] not in ("cancelled", "rejected") and not voided
        filed = [t for t in self.done("File") if t["closed_at"] >= self.since]
        if self.within(row["started_at"]):
            if row["outcome"] == "duplicate":
                found.add("duplicates")
            else:
                found.add("received")
                if counted and self.done("File"):
                    found.add("received_filed")
                if row["source"] in self.public:
                    found.add("public_received")
                    if self.done("Verify"):
                        found.add("public_verified")
                if row["source"] == "collector":
                    found.add("collected")
                    if counted and self.done("File"):
                        found.add("collected_filed")
        if filed and counted:
            found.add("filed")
            late = any(
                c["name"] == "file" and self.within(c["stopped_at"])
                and (c["breached_at"] is not None or (c["due_at"] is not None and c["stopped_at"] > c["due_at"]))
                for c in self.rows["clocks"]
            )  # fmt: skip
            if "file" not in gone:
                found |= {"filed_timed", "filed_late" if late else "filed_in_time"}
        if filed and (self.tasks("Dispatch") or row["outcome"] == "EndSelfHandled"):
            found.add("filed_gross")
            if voided:
                found.add("voided_after")
        if voided and self.within(row["ended_at"]):
            found.add("voided")
        for stage, (due, done, in_time, missed) in STAGE_KEYS.items():
            if not counted or stage in gone:
                continue
            own = [c for c in self.rows["clocks"] if c["name"] == stage]
            asked = [c for c in own if self.is_due(c)]
            standing = reading == "full" and any(self.would_have_been_due(c) for c in own)
            if not asked and not standing:
                continue
            found.add(due)
            finished = bool(asked) and not standing and all(self.before_end(c["stopped_at"]) for c in asked)
            well = bool(asked) and not standing and all(self.in_time(c) for c in asked)
            found |= {done} if finished else set()
            found.add(in_time if well else missed)
            if stage == "case":
                if not finished:
                    found.add("not_closed")
                handled = [t["opened_at"] for t in self.tasks("Handle") if self.before_end(t["opened_at"])]
                checked = [t["closed_at"] for t in self.done("Check")]
                if handled and checked and max(handled) >= min(checked):
                    found.add("reworked")
            if stage == "handle" and self.more_time():
                found.add("extended")
            if stage == "dispatch" and finished:
                sent = [t["opened_at"] for t in self.tasks("Dispatch") if self.before_end(t["opened_at"])]
                if len(sent) > 1 and max(sent) >= self.since:
                    found.add("redispatched")
        if counted and any(c["name"] == "case" and self.is_standing(c) for c in self.rows["clocks"]):
            found.add("standing")
        rated = [m for m in self.rows["messages"] if m["kind"] in ("solved", "unsolved") and self.within(m["at"])]
        if rated:
            found.add("answered")
            if all(m["kind"] == "solved" for m in rated):
                found.add("satisfied")
        return found | self.supervised()

    def is_exempt(self, family: str) -> bool:
        """No overrun of it came after it was asked for."""
        overruns = [
            c["breached_at"] or c["due_at"]
            for c in self.rows["clocks"]
            if c["name"] == family and self.is_due(c) and not self.in_time(c)
        ]
        return all(at is None or at <= self.exempt[family] for at in overruns)

    def more_time(self) -> bool:
        given = {
            (e["name"], e["task_id"])
            for e in self.rows["entries"]
            if e["kind"] == "extended" and self.before_end(e["at"])
        }
        return any(
            (c["name"], c["task_id"]) in given and c["extensions"]
            for c in self.rows["clocks"]
            if c["name"] in ("case", "handle")
        )

    def of_units(self, reading: str) -> dict[int | None, set[str]]:
        """Of which unit the cards and orders were, each unit by its own rungs alone; and what each had to handle."""
        rungs = self.rows["rungs"]
        found: dict[int | None, set[str]] = defaultdict(set)
        for one in {r["unit_id"] for r in rungs}:
            found[one] |= self.supervised([r for r in rungs if r["unit_id"] == one])
        if self.row["outcome"] != "EndVoided" and self.row["status"] not in ("cancelled", "rejected"):
            several = [c for c in self.rows["clocks"] if c["name"] == "handle"]
            for one in {self.holder(c) for c in several}:
                found[one] |= self.handled(one, [c for c in several if self.holder(c) == one], reading)
        return found

    def overrun(self, c: Row) -> datetime | None:
        """When its time ran out before it was done."""
        if c["breached_at"] is not None:
            return c["breached_at"]  # type: ignore[no-any-return]
        if c["due_at"] is not None and (c["stopped_at"] is None or c["stopped_at"] > c["due_at"]):
            return c["due_at"]  # type: ignore[no-any-return]
        return None

    def holder(self, c: Row) -> int | None:
        """Whose task it was when its time ran out; else when it ended; else when the period ends. Nobody's is its whose the case is."""
        at = self.overrun(c)
        if not self.before_end(at):
            at = c["stopped_at"] if self.before_end(c["stopped_at"]) else None
        for move in self.rows["moves"]:
            later = move["at"] > at if at is not None else move["at"] >= self.until
            if later and c["task_id"] in move["tasks"]:
                return int(move["from"])
        own: list[int | None] = [t["unit_id"] for t in self.rows["tasks"] if t["id"] == c["task_id"]]
        case: int | None = self.row["unit_id"]
        return case if own[0] is None else own[0]

    def handled(self, who: int | None, own: list[Row], reading: str) -> set[str]:
        """One unit's tasks to handle, looked at as if there were no others."""
        asked = [c for c in own if self.is_due(c)]
        standing = reading == "full" and any(self.would_have_been_due(c) for c in own)
        if not asked and not standing:
            return set()
        if reading == "adjusted" and "handle" in self.exempt:
            when = self.exempt["handle"]
            were = any(at is not None and at <= when for at in map(self.overrun, own))
            again = any((c["breached_at"] or c["due_at"]) > when for c in asked if not self.in_time(c))
            if were and not again:
                return set()
        found = {"due_handle"}
        found |= {"handled"} if not standing and all(self.before_end(c["stopped_at"]) for c in asked) else set()
        found.add("handled_in_time" if not standing and all(self.in_time(c) for c in asked) else "handle_missed")
        given = [e for e in self.rows["entries"] if e["kind"] == "extended" and self.before_end(e["at"])]
        mine = {c["task_id"] for c in own}
        if any(
            (e["name"] == "handle" and e["task_id"] in mine)
            or (e["name"] == "case" and who is not None and e["asked_unit"] == who)
            for e in given
        ):
            found.add("extended")
        return found

    def supervised(self, rungs: list[Row] | None = None) -> set[str]:
        found = set()
        rungs = self.rows["rungs"] if rungs is None else rungs
        cards = [r for r in rungs if r["kind"] in ("yellow_card", "red_card") and r["outcome"] != "withdrawn"]
        if any(self.within(r["at"]) for r in cards):
            found.add("carded")
        if any(r["kind"] in ("urge", "supervise") and self.within(r["at"]) for r in rungs):
            found.add("urged")
        orders = [r for r in rungs if r["kind"] == "supervise" and self.within(r["due_at"])]
        if orders:
            found.add("ordered")
            if all(r["answered_at"] is not None and r["answered_at"] <= r["due_at"] for r in orders):
                found.add("ordered_in_time")
            done = any(
                r["kind"] == "supervise"
                and r["outcome"] in ("accepted", "resolved")
                and self.before_end(r["closed_at"])
                for r in rungs
            )
            found.add("carried_out" if done else "not_carried_out")
        return found
