"""Trials of drafts in words: what waits and for whom, what would have been told, what was called, what stopped."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from flask import g, url_for

from engine import definitions
from engine.privacy import hidden_facts
from engine.queries import cases as reading
from engine.queries import trials as told_of
from engine.trials import Trial, handing, playing
from engine.trials.playing import Waiting
from escalation import lights, trying
from web.auth import city
from web.errors import sentence
from web.telling import names, stamp
from web.telling_cases import clock_name, node_name, process_name, status, steps, wait_word
from web.telling_history import history
from web.telling_notices import notice
from web.texts import locale, t

Row = dict[str, Any]

_OF_PAYLOAD = re.compile(r"\bpayload\.([a-z_]\w*)")


def waits(trial: Trial) -> list[Row]:
    """What waits for somebody: the step, for whom, its light; who of them may do it."""
    core = city().core
    found = playing.waiting(core, trial)
    names().learn({each.person_id for one in found for each in one.people})
    shown = lights.of_tasks(core, [one.row for one in found], trial.world.now, locale())
    return [
        {
            "row": one.row,
            "name": step_name(one),
            "case": one.case,
            "address": address(trial, one),
            "light": shown[one.row["instance_id"], one.row["id"]],
            "people": [{"name": names().person(each.person_id), "why_not": _why(each)} for each in one.people],
            "more": one.more,
        }
        for one in found
    ]


def step_name(one: Waiting) -> str:
    """The step's name."""
    return one.node.names.text(locale()) or one.node.id


def address(trial: Trial, one: Waiting) -> str:
    """Where a task of a trial is done."""
    ref = f"{-one.row['instance_id']}.{one.row['id']}"
    return url_for("trials_play.task", number=trial.number, ref=ref)


def targets(one: Waiting) -> list[tuple[str, str]]:
    """The steps that a task of a trial can be sent back to, with their names and who did them."""
    found = handing.targets(city().core, one)
    names().learn({each.who for each in found if each.who is not None})
    return [
        (each.node, each.names.text(locale()) + (f" · {names().person(each.who)}" if each.who is not None else ""))
        for each in found
    ]


def due(trial: Trial) -> str:
    """What falls due next, and when; empty where nothing does."""
    found = trying.upcoming(city().core, trial)
    if found is None:
        return ""
    if found.kind == "timer":
        what = _node_of(found.row)
    else:
        case = reading.whole_of(city().core, g.actor, _instance(found.row["instance_id"]))
        what = clock_name(found.row["name"], _definition_of(case, found.row["task_id"]))
    word = {
        "timer": t("定时", "timer"),
        "warning": t("预警", "warning"),
        "deadline": t("到期", "deadline"),
        "pause": t("恢复计时", "goes on"),
    }[found.kind]
    return f"{what} · {word} · {stamp(found.at)}"


def case(trial: Trial, row: Row) -> Row:
    """One instance of a trial, as its page shows it."""
    core = city().core
    found = reading.whole_of(core, g.actor, row, whole=True)
    definition = definitions.get(core, row["definition_id"])
    names().learn({played for one in found.history if (played := (one["data"] or {}).get("played"))})
    with core.db.read() as connection:
        hidden = hidden_facts(connection)
    entries = [
        replace(one, form=None, told=tuple(each for each in one.told if not each.files))
        for one in history(found, definition, hidden)
    ]
    clocks = [
        {"label": clock_name(each["name"], _definition_of(found, each["task_id"])), "standing": standing, **each}
        for each, standing in lights.of_case(core, row["id"], trial.world.now, locale())
    ]
    active = list(dict.fromkeys(one for r in found.open_tasks for one in _where(definition, r)))
    return {
        "row": row,
        "case": found,
        "process": process_name(row["definition_id"]),
        "status": status(row),
        "steps": steps(found, definition),
        "entries": entries[::-1],
        "clocks": clocks,
        "active": json.dumps(active),
        "visits": json.dumps({node: times for node, times in found.visits.items() if "/" not in node}),
        "waits": [
            {"word": wait_word(one, row["definition_id"]), "asks": asks(definition, one["node"]), **one}
            for one in found.waits
        ],
    }


def asks(definition: definitions.Definition, node: str | None) -> list[str]:
    """What a step reads of a message or signal that comes: the names that its result takes from the payload."""
    found = definition.model.nodes.get(node or "")
    read = " ".join(event.result or "" for event in (found.events if found is not None else ()))
    return list(dict.fromkeys(_OF_PAYLOAD.findall(read)))


def incidents(trial: Trial, rows: list[Row]) -> list[Row]:
    """Where the draft cannot go on, and why; `drawing`: the place in the drawing."""
    found = []
    for row in rows:
        for one in reading.whole_of(city().core, g.actor, row).incidents:
            drawn = url_for("designer.draft", draft_id=trial.draft_id) + f"#{one['node'] or ''}"
            found.append(
                {
                    "name": node_name(row["definition_id"], one["node"]) or t("流程", "the process"),
                    "why": t(one["message_zh"] or one["message"], one["message"]),
                    "drawing": drawn if row["definition_id"] == trial.id else "",
                    "at": one["at"],
                }
            )
    return found


def notices(trial: Trial) -> list[Row]:
    """What people would have been told: to whom, which sentence."""
    rows = told_of.notices(city().core, trial)
    names().learn({row["person_id"] for row in rows} | {row["by_id"] for row in rows if row["by_id"]})
    return [{"to": names().person(row["person_id"]), "text": notice(row), "at": row["at"]} for row in rows]


def services(trial: Trial) -> list[Row]:
    """Which actions were called, with what, and what they answered."""
    return [
        {
            "name": row["name"],
            "step": node_name(row["definition_id"], row["node"]),
            "simulated": row.get("simulated", False),
            "called": _plain(row["called"]),
            "result": _plain(row.get("result")),
            "at": row["at"],
        }
        for row in told_of.services(city().core, trial)
    ]


# ---------------------------------------------------------------- inside


def _where(definition: definitions.Definition, row: Row) -> list[str]:
    """Where a task stands in the diagram of its case: the sub-processes around it, which may be drawn closed, then its node."""
    found = [(row["within"] or row["node"]).partition("/")[0]]
    while (node := definition.model.nodes.get(found[0])) is not None and node.parent is not None:
        found.insert(0, node.parent)
    return found


def _why(each: playing.Candidate) -> str:
    return sentence(each.why_not) if each.why_not is not None else ""


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:400] if value else "—"


def _instance(instance_id: int) -> Row:
    return city().instance(instance_id)


def _node_of(row: Row) -> str:
    return node_name(_instance(row["instance_id"])["definition_id"], row["node"]) or row["kind"]


def _definition_of(found: reading.Case, task_id: int) -> definitions.Definition:
    row = next((one for one in found.tasks if one["id"] == task_id), None)
    return definitions.get(city().core, row["definition_id"] if row is not None else found.row["definition_id"])
