"""Start an instance, cancel one, and tell what happened to it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import access, calendars, definitions, effects, entitled, files, identities, joining, naming, worlds
from engine import writes as writing
from engine.acts.base import clean_text
from engine.bpmn.model import Node
from engine.errors import Busy, Invalid, KeyReused, NotFound
from engine.events import Event
from engine.joining import id_from
from engine.numbers import number_for
from engine.operating import guarding, second
from engine.people import Actor, load_actor
from engine.states import InstanceStatus, move_instance
from engine.steps import Reply, Seen, receipt_key, request_hash, run
from engine.subscriptions import Beginning
from engine.tables import DATA_VERSION, LIVE, history, instance, link, receipt, setting
from engine.worlds import World, own_id
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def start(
    core: Core,
    process: str,
    answers: Mapping[str, Any],
    by: int | str,
    *,
    key: str | None = None,
    given: Mapping[str, Any] | None = None,
    world_id: int = LIVE,
    links: tuple[tuple[int, str], ...] = (),
    accepted: Sequence[files.Accepted] = (),
    start: str | None = None,
    beside: Callable[[Seen, WriteSet], None] | None = None,
    follows: bool = False,
    once: str | None = None,
    definition_id: int | None = None,
    plays: int | None = None,
) -> Reply:
    """Start the newest version of a process at the none start event `start` (None: the first of the diagram). `answers` answer its
    start form; `given` are facts that no form asks for and only code inside the house may set; `accepted` files are attached to it.
    What the form marks as personal is sealed apart from the case (`engine.identities`).
    `follows`: it follows another case, and who may start it was decided by the caller (`engine.links`).
    With `key` the same request starts one instance, however often it is sent; `beside` adds rows to that same transaction.
    `once`: while an instance runs that began for the same correlation, by a person or a message, no other begins: the answers join that
    one (`engine.joining`); None: as the diagram says (`ld:message once correlation`).
    `definition_id`: this version of it, and whether the person may start it was decided by the caller (`engine.trials`). `plays`: in a
    trial, as whom it is started: that person counts as its starter, the act stays the actor's.
    Answers {"instance": id, "number": …}, with {"joined": True} where another was first."""
    with core.db.read() as connection:
        actor = load_actor(connection, by)
        player = load_actor(connection, plays or by)
        newest = definition_id or definitions.newest_ids(connection).get(process)
        now_world = worlds.on(connection, core, world_id)
        settings = _settings(connection)
        wall = core.db.now_on(connection)
    if newest is None:
        raise NotFound(what=f"process {process}")
    definition = definitions.get(core, newest)
    power = settings.get("starters", {}).get(process)
    if power is not None and not follows and definition_id is None:
        access.check_power(actor, power, "发起此流程", "start this process")
    form = definition.form_of(_entrance(definition, start))
    cleaned = form.validate(dict(answers)) if form is not None else {}
    if form is not None:
        entitled.check(form, cleaned, player)
    cleaned, personal = identities.split(form, cleaned)
    given, more = identities.split(None, given or {})
    personal = {**more, **personal} if not now_world.is_trial else {}  # nobody reported anything
    request: Row = {"process": process, "answers": identities.split(form, answers)[0], "given": given or None}
    request |= _more(personal, accepted, start)
    about = naming.named(core, form, cleaned, actor, world_id)
    given = {**given, **about}
    place = joining.place(
        core, definition, {**cleaned, **about}, once, f"{actor.id}\0{key or secrets.token_hex(16)}", world_id
    )
    asked = _Asked(actor, cleaned, accepted, key, request)
    before = _before(core, place, asked) if place is not None else None
    if before is not None:
        return before
    instance_id = place.instance_id if place is not None else own_id(world_id, _id_for(actor, key))
    seen, writes = _new(core, definition, instance_id, now_world, settings, actor, wall, player)
    process_run = effects.prepare(core, definition, {**given, **cleaned}, seen)
    process_run.begin(start)
    said = {"answers": cleaned, **identities.add(seen, writes, identities.prepare(core, instance_id, personal))}
    said |= _how(place, seen)
    effects.apply(core, definition, seen, writes, process_run, Event.STARTED, actor=actor, started=True, data=said)
    for other, kind in links:
        writes.insert(link, other_id=other, kind=kind, at=seen.now, by_id=actor.id)
    if accepted:
        files.keep(core, accepted)
        files.add(core, seen, writes, accepted)
    if beside is not None:
        beside(seen, writes)
    reply: Reply = {"instance": instance_id, "number": seen.instance["number"]}
    if key is not None:
        writes.insert(receipt, key=receipt_key(actor.id, key), request=request_hash(request), reply=reply, at=seen.now)
    outcome = writing.commit(core.db, writes)
    if outcome == writing.DONE:
        return reply
    if outcome == writing.DUPLICATE and place is not None:
        return _already(core, place.again(core), asked)
    if outcome == writing.DUPLICATE and key is not None:
        return _first_reply(core, instance_id, actor, key, request)
    raise Busy


def _how(place: joining.Place | None, seen: Seen) -> Row:
    """What else the history says of a start: the correlation it took, as whom it was done."""
    found: Row = {"origin": place.origin} if place is not None else {}
    return found | ({"played": seen.played.id} if seen.played is not None else {})


def _more(personal: Row, accepted: Sequence[files.Accepted], start: str | None) -> Row:
    """What else a request is known by, where it has any."""
    found: Row = {"personal": identities.fingerprint(personal)} if personal else {}
    if accepted:
        found["files"] = [f.id for f in accepted]
    return found | ({"start": start} if start is not None else {})


def begin(
    core: Core,
    definition_id: int,
    where: tuple[str, int],
    origin: str,
    world_id: int = LIVE,
    payload: Mapping[str, Any] | None = None,
    said: Row | None = None,
    correlation: str = "",
) -> int | None:
    """Let an event start an instance: a message, signal or timer, the how-manieth event of which node (`where`). Nobody is its starter.
    `origin` names the event: the same one starts one instance, however often this is called. Answers the instance's id; none where the
    diagram says `once`, and another message of this `correlation` has begun one that still runs."""
    with core.db.read() as connection:
        now_world = worlds.on(connection, core, world_id)
        settings = _settings(connection)
        wall = core.db.now_on(connection)
    definition = definitions.get(core, definition_id)
    node, index = where
    instance_id = own_id(world_id, id_from(f"{origin}\0{definition.key}\0{node}\0{index}"))
    once = definition.model.nodes[node].events[index].once
    if once:
        instance_id, begun = joining.find(core, definition.key, correlation, origin, world_id)
        if begun is not None:
            return instance_id if begun else None
        said = {**(said or {}), "origin": origin}
    seen, writes = _new(core, definition, instance_id, now_world, settings, None, wall)
    process_run = effects.prepare(core, definition, {}, seen)
    process_run.begin(node, payload, index=index)
    effects.apply(core, definition, seen, writes, process_run, Event.STARTED, started=True, data=said)
    outcome = writing.commit(core.db, writes)
    if outcome not in (writing.DONE, writing.DUPLICATE):
        raise Busy
    if once and outcome == writing.DUPLICATE:
        _, begun = joining.find(core, definition.key, correlation, origin, world_id)
        return instance_id if begun else None
    return instance_id


def runs_already(core: Core, where: Beginning, correlation: str, origin: str, world_id: int = LIVE) -> bool:
    """Whether a start event that begins one instance at a time has one running for this correlation, begun by another event."""
    definition = definitions.get(core, where.definition_id)
    if not definition.model.nodes[where.node].events[where.index].once:
        return False
    return joining.find(core, definition.key, correlation, origin, world_id)[1] is False


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody who starts a process says, and what the request is known by."""

    actor: Actor
    answers: Row
    accepted: Sequence[files.Accepted]
    key: str | None
    request: Row


def _before(core: Core, place: joining.Place, asked: _Asked) -> Reply | None:
    """What a start is answered that begins nothing: one runs, or this very request joined one that runs no more."""
    if place.begun is not None:
        return _already(core, place, asked)
    if asked.key is None:
        return None
    mine = receipt_key(asked.actor.id, asked.key)
    joined = joining.joined_before(core, place.process, place.correlation, mine, place.world_id)
    return _first_reply(core, joined, asked.actor, asked.key, asked.request) if joined is not None else None


def _already(core: Core, place: joining.Place, asked: _Asked) -> Reply:
    """One runs for the correlation: this very request began it, or what was said joins it. Busy: it ended, or was over, just now."""
    if place.begun is None:
        raise Busy
    if place.begun and asked.key is not None:
        return _first_reply(core, place.instance_id, asked.actor, asked.key, asked.request)
    try:
        return joining.join(
            core, place.instance_id, asked.answers, asked.actor.id, asked.accepted, asked.key, asked.request
        )
    except NotFound as error:
        raise Busy from error


def _entrance(definition: definitions.Definition, start: str | None) -> Node:
    """The none start event at which a person starts a process. Invalid when it has none, or none of this id."""
    wanted = start or definition.model.start
    node = next((each for each in definition.entrances if each.id == wanted), None)
    if node is None:
        raise Invalid(
            why_zh=f"流程“{definition.names.text('zh')}”没有可由人发起的开始事件" + (f"“{start}”" if start else ""),
            why_en=f"the process “{definition.names.text('en')}” has no start event"
            + (f" “{start}”" if start else "")
            + " that a person may start it by",
        )
    return node


def _new(
    core: Core,
    definition: definitions.Definition,
    instance_id: int,
    now_world: World,
    settings: Row,
    actor: Actor | None,
    wall: datetime,
    player: Actor | None = None,
) -> tuple[Seen, WriteSet]:
    """An instance that is not there yet, as its first step sees it, and what that step will write. `player`: who counts as its starter."""
    starter = player or actor
    row: Row = {
        "world_id": now_world.id,
        "definition_id": definition.id,
        "key": definition.key,
        "number": number_for(settings.get("case_number_format"), instance_id, now_world),
        "status": str(InstanceStatus.ACTIVE),
        "outcome": None,
        "revision": 1,
        "starter_id": starter.id if starter is not None else None,
        "started_at": now_world.now,
        "ended_at": None,
        "history_count": 0,
        "data_version": DATA_VERSION,
        "facts": {},
    }
    seen = Seen({"id": instance_id, **row}, now_world, actor, {}, {t.name: [] for t, _ in core.reads}, None, wall)
    seen.calendars = settings["calendars"]
    seen.played = player if player is not None and actor is not None and player.id != actor.id else None
    person = (actor.id, actor.access_revision) if actor is not None else None
    return seen, WriteSet(instance_id, revision=None, instance=row, person=person)


def _id_for(actor: Actor, key: str | None) -> int:
    """The new instance's id. With a key it follows from person and key, so that the same request meets the same primary key."""
    if key is None:
        return secrets.randbits(62) | (1 << 62)
    return id_by(actor.id, key)


def id_by(person_id: int, key: str) -> int:
    """The id of the instance that this person starts, or will start, with this key."""
    return id_from(f"{person_id}\0{key}")


def _first_reply(core: Core, instance_id: int, actor: Actor, key: str, request: Row) -> Reply:
    with core.db.read() as connection:
        stored = (
            connection.execute(
                select(receipt).where(receipt.c.instance_id == instance_id, receipt.c.key == receipt_key(actor.id, key))
            )
            .mappings()
            .first()
        )
    if stored is None or stored["request"] != request_hash(request):
        raise KeyReused(key=key)
    reply: Reply = stored["reply"]
    return reply


def _settings(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(
        select(setting.c.key, setting.c.value).where(setting.c.key.in_(("case_number_format", "starters")))
    )
    return {**dict(rows.all()), "calendars": calendars.version(connection)}


def cancel(core: Core, instance_id: int, by: int | str, reason: str, *, key: str | None = None) -> Reply:
    """End an instance without an end event, with a reason; its open tasks are cancelled. For operators. Invalid without a reason."""
    reason = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        access.check_power(seen.someone, "operate", "终止流程", "cancel an instance")
        access.check_not_confidential(seen.instance)
        if not access.can(access.check_not_recused, seen.someone, seen.recused):  # nor does who it is about end it
            raise NotFound(what="case")
        guarding.check_alone(core, seen, second.CANCEL, "终止流程", "cancel an instance")
        end(core, seen, writes, {"text": reason})
        return {"instance": instance_id}

    return run(core, instance_id, plan, by, key, {"act": "cancel", "reason": reason}, while_suspended=True)


def end(core: Core, seen: Seen, writes: WriteSet, said: Row) -> None:
    """Cancel it in this step; `said`: what its history tells. NotFound when it has ended."""
    writes.instance["status"] = move_instance_in_words(seen)
    definition, process_run = effects.resume(core, seen)
    process_run.cancel()
    effects.apply(core, definition, seen, writes, process_run, Event.CANCELLED, actor=seen.actor, data=said)


def move_instance_in_words(seen: Seen) -> str:
    """The cancelled state, or NotFound when the instance has ended: there is nothing left to cancel."""
    try:
        return move_instance(seen.instance["status"], InstanceStatus.CANCELLED)
    except ValueError as error:
        raise NotFound(what="running case") from error


def get(core: Core, instance_id: int) -> Row:
    """The instance row. NotFound when there is none. Rights are the caller's to ask (`access.check_can_see`)."""
    with core.db.read() as connection:
        row = connection.execute(select(instance).where(instance.c.id == instance_id)).mappings().first()
    if row is None:
        raise NotFound(what="case")
    return dict(row)


def trail(core: Core, instance_id: int) -> list[Row]:
    """Every history row in order."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(history).where(history.c.instance_id == instance_id).order_by(history.c.seq)
        ).mappings()
        return [dict(r) for r in rows]


def visits(trail_rows: list[Row]) -> dict[str, int]:
    """How often each node of the diagram ran."""
    counts: dict[str, int] = {}
    for row in trail_rows:
        for node in (row["data"] or {}).get("path", ()):
            counts[node] = counts.get(node, 0) + 1
    return counts
