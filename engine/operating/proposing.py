"""What one operator asks for and a second one, another human being, allows: moving a token, setting a variable, retrying an incident, and
ending or suspending where the diagram says so (`guarding.py`). The setting `second_person_for` names the kinds; the others are done by one.

What is carried out is what was asked for, checked again on the instance as it is then; when it cannot be done any more, nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, select

from engine import access, effects, incidents, notices
from engine.acts.base import clean_text, maybe_text
from engine.acts.catalogue import ACTS
from engine.errors import Invalid, NotAllowed, NotFound, StepFailed
from engine.events import Event
from engine.operating import guarding, second
from engine.operating.operations import KINDS
from engine.organisation import snapshot
from engine.people import Actor
from engine.steps import Reply, Seen, run
from engine.tables import instance, membership, operation, post, recusal
from engine.writes import WriteSet

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.core import Core

Row = dict[str, Any]

PROPOSED, DONE, REFUSED, WITHDRAWN = "proposed", "done", "refused", "withdrawn"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands, with number and title of its case."""

    instance_id: int
    id: int
    kind: str
    state: str
    data: Row
    reason: str
    by_id: int
    at: datetime
    reviewed_by: int | None
    reviewed_at: datetime | None
    note: str
    number: str
    title: str
    definition_id: int
    sees: bool = False
    """Whether the reader sees the case: what its facts were and become is shown to them only."""


def propose(
    core: Core,
    instance_id: int,
    kind: str,
    data: Mapping[str, Any],
    by: int | str,
    reason: str,
    *,
    key: str | None = None,
) -> Reply:
    """Ask for an operation (`move`: token, to; `set`: name, value; `retry`: incident; `cancel`, `suspend`), with a reason; one that needs
    no second person is done at once. NotAllowed without the power to operate, or kept from it; NotFound: no such case for the actor;
    Invalid: it cannot be done as things stand. Answers {"instance", "operation", "state"}."""
    said = clean_text(reason)
    if kind not in KINDS:
        raise Invalid(why_zh=f"没有“{kind}”这种操作", why_en=f"there is no operation “{kind}”")

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor = _operator(core, seen, kind)
        cleaned = KINDS[kind].check(core, seen, data)
        alone = kind not in second.needed_for(core) | guarding.second_for(core, seen.instance["definition_id"])
        seq = seen.instance["history_count"]
        told = {"operation": seq, "what": kind, "text": said, **cleaned}
        effects.record(seen, writes, Event.PROPOSED, actor=actor, node=cleaned.get("node"), data=told)
        if not alone:
            notices.tell(seen, writes, seq, str(Event.PROPOSED), _operators(core), data={"what": kind, "text": said})
        writes.insert(
            operation,
            id=seq,
            kind=kind,
            state=DONE if alone else PROPOSED,
            data=cleaned,
            reason=said,
            by_id=actor.id,
            at=seen.now,
            reviewed_by=None,
            reviewed_at=None,
            note="",
        )
        opened = KINDS[kind].carry_out(core, seen, writes, {**cleaned, "text": said}, seq) if alone else []
        state = DONE if alone else PROPOSED
        return {"instance": instance_id, "operation": seq, "state": state, "opened": opened}

    request: Row = {"act": "propose", "kind": kind, "data": dict(data), "reason": said}
    return run(core, instance_id, plan, by, key, request)


def approve(
    core: Core, instance_id: int, number: int, by: int | str, note: str = "", *, key: str | None = None
) -> Reply:
    """Allow and carry out what another human being asked for. NotAllowed: not an operator, or whoever asked for it, by whichever account;
    Invalid: it is not open any more, or cannot be done as things stand now (it stays open then). Answers {"instance", "opened"}."""
    said = maybe_text(note)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = _open(core, instance_id, number)
        actor = _operator(core, seen, row["kind"])
        _check_another(core, seen, row["by_id"])
        _decide(seen, writes, row, actor, DONE, said)
        return {
            "instance": instance_id,
            "opened": KINDS[row["kind"]].carry_out(core, seen, writes, {**row["data"], "text": row["reason"]}, number),
        }

    try:
        return run(core, instance_id, plan, by, key, {"act": "approve", "operation": number, "note": said})
    except StepFailed as error:
        incidents.note(core, instance_id, error)
        raise


def refuse(core: Core, instance_id: int, number: int, by: int | str, note: str, *, key: str | None = None) -> Reply:
    """Refuse what another asked for, and say why. As `approve`."""
    said = clean_text(note)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = _open(core, instance_id, number)
        actor = _operator(core, seen, row["kind"], carries_out=False)
        if row["by_id"] in actor.accounts:
            raise NotAllowed(
                act_zh="驳回此项操作",
                act_en="refuse this operation",
                why_zh="它由您本人提出，请撤回",
                why_en="you asked for it yourself: withdraw it",
            )
        _decide(seen, writes, row, actor, REFUSED, said)
        return {"instance": instance_id}

    request: Row = {"act": "refuse", "operation": number, "note": said}
    return run(core, instance_id, plan, by, key, request, while_suspended=True)


def withdraw(core: Core, instance_id: int, number: int, by: int | str, *, key: str | None = None) -> Reply:
    """Take back what one asked for oneself, as long as nobody decided. As `approve`."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = _open(core, instance_id, number)
        actor = _operator(core, seen, row["kind"], carries_out=False)
        if row["by_id"] not in actor.accounts:
            raise NotAllowed(
                act_zh="撤回此项操作",
                act_en="withdraw this operation",
                why_zh="它由他人提出",
                why_en="somebody else asked for it",
            )
        _decide(seen, writes, row, actor, WITHDRAWN, "")
        return {"instance": instance_id}

    request: Row = {"act": "withdraw", "operation": number}
    return run(core, instance_id, plan, by, key, request, while_suspended=True)


def listing(core: Core, actor: Actor, *, open_only: bool = False, most: int = 50) -> list[Operation]:
    """Operations of cases, the newest first. NotAllowed without the power to operate."""
    access.check_power(actor, "operate", "查看操作申请", "see operations")
    with core.db.read() as connection:
        query = _query().order_by(operation.c.at.desc(), operation.c.id.desc()).limit(most)
        query = query.where(_not_about(actor))
        if open_only:
            query = query.where(operation.c.state == PROPOSED)
        return _told(connection, actor, query)


def of_case(core: Core, actor: Actor, instance_id: int) -> list[Operation]:
    """Those of one case. As `listing`."""
    access.check_power(actor, "operate", "查看操作申请", "see operations")
    with core.db.read() as connection:
        query = _query().where(operation.c.instance_id == instance_id, _not_about(actor))
        return _told(connection, actor, query.order_by(operation.c.id.desc()))


# ---------------------------------------------------------------- inside


def _told(connection: Connection, actor: Actor, query: Any) -> list[Operation]:
    rows = [dict(row) for row in connection.execute(query).mappings()]
    seen = select(instance.c.id).where(
        instance.c.id.in_({row["instance_id"] for row in rows}), access.visible(connection, actor)
    )
    visible = set(connection.execute(seen).scalars())
    return [Operation(**row, sees=row["instance_id"] in visible) for row in rows]


def _query() -> Any:
    own = [operation.c[f.name] for f in fields(Operation) if f.name in operation.c]
    about = (instance.c.number, instance.c.title, instance.c.definition_id)
    return select(*own, *about).join(instance, instance.c.id == operation.c.instance_id)


def _not_about(actor: Actor) -> ColumnElement[bool]:
    about = select(recusal.c.instance_id).where(recusal.c.unit_id.in_(sorted(actor.home_units)))
    return operation.c.instance_id.not_in(about)


def _operator(core: Core, seen: Seen, kind: str, *, carries_out: bool = True) -> Actor:
    known = ACTS[kind]
    access.check_power(seen.someone, "operate", known.zh, known.en)
    access.check_not_confidential(seen.instance)
    if not access.can(access.check_not_recused, seen.someone, seen.recused):  # nor does who it is about set it right
        raise NotFound(what="case")
    if carries_out and seen.instance["state"] is None and kind != second.RETRY:  # what it sent may still be on its way
        raise NotFound(what="running case")
    if carries_out and kind != second.RETRY:  # what is stuck may be set going by anybody
        guarding.check(core, seen)
    return seen.someone


def _check_another(core: Core, seen: Seen, asked: int) -> None:
    """Another human being, and not with the rights of who asked, by whichever account of theirs."""
    actor, posts = seen.someone, _operating(core)
    theirs = snapshot.of(core, seen.organisation).accounts(asked)
    own = any(each.post in posts and each.for_id not in theirs for each in actor.posts)
    if asked in actor.accounts or not own:
        raise NotAllowed(
            act_zh="批准此项操作",
            act_en="approve this operation",
            why_zh="它由您本人（或您代理的人）提出，须由另一人批准",
            why_en="you, or whom you stand in for, asked for it; another person must approve it",
        )


def _open(core: Core, instance_id: int, number: int) -> Row:
    query = select(operation).where(operation.c.instance_id == instance_id, operation.c.id == number)
    with core.db.read() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound(what="operation")
    if row["state"] != PROPOSED:
        raise Invalid(why_zh="该申请已处理", why_en="this was decided already")
    return dict(row)


def _decide(seen: Seen, writes: WriteSet, row: Row, actor: Actor, state: str, note: str) -> None:
    writes.update(operation, id=row["id"], state=state, reviewed_by=actor.id, reviewed_at=seen.now, note=note)
    data = {"operation": row["id"], "what": row["kind"], "state": state, **({"text": note} if note else {})}
    seq = effects.record(seen, writes, Event.REVIEWED, actor=actor, data=data)
    notices.tell(seen, writes, seq, str(Event.REVIEWED), [row["by_id"]], data={"state": state, "text": note})


def _operators(core: Core) -> list[int]:
    """Everybody who may allow it."""
    query = select(membership.c.person_id).where(membership.c.post_key.in_(_operating(core))).distinct()
    with core.db.read() as connection:
        return list(connection.execute(query).scalars())


def _operating(core: Core) -> list[str]:
    """Posts that carry the power to operate."""
    with core.db.read() as connection:
        return [row.key for row in connection.execute(select(post.c.key, post.c.powers)) if "operate" in row.powers]
