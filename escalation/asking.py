"""Asking for more time, or that a clock stand: what somebody may ask about, and starting the process that decides it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine import access, calendars, definitions, files, instances
from engine.errors import Invalid, NotFound
from engine.organisation import snapshot
from engine.people import Actor, load_actor
from engine.steps import Reply, Seen, read
from escalation import requests, sla
from escalation.clocks import from_row, setting_id
from escalation.requests import ABOUT, EXTENSION, KINDS, REFUSALS, SHELVING, SUSPENSION
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.bpmn.model import ProcessModel
    from engine.core import Core

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A clock that somebody may ask about, what is left of it and what it would become. `refusal`: why not, one of REFUSALS.
    `unsettled`: the years whose holidays no notice settles and by whose days it is due, or would be."""

    name: str
    task_id: int
    zh: str
    en: str
    unit: int
    due: datetime | None
    left: sla.Amount | None
    limit: Decimal | None
    would_be: datetime | None
    second: bool
    refusal: str | None
    unsettled: tuple[int, ...] = ()

    @property
    def value(self) -> str:
        """What a form sends."""
        return f"{self.name}.{self.task_id}"


def offers(core: Core, actor: Actor, case_id: int, kind: str, task_id: int | None = None) -> list[Offer]:
    """The running clocks of a case that the actor may ask about, those of one task first where it is given (and no other task's)."""
    seen = read(core, case_id)
    seen.actor = actor
    rules, found = requests.rules_of(core), []
    if not requests.applies(kind, seen.instance["key"], rules):
        return []
    entries = requests.ledger_of(core, case_id)
    waiting = requests.pending(core, case_id)
    mine: list[tuple[Row, int]] = []
    with core.db.read() as connection:
        for row in seen.extra[clock.name]:
            unit = requests.asking_unit(connection, actor, seen, row)
            if unit is not None and (task_id is None or row["task_id"] in (0, task_id)):
                mine.append((row, unit))
    along = {each["name"] for row, _ in mine for each in requests.carried(row, seen.extra[clock.name])}
    for row, unit in mine:
        if kind == EXTENSION and row["task_id"] == 0 and row["name"] in along:
            continue  # it goes with the clock of the task
        why = requests.judge(kind, row, seen.now, entries, rules)
        if why is None and requests.waits_already(kind, row, waiting):
            why = "pending"
        found.append(_offer(core, seen, row, unit, why, entries))
    return sorted(found, key=lambda each: (each.task_id == 0, each.name))


def possible(core: Core, actor: Actor, case_id: int, task_id: int | None = None) -> list[str]:
    """Which of the three the actor may ask about a case, or about one task of it: for buttons."""
    return [kind for kind in KINDS if any(each.refusal is None for each in offers(core, actor, case_id, kind, task_id))]


def _offer(core: Core, seen: Seen, row: Row, unit: int, why: str | None, entries: Iterable[Row]) -> Offer:
    one = from_row(row)
    calendar = calendars.at(core, one.calendar_version).calendars[one.calendar]
    limit = sla.limit(one, calendar)
    would_be = sla.extend(one, calendar, limit).due_at if limit is not None else None
    zh, en = clock_words(core, seen, row)
    left = sla.remaining(one, calendar, seen.now)
    second = bool(requests.extended(row["name"], entries))
    unsettled = sla.unsettled(replace(one, due_at=would_be or one.due_at), calendar)
    return Offer(row["name"], row["task_id"], zh, en, unit, one.due_at, left, limit, would_be, second, why, unsettled)


def clock_words(core: Core, seen: Seen, row: Mapping[str, Any]) -> tuple[str, str]:
    """The names of a clock as its diagram gives them."""
    task = seen.open_tasks.get(row["task_id"])
    definition = task["definition_id"] if task is not None else seen.instance["definition_id"]
    model: ProcessModel = definitions.get(core, definition).model
    known = [*model.clocks, *(each for node in model.nodes.values() for each in node.settings.clocks)]
    names = next((each.names for each in known if each.id == setting_id(row["name"])), None)
    if names is None:
        return row["name"], row["name"]
    return names.text("zh") or row["name"], names.text("en") or row["name"]


def ask(
    core: Core,
    kind: str,
    case_id: int,
    about: str,
    by: int | str,
    *,
    answers: Mapping[str, Any],
    key: str | None = None,
    accepted: tuple[files.Accepted, ...] = (),
) -> Reply:
    """Start the process by which this is asked, linked to the case. `about`: an offer's value; `answers` answer its start form. Answers
    {"instance", "number"}.

    NotFound: they do not see the case, or it has no such clock. Invalid: why it cannot be asked, in words. forms.InvalidAnswers."""
    if kind not in KINDS:
        raise NotFound(what="request")
    with core.db.read() as connection:
        actor = load_actor(connection, by)
        access.check_can_see(connection, actor, case_id)
    seen = read(core, case_id)
    found = next((one for one in offers(core, actor, case_id, kind) if one.value == about), None)
    known = any(f"{row['name']}.{row['task_id']}" == about for row in seen.extra[clock.name])
    rules = requests.rules_of(core)
    if found is None:
        here = requests.applies(kind, seen.instance["key"], rules)
        raise _invalid("not_here" if not here else "not_entitled" if known else "stopped")
    if found.refusal is not None:
        raise _invalid(found.refusal)
    wrong = requests.check_answers(kind, answers, seen, rules, second=found.second)
    if wrong is not None:
        raise _invalid(wrong)
    given = _given(core, actor, seen, kind, found)
    return instances.start(
        core,
        kind,
        answers,
        actor.id,
        key=key,
        given=given,
        world_id=seen.world.id,
        links=((case_id, ABOUT),),
        accepted=accepted,
        follows=True,
    )


def _invalid(code: str) -> Invalid:
    zh, en = REFUSALS[code]
    return Invalid(why_zh=zh, why_en=en)


def _given(core: Core, actor: Actor, seen: Seen, kind: str, found: Offer) -> Row:
    """What the request tells its readers. Nothing is done by these: see `escalation.granting`."""
    case = seen.instance
    zone = seen.world.zone
    city = snapshot.of(core, seen.organisation)
    heads = any(actor.holds(found.unit, post) for post in city.heads)
    left = found.left
    kept_out = [key for key in dict.fromkeys(core.unit_key(one) for one in (found.unit, case["unit_id"])) if key]
    return {
        "title": f"{_TITLES[kind]}：{case['title'] or case['number']}"[:300],
        "case_id": str(case["id"]),
        "case_number": case["number"],
        "case_title": case["title"],
        "case_process": case["key"],
        "clock": found.name,
        "clock_task": found.task_id,
        "clock_title": f"{found.zh} / {found.en}" if found.en != found.zh else found.zh,
        "clock_due": found.due.astimezone(zone).isoformat() if found.due is not None else None,
        "clock_would_be": found.would_be.astimezone(zone).isoformat()
        if found.would_be is not None and kind == EXTENSION
        else None,
        "clock_left": float(round(left.amount, 2)) if left is not None else None,
        "clock_unit": str(left.unit) if left is not None else None,
        "clock_limit": float(found.limit) if found.limit is not None else None,
        "asked_unit": core.unit_key(found.unit),
        "kept_out": kept_out,
        "asked_by_head": heads,
        "second": found.second,
    }


_TITLES: Final = {EXTENSION: "延期申请", SHELVING: "挂账申请", SUSPENSION: "中止计时申请"}
