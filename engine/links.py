"""Cases that belong together: one is the same as another and is joined to it; one made safe what another repairs for good; one was opened
again. A link is a row of the case it begins at; both cases' histories tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from engine import access, definitions, effects, instances, joining, notices, settings
from engine.acts.base import clean_text
from engine.errors import Invalid, NotAllowed, NotFound
from engine.events import Event
from engine.people import Actor, load_actor
from engine.public import reporting, talking
from engine.states import InstanceStatus, move_instance
from engine.steps import Reply, Seen, read, receipt_key, run
from engine.tables import instance, link, public_report, receipt, task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DUPLICATE_OF, HAS_DUPLICATE = "duplicate_of", "has_duplicate"
LASTING, REOPENED = "lasting_repair_of", "reopened_from"

DUPLICATE = "duplicate"
"""The outcome of a case that was joined to another: it counts in no figure, and is no cancelled one either to whoever reads lists."""

JOINS = frozenset({"dispatch", "receive", "operate"})
"""Powers by which somebody joins duplicates."""

_JOINED = "您反映的问题与已受理的另一件是同一问题，已合并办理，请继续用原查询码查看进展。"
"""What the reporters of a joined case are told; the public's pages are in Chinese, as is what the office writes."""


def join(core: Core, duplicate: int, main: int, by: int | str, reason: str, *, key: str | None = None) -> Reply:
    """Join a case to the main one that is the same: it ends as a duplicate, and who reported it follows the main case from now on.

    For those who dispatch, receive or operate, and who works the duplicate now, but not in the unit that is responsible for it: what ends
    as a duplicate counts in no figure, and nobody takes a late case of their own out of them. NotFound: a case that the actor does not
    see, or that has ended; Invalid: the same case, another process or world, a main case that is itself a duplicate, no reason. Cut
    short, the same request carries on. Answers {"instance", "main"}."""
    said = clean_text(reason)
    with core.db.read() as connection:
        actor = load_actor(connection, by)
        for each in (duplicate, main):
            access.check_can_see(connection, actor, each)
        found = {
            row["id"]: dict(row)
            for row in connection.execute(select(instance).where(instance.c.id.in_((duplicate, main)))).mappings()
        }
    _check_pair(found.get(duplicate), found.get(main))

    def take_in(seen: Seen, writes: WriteSet) -> Reply:
        _check_may(core, seen, duplicate)
        if seen.instance["ended_at"] is not None or read(core, duplicate).instance["ended_at"] is not None:
            raise NotFound(what="running case")
        told = _reports(core, duplicate)
        for code in [each for each in told if not reporting.is_there(core, each, main)]:
            writes.insert(public_report, **reporting.row_of(code, reporting.JOINED, seen))
            written = talking.write(seen, writes, talking.REPLY, _JOINED, code_hash=code, by_id=seen.someone.id)
            effects.record(seen, writes, Event.WROTE, actor=seen.actor, data={"what": talking.REPLY, **written})
        data = {"other": str(duplicate), "kind": HAS_DUPLICATE, "text": said}
        seq = effects.record(seen, writes, Event.LINKED, actor=seen.actor, data=data)
        people = [row["assignee_id"] for row in seen.open_tasks.values() if row["assignee_id"] is not None]
        notices.tell(seen, writes, seq, str(Event.LINKED), people, data={"text": said, "kind": HAS_DUPLICATE})
        return {"instance": main}

    def end(seen: Seen, writes: WriteSet) -> Reply:
        _check_may(core, seen, duplicate)
        _check_pair(seen.instance, read(core, main).instance)  # it was joined to this one meanwhile
        try:
            writes.instance["status"] = move_instance(seen.instance["status"], InstanceStatus.CANCELLED)
        except ValueError as error:
            raise NotFound(what="running case") from error
        writes.instance["outcome"] = DUPLICATE
        definition, process_run = effects.resume(core, seen)
        process_run.cancel()
        writes.insert(link, other_id=main, kind=DUPLICATE_OF, at=seen.now, by_id=seen.someone.id)
        data = {"other": str(main), "kind": DUPLICATE_OF, "text": said}
        effects.record(seen, writes, Event.LINKED, actor=seen.actor, data=data)
        effects.apply(
            core, definition, seen, writes, process_run, Event.CANCELLED, actor=seen.actor, data={"text": said}
        )
        return {"instance": duplicate, "main": main}

    request: Row = {"act": "join", "duplicate": duplicate, "main": main}
    first = key or f"join:{duplicate}:{main}"
    run(core, main, take_in, by, f"{first}:main"[:150], request)
    return run(core, duplicate, end, by, first[:150], request, while_suspended=True)


def follow_up(core: Core, before: int, kind: str, by: int | str, text: str, *, key: str | None = None) -> Reply:
    """Start another case of the same process from what was reported then, linked to the one before: for the lasting repair of what was
    made safe (`lasting_repair_of`, while it runs or after), or because a closed one is not solved (`reopened_from`, once). For who sees
    the case and may start the process or dispatch, or did or does a task of the case. Answers {"instance", "number"}. Invalid: it is not
    there to be opened again (it runs, was rejected, cancelled or joined to another), or was opened again already."""
    said = clean_text(text)
    if kind not in (LASTING, REOPENED):
        raise Invalid(why_zh="请选择续办方式", why_en="choose what the new case is for")
    with core.db.read() as connection:
        actor = load_actor(connection, by)
        access.check_can_see(connection, actor, before)
    case = instances.get(core, before)
    _check_may_follow(core, actor, case)
    if kind == REOPENED and not _same_again(core, actor, before, key):
        check_can_reopen(core, case)
    newest = definitions.newest(core, case["key"])
    form = newest.start_form
    names = form.properties if form is not None else {}
    facts = case["facts"]
    answers = {name: facts[name] for name in names if facts.get(name) is not None and "photo" not in name}
    if "description" in names:
        answers["description"] = said
    once = None
    if kind == REOPENED and joining.correlation(newest, answers) is None:
        once = f"{kind}:{before}"  # two who do it at once meet the same primary key
    reply = instances.start(
        core,
        case["key"],
        answers,
        by,
        key=key,
        links=((before, kind),),
        world_id=case["world_id"],
        follows=True,
        once=once,
    )
    if reply.get("joined"):
        raise _opened_again()

    def tell(seen: Seen, writes: WriteSet) -> Reply:
        data = {"other": str(reply["instance"]), "kind": kind, "text": said}
        effects.record(seen, writes, Event.LINKED, actor=seen.actor, data=data)
        return reply

    request: Row = {"act": "follow_up", "kind": kind, "new": reply["instance"]}
    return run(core, before, tell, by, f"{kind}:{reply['instance']}", request, while_suspended=True)


def check_can_reopen(core: Core, case: Row) -> None:
    """Invalid when a case (its row) is not there to be opened again, or was already."""
    if case["status"] != InstanceStatus.COMPLETED:
        raise Invalid(
            why_zh="只有已办结的案件可以重新立案", why_en="only a case that was completed can be opened again"
        )
    if _followed(core, case["id"], REOPENED):
        raise _opened_again()


# ---------------------------------------------------------------- inside


def _opened_again() -> Invalid:
    return Invalid(why_zh="案件已重新立案", why_en="the case was opened again already")


def _same_again(core: Core, actor: Actor, before: int, key: str | None) -> bool:
    """Whether this very request opened it again: its answer was lost."""
    if key is None:
        return False
    query = select(receipt.c.instance_id).where(
        receipt.c.instance_id.in_(sorted(_followed(core, before, REOPENED))),
        receipt.c.key == receipt_key(actor.id, key),
    )
    with core.db.read() as connection:
        return connection.execute(query).first() is not None


def _check_pair(duplicate: Row | None, main: Row | None) -> None:
    if duplicate is None or main is None:
        raise NotFound(what="case")
    if duplicate["id"] == main["id"]:
        raise Invalid(why_zh="不能并入自己", why_en="a case cannot be joined to itself")
    if (duplicate["key"], duplicate["world_id"]) != (main["key"], main["world_id"]):
        raise Invalid(why_zh="两件案件不属同一流程", why_en="these are cases of different processes")
    if main["outcome"] == DUPLICATE:
        raise Invalid(
            why_zh="该案件已并入另一件，请并入主案件",
            why_en="that case was joined to another itself: join the main one",
        )


def _check_may(core: Core, seen: Seen, duplicate: int) -> None:
    """On either case: they see it; and they decide such things, or work the duplicate."""
    actor: Actor = seen.someone
    with core.db.read() as connection:
        access.check_can_see(connection, actor, seen.instance["id"])
    theirs = seen if seen.instance["id"] == duplicate else read(core, duplicate, actor.id)
    if not may_join(actor, theirs.instance, theirs.open_tasks.values()):
        raise NotAllowed(
            act_zh="合并重复案件",
            act_en="join duplicates",
            why_zh="只有派遣、受理岗位和正在办理该案的人员可以合并，责任单位不能合并自己的案件",
            why_en="only those who dispatch or receive, and who works the case now, may, but not in the unit responsible for it",
        )


def may_join(actor: Actor, duplicate: Row, open_tasks: Iterable[Row]) -> bool:
    """Whether they may join this running case (its row) to another, as far as the case itself says."""
    if not actor.powers.isdisjoint(JOINS):
        return True
    return any(
        access.is_offered(actor, row, duplicate["key"])
        for row in open_tasks
        if row["unit_id"] is None or row["unit_id"] != duplicate["unit_id"]
    )


def may_follow(core: Core, actor: Actor, case: Row) -> bool:
    """Whether they may start a case that follows this one."""
    return access.can(_check_may_follow, core, actor, case)


def _check_may_follow(core: Core, actor: Actor, case: Row) -> None:
    with core.db.read() as connection:
        needed = settings.read(connection, {"starters": {}})["starters"].get(case["key"])
        own = select(task.c.id).where(
            task.c.instance_id == case["id"],
            or_(task.c.assignee_id.in_(actor.accounts), task.c.closed_by.in_(actor.accounts)),
        )
        worked = connection.execute(own.limit(1)).first() is not None
    if not worked and needed is not None and actor.powers.isdisjoint({needed, "dispatch"}):
        access.check_power(actor, needed, "发起后续案件", "start a case that follows")


def _followed(core: Core, before: int, kind: str) -> set[int]:
    """The cases that follow it so."""
    query = select(link.c.instance_id).where(link.c.other_id == before, link.c.kind == kind)
    with core.db.read() as connection:
        return set(connection.execute(query).scalars())


def _reports(core: Core, instance_id: int) -> list[str]:
    query = select(public_report.c.code_hash).where(public_report.c.instance_id == instance_id)
    with core.db.read() as connection:
        return list(connection.execute(query).scalars())
