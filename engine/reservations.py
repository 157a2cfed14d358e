"""Reservations: what an instance asks for, or holds, of a row of a register (a stretch of a road, a site), from one time to another.

Two actions of a diagram. `reserve` writes one and tells what it meets:

    <ld:action name="reserve" register="road_segments" row="=segment" begins="=begins_m" ends="=ends_m" from="=start_on" until="=finish_on"
      state="asked" purpose="excavation" result="={overlaps: result.conflicts}"/>

`register`, `row`: which row, by its key; `begins`, `ends`: metres along it, none: the whole; `from`, `until`: dates (the whole last day
counts) or instants; `state`: asked (usual) or held; `purpose`: a word; `public`: a context that everybody may see of it while it is held,
none: nothing; `id`: which of the instance's reservations (`place`). The same id again changes that one. It answers {id, state, from, until,
conflicts}: a list of {instance, number, title, process, purpose, state, begins, ends, from, until, first_day, last_day}, those that begin
earlier first. It refuses no overlap: people decide what becomes of two that meet.

`release` ends one (`id`, none: all of the instance): `over` where its time has passed, else `released`.

**Of two that are asked for at once at least the later is told of the other**: a reservation is committed before it is compared, so
whichever is committed second finds the first. A reservation lives no longer than its instance. Stretches and times that only touch do
not meet. Only what belongs to the same world meets; what is confidential is told to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from engine import steps
from engine.errors import BusinessError
from engine.tables import instance, reservation

if TYPE_CHECKING:
    from engine.bpmn.model import ProcessModel
    from engine.core import Core
    from engine.steps import Reply, Seen, Step
    from engine.writes import WriteSet

Row = dict[str, Any]

ASKED, HELD, OVER, RELEASED = "asked", "held", "over", "released"
LIVE_STATES = (ASKED, HELD)
"""Those that others meet."""

PLACE = "place"
"""The id of a reservation whose diagram names none."""

RESERVE = "reserve"

REFUSALS = {
    "reservation_place": ("没有写明登记表和编号", "it names no row of a register"),
    "reservation_stretch": ("起止米数不对", "its stretch is no stretch"),
    "reservation_time": ("起止时间不对", "its time is no time"),
}
"""What `reserve` refuses as an error of the diagram; its payload has `code` and `why`."""


def reserve(core: Core, instance_id: int, parameters: Row) -> Row:
    """The action `reserve`. BusinessError: one of `REFUSALS`."""
    which = _word(parameters.get("id"), 60) or PLACE
    state = parameters.get("state") or ASKED
    if state not in LIVE_STATES:
        raise ValueError(f"a reservation is asked or held, not {state!r}")
    register, row_key = _word(parameters.get("register"), 64), _word(parameters.get("row"), 120)
    if not register or not row_key:
        raise _refused("reservation_place")
    begins, ends = stretch(parameters)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        from_at, until_at = period(parameters, seen.world.zone)
        wanted: Row = {
            "register": register,
            "row_key": row_key,
            "begins": begins,
            "ends": ends,
            "from_at": from_at,
            "until_at": until_at,
            "purpose": _word(parameters.get("purpose"), 40),
            "state": state,
            "data": {"public": _public(parameters.get("public"))},
        }
        before = next((one for one in of_instance(core, instance_id) if one["id"] == which), None)
        if seen.instance["ended_at"] is None:
            if before is None:
                writes.insert(reservation, id=which, world_id=seen.world.id, at=seen.now, **wanted)
            elif any(before[name] != value for name, value in wanted.items()):
                writes.update(reservation, id=which, at=seen.now, **wanted)
        return {"world": seen.world.id, "zone": str(seen.world.zone), "from": from_at, "until": until_at}

    done = steps.run(core, instance_id, plan)
    zone = ZoneInfo(done["zone"])
    met = overlapping(
        core,
        done["world"],
        register,
        row_key,
        (begins, ends),
        (done["from"], done["until"]),
        but=instance_id,
    )
    return {
        "id": which,
        "state": state,
        "from": _local(done["from"], zone),
        "until": _local(done["until"], zone),
        "conflicts": [told(row, zone) for row in met],
    }


def release(core: Core, instance_id: int, parameters: Row) -> Row:
    """The action `release`: {released: how many}. What is over or released already stays as it is."""
    which = _word(parameters.get("id"), 60)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        rows = [one for one in of_instance(core, instance_id) if which in ("", one["id"])]
        return {"released": end(rows, seen.now, writes)}

    return steps.run(core, instance_id, plan)


ACTIONS = {RESERVE: reserve, "release": release}
"""By the names that diagrams give them."""


def keep(step: Step) -> None:
    """A listener of steps: with its instance everything ends that it asked for or held."""
    if step.outcome.ended and _reserves(step.definition.model):
        end(of_instance(step.core, step.writes.instance_id), step.now, step.writes)


def end(rows: list[Row], now: datetime, writes: WriteSet) -> int:
    """End those of an instance's reservations that are still asked or held; answers how many."""
    ended = [row for row in rows if row["state"] in LIVE_STATES]
    for row in ended:
        writes.update(reservation, id=row["id"], state=OVER if row["until_at"] <= now else RELEASED, at=now)
    return len(ended)


def of_instance(core: Core, instance_id: int) -> list[Row]:
    """The reservations of an instance, by their ids."""
    query = select(reservation).where(reservation.c.instance_id == instance_id).order_by(reservation.c.id)
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def overlapping(
    core: Core,
    world_id: int,
    register: str,
    row_key: str,
    along: tuple[float | None, float | None],
    during: tuple[datetime, datetime],
    *,
    but: int | None = None,
) -> list[Row]:
    """What is asked for or held on this stretch (metres; none: from its beginning, to its end) in this time by other running instances of
    the world: rows of `reservation` with `number`, `title` and `key` of the instance, the earliest first."""
    query = (
        select(reservation, instance.c.number, instance.c.title, instance.c.key)
        .join(instance, instance.c.id == reservation.c.instance_id)
        .where(
            reservation.c.register == register,
            reservation.c.row_key == row_key,
            reservation.c.world_id == world_id,
            standing(),
            within(*during),
            meets(*along),
        )
        .order_by(reservation.c.from_at, reservation.c.begins, reservation.c.instance_id, reservation.c.id)
    )
    if but is not None:
        query = query.where(reservation.c.instance_id != but)
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def standing() -> ColumnElement[bool]:
    """The filter on `reservation`, joined with `instance`, for what still counts."""
    return and_(
        reservation.c.state.in_(LIVE_STATES),
        instance.c.ended_at.is_(None),
        ~instance.c.confidential,
    )


def within(since: datetime, until: datetime) -> ColumnElement[bool]:
    """The filter on `reservation` for what lies in this time at least for a moment."""
    return and_(reservation.c.from_at < until, reservation.c.until_at > since)


def meets(begins: float | None, ends: float | None) -> ColumnElement[bool]:
    """The filter on `reservation` for what shares more than a point with this stretch."""
    ways: list[ColumnElement[bool]] = []
    if ends is not None:
        ways.append(or_(reservation.c.begins.is_(None), reservation.c.begins < ends))
    if begins is not None:
        ways.append(or_(reservation.c.ends.is_(None), reservation.c.ends > begins))
    return and_(*ways) if ways else reservation.c.id.is_not(None)


def state_at(row: Mapping[str, Any], now: datetime) -> str:
    """What a reservation is at an instant: one whose time has passed is over, though nobody released it."""
    return OVER if row["state"] in LIVE_STATES and row["until_at"] <= now else str(row["state"])


def told(row: Mapping[str, Any], zone: ZoneInfo) -> Row:
    """A row of `overlapping` as diagrams and forms have it: ids as text, times here."""
    return {
        "instance": str(row["instance_id"]),
        "number": row["number"],
        "title": row["title"],
        "process": row["key"],
        "purpose": row["purpose"],
        "state": row["state"],
        "begins": row["begins"],
        "ends": row["ends"],
        "from": _local(row["from_at"], zone),
        "until": _local(row["until_at"], zone),
        **days(row, zone),
    }


def days(row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """The first and the last day, both counted, in a zone."""
    last = row["until_at"].astimezone(zone) - timedelta(microseconds=1)
    return {"first_day": row["from_at"].astimezone(zone).date().isoformat(), "last_day": last.date().isoformat()}


def stretch(parameters: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Where it begins and ends, in metres from the row's own beginning. BusinessError: it ends where it begins, or before."""
    begins, ends = _metres(parameters.get("begins")), _metres(parameters.get("ends"))
    if (begins or 0) < 0 or (ends is not None and ends <= (begins or 0)):
        raise _refused("reservation_stretch")
    return begins, ends


def period(parameters: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when. BusinessError: one of them is missing or no time, or it would end before it begins."""
    from_at = moment(parameters.get("from"), zone)
    until_at = moment(parameters.get("until"), zone, last=True)
    if until_at <= from_at:
        raise _refused("reservation_time")
    return from_at, until_at


def moment(value: Any, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """A date or an instant as text, in UTC. A date begins at midnight here, and as the `last` day ends at the next."""
    try:
        text = str(value).partition("@")[0]
        if len(text) > len("2026-01-01"):
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
        day = date.fromisoformat(text) + (timedelta(days=1) if last else timedelta())
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _refused("reservation_time") from error


# ---------------------------------------------------------------- inside


def _reserves(model: ProcessModel) -> bool:
    """Whether a process may have reserved something: by itself, or by what it calls."""
    return any(
        node.call is not None or (node.settings.action is not None and node.settings.action.name == RESERVE)
        for node in model.nodes.values()
    )


def _refused(code: str) -> BusinessError:
    zh, en = REFUSALS[code]
    return BusinessError(code, {"code": code, "why": f"{zh} / {en}"})


def _metres(value: Any) -> float | None:
    if value in (None, ""):
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise _refused("reservation_stretch") from error


def _public(value: Any) -> Row | None:
    return {str(name): said for name, said in value.items() if said is not None} if isinstance(value, dict) else None


def _word(value: Any, most: int) -> str:
    return str(value).strip()[:most] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="minutes")
