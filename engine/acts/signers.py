"""Adding people to a task (前加签, 并加签, 后加签) and taking them away again (减签)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, definitions, effects, four_eyes, notices
from engine.acts import catalogue, receivers
from engine.acts.base import clean_text, gone, maybe_text, open_task, run_on_task, split
from engine.bpmn.running import Run
from engine.bpmn.runtime.adding import Asked
from engine.bpmn.runtime.signing import How
from engine.errors import Invalid, NotAllowed, NotFound
from engine.events import Event
from engine.organisation import snapshot
from engine.people import Actor
from engine.steps import Reply, Seen, Step, read
from engine.tables import task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def add(
    core: Core,
    ref: str,
    by: int | str,
    *,
    people: Sequence[int],
    how: str,
    in_order: bool = False,
    reason: str = "",
    key: str | None = None,
) -> Reply:
    """Ask these people for an opinion before, beside or after a task, at once or in order. Beside a vote they become voters.

    `before` closes the task; it opens again for whose it is, under another id, when all have spoken. Answers {"instance", "opened",
    "held"}: the ids of the tasks that opened, and whether this one waits now. Invalid: somebody may not be asked (who left, shows no
    cases, whom the case is about, whom a four-eyes rule bars, who is asked already, whose task it is). NotAllowed: the diagram."""
    instance_id, task_id = split(ref)
    if how not in tuple(How):
        raise Invalid(why_zh="请选择前加签、并加签或后加签", why_en="choose before, beside or after")
    when, text = How(how), maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, _, _, actor = open_task(core, seen, task_id, f"add_{how}")
        if not access.is_offered(actor, row, seen.instance["key"]):
            raise gone(core, row, "claimed")
        definition, run = effects.resume(core, seen)
        four_eyes.check(core, seen, run, task_id, actor)
        owner = seen.for_id or actor.id
        named = _check(core, seen, run, row, people, owner, actor)
        items = _items(core, seen, row, named) if when is How.BESIDE and run.votes(task_id) else None
        if items is not None:
            _check_voters(core, seen, run, row, items)
        run.add_signers(task_id, named, when, actor.id, owner, in_order=in_order, items=items)
        held = when is How.BEFORE
        data = {"how": how, "people": named, "text": text, "in_order": in_order}
        step = effects.apply(
            core,
            definition,
            seen,
            writes,
            run,
            Event.SIGNERS_ADDED,
            actor=actor,
            about=row,
            data={name: value for name, value in data.items() if value},
        )
        _tell_asked(step, Event.SIGNERS_ADDED, text)
        return {"instance": instance_id, "opened": [t["id"] for t in step.opened], "held": held}

    request: Row = {"act": f"add_{how}", "task": ref, "people": list(people), "order": in_order, "reason": reason}
    return run_on_task(core, instance_id, plan, by, key, request)


def remove(
    core: Core, ref: str, by: int | str, *, reason: str, person: int | None = None, key: str | None = None
) -> Reply:
    """Take away somebody who was added and has not spoken: `ref` is their open task, or that on which `person` is to be asked later.
    For who added them, whose task it is, and operators; a voter only for who added them and operators. Answers {"instance", "opened",
    "ended"}."""
    instance_id, task_id = split(ref)
    text = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor = seen.someone
        row = _row(core, seen, task_id, actor)
        definition, run = effects.resume(core, seen)
        removed = run.removable(task_id, person)
        if removed is None:
            raise Invalid(
                why_zh="此人不是加签人，或已发表意见", why_en="that person was not added, or has spoken already"
            )
        if removed.alone:
            raise Invalid(why_zh="至少须保留一个表决人", why_en="at least one voter must remain")
        _check_remover(core, seen, row, removed, actor)
        whom = removed.person if removed.person is not None else row["assignee_id"]
        run.remove_signer(removed)
        step = effects.apply(
            core,
            definition,
            seen,
            writes,
            run,
            Event.SIGNER_REMOVED,
            actor=actor,
            about=row,
            data={"text": text, **({"person": whom} if whom is not None else {})},
        )
        if whom is not None:
            seq = _number(step, Event.SIGNER_REMOVED)
            notices.tell(seen, writes, seq, "signer_removed", (whom,), data={"text": text})
        _tell_asked(step, Event.SIGNER_REMOVED, "")
        return {"instance": instance_id, "opened": [t["id"] for t in step.opened], "ended": step.outcome.ended}

    request: Row = {"act": "remove_signer", "task": ref, "person": person, "reason": reason}
    return run_on_task(core, instance_id, plan, by, key, request)


def asked(core: Core, ref: str) -> list[Asked]:
    """Everybody asked on an open task now or later, and who is asked after them: for pages. Nobody where the task is not open."""
    instance_id, task_id = split(ref)
    seen = read(core, instance_id)
    if task_id not in seen.open_tasks or seen.instance["state"] is None:
        return []
    return effects.resume(core, seen)[1].asked(task_id)


@dataclass(frozen=True, slots=True)
class Removable:
    """Somebody who was added and has not spoken: `ref` and `person` are what `remove` takes."""

    ref: str
    person: int


def removable(core: Core, actor: Actor, instance_id: int) -> list[Removable]:
    """Everybody whom the actor may take away from the tasks and votes of a case now: for pages. NotFound: they see no such case."""
    seen = read(core, instance_id, actor.id)
    if seen.instance["state"] is None or seen.suspended:
        return []
    run = effects.resume(core, seen)[1]
    found = []
    for one in run.everybody_asked():
        who = one.person
        if who is None or one.alone:
            continue
        for task_id, row in seen.open_tasks.items():
            if run.removable(task_id, who) != one:
                continue
            if access.can(_check_remover, core, seen, row, one, actor):
                found.append(Removable(f"{instance_id}.{task_id}", who))
            break
    return found


# ---------------------------------------------------------------- inside


def _check(core: Core, seen: Seen, run: Run, row: Row, people: Sequence[int], owner: int, actor: Actor) -> list[int]:
    """These people, each once, if all of them may be asked. Two accounts of one human being are one."""
    named = receivers.check(core, seen, people)
    known = snapshot.of(core, seen.organisation)
    if len(named) > run.room(row["id"]):
        raise Invalid(why_zh="加签人数超过上限", why_en="too many people are asked on this task")
    humans = {account for who in (owner, row["assignee_id"]) if who for account in known.accounts(who)}
    if not (humans | actor.accounts).isdisjoint(named):
        raise Invalid(why_zh="不能加签任务的办理人本人", why_en="whose task it is cannot be added to it")
    now = [each.person for each in run.asked(row["id"]) if each.person is not None]
    taken = {account for who in now for account in known.accounts(who)}
    for who in named:
        if who in taken:
            raise Invalid(
                why_zh=f"{receivers.names(core, [who])[0]}已在加签人之中",
                why_en=f"{receivers.names(core, [who])[0]} is asked on this task already",
            )
        taken |= known.accounts(who)
    barred = [who for who in named if not four_eyes.check_receiver(core, seen, run, row["id"], who)]
    if barred:
        shown = receivers.names(core, barred)
        raise Invalid(
            why_zh=f"{'、'.join(shown)}办理过本案中须与此分开的环节（四眼原则），请另选他人",
            why_en=f"{', '.join(shown)} did a step that must be kept apart from this one (four eyes): choose somebody else",
        )
    starter = seen.instance["starter_id"]
    if seen.for_id is not None and starter in named:
        raise Invalid(
            why_zh="代理人不得加签事项的发起人", why_en="a substitute does not add who started the case as a signer"
        )
    return named


def _check_voters(core: Core, seen: Seen, run: Run, row: Row, items: dict[int, Any]) -> None:
    """Nobody votes twice, and no unit or person that votes already gets a second vote. Invalid says who does."""
    known = snapshot.of(core, seen.organisation)
    roll = run.voters(row["id"])
    here = [seen.open_tasks[id_]["assignee_id"] for id_ in roll.tasks if id_ in seen.open_tasks]
    voting = {account for who in (*roll.added, *here) if who is not None for account in known.accounts(who)}
    own = {who: item for who, item in items.items() if _is_one(core, seen, item)}
    twice = [who for who in items if who in voting]
    twice += [who for who, item in own.items() if item in roll.items or list(own.values()).count(item) > 1]
    if twice:
        shown = "、".join(receivers.names(core, list(dict.fromkeys(twice))))
        raise Invalid(
            why_zh=f"{shown}或其单位在此次表决中已有一票",
            why_en=f"{shown}, or their unit, has a vote here already",
        )


def _is_one(core: Core, seen: Seen, item: Any) -> bool:
    """Whether a vote as this member is a unit's or a person's own, so that there is one of it."""
    known = snapshot.of(core, seen.organisation)
    unit = isinstance(item, str) and core.unit_id(item, seen.world.realm) is not None
    return unit or known.known(item) is not None


def _items(core: Core, seen: Seen, row: Row, people: Sequence[int]) -> dict[int, Any]:
    """What those who are added to a vote vote as: their unit where units vote, themselves where people do, else what the vote beside
    theirs is for."""
    known, item = snapshot.of(core, seen.organisation), row["item"]
    if isinstance(item, str) and core.unit_id(item, seen.world.realm) is not None:
        mine = {who: min(known.units_of.get(who, ()), default=None) for who in people}
        return {who: core.unit_key(unit_id) for who, unit_id in mine.items()}
    if isinstance(item, str) and item in known.logins:
        names = {id_: login for login, id_ in known.logins.items()}
        return {who: names.get(who) for who in people}
    return dict.fromkeys(people, item) if known.known(item) is None else {who: who for who in people}


def _row(core: Core, seen: Seen, task_id: int, actor: Actor) -> Row:
    """The open task that an act of removing is about. Who may not see the case learns nothing of it."""
    access.check_not_recused(actor, seen.recused)
    if "operate" not in actor.powers:
        with core.db.read() as connection:
            access.check_can_see(connection, actor, seen.instance["id"])
    row = seen.open_tasks.get(task_id)
    if row is not None:
        return row
    closed = _any_row(core, seen.instance["id"], task_id)
    if closed is None:
        raise NotFound(what="task")
    raise gone(core, closed, closed["state"])


def _any_row(core: Core, instance_id: int, task_id: int) -> Row | None:
    query = select(task).where(task.c.instance_id == instance_id, task.c.id == task_id)
    with core.db.read() as connection:
        row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None


def _check_remover(core: Core, seen: Seen, row: Row, removed: Asked, actor: Actor) -> None:
    """Who added them, whose task it is, and operators."""
    if "operate" in actor.powers:
        return
    definition = definitions.get(core, row["definition_id"])
    catalogue.check("remove_signer", definition.model.nodes[row["node"]], definition.model)
    if removed.by in actor.accounts:
        return
    asking = seen.open_tasks.get(removed.on)
    if not removed.voter and asking is not None and access.is_offered(actor, asking, seen.instance["key"]):
        seen.for_id = access.acting_for(actor, asking, seen.instance["key"])
        return
    closed = _any_row(core, seen.instance["id"], removed.on) if asking is None and not removed.voter else None
    if closed is not None and not {closed["assignee_id"], closed["closed_by"]}.isdisjoint(actor.accounts):
        return
    raise NotAllowed(
        act_zh="减签",
        act_en="remove this signer",
        why_zh="只有加签的人、任务的办理人或运维员可以减签",
        why_en="only who added them, whose task it is, or an operator may",
    )


def _tell_asked(step: Step, event: Event, text: str) -> None:
    """Who is asked now learns of it."""
    seq = _number(step, event)
    for row in step.opened:
        if row["role"] is not None and row["assignee_id"] is not None:
            data = {"text": text} if text else None
            notices.tell(step.seen, step.writes, seq, "asked", (row["assignee_id"],), task_id=row["id"], data=data)


def _number(step: Step, event: Event) -> int:
    """The number of the history row that tells of this step."""
    return int(next(row["seq"] for row in step.writes.inserts["history"] if row["kind"] == str(event)))
