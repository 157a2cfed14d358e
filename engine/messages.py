"""Messages and signals on their way from one instance to another.

What an instance sends is a job of its own (`send`), written in the transaction of the step that threw it. A worker decides once whom
it goes to, keeps that with the job, and hands it over: a step of the receiver takes in a job of the receiver's own (`deliver`) with a
receipt, so that handing over again changes nothing; then the sender's job goes. The receiver's process takes it in the step that
takes that job away. Should the receiver wait no more by then, a message goes back to its sender (`back`), who looks for another taker;
a signal is told in the history and dropped.

A message that nobody takes is offered again, ever more rarely, for the setting `message_ttl_hours`; then it becomes an incident of its
sender, or is dropped where it is marked `optional`. Where a process that runs once runs already, and takes no such message just now, it
is offered as long, for a later step may take it; then, or before it would be dropped, it joins what runs (`engine/joining.py`). Of
several takers the one that has waited longest gets it. Their order among each other is not kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from engine import definitions, effects, instances, joining, settings, waits, worlds
from engine.errors import LeaseLost, LiandongError, NotFound, StepFailed
from engine.events import Event
from engine.leases import LEASE
from engine.steps import Reply, Seen, run
from engine.subscriptions import (
    MESSAGE,
    SIGNAL,
    Beginning,
    Receiver,
    Waiting,
    from_json,
    hearers,
    still_waits,
    taker,
    to_json,
)
from engine.tables import job, receipt
from engine.waits import put
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core
    from engine.leases import Leased

Row = dict[str, Any]

DEFAULTS: dict[str, Any] = {"message_ttl_hours": 72}
"""Proposal; a row of `setting` wins."""

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
"""Between two offers of a message that nobody takes: twice as long each time, up to the longest."""

RENEWED_EVERY = 50
"""Receivers of a signal after which the worker takes its lease anew."""


class Undelivered(LiandongError):
    """Nobody took a message as long as it was offered."""

    code = "undelivered"
    status = 404
    zh = "消息“{name}”（关联“{key}”）在 {hours} 小时内无人接收。"
    en = "Nobody took the message “{name}” (correlation “{key}”) within {hours} hours."


# ---------------------------------------------------------------- at the sender


def send(core: Core, leased: Leased) -> None:
    """Decide whom it goes to, once, and hand it over. Undelivered when it was offered long enough."""
    letter: Row = leased.payload or {}
    if "to" not in letter:
        receivers = _address(core, leased, letter)
        if not receivers and letter["what"] == MESSAGE:
            _offer_again(core, leased, letter)
            return
        letter = {**letter, "to": [to_json(r) for r in receivers]}
        _change(core, leased, payload=letter)
    receivers = [from_json(kept) for kept in letter["to"]]

    def bring(receiver: Receiver, count: int) -> list[int]:
        if count and count % RENEWED_EVERY == 0:
            _renew(core, leased)
        return _hand_over(core, leased, receiver, letter)

    reached = each(receivers, bring)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        writes.delete(job, id=leased.id)
        if reached or letter["what"] == SIGNAL:
            data = {"what": letter["what"], "name": letter["name"], "to": [str(i) for i in reached]}
            effects.record(seen, writes, Event.SENT, node=leased.node, data=data)
        else:
            _write_again(seen, writes, leased.id, leased.node, letter)
        return {}

    run(core, leased.instance_id, plan, fence=leased.held)


def each(receivers: Sequence[Receiver], bring: Callable[[Receiver, int], list[int]]) -> list[int]:
    """The instances that have it now, `bring` being called for every receiver and its place in the list. StepFailed when a process
    could not begin by it; the others have it all the same."""
    reached: list[int] = []
    wrong: StepFailed | None = None
    for place, receiver in enumerate(receivers):
        try:
            reached += bring(receiver, place)
        except StepFailed as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong
    return reached


def _address(core: Core, leased: Leased, letter: Row) -> Sequence[Receiver]:
    with core.db.read() as connection:
        if letter["what"] == SIGNAL:
            thrown = datetime.fromisoformat(letter["at"])
            return hearers(connection, leased.world_id, letter["name"], thrown, leased.instance_id)
        found = taker(connection, leased.world_id, letter["name"], letter["key"])
    if isinstance(found, Beginning) and instances.runs_already(
        core, found, letter["key"], leased.name, leased.world_id
    ):
        return []
    return [found] if found is not None else []


def _offer_again(core: Core, leased: Leased, letter: Row) -> None:
    if letter.get("optional"):
        if not _join(core, leased, letter):
            _drop(core, leased)
        return
    now = worlds.get(core, leased.world_id).now
    with core.db.read() as connection:
        hours = settings.read(connection, DEFAULTS)["message_ttl_hours"]
    until = datetime.fromisoformat(letter["until"]) if "until" in letter else now + timedelta(hours=hours)
    if now >= until:
        if _join(core, leased, letter):
            return
        raise Undelivered(name=letter["name"], key=letter["key"], hours=hours)
    offers = letter.get("offers", 0)
    wait = min(FIRST_WAIT * 2 ** min(offers, 10), LONGEST_WAIT)
    again = {**letter, "until": until.isoformat(), "offers": offers + 1}
    _change(core, leased, payload=again, due_at=min(now + wait, until), lease_until=None)


def _join(core: Core, leased: Leased, letter: Row) -> bool:
    """Keep the message with the instance that runs in its place; False where none does."""
    with core.db.read() as connection:
        found = taker(connection, leased.world_id, letter["name"], letter["key"])
    if not isinstance(found, Beginning):
        return False
    process = definitions.get(core, found.definition_id).key
    running = joining.running(core, process, letter["key"], leased.world_id)
    if running is None:
        return False
    told = {"message": letter["name"], "from": str(leased.instance_id)}
    try:
        joining.join(core, running, letter["payload"] or {}, None, event=(f"from:{leased.name}", told))
    except NotFound:  # it ended meanwhile
        return False

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        writes.delete(job, id=leased.id)
        data = {"what": letter["what"], "name": letter["name"], "to": [str(running)]}
        effects.record(seen, writes, Event.SENT, node=leased.node, data=data)
        return {}

    run(core, leased.instance_id, plan, fence=leased.held)
    return True


def _drop(core: Core, leased: Leased) -> None:
    def plan(_: Seen, writes: WriteSet) -> Reply:
        writes.delete(job, id=leased.id)
        return {}

    run(core, leased.instance_id, plan, fence=leased.held)


def fresh(letter: Row) -> Row:
    """A message that was offered in vain: when an operator tries it again, it is offered as long once more."""
    return {k: v for k, v in letter.items() if k not in ("until", "offers")}


def _hand_over(core: Core, leased: Leased, receiver: Receiver, letter: Row) -> list[int]:
    """The instance that has it now; none when it waits no more."""
    if isinstance(receiver, Beginning):
        said = {letter["what"]: letter["name"], "from": str(leased.instance_id)}
        begun = instances.begin(
            core,
            receiver.definition_id,
            (receiver.node, receiver.index),
            leased.name,
            leased.world_id,
            letter["payload"],
            said,
            letter["key"],
        )
        return [begun] if begun is not None else []
    home = [leased.instance_id, leased.id, leased.node] if letter["what"] == MESSAGE else None
    return [receiver.instance_id] if hand_in(core, leased.name, receiver, {**letter, "home": home}) else []


def _write_again(seen: Seen, writes: WriteSet, job_id: str, node: str | None, letter: Row) -> None:
    """The message as a new job: it is addressed anew."""
    base, _, count = job_id.partition("~")
    kept = {k: v for k, v in letter.items() if k not in ("to", "home")}
    put(writes, seen, f"{base}~{int(count or 0) + 1}", "send", node, seen.now, kept)


def _change(core: Core, leased: Leased, **values: Any) -> None:
    """Change the job in hand. LeaseLost when another worker has it now."""
    mine = (job.c.instance_id == leased.instance_id, job.c.id == leased.id, job.c.fence == leased.fence)
    with core.db.write() as connection:
        if connection.execute(update(job).where(*mine).values(**values)).rowcount != 1:
            raise LeaseLost(job=leased.id)


def _renew(core: Core, leased: Leased) -> None:
    _change(core, leased, lease_until=core.db.now() + LEASE)


# ---------------------------------------------------------------- at the receiver


def hand_in(core: Core, origin: str, who: Waiting, letter: Row) -> bool:
    """Put a letter into the receiver's rows, in a step of its own; False when it waits no more. The same letter (its `origin`) is
    taken in once, and answered alike however often it comes."""
    key = f"from:{origin}:{who.place}"

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        before = receipt_of(core, who.instance_id, key)
        if before is not None:
            return before
        waiting = _waits(core, seen, who, letter)
        if waiting:
            taken_in = {**letter, "task": who.task_id, "index": who.index}
            put(writes, seen, f"deliver-{origin}-{who.place}", "deliver", None, seen.now, taken_in)
        reply = {"taken": waiting}
        writes.insert(receipt, key=key, request="", reply=reply, at=seen.now)
        return reply

    return bool(run(core, who.instance_id, plan)["taken"])


def keep(core: Core, seen: Seen, writes: WriteSet, origin: str, who: Waiting, letter: Row) -> bool:
    """Keep a letter for a suspended instance; False when it waits no more, or has a letter for this token already. It is taken when the
    instance is resumed."""
    if not _waits(core, seen, who, letter):
        return False
    query = select(job.c.payload).where(
        job.c.instance_id == who.instance_id, job.c.kind == "deliver", job.c.state == waits.HELD
    )
    with core.db.read() as connection:
        kept = connection.execute(query).scalars().all()
    if any((each["task"], each["index"]) == (who.task_id, who.index) for each in kept):
        return False
    taken_in = {**letter, "home": None, "task": who.task_id, "index": who.index}
    put(writes, seen, f"deliver-{origin}-{who.place}", "deliver", None, seen.now, taken_in)
    return True


def deliver(core: Core, leased: Leased) -> None:
    """The receiver's process takes it, in the step that takes the job away."""
    letter: Row = leased.payload or {}
    who = Waiting(leased.instance_id, letter["task"], letter["index"])

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if seen.suspended:
            waits.hold(writes, leased)
            return {}
        writes.delete(job, id=leased.id)
        if not take(core, seen, writes, who, letter):
            if letter["home"] is not None:
                _send_back(seen, writes, leased, letter)
            missed = {"what": letter["what"], "name": letter["name"]}
            effects.record(seen, writes, Event.MISSED, data=missed)
        return {}

    run(core, leased.instance_id, plan, fence=leased.held)


def take(core: Core, seen: Seen, writes: WriteSet, who: Waiting, letter: Row) -> bool:
    """Let the token that waits for it go on; False when it waits no more."""
    if not _waits(core, seen, who, letter):
        return False
    definition, process_run = effects.resume(core, seen)
    if not process_run.deliver(who.task_id, who.index, letter["payload"]):
        return False
    event = Event.MESSAGE if letter["what"] == MESSAGE else Event.SIGNAL
    data = {"name": letter["name"], "answers": letter["payload"] or {}}
    effects.apply(core, definition, seen, writes, process_run, event, data=data)
    return True


def _waits(core: Core, seen: Seen, who: Waiting, letter: Row) -> bool:
    running = seen.instance["state"] is not None
    return running and still_waits(core, who, letter["what"], letter["name"], letter["key"])


def _send_back(seen: Seen, writes: WriteSet, leased: Leased, letter: Row) -> None:
    kept = {k: v for k, v in letter.items() if k not in ("task", "index")}
    put(writes, seen, leased.id.replace("deliver-", "back-", 1), "back", None, seen.now, kept)


def bring_back(core: Core, leased: Leased) -> None:
    """A message that nobody waited for any more is its sender's again."""
    letter: Row = leased.payload or {}
    home, job_id, node = letter["home"]
    key = f"back:{leased.name}"

    def arrive(seen: Seen, writes: WriteSet) -> Reply:
        if receipt_of(core, home, key) is None:
            _write_again(seen, writes, job_id, node, letter)
            writes.insert(receipt, key=key, request="", reply={}, at=seen.now)
        return {}

    def leave(_seen: Seen, writes: WriteSet) -> Reply:
        writes.delete(job, id=leased.id)
        return {}

    run(core, home, arrive)
    run(core, leased.instance_id, leave, fence=leased.held)


def receipt_of(core: Core, instance_id: int, key: str) -> Reply | None:
    """What was answered under a receipt of an instance; none when there is none."""
    query = select(receipt.c.reply).where(receipt.c.instance_id == instance_id, receipt.c.key == key)
    with core.db.read() as connection:
        found: Reply | None = connection.execute(query).scalar()
    return found
