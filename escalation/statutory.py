"""Time that the law itself does not count, said by the diagram in which it passes: the clocks of the whole case stand while a hearing is
held (行政许可法 art. 45). Nobody asks and nobody approves: what makes them stand is the act of the procedure itself.

    <ld:action name="clock_stand" ground="hearing" paper="=hearing_document" until="=hearing_limit"/>
    <ld:action name="clock_go_on"/>

`clock_stand`: `ground` is a key of the register `suspension_grounds`, whose article becomes the basis of the entry; `paper`: which one;
`why`: in words; `until`: when they go on at the latest, by themselves, for who holds a hearing too late does so at the cost of their own
term. What stands already, has stopped, or counts emergency hours is left alone. Answers {until, stood: how many clocks}.

`clock_go_on`: those that this instance's own diagram let stand go on. Answers {due: of its clock `case`}.

Such an entry names the instance itself as its request. Each is one step, and done again it changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import registers, steps
from engine.errors import BusinessError
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

GROUNDS = "suspension_grounds"
"""The register of legal grounds: key, names, article, `tell` (in which processes the applicant is told), `applies` (where it counts)."""


def stand(core: Core, instance_id: int, parameters: Row) -> Row:
    """The action `clock_stand`. BusinessError: `no_ground` where the register does not know the ground, `bad_until` where
    no time is said."""
    key = str(parameters.get("ground") or "")
    row = registers.lookup(core, GROUNDS, {"key": key}) if key else None
    if row is None or not row["article"]:
        raise _refused("no_ground")
    until = _instant(parameters.get("until"))
    reason, paper = (str(parameters.get(name) or "")[:2000] for name in ("why", "paper"))
    why = Ground(reason=reason, ground=key, basis=str(row["article"]), document=paper, request=instance_id)
    rules = requests.rules_of(core)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        ledger, stood = Ledger(core, seen, writes), 0
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
    """Whether a row of `clock_entry` lets a clock stand by such an act: its own instance is named, and the article."""
    return (
        entry["kind"] == PAUSED
        and entry["request_id"] == entry["instance_id"]
        and bool(entry["ground"] and entry["basis"])
        and entry["until"] is not None
    )


ACTIONS = {"clock_stand": stand, "clock_go_on": go_on}
"""By the names that diagrams give them."""


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
