"""The history of a case, line by line, as its readers are told it; the words of each kind of act stand in `telling_events`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine import definitions
from engine.bpmn.runtime.held import SIGNER
from engine.definitions import Definition
from engine.events import Event
from engine.opinion import OPINION
from engine.queries.cases import Case
from web.auth import city
from web.telling import names, stamp
from web.telling_cases import clock_name, name_of, people_of
from web.telling_clocks import CLOCK_EVENTS, about_clock, folded
from web.telling_events import BAD, PLAIN, what_happened
from web.telling_facts import Told, tell
from web.telling_signers import MARKS, mark_of
from web.texts import locale, t

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a case's history. `tone` is plain, quiet, bad, or back (it went back a step)."""

    at: datetime
    what: str
    who: str
    tone: str = "plain"
    text: str = ""
    told: tuple[Told, ...] = ()
    onwards: str = ""
    form: int | None = None
    """The number of its row, where a form was filled in: it can be printed."""
    task_id: int | None = None
    """The task it is about."""


def who(row: Row) -> str:
    """The actor of a history row with unit and post; the system itself when there is none."""
    if row["actor_id"] is None:
        return t("系统", "The system")
    directory = names()
    parts = [directory.person(row["actor_id"])]
    if played := (row["data"] or {}).get("played"):  # in a trial of a draft
        parts.append(t(f"扮演{directory.person(played)}", f"as {directory.person(played)}"))
    if row["unit_id"] is not None:
        parts.append(directory.unit(row["unit_id"], locale()))
    if row["post_key"]:
        parts.append(directory.post(row["post_key"], locale()))
    return " · ".join(p for p in parts if p)


def _whose(row: Row, tasks: dict[int, Row]) -> str:
    """Whose task it was that is late; of a clock of the whole case, the system that saw it."""
    unit = (tasks.get(row["task_id"]) or {}).get("unit_id")
    return names().unit(unit, locale()) if unit is not None else who(row)


def history(case: Case, definition: Definition, hidden: frozenset[str] = frozenset()) -> list[Entry]:
    """The told history of a case, oldest first."""
    names().learn([who_ for row in case.history for who_ in (row["actor_id"], *people_of(row["data"] or {}))])
    by_id = {r["id"]: r for r in case.tasks}
    answered = {str(v) for row in case.history for v in _lists((row["data"] or {}).get("answers", {}))}
    told = [r for r in folded(case.history) if (r["data"] or {}).get("attachment") not in answered]
    own = {str(file["id"]) for file in case.files}
    return [
        replace(_without_others(_entry(row, definition, by_id, hidden), own), task_id=row["task_id"]) for row in told
    ]


def _without_others(entry: Entry, own: set[str]) -> Entry:
    """Without the files of another case, which a message may name."""
    told = [one for one in entry.told if not one.files or own.intersection(one.files)]
    return replace(entry, told=tuple(told)) if len(told) < len(entry.told) else entry


def _lists(answers: Row) -> Iterable[Any]:
    """What lists in answers hold: photos sent with a form are told with it, not once more as files."""
    return [v for value in answers.values() if isinstance(value, list) for v in value]


def _entry(row: Row, definition: Definition, tasks: dict[int, Row], hidden: frozenset[str]) -> Entry:
    data: Row = row["data"] or {}
    where = row["node"] or data.get("timer")
    own = _of_node(where, _definition(tasks.get(row["task_id"]), definition), tasks)
    kind = Event(row["kind"])
    text = str(data.get("text") or "")
    tone = "bad" if kind in BAD else "plain" if kind in PLAIN else "quiet"
    if kind in (Event.RETURNED, Event.WITHDRAWN):
        tone = "back"
    name = name_of(own.model.nodes.get(where or ""), where)
    what = what_happened(kind, name, data, own)
    answers: Row = data.get("answers", {})
    if kind is Event.STARTED:
        what = _begun(data, definition)
    elif kind is Event.COMPLETED and (tasks.get(row["task_id"]) or {}).get("role") == SIGNER:
        said = t(*MARKS[mark_of(answers)])
        what, text, answers = (
            t(f"{name}：加签意见：{said}", f"{name}: a signer {said}"),
            str(answers.get(OPINION) or ""),
            {},
        )
    elif kind is Event.ATTACHED:
        text = str(data.get("name", ""))
    elif kind is Event.BREACHED:
        clock = clock_name(str(data.get("clock", "")), own if row["task_id"] else definition)
        what = t(f"超时：{clock}", f"Overdue: {clock}")
        due = data.get("due")
        text = t("时限", "Due") + t("：", ": ") + stamp(datetime.fromisoformat(due)) if isinstance(due, str) else ""
    elif kind in CLOCK_EVENTS:
        text = about_clock(kind, data)
    elif kind is Event.FAILED:
        text = ""
    return Entry(
        at=row["at"],
        what=what,
        who=_whose(row, tasks) if kind is Event.BREACHED else who(row),
        tone=tone,
        text=text,
        told=tuple(tell(own, answers, hidden)),
        onwards=_onwards(data, tasks, definition),
        form=row["seq"] if data.get("answers") and kind in (Event.STARTED, Event.COMPLETED) else None,
    )


def _definition(task: Row | None, otherwise: Definition) -> Definition:
    """The definition a task belongs to: of a called process, its own."""
    if task is None or task["definition_id"] == otherwise.id:
        return otherwise
    return definitions.get(city().core, task["definition_id"])


def _of_node(node: Any, usual: Definition, tasks: dict[int, Row]) -> Definition:
    """The definition that a node of a called process belongs to, where no task says it: one that has tasks in this case."""
    if not isinstance(node, str) or node in usual.model.nodes:
        return usual
    called = (definitions.get(city().core, id_) for id_ in sorted({row["definition_id"] for row in tasks.values()}))
    return next((one for one in called if node in one.model.nodes), usual)


def _begun(data: Row, definition: Definition) -> str:
    begun = name_of(
        definition.model.nodes.get(next(iter(data.get("path", ())), "")), ""
    )  # the start event, as the diagram names it
    if "message" in data:
        name = begun or data["message"]
        return t(f"由消息“{name}”发起", f"Started by the message “{name}”")
    if "signal" in data:
        name = begun or data["signal"]
        return t(f"由信号“{name}”发起", f"Started by the signal “{name}”")
    if "timer" in data:
        name = name_of(definition.model.nodes.get(data["timer"]), data["timer"])
        return t(f"到时自动发起：{name}", f"Started by the time: {name}")
    return name_of(definition.model.nodes.get(definition.model.start or ""), "") or t("发起", "Started")


def _onwards(data: Row, tasks: dict[int, Row], definition: Definition) -> str:
    """The tasks that opened, each with whom it was for; when that was not whom the diagram means first, it is said."""
    parts = []
    assigned: Row = data.get("assigned", {})
    for task_id in (*data.get("opened", ()), *data.get("moved", ())):
        row = tasks.get(task_id)
        if row is None:
            continue
        name = name_of(_definition(row, definition).model.nodes.get(row["node"]), row["node"])
        whom = [names().unit(row["unit_id"], locale()), names().person(assigned.get(str(task_id)))]
        if task_id in data.get("fallback", ()):
            whom.append(t("无人符合原定条件", "nobody else fitted"))
        if task_id in data.get("moved", ()):
            whom.append(t("因回避改派", "moved: the case is about the unit that had it"))
        told = t("，", ", ").join(one for one in whom if one)
        parts.append(t(f"{name}（{told}）", f"{name} ({told})") if told else name)
    return t("、", ", ").join(parts)
