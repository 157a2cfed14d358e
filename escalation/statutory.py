"""Time that the law itself does not count, said by the diagram in which it passes: the clocks of the whole case stand while a hearing is
held (行政许可法 art. 45). That such time does not count is the law; that this is such time somebody of another unit says, in a task
of the same diagram: whoever gains by it, who asked for it or who has the case, does not.

    <ld:action name="clock_stand" approved="ApproveStand" ground="hearing" paper="=hearing_document" until="=hearing_limit"/>
    <ld:action name="clock_go_on"/>

`clock_stand`: `approved` is the task in which it was approved (its answer `…decision` is `approve`); who did the step before it asked.
`ground` is a key of the register `suspension_grounds`, whose article becomes the basis of the entry; `paper`: which one; `why`: in words;
`until`: when they go on at the latest, by themselves, for who holds a hearing too late does so at the cost of their own term. What stands
already, has stopped, or counts emergency hours is left alone; in a diagram of before approvals, which names no task, nothing stands any
more. Answers {until, stood: how many clocks}.

`clock_go_on`: those that this instance's own diagram let stand go on. Answers {due: of its clock `case`}.

Such an entry names the instance itself as its request. Each is one step, and done again it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import not_of, registers, steps
from engine.errors import BusinessError
from engine.events import Event
from engine.organisation import snapshot
from engine.tables import history
from escalation import requests
from escalation.clocks import setting_id
from escalation.filters import CASE
from escalation.ledger import PAUSED, RESUMED, Ground, Ledger
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

AGREES = "approve"
"""What the answer to a question `…decision` says of whoever agrees."""

GROUNDS = "suspension_grounds"
"""The register of legal grounds: key, names, article, `tell` (in which processes the applicant is told), `applies` (where it counts)."""


def stand(core: Core, instance_id: int, parameters: Row) -> Row:
    """The action `clock_stand`. BusinessError: `no_ground` where the register does not know the ground, `bad_until` where no time is
    said, `not_approved` where nobody agreed in that task, `not_independent` where who did is of the asker's unit or the case's, of one
    below them or just above them."""
    key = str(parameters.get("ground") or "")
    row = registers.lookup(core, GROUNDS, {"key": key}) if key else None
    if row is None or not row["article"]:
        raise _refused("no_ground")
    until = _instant(parameters.get("until"))
    reason, paper = (str(parameters.get(name) or "")[:2000] for name in ("why", "paper"))
    approved = str(parameters.get("approved") or "")
    asked, agreed = _said(core, instance_id, approved) if approved else (None, None)
    rules = requests.rules_of(core)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        ledger, stood = Ledger(core, seen, writes), 0
        if asked is None or agreed is None:
            return {"until": until.astimezone(seen.world.zone).isoformat(), "stood": stood}
        _check(core, seen, asked, agreed)
        why = Ground(
            reason=reason,
            ground=key,
            basis=str(row["article"]),
            document=paper,
            asked_by=asked.actor_id,
            asked_unit=asked.unit_id,
            approved_by=agreed.actor_id,
            approved_unit=agreed.unit_id,
            request=instance_id,
        )
        for each in seen.extra[clock.name]:
            if each["task_id"] == 0 and requests.judge(requests.SUSPENSION, each, seen.now, (), rules) is None:
                stood += ledger.pause(each, why, until) is not None
        return {"until": until.astimezone(seen.world.zone).isoformat(), "stood": stood}

    return steps.run(core, instance_id, plan)


def go_on(core: Core, instance_id: int, _parameters: Row) -> Row:
    """The action `clock_go_on`."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        newest: dict[tuple[str, int], Row] = {}
        for entry in sorted(requests.ledger_of(core, instance_id), key=lambda each: int(each["n"])):
            if entry["kind"] in (PAUSED, RESUMED):
                newest[entry["name"], entry["task_id"]] = entry
        due = None
        for row in seen.extra[clock.name]:
            entry = newest.get((row["name"], row["task_id"]), {})
            if (entry.get("kind"), entry.get("request_id")) == (PAUSED, instance_id):
                Ledger(core, seen, writes).resume(row, Ground(ground=entry["ground"], request=instance_id))
            if row["task_id"] == 0 and setting_id(row["name"]) == CASE:
                due = row["due_at"]
        return {"due": due.astimezone(seen.world.zone).isoformat() if due is not None else None}

    return steps.run(core, instance_id, plan)


def fits(ground: Mapping[str, Any], process: str) -> bool:
    """Whether a row of the register may be the ground in a process: its column `applies` names it, or names none (domain A2: a permit's
    term stands only by art. 45, a punishment's by what a rule lists)."""
    applies = str(ground.get("applies") or "").split()
    return not applies or process in applies


def by_law(entry: Row) -> bool:
    """Whether a row of `clock_entry` lets a clock stand by such an act: its own instance is named, the article, and somebody of another
    unit who agreed, none of whom asked."""
    return (
        entry["kind"] == PAUSED
        and entry["request_id"] == entry["instance_id"]
        and bool(entry["ground"] and entry["basis"])
        and entry["until"] is not None
        and None not in (entry["asked_by"], entry["approved_by"], entry["approved_unit"])
        and entry["approved_by"] != entry["asked_by"]
        and entry["approved_unit"] != entry["asked_unit"]
    )


ACTIONS = {"clock_stand": stand, "clock_go_on": go_on}
"""By the names that diagrams give them."""


def _said(core: Core, instance_id: int, node: str) -> tuple[Any, Any]:
    """Who asked, and who agreed in the task at this node: rows of the history. BusinessError: nobody did, or they said no last."""
    h = history.c
    query = select(h.seq, h.node, h.actor_id, h.for_id, h.unit_id, h.data).where(
        h.instance_id == instance_id, h.kind == str(Event.COMPLETED), h.actor_id.is_not(None)
    )
    with core.db.read() as connection:
        rows = connection.execute(query.order_by(h.seq)).all()
        starter = connection.execute(
            select(h.seq, h.node, h.actor_id, h.for_id, h.unit_id).where(h.instance_id == instance_id, h.seq == 0)
        ).first()
    agreed = next((row for row in reversed(rows) if row.node == node), None)
    answers = (agreed.data or {}).get("answers", {}) if agreed is not None else {}
    if agreed is None or [value for name, value in answers.items() if name.endswith("decision")] != [AGREES]:
        raise _refused("not_approved")
    asked = next((row for row in reversed(rows) if row.seq < agreed.seq), starter)
    if asked is None or asked.actor_id is None:
        raise _refused("not_approved")
    return asked, agreed


def _check(core: Core, seen: Seen, asked: Any, agreed: Any) -> None:
    """BusinessError where who agreed was not another unit's."""
    city = snapshot.of(core, seen.organisation)
    kept = not_of.around(city, [one for one in (asked.unit_id, seen.instance["unit_id"]) if one is not None])
    people = [agreed.actor_id] + ([agreed.for_id] if agreed.for_id is not None else [])
    own = any(who in city.accounts(asked.actor_id) or not city.of_human(who).isdisjoint(kept) for who in people)
    if agreed.unit_id is None or agreed.unit_id in kept or own:
        raise _refused("not_independent")


def _instant(value: Any) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise _refused("bad_until") from error
    if at.tzinfo is None:
        raise _refused("bad_until")
    return at


def _refused(code: str) -> BusinessError:
    zh, en = requests.REFUSALS[code]
    return BusinessError(code, {"code": code, "why": f"{zh} / {en}"})
