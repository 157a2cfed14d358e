"""The server actions of the three requests about clocks: what was asked is written to the case, and carried out when another unit agreed.

Each is one step on the case and done once, however often its job runs: the request's id stands in what it wrote. What cannot be is a
BusinessError that the diagram catches; its code is one of `escalation.requests.REFUSALS`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import calendars, effects, not_of, registers, steps
from engine.errors import BusinessError
from engine.events import Event
from engine.organisation import snapshot
from engine.people import load_actor
from engine.steps import Reply, Seen
from engine.tables import history
from engine.writes import WriteSet
from escalation import requests, sla, statutory
from escalation.clocks import from_row
from escalation.ledger import EXTENDED, PAUSED, RESUMED, Ground, Ledger
from escalation.requests import EXTENSION, SHELVED, SHELVING, Asked
from escalation.statutory import AGREES, GROUNDS
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core
    from engine.organisation.snapshot import Snapshot

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Approval:
    """Who said yes last, for which unit."""

    by: int
    unit: int | None
    for_id: int | None


def note_request(core: Core, request: int, _parameters: Row) -> Row:
    """`clock_request`: write to the case what is asked, if who started the request may ask it now. It then tells who decides: {kept_out}
    are the units that must not."""
    case_id, starter, facts = _request(core, request)
    rules = requests.rules_of(core)
    kind = _key(core, request)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        known = requests.asked_of(core, case_id, request)
        if known is not None:
            return _told(core, seen, known)
        row = Ledger(core, seen, writes).find(str(facts.get("clock")), int(facts.get("clock_task") or 0))
        unit = None
        if row is not None and starter is not None:
            with core.db.read() as connection:
                unit = requests.asking_unit(connection, load_actor(connection, starter), seen, row)
        entries = requests.ledger_of(core, case_id)
        why = requests.judge(kind, row, seen.now, entries, rules)
        if why is None and unit is None:
            why = "not_entitled"
        if not requests.applies(kind, seen.instance["key"], rules):
            why = "not_here"
        if row is not None and why is None:
            second = bool(requests.extended(row["name"], entries))
            why = requests.check_answers(kind, facts, seen, rules, second=second)
        if why is None and kind == requests.SUSPENSION and not _fits(core, facts, seen):
            why = "no_ground"
        if (
            row is not None
            and why is None
            and requests.waits_already(kind, row, requests.pending(core, case_id), request)
        ):
            why = "pending"
        if why is not None or row is None or starter is None:
            raise refused(why or "stopped")
        until = requests.until_of(facts, seen) if kind != EXTENSION else None
        text = {name: str(facts.get(f"request_{name}") or "") for name in ("reason", "document")}
        ground = SHELVED if kind == SHELVING else facts.get("request_ground")
        asked = Asked(request, kind, row["name"], row["task_id"], starter, unit, **text, ground=ground, until=until)
        _record(seen, writes, Event.CLOCK_ASKED, row, asked.told())
        return _told(core, seen, asked)

    return steps.run(core, case_id, plan)


def extend(core: Core, request: int, _parameters: Row) -> Row:
    """`clock_extend`: one original limit more for the clock, and for that of the whole case where it promises the same. Tells {due}."""
    case_id, asked, approval = _granted(core, request)
    rules = requests.rules_of(core)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        entries, ledger = requests.ledger_of(core, case_id), Ledger(core, seen, writes)
        done = _done(entries, EXTENDED, asked)
        if done is not None:
            return {"due": _local(seen, done["due_after"])}
        row = ledger.find(asked.clock, asked.task_id)
        why = requests.judge(EXTENSION, row, seen.now, entries, rules)
        _check(core, seen, asked, approval, why)
        if row is None:
            raise refused("stopped")
        due = None
        for each in (row, *requests.carried(row, seen.extra[clock.name])):
            one = from_row(each)
            limit = sla.limit(one, calendars.at(core, one.calendar_version).calendars[one.calendar])
            after = ledger.extend(each, limit, _ground(asked, approval)) if limit is not None else None
            due = due or (after.due_at if after is not None else None)
        return {"due": _local(seen, due)}

    return steps.run(core, case_id, plan)


def pause(core: Core, request: int, _parameters: Row) -> Row:
    """`clock_pause`: the clocks of the case stand until the day that was asked for, but no emergency hours. Tells {until}."""
    case_id, asked, approval = _granted(core, request)
    rules = requests.rules_of(core)
    basis = _article(core, asked)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        entries, ledger = requests.ledger_of(core, case_id), Ledger(core, seen, writes)
        until = asked.until
        if _done(entries, PAUSED, asked) is not None:
            return {"until": _local(seen, until)}
        row = ledger.find(asked.clock, asked.task_id)
        why = requests.judge(asked.kind, row, seen.now, entries, rules)
        if why is None and (until is None or until <= seen.now):
            why = "bad_until"
        _check(core, seen, asked, approval, why)
        for each in seen.extra[clock.name]:
            if each is row or requests.judge(asked.kind, each, seen.now, (), rules) is None:
                ledger.pause(each, _ground(asked, approval, basis), until)
        return {"until": _local(seen, until)}

    return steps.run(core, case_id, plan)


def resume(core: Core, request: int, _parameters: Row) -> Row:
    """`clock_resume`: the clocks that this request let stand run again. Where they do already, or have stopped, nothing is left to do."""
    case_id = requests.case_of(core, request)
    asked = requests.asked_of(core, case_id, request) if case_id is not None else None
    if case_id is None or asked is None:
        raise refused("not_approved")
    who = _last(core, request)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        newest: dict[tuple[str, int], Row] = {}
        for entry in sorted(requests.ledger_of(core, case_id), key=lambda each: int(each["n"])):
            if entry["kind"] in (PAUSED, RESUMED):
                newest[entry["name"], entry["task_id"]] = entry
        due = None
        for row in seen.extra[clock.name]:
            entry = newest.get((row["name"], row["task_id"]), {})
            if (entry.get("kind"), entry.get("request_id")) != (PAUSED, request):
                continue
            why = Ground(asked_by=who, request=request) if who is not None else Ground(request=request)
            after = Ledger(core, seen, writes).resume(row, why)
            if after is not None and (row["name"], row["task_id"]) == (asked.clock, asked.task_id):
                due = after.due_at
        return {"due": _local(seen, due)}

    return steps.run(core, case_id, plan)


def note_refusal(core: Core, request: int, parameters: Row) -> Row:
    """`clock_request_over`: write to the case that nothing came of a request: refused, lapsed or not possible (`outcome`), and why."""
    case_id = requests.case_of(core, request)
    asked = requests.asked_of(core, case_id, request) if case_id is not None else None
    if case_id is None or asked is None:
        return {}  # it was never asked of the case
    data = {"request": str(request), "kind": asked.kind, "clock": asked.clock, "outcome": parameters.get("outcome")}
    data |= {"text": str(parameters.get("text") or "")[:2000]} if parameters.get("text") else {}

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if not _told_already(core, case_id, request):
            row = {"name": asked.clock, "task_id": asked.task_id}
            _record(seen, writes, Event.CLOCK_REFUSED, row, data)
        return {}

    return steps.run(core, case_id, plan)


ACTIONS = {
    "clock_request": note_request,
    "clock_extend": extend,
    "clock_pause": pause,
    "clock_resume": resume,
    "clock_request_over": note_refusal,
}
"""By the names that diagrams give them."""


def independent(city: Snapshot, approver: int, kept: frozenset[int], asker: int) -> bool:
    """Whether somebody may approve: no account of who asked, and of no unit that is kept out of it."""
    return approver not in city.accounts(asker) and city.of_human(approver).isdisjoint(kept)


def approved(entry: Mapping[str, Any], asked: Mapping[str, Any] | None) -> bool:
    """Whether a row of `clock_entry` that extends or pauses a clock carries another unit's approval, by what was written when it was made:
    a request that the case's history tells of (`asked`: the data of that row), or a procedure of the law in the case itself
    (`statutory.by_law`), by this person for this unit, and somebody else of another unit who agreed. Where people and units stand
    today is not asked: whoever moved since did nothing wrong."""
    if entry["kind"] not in (EXTENDED, PAUSED):
        return True
    if statutory.by_law(dict(entry)):
        return True
    if asked is None or None in (entry["request_id"], entry["asked_by"], entry["approved_by"]):
        return False
    if (asked.get("by"), asked.get("unit")) != (entry["asked_by"], entry["asked_unit"]):
        return False
    if entry["approved_by"] == entry["asked_by"]:
        return False
    return entry["approved_unit"] is None or entry["approved_unit"] != entry["asked_unit"]


def lawful(core: Core, entry: Row) -> bool:
    """Whether a row of `clock_entry` that extends or pauses a clock names a request, who asked, and an approver of another unit: not of the
    asking or the case's unit, of one below them or just above them. For verification: judged by the organisation as it is now."""
    if entry["kind"] not in (EXTENDED, PAUSED):
        return True
    asker, approver = entry["asked_by"], entry["approved_by"]
    if None in (entry["request_id"], asker, approver):
        return False
    city = snapshot.of(core)
    unit = steps.read(core, entry["instance_id"]).instance["unit_id"]
    kept = not_of.around(city, [one for one in (entry["asked_unit"], unit) if one is not None])
    return entry["approved_unit"] not in kept and independent(city, approver, kept, asker)


def refused(code: str) -> BusinessError:
    """A refusal as the diagram catches it: `code`, and why in both languages."""
    zh, en = requests.REFUSALS[code]
    return BusinessError(code, {"code": code, "why": f"{zh} / {en}"})


# ---------------------------------------------------------------- inside


def _request(core: Core, request: int) -> tuple[int, int | None, Row]:
    case_id = requests.case_of(core, request)
    if case_id is None:
        raise refused("not_entitled")
    row = steps.read(core, request).instance
    return case_id, row["starter_id"], row["facts"]


def _key(core: Core, request: int) -> str:
    key: str = steps.read(core, request).instance["key"]
    return key if key in requests.KINDS else requests.SUSPENSION


def _granted(core: Core, request: int) -> tuple[int, Asked, Approval]:
    """What was asked, and who agreed last. BusinessError: nobody did, or somebody else than those who worked it had a hand in it."""
    case_id = requests.case_of(core, request)
    asked = requests.asked_of(core, case_id, request) if case_id is not None else None
    if case_id is None or asked is None:
        raise refused("not_entitled")
    h = history.c
    kinds = [str(kind) for kind in (Event.COMPLETED, Event.TOKEN_MOVED, Event.VARIABLE_SET)]
    query = select(h.kind, h.actor_id, h.for_id, h.unit_id, h.data).where(h.instance_id == request, h.kind.in_(kinds))
    with core.db.read() as connection:
        rows = connection.execute(query.order_by(h.seq)).all()
    if any(row.kind != Event.COMPLETED for row in rows):
        raise refused("touched")
    last = next((row for row in reversed(rows) if row.actor_id is not None), None)
    answers = (last.data or {}).get("answers", {}) if last is not None else {}
    said = [value for name, value in answers.items() if name.endswith("decision")]
    if last is None or said != [AGREES]:
        raise refused("not_approved")
    return case_id, asked, Approval(last.actor_id, last.unit_id, last.for_id)


def _check(core: Core, seen: Seen, asked: Asked, approval: Approval, why: str | None) -> None:
    """BusinessError where it cannot be, or who agreed was not another unit's."""
    if why is not None:
        raise refused(why)
    city = snapshot.of(core, seen.organisation)
    kept = not_of.around(city, [one for one in (asked.unit, seen.instance["unit_id"]) if one is not None])
    people = [approval.by] + ([approval.for_id] if approval.for_id is not None else [])
    if approval.unit in kept or not all(independent(city, who, kept, asked.by) for who in people):
        raise refused("not_independent")


def _done(entries: list[Row], kind: str, asked: Asked) -> Row | None:
    key = (kind, asked.request, asked.clock, asked.task_id)
    return next((e for e in entries if (e["kind"], e["request_id"], e["name"], e["task_id"]) == key), None)


def _ground(asked: Asked, approval: Approval, basis: str = "") -> Ground:
    return Ground(
        reason=asked.reason,
        ground=asked.ground,
        basis=basis,
        document=asked.document,
        asked_by=asked.by,
        asked_unit=asked.unit,
        approved_by=approval.by,
        approved_unit=approval.unit,
        request=asked.request,
    )


def _fits(core: Core, facts: Row, seen: Seen) -> bool:
    """Whether the ground that was chosen is one of this process."""
    row = registers.lookup(core, GROUNDS, {"key": facts.get("request_ground")})
    return row is not None and statutory.fits(row, seen.instance["key"])


def _article(core: Core, asked: Asked) -> str:
    """The article that a legal ground rests on."""
    row = registers.lookup(core, GROUNDS, {"key": asked.ground}) if asked.ground else None
    return str(row["article"] or "") if row is not None else ""


def _last(core: Core, request: int) -> int | None:
    h = history.c
    query = (
        select(h.actor_id)
        .where(h.instance_id == request, h.kind == str(Event.COMPLETED))
        .order_by(h.seq.desc())
        .limit(1)
    )
    with core.db.read() as connection:
        found: int | None = connection.execute(query).scalar()
    return found


def _told_already(core: Core, case_id: int, request: int) -> bool:
    query = select(history.c.data).where(history.c.instance_id == case_id, history.c.kind == str(Event.CLOCK_REFUSED))
    with core.db.read() as connection:
        return any((data or {}).get("request") == str(request) for (data,) in connection.execute(query))


def _told(core: Core, seen: Seen, asked: Asked) -> Row:
    """What a request learns of itself: the units that must not decide it, and until when it can be decided."""
    keys = (core.unit_key(one) for one in (asked.unit, seen.instance["unit_id"]))
    row = next((r for r in seen.extra[clock.name] if (r["name"], r["task_id"]) == (asked.clock, asked.task_id)), None)
    due = row["due_at"] if row is not None else None
    return {
        "kept_out": [key for key in dict.fromkeys(keys) if key],
        "asked_unit": core.unit_key(asked.unit),
        "lapses_at": _local(seen, due or seen.now),
    }


def _record(seen: Seen, writes: WriteSet, event: Event, row: Row, data: Row) -> None:
    task = seen.open_tasks.get(row["task_id"])
    node = task["node"] if task is not None else None
    effects.record(seen, writes, event, node=node, task_id=row["task_id"] or None, data=data)


def _local(seen: Seen, at: datetime | None) -> str | None:
    return at.astimezone(seen.world.zone).isoformat() if at is not None else None
